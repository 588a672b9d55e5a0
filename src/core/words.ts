const BLANK = /\s/;
/** As much as stands for itself. */
const PLAIN = /[^\s'"\\]+/y;

/** A parameter whose text `splitWords` takes apart. */
export const COMMAND_LINE = {
  type: 'string',
  minLength: 1,
  description: 'what to run: words, quoted where they hold blanks; no shell reads them',
  'x-free-form': true,
  'x-any-word': true,
} as const;

/**
 * Splits a text into words as Python's `shlex.split` does, without comments: blanks divide, quotes and a backslash hold together.
 * @returns undefined when a quote is not closed, or nothing follows the last backslash.
 */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (BLANK.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "'" || character === '"') {
      const end = endOfQuote(text, at);
      if (end === undefined) return undefined;
      const inner = text.slice(at + 1, end);
      word = (word ?? '') + (character === '"' ? inner.replace(/\\(["\\])/g, '$1') : inner);
      at = end;
    } else if (character === '\\') {
      at += 1;
      if (at === text.length) return undefined;
      word = (word ?? '') + text.charAt(at);
    } else {
      PLAIN.lastIndex = at;
      const plain = PLAIN.exec(text)?.[0] ?? character;
      word = (word ?? '') + plain;
      at += plain.length - 1;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

function endOfQuote(text: string, open: number): number | undefined {
  const quote = text.charAt(open);
  for (let at = open + 1; at < text.length; at += 1) {
    if (text.charAt(at) === quote) return at;
    if (quote === '"' && text.charAt(at) === '\\') at += 1;
  }
  return undefined;
}
