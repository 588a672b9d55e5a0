import type { PlanWarning, RefusePlan } from '../../core/plan.ts';
import type { JsonSchemaObject, ValueOf } from '../../core/schema.ts';
import { sh } from '../../core/shell.ts';
import { defineStep, type Step, StepFailure } from '../../core/step.ts';
import { COMMAND_LINE, commandWords } from '../../core/words.ts';
import { OPTIONS, RUNS_COMMAND, runOn, runPlan, skipReason } from './run-command.ts';

const WITH_SHELL = 'use shell: instead of command:, or argv, which takes words unchanged';

const schema = {
  type: 'object',
  properties: {
    cmd: { ...COMMAND_LINE, 'x-command-line': WITH_SHELL },
    argv: {
      type: 'array',
      items: { type: ['string', 'integer'] },
      minItems: 1,
      description: 'what to run, word by word, unchanged',
      'x-any-word': true,
    },
    ...OPTIONS,
  },
  additionalProperties: false,
  'x-one-of': ['cmd', 'argv'],
} as const satisfies JsonSchemaObject;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'command',
  summary: 'run a command on the host',
  details:
    'Its effect cannot be predicted: a plan shows that it will run, and what depends on its result is known only in the run. ' +
    'It runs every time, unless creates or removes says otherwise. `register` gets the same as in Ansible: rc, stdout, ' +
    'stderr, their lines, cmd, start, end (UTC), delta and msg. When the command fails, the task fails, unless ' +
    'failed_when says otherwise. It does not use a shell: |, > and && are ordinary words. If you need them, use ' +
    'shell.',
  schema,
  examples: [
    { title: 'Look at something', task: 'command: uptime\nchanged_when: false\nregister: load' },
    { title: 'Once', task: 'command: { cmd: "tar -C /opt -xf /tmp/tool.tar", creates: /opt/tool/bin/tool }' },
  ],
  ...RUNS_COMMAND,
  plan(params, world) {
    const found = wordsOf(params);
    if ('refusal' in found) return found.refusal;
    const { words } = found;
    const shown = params.cmd ?? words.join(' ');
    return (
      skipReason(words, params, world) ?? runPlan({ cmd: words, shown }, params, world, warningsOf(params.cmd, words))
    );
  },
  async apply(context, params) {
    const found = wordsOf(params);
    if ('refusal' in found) throw StepFailure.refused(found.refusal);
    const { words } = found;
    // A shell builtin is not a program, and may behave differently from a program of the same name.
    return runOn(context, sh`exec ${words}`, words, params);
  },
};

export const command = defineStep(step);

/** A program and its arguments: `argv`, or `cmd` split into words like Ansible does with Python's shlex. */
function wordsOf({ cmd, argv }: Params): { readonly words: readonly string[] } | { readonly refusal: RefusePlan } {
  if (cmd === undefined) return { words: (argv ?? []).map(String) };
  const found = commandWords(cmd, WITH_SHELL);
  if ('words' in found) return found;
  const { reason, remedy, form } = found;
  // What stands in the playbook has been checked. Of a secret that a template yields, this is a part, which the mask does not know.
  const what =
    form === undefined ? reason : `there is no shell that replaces ${form.charAt(0)}…, which a template yields`;
  return { refusal: { action: 'refuse', code: 'command-form', reason: what, remedy } };
}

const OPERATOR = /^(?:\|\|?|&&?|;|\d*>>?|\d*<<?|\d*>&\d)$/;

/** Words that are meant for a shell. */
function warningsOf(cmd: string | undefined, words: readonly string[]): readonly PlanWarning[] {
  const operator = cmd === undefined ? undefined : words.find((word) => OPERATOR.test(word));
  if (operator === undefined) return [];
  const message = `'${operator}' is passed to ${words[0]} as a word: command does not use a shell`;
  return [{ message, remedy: 'use shell: instead of command: if it is meant for a shell' }];
}
