import type { Problem } from './problem.ts';

/** What the tasks of a playbook fail with, or are refused for. */
export const TASK_PROBLEMS = {
  'wrong-input': {
    title: 'what the playbook or a variable says is wrong',
    why: 'A template has no value for this host, or gives one that the task cannot take. The message names the place.',
    remedy:
      'Correct the playbook, or the variable for this host: `kplay inventory -i INVENTORY --host HOST` shows what it has.',
  },
  assertion: {
    title: 'an assertion does not hold',
    why: 'An `assert` of the playbook says what has to be true. A failure that is known beforehand keeps the host out of its play.',
    remedy: 'Make it true, or change the assertion.',
  },
  'failed-when': {
    title: 'the playbook calls the result a failure',
    why: 'The condition in `failed_when` holds, or that in `until` did not hold in all attempts.',
    remedy: 'See the result with `-v`; correct the cause, or the condition.',
  },
  'command-failed': {
    title: 'a command of the playbook has failed',
    why: 'It ended with another code than 0. The end of what it printed stands below the message.',
    remedy: 'Put right what it reports. Where another code is no failure, `failed_when` says so.',
  },
  'command-timeout': {
    title: 'a task did not end in the time that it has',
    why: 'It was ended on the host, with all that it had started.',
    remedy: 'Find out why it takes so long, or give it more: `timeout`.',
  },
  'command-form': {
    title: 'a command holds what only a shell could read',
    why: '`command` has no shell that gives variables a value, and a quote in it has to be closed.',
    remedy: '`shell` in place of `command` has a shell; `argv` takes words as they are.',
  },
  'no-systemd': {
    title: 'systemd does not answer',
    why: '`service` needs systemd.',
    remedy: 'Where another program starts services, use `command`.',
  },
  'service-missing': {
    title: 'there is no such service',
    why: 'systemd knows no unit of that name.',
    remedy: 'Install it first, or correct the name: `systemctl list-units`.',
  },
  'service-state': {
    title: 'the service is not in the state that was asked for',
    why: 'systemctl reported success, and the service stopped again, or did not stop.',
    remedy: 'Look at `systemctl status NAME` and `journalctl -u NAME`.',
  },
  'copy-forbidden': {
    title: 'the file is one that kplay never writes',
    why: 'It is the key or certificate of a CA, or the key of service accounts, by its name or by a link.',
    remedy: 'Do it by hand.',
  },
  'copy-place': {
    title: 'the file cannot be put in that place',
    why: 'A directory, a device or an unsafe link is there; or the user, the group or the directory does not exist; or the place cannot be written.',
    remedy:
      'Choose another `dest`, `owner` or `group`, or make them first. What even root cannot write: `lsattr -d DIR` and `findmnt -T DIR` say why.',
  },
  'delegate-unreachable': {
    title: 'a host to which a task is delegated cannot be reached',
    why: '`delegate_to` names a host that has been lost, or never was reached.',
    remedy: 'See what the run says of that host, and run again when it can be reached.',
  },
  'delegate-unknown': {
    title: 'the host to which a task is delegated became known only in the run',
    why: '`delegate_to` is a template whose value was not known before, so that host is not connected.',
    remedy: 'Make it a host of the play, or write its name.',
  },
  'become-unknown': {
    title: 'that a task needs root became known only in the run',
    why: 'The task comes from an include whose name is a template, and its host was connected without root.',
    remedy: 'Write `become: true` at the play.',
  },
  'not-converged': {
    title: 'a task leaves something to do',
    why: 'After the task the host is planned again, and nothing may be left. Something undoes what kplay does, or kplay is wrong.',
    remedy:
      'Look for what else writes these files (another configuration management), and report it with what `-vvv` says where nothing does.',
  },
  'still-unknown': {
    title: 'a task needs a result that is not there',
    why: 'What it does depends on the result of an earlier task, which gave none.',
    remedy: 'See why that task did not run: its condition, its tags, its host.',
  },
  'declined-between': {
    title: 'a task was declined between two that belong together',
    why: 'With `--step` the answer was no to a task that completes a change which an earlier one began. The host was restored.',
    remedy: 'Run again, and answer yes to the tasks that belong together: those that delete, make anew and restart.',
  },
  bug: {
    title: 'a bug of kplay',
    why: 'kplay met a case that it does not handle. The state of every host was reported, and hosts that were half changed are restored.',
    remedy: 'Please report it, with what `-vvv` says.',
  },
} as const satisfies Readonly<Record<string, Problem>>;
