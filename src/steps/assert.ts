import type { JsonSchemaObject, ValueOf } from '../core/schema.ts';
import { defineStep, type Step } from '../core/step.ts';

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
  summary: 'refuse to go on when something does not hold',
  details:
    'Judged when the plan is made, as soon as everything in it is known; the host is then refused before anything is changed.',
  schema,
  examples: [
    {
      title: 'Only small clusters',
      task: 'assert: { that: ["{{ groups.masters | length <= 5 }}"], fail_msg: too many masters }',
    },
  ],
  needs: () => [],
  plan({ that, fail_msg, success_msg }) {
    const all = typeof that === 'boolean' ? [that] : that;
    const failing = all.findIndex((holds) => !holds);
    if (failing < 0) return { action: 'none', reason: success_msg ?? 'all of it holds' };
    return {
      action: 'refuse',
      reason:
        fail_msg ?? (all.length === 1 ? 'it does not hold' : `condition ${failing + 1} of ${all.length} does not hold`),
      remedy: 'see to it that it holds, or change the assertion',
    };
  },
};

export const assert = defineStep(step);
