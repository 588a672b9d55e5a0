/** What hosts, racks and users are called: in a parameter with `x-any-word` one is as good as another. */
const WORD = /^[A-Za-z0-9][\w.-]*$/;

/** Characters of the longest of them. */
export const MAX_WORD = 255;

/** It is such a name, or a number that is written with such characters. */
export function isWord(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_WORD && WORD.test(value);
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Is told of each variable of a host that a template asks for, whether there is one of that name or not. */
export interface VariableWatch {
  /**
   * @param how `value`: what is made of it may depend on all of it. `kind`: it becomes a part of a text, or is handed on, in a
   *   parameter for which names and numbers are alike (`x-any-word`)
   */
  asked(name: string, how: 'value' | 'kind'): void;
  /** Whether the host is the one of this name decides something. */
  compared(host: string): void;
}
