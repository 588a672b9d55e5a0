/** The end of a text that was cut. By it the mask of secrets knows a secret that was cut, too. */
export const CUT = '…';

/** A text of at most `length` characters: what is longer is cut, and says so. Whatever quotes a value goes through this. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const isPair = /^[\uD800-\uDBFF]$/.test(text.charAt(length - 1));
  return text.slice(0, isPair ? length - 1 : length) + CUT;
}
