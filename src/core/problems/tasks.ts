import type { Problem } from './problem.ts';

/** Failures and refusals of a playbook's tasks. */
export const TASK_PROBLEMS = {
  'wrong-input': {
    title: 'the playbook or a variable has a wrong value',
    why: 'A template has no value for this host, or its value is not one that the task accepts. The message shows the position.',
    remedy:
      'Correct the playbook, or the variable for this host: `kplay inventory -i INVENTORY --host HOST` shows its variables.',
  },
  assertion: {
    title: 'an assertion does not hold',
    why: 'An `assert` in the playbook states what has to be true. If it is known in advance that it fails, the host takes no part in the play.',
    remedy: 'Fix the cause, or change the assertion.',
  },
  'failed-when': {
    title: 'the playbook defines the result as a failure',
    why: 'The condition in `failed_when` is true, or the condition in `until` was false in all attempts.',
    remedy: 'See the result with `-v`; fix the cause, or the condition.',
  },
  'command-failed': {
    title: 'a command of the playbook has failed',
    why: 'Its exit code is not 0. The end of its output is shown below the message.',
    remedy: 'Fix what it reports. If another exit code is not a failure, say so with `failed_when`.',
  },
  'command-timeout': {
    title: 'a task took longer than its time limit',
    why: 'It was stopped on the host, together with all processes that it had started.',
    remedy: 'Find out why it takes so long, or raise its `timeout`.',
  },
  'command-form': {
    title: 'a command contains shell syntax',
    why: '`command` does not use a shell: variables are not replaced, and quotes have to be closed.',
    remedy: 'Use `shell` instead of `command`, or `argv`, which takes words as they are.',
  },
  'no-systemd': {
    title: 'systemd does not answer',
    why: '`service` needs systemd.',
    remedy: 'If another program manages services on the host, use `command`.',
  },
  'service-missing': {
    title: 'the service does not exist',
    why: 'systemd has no unit of that name.',
    remedy: 'Install it first, or correct the name: `systemctl list-unit-files`.',
  },
  'service-unusable': {
    title: 'systemd cannot start or enable the service',
    why: 'It is masked, or systemd cannot use its unit file.',
    remedy:
      'Look at `systemctl status NAME` and `systemctl cat NAME`. If it is masked, find out why; `systemctl unmask NAME` ends that.',
  },
  'service-state': {
    title: 'the service is not in the requested state',
    why: 'systemctl reported success, but the service stopped again, or did not stop.',
    remedy: 'Look at `systemctl status NAME` and `journalctl -u NAME`.',
  },
  'copy-forbidden': {
    title: 'the file is one that kplay never writes',
    why: 'It is the key or certificate of a CA, or the service account key, either by its name or through a link.',
    remedy: 'Do it by hand.',
  },
  'copy-place': {
    title: 'the file cannot be written there',
    why: 'There is a directory, a device, an unsafe link, or a file that cannot be read, at that path; or the user, the group or the directory does not exist; or the directory is not writable.',
    remedy:
      'Choose another `dest`, `owner` or `group`, or create them first. What only root can read needs `become: true`. If even root cannot read or write there, `lsattr -d DIR` and `findmnt -T DIR` show why.',
  },
  'wait-for-state': {
    title: 'stopped is not a state of a path',
    why: '`wait_for` with `path` is given `state: stopped`, which is only for a port.',
    remedy: 'Write `state: absent` to wait until the path does not exist.',
  },
  'delegate-unreachable': {
    title: 'a host to which a task is delegated cannot be reached',
    why: '`delegate_to` names a host that was lost, or was never reached.',
    remedy: 'See what the run says of that host, and run again when it can be reached.',
  },
  'delegate-unknown': {
    title: 'the host to which a task is delegated was not known before the run',
    why: '`delegate_to` is a template whose value became known only in the run, so kplay has no connection to that host.',
    remedy: 'Add that host to the play, or write its name instead of a template.',
  },
  'become-unknown': {
    title: 'it was not known before the run that a task needs root',
    why: 'The task comes from an include whose name is a template, and kplay connected to its host without root.',
    remedy: 'Set `become: true` for the play.',
  },
  'not-converged': {
    title: 'a task still has changes to make after it ran',
    why: 'After each task kplay plans the host again, and nothing may be left to do. Either something undoes the changes, or this is a bug of kplay.',
    remedy:
      'Find out whether something else writes these files, such as another configuration management tool. If not, please report it with the output of `-vvv`.',
  },
  'still-unknown': {
    title: 'a task needs a result that does not exist',
    why: 'It depends on the result of an earlier task, which did not produce one.',
    remedy: 'Find out why that task did not run: its condition, its tags, its host.',
  },
  'change-unfinished': {
    title: 'a task begins a change that no later task of the play completes',
    why: 'The host would be left without certificates that were moved aside. If only the run shows it (a condition, `end_host`), the host is restored at the end of the play.',
    remedy:
      'Run all tasks that belong together in one play, with the same conditions and tags, and end the play before or after them: those that delete and regenerate.',
  },
  'declined-between': {
    title: 'a task was declined between two that belong together',
    why: 'With `--step`, you answered no to a task that completes a change started by an earlier task. The host was restored.',
    remedy: 'Run again, and answer yes to all tasks that belong together: those that delete, regenerate and restart.',
  },
  bug: {
    title: 'a bug of kplay',
    why: 'kplay met a case that it does not handle. The state of every host was reported, and half-changed hosts are restored.',
    remedy: 'Please report it with the output of `-vvv`.',
  },
} as const satisfies Readonly<Record<string, Problem>>;
