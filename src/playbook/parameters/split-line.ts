const TEMPLATES = [
  ['{{', '}}'],
  ['{%', '%}'],
  ['{#', '#}'],
] as const;

/** What is open where a word ends: a quote, and how many templates of each kind. */
interface Open {
  readonly quote: string | undefined;
  readonly templates: readonly number[];
}

const CLOSED: Open = { quote: undefined, templates: TEMPLATES.map(() => 0) };

/**
 * Splits a text at blanks and line ends, except in quotes and templates, by Ansible's rules: the line end and all blanks after the first one
 * stay with the word before them, so that `joinWords` restores the text; a backslash alone at the end of a line is left out, with that end.
 * @returns undefined if a quote or a template is not closed
 */
export function splitLine(text: string): readonly string[] | undefined {
  const splitting: Splitting = { words: [], open: CLOSED };
  const lines = text.split('\n');
  for (const [number, line] of lines.entries()) {
    const continues = splitOneLine(line, splitting);
    if (number < lines.length - 1 && !continues) extend(splitting, '\n');
  }
  return isInside(splitting.open) ? undefined : splitting.words;
}

interface Splitting {
  readonly words: string[];
  open: Open;
}

/** @returns whether the next line goes on where this one ends */
function splitOneLine(line: string, splitting: Splitting): boolean {
  const parts = line.split(' ');
  let continues = false;
  for (const [index, part] of parts.entries()) {
    const before = splitting.open;
    const blank = index === 0 ? '' : ' ';
    if (part === '' && index > 0) extend(splitting, blank);
    else if (part === '\\' && before.quote === undefined) continues = true;
    else {
      splitting.open = openBehind(part, before);
      // In a template, Ansible doubles the line end before a line that is one word.
      const space = parts.length === 1 && before.quote === undefined ? '\n' : blank;
      if (isInside(before)) extend(splitting, `${space}${part}`);
      else if (part !== '') splitting.words.push(part);
    }
  }
  return continues;
}

/** Adds to the last word, if there is one. */
function extend({ words }: Splitting, more: string): void {
  if (words.length > 0) words.push(`${words.pop()}${more}`);
}

/** The text of which these are words. */
export function joinWords(words: readonly string[]): string {
  let text = '';
  for (const word of words) text += text === '' || text.endsWith('\n') ? word : ` ${word}`;
  return text;
}

function isInside({ quote, templates }: Open): boolean {
  return quote !== undefined || templates.some((depth) => depth > 0);
}

function openBehind(part: string, { quote, templates }: Open): Open {
  return {
    quote: quoteBehind(part, quote),
    templates: TEMPLATES.map(([start, end], kind) =>
      Math.max(0, (templates[kind] ?? 0) + occurrences(part, start) - occurrences(part, end)),
    ),
  };
}

function quoteBehind(part: string, before: string | undefined): string | undefined {
  let quote = before;
  for (const [mark] of part.matchAll(/(?<!\\)["']/g))
    if (quote === undefined) quote = mark;
    else if (quote === mark) quote = undefined;
  return quote;
}

function occurrences(text: string, mark: string): number {
  return text.split(mark).length - 1;
}
