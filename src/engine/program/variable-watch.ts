/** A name of a host, a rack or a user. In a parameter with `x-any-word` any such name has the same effect. */
const WORD = /^[A-Za-z0-9][\w.-]*$/;

/** The maximum length of such a name. */
export const MAX_WORD = 255;

/** Whether a value is such a name, or a number written with the same characters. */
export function isWord(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_WORD && WORD.test(value);
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Records each variable that a template reads, whether the host has one of that name or not. */
export interface VariableWatch {
  /**
   * @param how `value`: what is made of it may depend on all of it. `kind`: it becomes a part of a text, or is handed on, in a
   *   parameter for which names and numbers are alike (`x-any-word`)
   */
  read(name: string, how: 'value' | 'kind'): void;
  /** Records that something depends on whether the variable is one of these texts, and on nothing else of it. */
  compared(name: string, texts: readonly string[]): void;
  /** Records that something depends on whether this is the host's name. */
  delegated(host: string): void;
}
