/** How many line ends a text ends with. */
export function lineEndsOf(text: string): number {
  let at = text.length;
  while (at > 0 && text.charAt(at - 1) === '\n') at -= 1;
  return text.length - at;
}

/** The text, ending with at least that many line ends. */
export function withLineEnds(text: string, wanted: number): string {
  return text + '\n'.repeat(Math.max(0, wanted - lineEndsOf(text)));
}
