/** What separates words for Python. */
const BLANK = /[ \t\r\n]/;
/** A run of ordinary characters: no blank, quote or backslash. */
const PLAIN = /[^ \t\r\n'"\\]+/y;

/** Schema of a parameter whose text `splitWords` splits. */
export const COMMAND_LINE = {
  type: 'string',
  minLength: 1,
  description: 'what to run: words, quoted where they hold blanks; no shell reads them',
  'x-free-form': true,
  'x-any-word': true,
  'x-command-line': "use argv, which takes words unchanged: [sh, -c, '…']",
} as const;

/** A variable or a home directory, which only a shell replaces. */
const SHELL_FORM = /^~[\w.-]*(?=\/|$)|\$(?:\w+|\{\w*\}?)/;

/** Why nothing can run a command line, and what to do. */
interface CommandProblem {
  readonly reason: string;
  readonly remedy: string;
  /** What only a shell replaces, if it is that. */
  readonly form?: string;
}

/**
 * The words of a command line, or why nothing can run it.
 * @param withShell what to do where only a shell can
 */
export function commandWords(text: string, withShell: string): { readonly words: readonly string[] } | CommandProblem {
  const words = splitWords(text);
  if (words === undefined) return { reason: 'a quote is not closed', remedy: 'close it' };
  const form = words.map((word) => SHELL_FORM.exec(word)?.[0]).find((found) => found !== undefined);
  if (form === undefined) return { words };
  return { reason: `there is no shell that replaces ${form}`, remedy: withShell, form };
}

/**
 * Splits a text into words as Python's `shlex.split` does, without comments: blanks separate words, quotes and backslashes
 * keep them together.
 * @returns undefined when a quote is not closed, or nothing follows the last backslash
 */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; ) {
    if (BLANK.test(text.charAt(at))) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
      continue;
    }
    const piece = pieceAt(text, at);
    if (!piece) return undefined;
    word = (word ?? '') + piece.value;
    at = piece.end;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** A piece of a word: its value, and where the next one begins. */
interface Piece {
  readonly value: string;
  readonly end: number;
}

/** A quoted text, an escaped character, or a run of ordinary characters; undefined if it is incomplete. */
function pieceAt(text: string, at: number): Piece | undefined {
  const character = text.charAt(at);
  switch (character) {
    case "'":
    case '"':
      return quoteAt(text, at);
    case '\\':
      return at + 1 < text.length ? { value: text.charAt(at + 1), end: at + 2 } : undefined;
    default: {
      PLAIN.lastIndex = at;
      const value = PLAIN.exec(text)?.[0] ?? character;
      return { value, end: at + value.length };
    }
  }
}

function quoteAt(text: string, open: number): Piece | undefined {
  const end = endOfQuote(text, open);
  if (end === undefined) return undefined;
  const inner = text.slice(open + 1, end);
  return { value: text.charAt(open) === '"' ? inner.replace(/\\(["\\])/g, '$1') : inner, end: end + 1 };
}

function endOfQuote(text: string, open: number): number | undefined {
  const quote = text.charAt(open);
  for (let at = open + 1; at < text.length; at += 1) {
    if (text.charAt(at) === quote) return at;
    if (quote === '"' && text.charAt(at) === '\\') at += 1;
  }
  return undefined;
}
