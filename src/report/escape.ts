/** Control characters, format characters (bidi overrides among them), line separators, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const NAMED: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * Text as it may be put on a terminal, on one line: whatever would move the cursor, change colours, ring or reorder what is
 * read is written out (`\x1b`, `\u202e`). Everything that comes from a host or a file passes through here.
 */
export function escapeControls(text: string): string {
  return text.replace(UNPRINTABLE, (character) => NAMED.get(character) ?? escapeCodePoint(character));
}

function escapeCodePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}
