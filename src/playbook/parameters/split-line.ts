/** Opening and closing marks of templates: words are not split inside of these. */
const MARKS = [
  ['{{', '}}'],
  ['{%', '%}'],
  ['{#', '#}'],
] as const;

/**
 * Splits a text at blanks and line ends as Ansible does (`split_args`), except in quotes and templates. A word keeps the blanks
 * and the line end behind it, so that `joinWords` restores the text. A backslash on its own at the end of a line is left out
 * with its line end.
 * @returns undefined if a quote or a template is not closed
 */
export function splitLine(text: string): readonly string[] | undefined {
  const splitter = new Splitter();
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const isContinued = splitter.takeLine(line);
    if (index < lines.length - 1 && !isContinued) splitter.append('\n');
  }
  return splitter.isOpen ? undefined : splitter.words;
}

/** The text of which these are words. */
export function joinWords(words: readonly string[]): string {
  let text = '';
  for (const word of words) text += text === '' || text.endsWith('\n') ? word : ` ${word}`;
  return text;
}

class Splitter {
  readonly words: string[] = [];
  #quote: string | undefined;
  #depths: readonly number[] = MARKS.map(() => 0);

  get isOpen(): boolean {
    return this.#quote !== undefined || this.#isInTemplate;
  }

  get #isInTemplate(): boolean {
    return this.#depths.some((depth) => depth > 0);
  }

  /** Adds to the last word, if there is one. */
  append(text: string): void {
    if (this.words.length > 0) this.words.push(`${this.words.pop()}${text}`);
  }

  /** Whether the next line belongs to this one. */
  takeLine(line: string): boolean {
    const tokens = line.split(' ');
    let isContinued = false;
    for (const [index, token] of tokens.entries()) {
      if (token === '' && index > 0) this.append(' ');
      else if (token === '\\' && this.#quote === undefined) isContinued = true;
      else this.#take(token, index === 0 ? '' : ' ', tokens.length > 1);
    }
    return isContinued;
  }

  #take(token: string, space: string, hasOthers: boolean): void {
    const wasQuoted = this.#quote !== undefined;
    this.#quote = quoteBehind(token, this.#quote);
    const isQuoted = this.#quote !== undefined;
    const wasInTemplate = this.#isInTemplate;
    const depths = this.#depths.map((depth, kind) => depthBehind(token, depth, MARKS[kind] ?? MARKS[0]));
    const isNew = depths.some((depth, kind) => depth !== this.#depths[kind]);
    this.#depths = depths;
    if (isQuoted && !wasQuoted && !wasInTemplate) this.words.push(token);
    else if (wasInTemplate || isQuoted || wasQuoted) {
      const isLine = !hasOthers && !(space === '' && wasQuoted);
      this.append(isLine ? `\n${token}` : `${space}${token}`);
    } else if (isNew || token !== '') this.words.push(token);
  }
}

/** The quote that is open behind a token. */
function quoteBehind(token: string, before: string | undefined): string | undefined {
  let quote = before;
  for (let at = 0; at < token.length; at += 1) {
    const character = token.charAt(at);
    if ((character !== '"' && character !== "'") || token.charAt(at - 1) === '\\') continue;
    if (quote === undefined) quote = character;
    else if (quote === character) quote = undefined;
  }
  return quote;
}

function depthBehind(token: string, before: number, [open, close]: readonly [string, string]): number {
  return Math.max(0, before + token.split(open).length - token.split(close).length);
}
