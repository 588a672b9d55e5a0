import type { Json, JsonObject } from '../../core/json.ts';
import type { Unknown } from '../../core/world.ts';
import type { Expression } from '../../template/syntax/expression.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask } from '../program/compiled.ts';
import type { HostPlace } from '../program/place.ts';
import { conditionHolds } from '../program/task-input.ts';
import { scopeOf } from '../program/task-scope.ts';

/** What the templates of a play see. */
export type Seen = Pick<HostPlace, 'play' | 'surroundings' | 'fleet'>;

/** What one entry of a loop, or a task without one, has come to. */
export interface EntryVerdict {
  /** As `register` gives it. */
  readonly result: JsonObject;
  readonly changed: boolean;
  readonly failed: boolean;
}

/** An entry of a loop, and what the loop says of it besides. */
export interface EntryOfLoop {
  readonly item?: Json | undefined;
  readonly loop?: JsonObject | undefined;
}

/** Whether conditions hold that see what an entry has registered. */
export function holdsBehind(
  { play, surroundings, fleet }: Seen,
  task: CompiledTask,
  { compiled: host, registered: before }: Pick<HostState, 'compiled' | 'registered'>,
  { item, loop, result }: EntryOfLoop & { readonly result: Json | Unknown },
  conditions: readonly Expression[],
): boolean {
  const { register } = task;
  const registered = register === undefined ? before : new Map([...before, [register, result]]);
  const scope = scopeOf({ play, task, host, registered, surroundings, fleet }, item, loop);
  return conditions.every((condition) => conditionHolds(condition, scope));
}

/**
 * Judges an entry by `changed_when` and `failed_when`, which see what it has registered.
 * @param own what it has come to without them
 * @throws {TemplateError} when a condition has no value.
 * @throws {UnknownValueError} when only the run will tell.
 */
export function judgeEntry(
  input: Seen,
  task: CompiledTask,
  state: HostState,
  { item, loop }: EntryOfLoop,
  { result: raw, ...own }: EntryVerdict,
): EntryVerdict {
  const { changedWhen, failedWhen } = task;
  const holds = (conditions: readonly Expression[], result: Json) =>
    holdsBehind(input, task, state, { item, loop, result }, conditions);
  const changed = changedWhen ? holds(changedWhen, raw) : own.changed;
  const result = { ...raw, changed };
  if (!failedWhen || failedWhen.length === 0) return { result, changed, failed: own.failed };
  const failed = holds(failedWhen, result);
  return { result: { ...result, failed, failed_when_result: failed }, changed, failed };
}
