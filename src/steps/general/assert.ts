import type { JsonSchemaObject, ValueOf } from '../../core/schema.ts';
import { defineStep, type Step, StepFailure } from '../../core/step.ts';

const schema = {
  type: 'object',
  properties: {
    that: {
      type: ['boolean', 'array'],
      items: { type: 'boolean', 'x-expression': true },
      description: 'conditions that must be true: expressions as in when, or templates',
      'x-expression': true,
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
  plan(params) {
    const { that, success_msg, quiet } = params;
    const all = typeof that === 'boolean' ? [that] : that;
    const failing = all.findIndex((holds) => !holds);
    if (failing < 0) {
      const reason = quiet ? 'all conditions hold' : (success_msg ?? 'all conditions hold');
      return { action: 'none', reason, result: { msg: success_msg ?? 'All assertions passed' } };
    }
    return { action: 'refuse', code: 'assertion', reason: reasonOf(params), remedy: REMEDY, isFailure: true };
  },
  async check(_context, params) {
    throw new StepFailure('assertion', reasonOf(params), [], REMEDY);
  },
};

const REMEDY = 'fix the cause, or change the assertion';

function reasonOf({ that, msg, fail_msg = msg }: Params): string {
  const all = typeof that === 'boolean' ? [that] : that;
  if (fail_msg !== undefined) return fail_msg;
  return all.length === 1 ? 'it does not hold' : `condition ${all.indexOf(false) + 1} of ${all.length} does not hold`;
}

export const assert = defineStep(step);
