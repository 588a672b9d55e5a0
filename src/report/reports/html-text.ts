import { escapeControls } from '../escape.ts';

const REFERENCES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Any text as the text of an element or of an attribute in quotes. Lines stay lines; what would reorder or hide is written out. */
export function htmlText(text: string): string {
  return text
    .split('\n')
    .map(escapeControls)
    .join('\n')
    .replace(/[&<>"']/g, (character) => REFERENCES.get(character) ?? character);
}
