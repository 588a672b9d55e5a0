import type { Json } from '../../core/json.ts';
import type { StepPlan } from '../../core/plan.ts';
import { Unknown, UnknownValueError } from '../../core/world.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { registeredResult, type SkippedEntry, skippedResult } from '../program/registered.ts';
import type { TaskCall } from '../program/task-input.ts';
import { wouldChange } from './changes.ts';
import { type EntryOfLoop, holdsBehind, judgeEntry, type Seen } from './judge-entry.ts';

type EntryPlan = TaskCall & { readonly plan: StepPlan };

/** The entries of a loop: those for which something is planned, and those that are skipped. */
interface Entries {
  readonly calls: readonly EntryPlan[];
  readonly skipped: readonly SkippedEntry[];
}

/** What one entry of a loop has come to, or will. */
interface Ended extends EntryOfLoop {
  readonly result: Json | Unknown;
}

/**
 * Whether a loop ends behind an entry (`break_when`), whose result its conditions see.
 * @throws {TemplateError} when a condition has no value.
 * @throws {UnknownValueError} when only the run will tell.
 */
export function endsLoop(input: Seen, task: CompiledTask, state: HostState, ended: Ended): boolean {
  const { breakWhen = [] } = task.loop ?? {};
  return breakWhen.length > 0 && holdsBehind(input, task, state, ended, breakWhen);
}

/** The place of the entry behind which a loop ends, as far as that is known beforehand, from 0. */
export interface ForeseenEnd {
  readonly at: number | undefined;
  /** Only the run tells whether it ends before; the task whose result it is. */
  readonly until: string | undefined;
}

/** A plan without the entries to which its loop does not come; undefined: it comes to all of them. */
export function entriesUpTo<Plan extends Entries>(end: number | undefined, planned: Plan): Plan {
  if (end === undefined) return planned;
  const { calls, skipped } = planned;
  return {
    ...planned,
    calls: calls.filter(({ at = 0 }) => at <= end),
    skipped: skipped.filter(({ at }) => at <= end),
  };
}

/** Goes through the entries of a loop in their order, until it ends for certain. */
export function foreseenEnd(
  input: Seen,
  task: CompiledTask,
  state: HostState,
  { calls, skipped }: Entries,
): ForeseenEnd {
  const entries = [
    ...skipped.map(({ at, item, reason, loop }) => ({ at, item, loop, result: skippedResult(reason), params: {} })),
    ...calls.map((call) => ({ ...call, at: call.at ?? 0, result: resultOf(input, task, state, call) })),
  ].toSorted((a, b) => a.at - b.at);
  let until: string | undefined;
  let { registered } = state;
  for (const entry of entries) {
    // What an entry sets its conditions see.
    if (task.step.setsFacts) registered = new Map([...registered, ...Object.entries(entry.params)]);
    try {
      if (endsLoop(input, task, { ...state, registered }, entry)) return { at: entry.at, until };
    } catch (error) {
      if (!(error instanceof UnknownValueError)) throw error;
      until ??= error.until;
    }
  }
  return { at: undefined, until };
}

/** What an entry for which nothing is left to be done has come to is known before the run, as far as its conditions are. */
function resultOf(input: Seen, task: CompiledTask, state: HostState, call: EntryPlan): Json | Unknown {
  const { plan, item } = call;
  if (plan.action !== 'none') return new Unknown(task.ref.name);
  const changed = wouldChange(plan);
  const result = registeredResult(changed, plan.result ?? null, item);
  try {
    return judgeEntry(input, task, state, call, { result, changed, failed: false }).result;
  } catch (error) {
    if (error instanceof UnknownValueError) return new Unknown(error.until);
    throw error;
  }
}
