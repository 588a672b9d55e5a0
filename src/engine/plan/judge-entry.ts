import type { Json, JsonObject } from '../../core/json.ts';
import type { Unknown } from '../../core/world.ts';
import type { Expression } from '../../template/syntax/expression.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { conditionHolds } from '../program/conditions.ts';
import type { EntryOfLoop } from '../program/registered.ts';
import { scopeOf } from '../program/task-scope.ts';
import { placeOf, type TemplateContext } from './place-of.ts';

/** The result of one entry of a loop, or of a task without a loop. */
export interface EntryVerdict {
  /** As `register` returns it. */
  readonly result: JsonObject;
  readonly changed: boolean;
  readonly failed: boolean;
}

/** Whether conditions hold that see what an entry has registered. */
export function holdAfter(
  context: TemplateContext,
  task: CompiledTask,
  { compiled, registered: before }: Pick<HostState, 'compiled' | 'registered'>,
  { item, loop, result }: EntryOfLoop & { readonly result: Json | Unknown },
  conditions: readonly Expression[],
): boolean {
  const { register } = task;
  const registered = register === undefined ? before : new Map([...before, [register, result]]);
  const scope = scopeOf({ ...placeOf(context, { compiled, registered }), task }, item, loop);
  return conditions.every((condition) => conditionHolds(condition, scope));
}

/**
 * Applies `changed_when` and `failed_when` to an entry; they see what it has registered.
 * @param own the verdict without them
 * @throws {TemplateError} when a condition has no value
 * @throws {UnknownValueError} when only the run can tell
 */
export function judgeEntry(
  input: TemplateContext,
  task: CompiledTask,
  state: HostState,
  { item, loop }: EntryOfLoop,
  { result: raw, ...own }: EntryVerdict,
): EntryVerdict {
  const { changedWhen, failedWhen } = task;
  const holds = (conditions: readonly Expression[], result: Json) =>
    holdAfter(input, task, state, { item, loop, result }, conditions);
  const changed = changedWhen ? holds(changedWhen, raw) : own.changed;
  const result = { ...raw, changed };
  if (!failedWhen || failedWhen.length === 0) return { result, changed, failed: own.failed };
  const failed = holds(failedWhen, result);
  return { result: { ...result, failed, failed_when_result: failed }, changed, failed };
}
