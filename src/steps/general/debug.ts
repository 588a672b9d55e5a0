import type { Json } from '../../core/json.ts';
import type { JsonSchemaObject } from '../../core/schema.ts';
import { defineStep, type Step } from '../../core/step.ts';

const schema = {
  type: 'object',
  properties: {
    msg: { description: 'what to show; any value', 'x-free-form': true },
  },
  required: ['msg'],
  additionalProperties: false,
} as const satisfies JsonSchemaObject;

const step: Step<{ readonly msg: Json }> = {
  name: 'debug',
  summary: 'show a value',
  details: 'Changes nothing and asks the host nothing.',
  schema,
  examples: [{ title: 'What was found', task: 'debug: { msg: "{{ certs.due }} certificates are due" }' }],
  delegable: true,
  needs: () => [],
  plan({ msg }) {
    const says = typeof msg === 'string' ? msg : JSON.stringify(msg);
    return { action: 'none', reason: says, says, result: { msg } };
  },
};

export const debug = defineStep(step);
