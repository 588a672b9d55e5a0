import type { JsonSchemaObject, ValueOf } from '../../core/schema.ts';
import { userScript } from '../../core/shell.ts';
import { defineStep, type Step } from '../../core/step.ts';
import { OPTIONS, RUNS_COMMAND, runOn, runPlan, skipReason } from './run-command.ts';

const schema = {
  type: 'object',
  properties: {
    cmd: {
      type: 'string',
      minLength: 1,
      description: 'what to run: lines of POSIX sh',
      'x-free-form': true,
      'x-any-word': true,
    },
    ...OPTIONS,
  },
  required: ['cmd'],
  additionalProperties: false,
} as const satisfies JsonSchemaObject;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'shell',
  summary: 'run lines of sh on the host',
  details:
    'Like command, but run by the POSIX sh of the host (dash, busybox), so pipes, redirections and variables ' +
    'work. The shell also interprets values from templates: quote them with the filter quote.',
  schema,
  examples: [
    { title: 'Count', task: 'shell: "ls /etc/kubernetes/manifests | wc -l"\nchanged_when: false\nregister: pods' },
    { title: 'Once', task: 'shell: { cmd: "date > /var/lib/first-seen", creates: /var/lib/first-seen }' },
  ],
  ...RUNS_COMMAND,
  plan: ({ cmd, ...options }, world) =>
    skipReason(cmd, options, world) ?? runPlan({ cmd, shown: cmd }, options, world, []),
  apply: (context, params) => runOn(context, userScript(params.cmd), params.cmd, params),
};

export const shell = defineStep(step);
