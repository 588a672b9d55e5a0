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
  summary: 'set variables of the host for all later tasks',
  details:
    'Each parameter is a variable and its value. They are set until the run ends, including later plays, and take precedence over those of the inventory, the play and the task. Nothing is kept after the run.',
  schema,
  examples: [
    {
      title: 'Remember something of what certs.check has registered as certs',
      task: 'set_fact: { is_old: "{{ certs.due > 0 }}" }',
    },
  ],
  setsFacts: true,
  delegable: true,
  isKillable: true,
  needs: () => [],
  plan: (facts) => ({
    action: 'none',
    reason: `sets ${Object.keys(facts).join(', ') || 'nothing'}`,
    facts,
    result: { ansible_facts: facts },
  }),
};

export const setFact = defineStep(step);
