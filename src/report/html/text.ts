import { escapeControls } from '../escape.ts';
import { reference } from '../xml.ts';

/** Any text as the text of an element or of an attribute in quotes. Lines stay lines; what would reorder or hide is written out. */
export function htmlText(text: string): string {
  return text
    .split('\n')
    .map(escapeControls)
    .join('\n')
    .replace(/[&<>"']/g, reference);
}
