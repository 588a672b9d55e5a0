/**
 * Letters of all scripts. To make ready what they are takes V8 a third of a millisecond for each regular expression, at each start of kplay,
 * and nearly every text is ASCII: such texts never get there.
 */

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Whether it is a name as Python has it: letters, digits and `_`, no digit first. */
export function isIdentifier(text: string): boolean {
  return BEYOND_ASCII.test(text) ? /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text) : /^[A-Za-z_]\w*$/.test(text);
}

/** Such a name at a place in a text; undefined if none begins there. */
export function identifierAt(text: string, at: number): string | undefined {
  const found = matchAt(/[A-Za-z_]\w*/y, text, at);
  const next = text.charCodeAt(at + (found?.length ?? 0));
  return next >= 0x80 ? matchAt(/[\p{L}_][\p{L}\p{N}_]*/uy, text, at) : found;
}

/** Whether no other alphabet is in a text. */
export function isAscii(text: string): boolean {
  return !BEYOND_ASCII.test(text);
}

/** What a sticky expression finds at a place in a text; undefined if nothing begins there. */
export function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
