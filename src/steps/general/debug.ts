import type { Json, JsonObject } from '../../core/json.ts';
import type { JsonSchemaObject } from '../../core/schema.ts';
import { defineStep, type Step } from '../../core/step.ts';

const schema = {
  type: 'object',
  properties: {
    msg: { description: 'what to show; any value', 'x-free-form': true, 'x-any-word': true },
    var: {
      type: 'object',
      description: 'the variable, or the expression, whose value is shown; without braces',
      'x-expression': true,
      'x-with-text': true,
    },
  },
  additionalProperties: false,
  'x-exclusive': ['msg', 'var'],
} as const satisfies JsonSchemaObject;

interface Params {
  readonly msg?: Json;
  /** The value, keyed by the text of its expression. */
  readonly var?: JsonObject;
}

const step: Step<Params> = {
  name: 'debug',
  summary: 'show a value',
  details: 'Changes nothing and does not contact the host. Without parameters it shows "Hello world!".',
  schema,
  examples: [
    {
      title: 'A text',
      task: 'debug: { msg: "{{ inventory_hostname }} is one of {{ ansible_play_hosts | length }} hosts" }',
    },
    { title: 'Everything that a task has registered as certs', task: 'debug: { var: certs }' },
  ],
  delegable: true,
  isKillable: true,
  needs: () => [],
  plan({ msg, var: named }) {
    const result = named ?? { msg: msg === undefined ? 'Hello world!' : msg };
    const says = Object.entries(result)
      .map(([name, value]) => (named ? `${name}: ${textOf(value)}` : textOf(value)))
      .join('');
    return { action: 'none', reason: says, says, result };
  },
};

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export const debug = defineStep(step);
