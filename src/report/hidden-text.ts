/** Shorter ones are words of any sentence. */
const SHORTEST = 4;
const WORD = /[^\s'"`,;()[\]{}*]{3,}[^\s'"`,;()[\]{}*.:!?]/g;
const NAME = /^(?:-\s+)*([\w.]+):(?:\s|$)/;
const QUOTED = /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g;

/**
 * A message without what it quotes of texts that are hidden: each of them as a whole, then their words; what is visible beside them stays.
 * @param hidden as it stands in a file, in quotes or not
 */
export function withoutHidden(message: string, hidden: readonly string[], visible: string): string {
  const values = [...new Set(hidden.flatMap(valuesIn))]
    .filter((value) => value.length >= SHORTEST && !holds(visible, value))
    .toSorted((one, other) => other.length - one.length);
  const all = hidden.join('\n');
  const isSecret = (word: string): boolean => holds(all, word) && !holds(visible, word);
  return values
    .reduce((text, value) => withoutCut(text, value).replace(pattern(value), '***'), message)
    .replace(WORD, (word, at: number) => (isSecret(word) && !(at === 0 && isName(word, hidden)) ? '***' : word));
}

/** Without the beginning of a value that was too long for a quotation: `'abc…'`. */
function withoutCut(message: string, value: string): string {
  if (!message.includes('…')) return message;
  for (let length = Math.min(value.length, message.length); length >= SHORTEST; length -= 1) {
    const begun = `${value.slice(0, length)}…`;
    if (message.includes(begun)) return message.replaceAll(begun, '***…');
  }
  return message;
}

/** True for the name before a value that is hidden, which a message begins with: `mode cannot be '***'`. */
function isName(word: string, hidden: readonly string[]): boolean {
  return hidden.some((text) => NAME.exec(text.trim())?.[1] === word);
}

/** What a hidden text may be the value of, as YAML reads it: itself, what stands behind a name or a dash, and what stands in quotes. */
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

/** True when a text holds another, not as a part of a longer word. */
function holds(text: string, part: string): boolean {
  return pattern(part).test(text);
}

function pattern(part: string): RegExp {
  const [begin, end] = [/^[\p{L}\p{N}_]/u.test(part), /[\p{L}\p{N}_]$/u.test(part)];
  const escaped = part.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  return new RegExp(
    `${begin ? String.raw`(?<![\p{L}\p{N}_])` : ''}${escaped}${end ? String.raw`(?![\p{L}\p{N}_])` : ''}`,
    'gu',
  );
}
