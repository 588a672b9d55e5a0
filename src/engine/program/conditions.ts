import { TemplateError } from '../../template/errors.ts';
import { evaluate } from '../../template/evaluation/evaluate.ts';
import { type Expression, sourceOf } from '../../template/syntax/expression.ts';
import { isTruthy } from '../../template/values/value.ts';
import type { Conditional } from './compiled.ts';
import type { HostPlace, TaskPlace } from './place.ts';
import type { HostScope } from './scope.ts';
import { scopeOf } from './task-scope.ts';

/**
 * Whether all conditions of a `meta` action or an include hold on a host.
 * @throws {TemplateError} when one has no value
 * @throws {UnknownValueError} when only the run can tell
 */
export function holds(node: Conditional, place: HostPlace): boolean {
  const scope = scopeOfConditional(node, place);
  return node.when.every((condition) => conditionHolds(condition, scope));
}

/** The variables that the conditions of a `meta` action or an include see. */
export function scopeOfConditional({ vars, passedVars, defaults, role }: Conditional, place: HostPlace): HostScope {
  return scopeOf({ ...place, task: { vars, passedVars, defaults, role, loop: undefined } });
}

/**
 * Evaluates a condition of `when`, `failed_when` or `changed_when`.
 * @throws {TemplateError} when it has no value, or is a string: as in ansible-core from 2.19 on
 */
export function conditionHolds(condition: Expression, scope: HostScope): boolean {
  const value = evaluate(condition, scope);
  if (typeof value !== 'string') return isTruthy(value);
  // `-e v=false` is a string, and any non-empty string would hold.
  const text = sourceOf(condition);
  const operand = BINDS_LOOSELY.has(condition.kind) ? `(${text})` : text;
  throw new TemplateError(
    `this condition is a string, which is neither true nor false: ${text}`,
    condition.whole ?? condition.range,
    `write ${operand} | bool, or compare it: ${operand} != ''`,
  );
}

/** Expressions of which a following filter would take the last operand only. */
const BINDS_LOOSELY: ReadonlySet<Expression['kind']> = new Set(['binary', 'conditional', 'logical']);

/** Why a task, or an entry of its loop, does not apply to a host; undefined if its conditions hold. */
export function skipReason({ task }: TaskPlace, scope: HostScope): string | undefined {
  const failing = task.when.find((condition) => !conditionHolds(condition, scope));
  return failing && `not when ${sourceOf(failing)}`;
}
