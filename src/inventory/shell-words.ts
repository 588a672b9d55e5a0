/** A word of a line, split like a POSIX shell does. */
export interface ShellWord {
  /** Without its quotes and escapes. */
  readonly text: string;
  /** The offset in the line of each character of `text`. */
  readonly offsets: readonly number[];
  /** Its offset in the line, including quotes. */
  readonly start: number;
  readonly end: number;
}

export type ShellSplit =
  | {
      readonly words: readonly ShellWord[];
      /** Where a comment truncates a word: `a=b#c` is `a=b`. */
      readonly truncatedAt?: number;
    }
  | { readonly problem: 'quote' | 'escape'; readonly at: number };

const BLANK = ' \t\r\n';

/** Splits a line into words like Python's `shlex.split(line, comments=True)`, with which Ansible reads host lines. */
export function splitShellWords(line: string): ShellSplit {
  const words: ShellWord[] = [];
  let at = 0;
  while (at < line.length) {
    const character = line.charAt(at);
    if (character === '#') break;
    if (BLANK.includes(character)) {
      at += 1;
      continue;
    }
    const word = readWord(line, at);
    if ('problem' in word) return word;
    words.push(word);
    at = word.end;
    if (line.charAt(at) === '#') return { words, truncatedAt: at };
  }
  return { words };
}

function readWord(line: string, start: number): ShellWord | Extract<ShellSplit, { problem: string }> {
  let text = '';
  const offsets: number[] = [];
  const take = (at: number): void => {
    text += line.charAt(at);
    offsets.push(at);
  };
  let at = start;
  while (at < line.length && !BLANK.includes(line.charAt(at)) && line.charAt(at) !== '#') {
    const character = line.charAt(at);
    if (character === '\\') {
      if (at + 1 === line.length) return { problem: 'escape', at };
      take(at + 1);
      at += 2;
    } else if (character === "'" || character === '"') {
      const end = readQuoted(line, at, take);
      if (end === undefined) return { problem: 'quote', at };
      at = end;
    } else {
      take(at);
      at += 1;
    }
  }
  return { text, offsets, start, end: at };
}

/** Passes on the characters between the quotes, and returns the offset after the closing one, if there is one. */
function readQuoted(line: string, open: number, take: (at: number) => void): number | undefined {
  const quote = line.charAt(open);
  for (let at = open + 1; at < line.length; at += 1) {
    if (line.charAt(at) === quote) return at + 1;
    const next = line.charAt(at + 1);
    if (quote === '"' && line.charAt(at) === '\\' && (next === '"' || next === '\\')) at += 1;
    take(at);
  }
  return undefined;
}
