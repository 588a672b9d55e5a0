/** Shorter texts are ordinary words. */
const MIN_LENGTH = 4;
const WORD = /[^\s'"`,;()[\]{}*]{3,}[^\s'"`,;()[\]{}*.:!?]/g;
const NAME = /^(?:-\s+)*([\w.]+):(?:\s|$)/;
const QUOTED = /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g;

/**
 * A message without its quotations of hidden texts, first as a whole, then word by word; words that are also visible stay.
 * @param hidden as written in a file, with or without quotes
 */
export function withoutHidden(message: string, hidden: readonly string[], visible: string): string {
  const values = [...new Set(hidden.flatMap(valuesIn))]
    .filter((value) => value.length >= MIN_LENGTH && !holds(visible, value))
    .toSorted((one, other) => other.length - one.length);
  const all = hidden.join('\n');
  const isSecret = (word: string): boolean => holds(all, word) && !holds(visible, word);
  return values
    .reduce((text, value) => withoutPart(withoutCut(text, value), value), message)
    .replace(WORD, (word, at: number) => (isSecret(word) && !(at === 0 && isName(word, hidden)) ? '***' : word));
}

/** Removes the beginning of a value that was shortened when it was quoted: `'abc…'`. */
function withoutCut(message: string, value: string): string {
  if (!message.includes('…')) return message;
  for (let length = Math.min(value.length, message.length); length >= MIN_LENGTH; length -= 1) {
    const shortened = `${value.slice(0, length)}…`;
    if (message.includes(shortened)) return message.replaceAll(shortened, '***…');
  }
  return message;
}

/** Whether a text is the name of a hidden value at the start of a message: `mode cannot be '***'`. */
function isName(word: string, hidden: readonly string[]): boolean {
  return hidden.some((text) => NAME.exec(text.trim())?.[1] === word);
}

/** The values that a hidden text may have in YAML: itself, what follows a name or a dash, and quoted parts. */
function valuesIn(text: string): readonly string[] {
  const bare = text.trim().replace(/^(?:-\s+|["']?[\w.-]+["']?:\s+)+/, '');
  const parts = [text.trim(), bare, ...bare.split(/[[\]{}]|,\s/).map((part) => part.trim())];
  const quoted = text.match(QUOTED) ?? [];
  return [...parts, ...quoted].flatMap((part) => [part, ...unquoted(part)]);
}

function unquoted(text: string): readonly string[] {
  const inner = /^(["'])(.*?)\1?$/s.exec(text)?.[2];
  if (inner === undefined) return [];
  return [inner, text.startsWith('"') ? inner.replace(/\\(["\\/])/g, '$1') : inner.replaceAll("''", "'")];
}

/** Whether a text contains another, not as a part of a longer word. */
function holds(text: string, part: string): boolean {
  return placeOf(text, part, 0) >= 0;
}

function withoutPart(text: string, part: string): string {
  const pieces: string[] = [];
  let from = 0;
  for (let at = placeOf(text, part, 0); at >= 0; at = placeOf(text, part, from)) {
    pieces.push(text.slice(from, at));
    from = at + part.length;
  }
  return [...pieces, text.slice(from)].join('***');
}

/** Where the part is next, not as a part of a longer word; -1 if nowhere. No regular expression: a part may be longer than one can be. */
function placeOf(text: string, part: string, from: number): number {
  const isWithin = (before: string, after: string): boolean =>
    /[\p{L}\p{N}_]$/u.test(before) && /^[\p{L}\p{N}_]/u.test(after);
  for (let at = text.indexOf(part, from); at >= 0; at = text.indexOf(part, at + 1)) {
    const end = at + part.length;
    // Two units on each side: a letter may be a surrogate pair.
    if (
      !isWithin(text.slice(Math.max(0, at - 2), at), part.slice(0, 2)) &&
      !isWithin(part.slice(-2), text.slice(end, end + 2))
    )
      return at;
  }
  return -1;
}
