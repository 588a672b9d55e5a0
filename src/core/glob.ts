/** A predicate on names. */
export type NameTest = (name: string) => boolean;

/** Whether the pattern contains wildcards. */
export function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** A shell glob (`m*`, `m?`, `m[12]`, `m[!a-c]`) for whole names. */
export function globTest(pattern: string): NameTest {
  const parts: string[] = [''];
  for (const [piece] of pattern.matchAll(/\[!?[^\]]+\]|[\s\S]/g)) {
    if (piece === '*') parts.push('');
    else parts.push(`${parts.pop()}${piece === '?' ? '.' : piece.length > 1 ? characterClass(piece) : literal(piece)}`);
  }
  const expression = new RegExp(starred(parts), 's');
  return (name) => expression.test(name);
}

/**
 * The source of a regular expression for a whole text: parts of fixed length with any text between them. Each part but the last
 * is taken where it is found first, and never looked for again (a group in a lookahead is not entered twice): with a plain `.*`
 * for each star, a pattern of many stars takes hours to fail.
 */
export function starred([first = '', ...others]: readonly string[]): string {
  const last = others.pop();
  const between = others.filter((part) => part !== '').map((part, at) => `(?=(?<p${at}>.*?${part}))\\k<p${at}>`);
  return `^${first}${between.join('')}${last === undefined ? '' : `.*${last}`}$`;
}

/**
 * A Python regular expression, matched at the beginning of a name. Differences to JavaScript are translated: named groups,
 * `\A`, `\Z` and flags at the very beginning.
 * @returns a predicate that may take hours: see `withinTime`
 * @throws {SyntaxError} if it is not a regular expression
 */
export function regexTest(pattern: string): NameTest {
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  const source = pattern
    .slice(flags?.[0].length ?? 0)
    .replace(/\\[\s\S]|\(\?P(?=<)|\(\?P=(\w+)\)/g, (piece, name?: string) => {
      if (piece === '\\A') return '^';
      if (piece === '\\Z') return '$';
      if (name !== undefined) return `\\k<${name}>`;
      return piece === '(?P' ? '(?' : piece;
    });
  const expression = new RegExp(`^(?:${source})`, flags?.[1] ?? '');
  return (name) => expression.test(name);
}

/** `[abc]`, `[!abc]`, `[a-c]` of a glob; a reversed range is empty. Nothing is in an empty class, and everything is outside of it. */
function characterClass(piece: string): string {
  const negated = piece.startsWith('[!');
  const members = piece
    .slice(negated ? 2 : 1, -1)
    .replace(/([\s\S])-([\s\S])/g, (range, from: string, to: string) => (from <= to ? range : ''))
    .replace(/[\\\]^]/g, '\\$&');
  if (members === '') return negated ? '.' : '(?!)';
  return `[${negated ? '^' : ''}${members}]`;
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
