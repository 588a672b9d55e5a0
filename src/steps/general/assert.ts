import type { JsonSchemaObject, ValueOf } from '../../core/schema.ts';
import { defineStep, type Step } from '../../core/step.ts';

const schema = {
  type: 'object',
  properties: {
    that: {
      type: 'array',
      items: { type: 'object', additionalProperties: { type: ['boolean', 'array'], items: { type: 'boolean' } } },
      description: 'conditions that must be true: expressions as in when, or templates',
      'x-expression': true,
      'x-conditions': true,
    },
    fail_msg: { type: 'string', description: 'message if it is false', 'x-any-word': true },
    msg: { type: 'string', description: 'another name of fail_msg', 'x-any-word': true },
    success_msg: { type: 'string', description: 'message if it is true', 'x-any-word': true },
    quiet: { type: 'boolean', default: false, description: 'do not show success_msg' },
  },
  required: ['that'],
  additionalProperties: false,
  'x-exclusive': ['msg', 'fail_msg'],
} as const satisfies JsonSchemaObject;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'assert',
  summary: 'fail if a condition is false',
  details:
    'Evaluated in the plan, as soon as everything in it is known: the host then fails before anything on it is changed.',
  schema,
  examples: [
    {
      title: 'Only small clusters',
      task: 'assert: { that: ["groups.masters | length <= 5"], fail_msg: too many masters }',
    },
  ],
  delegable: true,
  isKillable: true,
  needs: () => [],
  plan({ that, msg, fail_msg = msg, success_msg, quiet }) {
    const holding = that.flatMap((condition) => Object.entries(condition));
    const failing = holding.findIndex(([, holds]) => [holds].flat().includes(false));
    const [assertion] = holding[failing] ?? [];
    if (assertion === undefined) {
      const reason = quiet ? 'all conditions hold' : (success_msg ?? 'all conditions hold');
      return { action: 'none', reason, result: { msg: success_msg ?? 'All assertions passed' } };
    }
    return {
      action: 'refuse',
      code: 'assertion',
      reason: fail_msg ?? `it does not hold: ${assertion}`,
      remedy: 'fix the cause, or change the assertion',
      isFailure: true,
      result: { assertion, evaluated_to: false, msg: fail_msg ?? 'Assertion failed' },
    };
  },
};

export const assert = defineStep(step);
