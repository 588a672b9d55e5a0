import type { JsonObject } from '../../core/json.ts';
import type { JsonSchemaObject } from '../../core/schema.ts';
import { defineStep, type Step } from '../../core/step.ts';

const schema = {
  type: 'object',
  properties: {},
  additionalProperties: true,
} as const satisfies JsonSchemaObject;

const step: Step<JsonObject> = {
  name: 'set_fact',
  summary: 'give the host variables for all tasks that follow',
  details:
    'Each parameter is a variable and its value. They hold until the run ends, in later plays too, and are stronger than those of the inventory, the play and the task. Nothing is kept beyond the run.',
  schema,
  examples: [{ title: 'Remember what was found', task: 'set_fact: { is_old: "{{ certs.due > 0 }}" }' }],
  setsFacts: true,
  delegable: true,
  canBeEnded: true,
  needs: () => [],
  plan: (facts) => ({
    action: 'none',
    reason: `sets ${Object.keys(facts).join(', ') || 'nothing'}`,
    facts,
    result: { ansible_facts: facts },
  }),
};

export const setFact = defineStep(step);
