import type { JsonSchemaObject, ValueOf } from '../../core/schema.ts';
import { defineStep, type Step, StepFailure } from '../../core/step.ts';

const schema = {
  type: 'object',
  properties: {
    that: {
      type: ['boolean', 'array'],
      items: { type: 'boolean' },
      description: 'what must hold, each a template that yields true or false: "{{ certs.expired == 0 }}"',
    },
    fail_msg: { type: 'string', description: 'what to say when it does not hold' },
    success_msg: { type: 'string', description: 'what to say when it holds' },
  },
  required: ['that'],
  additionalProperties: false,
} as const satisfies JsonSchemaObject;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'assert',
  summary: 'fail when something does not hold',
  details:
    'Judged when the plan is made, as soon as everything in it is known: the host then fails before anything of it is changed.',
  schema,
  examples: [
    {
      title: 'Only small clusters',
      task: 'assert: { that: ["{{ groups.masters | length <= 5 }}"], fail_msg: too many masters }',
    },
  ],
  delegable: true,
  needs: () => [],
  plan(params) {
    const { that, success_msg } = params;
    const all = typeof that === 'boolean' ? [that] : that;
    const failing = all.findIndex((holds) => !holds);
    if (failing < 0) return { action: 'none', reason: success_msg ?? 'all conditions hold' };
    return { action: 'refuse', reason: reasonOf(params), remedy: REMEDY, isFailure: true };
  },
  async check(_context, params) {
    throw new StepFailure(reasonOf(params), [], REMEDY);
  },
};

const REMEDY = 'make it true, or change the assertion';

function reasonOf({ that, fail_msg }: Params): string {
  const all = typeof that === 'boolean' ? [that] : that;
  if (fail_msg !== undefined) return fail_msg;
  return all.length === 1 ? 'it does not hold' : `condition ${all.indexOf(false) + 1} of ${all.length} does not hold`;
}

export const assert = defineStep(step);
