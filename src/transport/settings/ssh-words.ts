/** Splits words like a shell; undefined if a quote is not closed. */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (const [token, single, double, escaped, space] of text.matchAll(
    /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|(\s+)|[^'"\\\s]+|['"\\]/gs,
  )) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (token === "'" || token === '"' || token === '\\') return undefined;
    else word = (word ?? '') + (single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? token);
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Quotes one word of arguments that a shell splits. */
export function quoteArgument(word: string): string {
  return /[\s"'\\$`]/.test(word) ? `"${word.replace(/["\\$`]/g, '\\$&')}"` : word;
}

/**
 * Splits the words of an ssh_config's line as OpenSSH does, up to a comment; undefined if a quote is not closed. A backslash
 * stands for itself except before a quote, another backslash and, outside of quotes, a space.
 */
export function splitConfigWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (const [token, escaped, single, double, space] of text.matchAll(
    /\\(['"\\ ])|'((?:\\['"\\]|\\(?!['"\\])|[^'\\])*)'|"((?:\\['"\\]|\\(?!['"\\])|[^"\\])*)"|([ \t]+)|[^'"\\ \t]+|['"\\]/g,
  )) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (token === "'" || token === '"') return undefined;
    else if (word === undefined && token.startsWith('#')) return words;
    else word = (word ?? '') + (escaped ?? (single ?? double)?.replace(/\\(['"\\])/g, '$1') ?? token);
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Writes words so that `splitConfigWords` finds them again. */
export function joinConfigWords(words: readonly string[]): string {
  return words
    .map((word) => (word === '' || /[\s"'\\#]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word))
    .join(' ');
}
