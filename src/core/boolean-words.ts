const TRUE: readonly string[] = ['y', 'yes', 'on', '1', 'true', 't'];
const FALSE: readonly string[] = ['n', 'no', 'off', '0', 'false', 'f'];
export const BOOLEAN_WORDS: readonly string[] = [...TRUE, ...FALSE];

/** What a word means where Ansible expects a boolean, in upper or lower case; undefined if it means neither. */
export function booleanOf(word: string): boolean | undefined {
  const lower = word.toLowerCase();
  if (TRUE.includes(lower)) return true;
  return FALSE.includes(lower) ? false : undefined;
}
