import { escapeControls } from '../escape.ts';
import { reference } from '../xml.ts';

/** Escapes any text for an element or a quoted attribute. Newlines are kept; characters that would reorder or hide text are written out. */
export function htmlText(text: string): string {
  return text
    .split('\n')
    .map(escapeControls)
    .join('\n')
    .replace(/[&<>"']/g, reference);
}
