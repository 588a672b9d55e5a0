/**
 * Characters that JSON allows unescaped and terminals obey (it escapes those below U+0020 itself), and the start of a command in the log of
 * a job, wherever it is (`##[…]`).
 */
const TERMINAL_CONTROLS = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]|#(?=#\w*\[)/gu;

/** A value as JSON that is safe to print: characters that a terminal would obey are written as `\u` escapes. Without a final newline. */
export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(TERMINAL_CONTROLS, escapeForJson);
}

/** The maximum length of a value on one line. */
const LINE = 200;

/**
 * The same for a large document, in pieces: short values are on one line, and only longer ones are split. Differences between documents
 * then show in single lines, and there is less indentation. For plain data only.
 */
export function* jsonDocument(value: unknown): Iterable<string> {
  for (const piece of laidOut('', value, '')) yield piece.replace(TERMINAL_CONTROLS, escapeForJson);
}

/** @param start the text before it on its line. */
function* laidOut(start: string, value: unknown, indent: string): Iterable<string> {
  const line = lineOf(value, LINE);
  if (line !== undefined || typeof value !== 'object' || value === null) {
    yield `${start}${line}`;
    return;
  }
  const within = `${indent} `;
  const isList = Array.isArray(value);
  let before = `${start}${isList ? '[' : '{'}`;
  for (const [key, member] of membersOf(value)) {
    yield* laidOut(`${before}\n${within}${isList ? '' : `${JSON.stringify(key)}: `}`, member, within);
    before = ',';
  }
  yield `\n${indent}${isList ? ']' : '}'}`;
}

/** A value on one line; undefined if it needs more than `room`. Values without parts cannot be split. */
function lineOf(value: unknown, room: number): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const isList = Array.isArray(value);
  let text = '';
  for (const [key, member] of membersOf(value)) {
    const part = lineOf(member, room - text.length);
    if (part === undefined) return undefined;
    text += `${text === '' ? '' : ', '}${isList ? '' : `${JSON.stringify(key)}: `}${part}`;
    if (text.length > room) return undefined;
  }
  return isList ? `[${text}]` : `{${text}}`;
}

function membersOf(value: object): readonly (readonly [key: string, member: unknown])[] {
  const members = Object.entries(value);
  return Array.isArray(value) ? members : members.filter(([, member]) => member !== undefined);
}

function escapeForJson(character: string): string {
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
