/** Playbooks of the corpus that come to something else on purpose, and why. docs/ansible.md says the same. */
export const differences: ReadonlyMap<string, string> = new Map([]);
