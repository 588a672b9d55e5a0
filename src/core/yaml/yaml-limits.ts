import { Lexer } from 'yaml';
import type { SourceFile } from '../source.ts';

/** The parser recurses; nesting that is too deep would end the process instead of throwing. */
const MAX_DEPTH = 200;

/** Where a text nests brackets, or list items on one line, too deeply: so deeply that no sane file comes near it. */
export function tooDeep({ text }: SourceFile): number | undefined {
  let depth = 0;
  let areBracketsKnown = false;
  for (const match of text.matchAll(/[[{]|[\]}]|(?:^|(?<=\n)) *(?:[-?] +)+|\n/g)) {
    const [token] = match;
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth = Math.max(0, depth - 1);
    else if ((token.match(/[-?]/g)?.length ?? 0) > MAX_DEPTH) return match.index;
    if (depth <= MAX_DEPTH || areBracketsKnown) continue;
    // Brackets in quotes, texts and comments nest nothing: they are told apart only where it matters, as that takes longer.
    const deep = deepBracket(text);
    if (deep !== undefined) return deep;
    areBracketsKnown = true;
  }
  return undefined;
}

/** What the lexer puts before a text that is not quoted. */
const SCALAR = '\u001f';
/** Other marks of the lexer that do not stand in the text: of a document, and of an error. */
const NOT_IN_TEXT: readonly string[] = [SCALAR, '\u0002', '\u0018'];

/** Where brackets that are not part of a text nest too deeply. The lexer does not recurse. */
function deepBracket(text: string): number | undefined {
  let depth = 0;
  let index = 0;
  let before = '';
  for (const token of new Lexer().lex(text)) {
    const isBracket = before !== SCALAR;
    if (isBracket && (token === '[' || token === '{')) depth += 1;
    if (isBracket && (token === ']' || token === '}')) depth = Math.max(0, depth - 1);
    if (depth > MAX_DEPTH) return index;
    if (!NOT_IN_TEXT.includes(token)) index += token.length;
    before = token;
  }
  return undefined;
}

/**
 * Kubernetes texts usually come from a host, which may send anything. A kubeconfig with a thousand clusters has half as many
 * marks; parsing this many of the worst ones blocks the process for a second.
 */
const MAX_MARKS = 100_000;

/** Whether a text has more YAML marks, which determine how long parsing takes, than a Kubernetes text may. */
export function hasTooManyMarks({ text }: SourceFile): boolean {
  let marks = 0;
  for (const _ of text.matchAll(/[\n,[{*&"']|:(?=\s)/g)) {
    marks += 1;
    if (marks > MAX_MARKS) return true;
  }
  return false;
}
