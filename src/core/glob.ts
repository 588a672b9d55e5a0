/** A predicate on names. */
export type NameTest = (name: string) => boolean;

/** Whether the pattern contains wildcards. */
export function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** A shell glob (`m*`, `m?`, `m[12]`, `m[!a-c]`) for whole names. */
export function globTest(pattern: string): NameTest {
  const source = pattern.replace(/\[!?[^\]]+\]|[\s\S]/g, (piece) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    return piece.length > 1 ? characterClass(piece) : literal(piece);
  });
  const expression = new RegExp(`^(?:${source})$`, 's');
  return (name) => expression.test(name);
}

/**
 * A Python regular expression, matched at the beginning of a name. Differences to JavaScript are translated: named groups,
 * `\A`, `\Z` and flags at the very beginning.
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

/** `[abc]`, `[!abc]`, `[a-c]` of a glob; a reversed range is empty, and an empty class matches nothing. */
function characterClass(piece: string): string {
  const negated = piece.startsWith('[!');
  const members = piece
    .slice(negated ? 2 : 1, -1)
    .replace(/([\s\S])-([\s\S])/g, (range, from: string, to: string) => (from <= to ? range : ''))
    .replace(/[\\\]^]/g, '\\$&');
  return members === '' ? '(?!)' : `[${negated ? '^' : ''}${members}]`;
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
