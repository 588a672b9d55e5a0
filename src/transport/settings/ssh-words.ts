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

/** Quotes one word of such arguments. */
export function quoteArgument(word: string): string {
  return /[\s"'\\$`]/.test(word) ? `"${word.replace(/["\\$`]/g, '\\$&')}"` : word;
}
