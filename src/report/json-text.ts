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
 * The same for a document that is large, piece by piece: what is short stands on one line, and only what is not has its parts on lines
 * of their own. Lines tell what differs between two documents, and indentation is no longer most of them. Of plain data alone.
 */
export function* jsonDocument(value: unknown): Iterable<string> {
  for (const piece of laidOut('', value, '')) yield piece.replace(TERMINAL_CONTROLS, escapeForJson);
}

/** @param start what stands before it on its line. */
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

/** A value on one line; undefined where its parts would take more than `room`. What has no parts has no other place. */
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
