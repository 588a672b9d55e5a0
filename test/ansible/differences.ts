/** Playbooks of the corpus that come to something else on purpose, and why. docs/ansible.md says the same. */
export const differences: ReadonlyMap<string, string> = new Map([
  ['run-once-fails', 'where a task that one host does for all fails, kplay says of each host that it has failed'],
  [
    'undefined-variable',
    'a variable that nothing defines is an error of the playbook, found before anything is contacted',
  ],
  [
    'include-name-missing',
    'an include of which only the run tells that it is not there is told as failed, like a task',
  ],
  ['max-fail-percentage-always', 'max_fail_percentage counts what fails in a block with always; Ansible leaves it out'],
  ['assert-fails', 'a failure that is known beforehand keeps the host out of the play, before anything is done on it'],
]);
