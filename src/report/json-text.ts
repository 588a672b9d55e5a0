/**
 * Characters that JSON allows as they are and terminals obey (it writes out those below U+0020 itself), and what begins a command in
 * the log of a job wherever it stands (`##[…]`).
 */
const TERMINAL_CONTROLS = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]|#(?=#\w*\[)/gu;

/** A value as JSON that is safe to look at: what a terminal would obey is written as `\u` escapes. Without a final newline. */
export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(TERMINAL_CONTROLS, escapeForJson);
}

/** What is at most so long stands on one line. */
const LINE = 200;

/**
 * The same for a document that is large: what is short stands on one line, and only what is not has its parts on lines of their
 * own. Lines tell what differs between two documents, and indentation is no longer most of them. Of plain data alone.
 */
export function jsonDocument(value: unknown): string {
  return laidOut(value, '').replace(TERMINAL_CONTROLS, escapeForJson);
}

function laidOut(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const within = `${indent} `;
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((item) => laidOut(item, within))
    : Object.entries(value).flatMap(([key, member]) =>
        member === undefined ? [] : [`${JSON.stringify(key)}: ${laidOut(member, within)}`],
      );
  const [open, close] = isList ? '[]' : '{}';
  const length = parts.reduce((sum, part) => sum + part.length + 2, 0);
  if (length <= LINE && !parts.some((part) => part.includes('\n'))) return `${open}${parts.join(', ')}${close}`;
  return `${open}\n${within}${parts.join(`,\n${within}`)}\n${indent}${close}`;
}

function escapeForJson(character: string): string {
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
