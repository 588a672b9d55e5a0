import { escapeControls } from '../text/escape.ts';
import { reference } from '../text/xml.ts';

/** Escapes any text for an element or a quoted attribute. Newlines are kept; characters that would reorder or hide text are written out. */
export function htmlText(text: string): string {
  return text
    .split('\n')
    .map(escapeControls)
    .join('\n')
    .replace(/[&<>"']/g, reference);
}
