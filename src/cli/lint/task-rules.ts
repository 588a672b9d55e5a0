import { entry } from '../../core/yaml/yaml.ts';
import type { Playbook, StepTask } from '../../playbook/model.ts';
import { stepTasksOf } from '../../playbook/step-tasks.ts';
import type { LintFinding } from './rules.ts';

/** Findings in single tasks of a playbook. */
export function lintTasks({ plays }: Playbook): readonly LintFinding[] {
  return plays.flatMap(stepTasksOf).flatMap((task) => [...unnamed(task), ...ignored(task), ...commandFindings(task)]);
}

function unnamed({ name, step }: StepTask): readonly LintFinding[] {
  if (name.range.start !== step.range.start || name.range.file !== step.range.file) return [];
  return [
    {
      rule: 'unnamed-task',
      message: `this ${step.value} has no name`,
      range: step.range,
      hint: 'add a name: that says what it is for',
    },
  ];
}

/** Steps whose failure proves that a host is not as it should be. */
const PROVING = /^(?:certs|kubeconfig|kubelet|control_plane|cluster)\./;

function ignored({ step, ignoreErrors }: StepTask): readonly LintFinding[] {
  if (ignoreErrors?.value !== true || !PROVING.test(step.value)) return [];
  return [
    {
      rule: 'ignored-failure',
      message: `the run continues if ${step.value} fails`,
      range: ignoreErrors.range,
      hint: 'remove ignore_errors, or handle the failure in a rescue',
    },
  ];
}

/** Commands for which there is a step. */
const BETTER: readonly (readonly [command: RegExp, instead: string])[] = [
  [
    /^systemctl\s+(?:--(?!user\b|root\b|machine\b)\S+\s+)*(?:start|stop|restart|enable|disable)\s/,
    'service: { name: NAME, state: started | stopped | restarted }',
  ],
  [/^service\s+\S+\s+(?:start|stop|restart)\b/, 'service: { name: NAME, state: started | stopped | restarted }'],
  [
    /^kubeadm\s+(?:alpha\s+)?certs\s+renew\b/,
    'certs.regenerate, or the playbook renew-certs.yml: what reads them is restarted and proven',
  ],
  [/^kubeadm\s+(?:alpha\s+)?certs\s+check-expiration\b/, 'certs.check, or kplay check'],
  [/^sleep\s+\d/, 'wait_for, which ends as soon as the condition is met'],
  [/^nc\s+(?:-\w+\s+)*-\w*z/, 'wait_for: { host: HOST, port: PORT }'],
  // Not appended to a file, nor written to the kernel.
  [
    /^(?:echo|printf)\b[^|;&<>]*>\s*\/(?!(?:proc|sys|dev)\/)\S+\s*$/,
    'copy: { dest: PATH, content: … }, which shows what changes',
  ],
];

/** Options of sudo for another user or group than root's. */
const OTHER_USER = /\s(?:-[A-Za-z]*[ugU]|--(?:user|group|other-user))/;

function commandFindings(task: StepTask): readonly LintFinding[] {
  const { step, params } = task;
  if (step.value !== 'command' && step.value !== 'shell') return [];
  const text = commandOf(task);
  if (text === undefined) return [];
  const sudo = /^sudo\s+(?:-\S+\s+)*/.exec(text)?.[0] ?? '';
  const better = BETTER.find(([pattern]) => pattern.test(text.slice(sudo.length)))?.[1];
  const findings: LintFinding[] = [];
  const { range } = step;
  // As another user than root, the task cannot run without it.
  if (sudo !== '' && !OTHER_USER.test(sudo))
    findings.push({
      rule: 'sudo-in-command',
      message: 'kplay does not pass a password to sudo in a command',
      range,
      hint: 'remove sudo, and give the task become: true',
    });
  if (better !== undefined) {
    findings.push({ rule: 'command-for-step', message: 'a step does what this command does', range, hint: better });
    return findings;
  }
  const isBound = ['creates', 'removes'].some((name) => entry(params, name) !== undefined);
  if (task.changedWhen === undefined && !isBound)
    findings.push({
      rule: 'command-always-changes',
      message: 'this command reports a change every time',
      range,
      hint: 'add changed_when: with the condition for a change; false if it only reads',
    });
  return findings;
}

/** The command as written, in either form. */
function commandOf({ params }: StepTask): string | undefined {
  const cmd = entry(params, 'cmd')?.value ?? entry(params, '_raw_params')?.value;
  if (cmd?.kind === 'scalar') return cmd.raw.trim();
  const argv = entry(params, 'argv')?.value;
  if (argv?.kind !== 'sequence') return undefined;
  return argv.items.map((item) => (item.kind === 'scalar' ? item.raw : '')).join(' ');
}
