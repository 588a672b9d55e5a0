import { isJsonObject, type Json } from '../../core/json.ts';
import type { StepPlan } from '../../core/plan.ts';
import { Unknown, UnknownValueError } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import { type Expression, sourceOf } from '../../template/syntax/expression.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { type EntryOfLoop, registeredResult, type SkippedEntry, skippedResult } from '../program/registered.ts';
import type { TaskCall } from '../program/task-input.ts';
import { wouldChange } from './changes.ts';
import { holdAfter, judgeEntry } from './judge-entry.ts';
import type { TemplateContext } from './place-of.ts';

type EntryPlan = TaskCall & { readonly plan: StepPlan };

/** The entries of a loop: planned ones and skipped ones. */
interface Entries {
  readonly calls: readonly EntryPlan[];
  readonly skipped: readonly SkippedEntry[];
}

/** The actual or predicted result of one entry. */
interface CompletedEntry extends EntryOfLoop {
  readonly result: Json | Unknown;
}

/**
 * Whether a loop ends after an entry (`break_when`). The conditions see its result.
 * @throws {TemplateError} when a condition has no value
 * @throws {UnknownValueError} when only the run can tell
 */
export function endsLoop(input: TemplateContext, task: CompiledTask, state: HostState, ended: CompletedEntry): boolean {
  const { breakWhen = [] } = task.loop ?? {};
  return breakWhen.length > 0 && holdAfter(input, task, state, ended, breakWhen);
}

/**
 * The condition of its block that ends a loop, as it does not hold with the result of an entry: Ansible skips the next ones
 * then.
 * @throws {TemplateError} when the entry has not failed, and versions of Ansible differ in what follows
 * @throws {UnknownValueError} when only the run can tell
 */
export function brokenCondition(
  input: TemplateContext,
  task: CompiledTask,
  state: HostState,
  ended: CompletedEntry,
): Expression | undefined {
  const { holding = [] } = task.loop ?? {};
  const { result } = ended;
  const hasFailed = isJsonObject(result) && result['failed'] === true;
  const broken = holding.find((condition) => {
    try {
      return !holdAfter(input, task, state, ended, [condition]);
    } catch (error) {
      if (hasFailed && error instanceof TemplateError) return true;
      throw error;
    }
  });
  if (!broken || hasFailed) return broken;
  // From ansible-core 2.19 on, the entries behind a skipped one see its result, before that the one that we have here.
  const whenSkipped = { ...ended, result: skippedResult('Conditional result was False') };
  try {
    if (!holdAfter(input, task, state, whenSkipped, holding)) return broken;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
  }
  throw new TemplateError(
    `this condition no longer holds with what an entry of the loop has registered as '${task.register}': ${sourceOf(broken)}`,
    broken.whole ?? broken.range,
    'register the result of the loop under another name',
  );
}

/** Where a loop ends before its last entry. */
export interface LoopEnd {
  /** The index of the entry after which it ends, from 0. */
  readonly at: number;
  /** The condition of its block that does not hold any more: the other entries are skipped. */
  readonly broken?: Expression;
}

/** Where a loop ends, as far as it is predictable. */
export interface PredictedEnd {
  readonly end: LoopEnd | undefined;
  /** If only the run can tell whether it ends earlier: the task whose result decides. */
  readonly until: string | undefined;
}

/** A plan without the entries after the end of its loop, or with these skipped; undefined: all entries are kept. */
export function entriesUpTo<Plan extends Entries>(loopEnd: LoopEnd | undefined, planned: Plan): Plan {
  if (!loopEnd) return planned;
  const { calls, skipped } = planned;
  const { at: end, broken } = loopEnd;
  if (broken) {
    const reason = `not when ${sourceOf(broken)}`;
    const left = calls.flatMap(({ at = 0, item = null, loop }) => (at > end ? [{ at, item, loop, reason }] : []));
    return { ...planned, calls: calls.filter(({ at = 0 }) => at <= end), skipped: [...skipped, ...left] };
  }
  return {
    ...planned,
    calls: calls.filter(({ at = 0 }) => at <= end),
    skipped: skipped.filter(({ at }) => at <= end),
  };
}

/** Goes through the entries of a loop in order, until it certainly ends. */
export function predictedEnd(
  input: TemplateContext,
  task: CompiledTask,
  state: HostState,
  { calls, skipped }: Entries,
): PredictedEnd {
  const entries = [
    ...skipped.map(({ at, item, reason, loop }) => ({ at, item, loop, result: skippedResult(reason), params: {} })),
    ...calls.map((call) => ({ ...call, at: call.at ?? 0, result: resultOf(input, task, state, call) })),
  ].toSorted((a, b) => a.at - b.at);
  const last = calls.at(-1)?.at ?? 0;
  let until: string | undefined;
  let { registered } = state;
  for (const entry of entries) {
    // The conditions see the facts that an entry sets.
    if (task.step.setsFacts) registered = new Map([...registered, ...Object.entries(entry.params)]);
    try {
      const after = { ...state, registered };
      const isCall = !skipped.some(({ at }) => at === entry.at);
      const broken = isCall && entry.at < last ? brokenCondition(input, task, after, entry) : undefined;
      if (broken) return { end: { at: entry.at, broken }, until };
      if (endsLoop(input, task, after, entry)) return { end: { at: entry.at }, until };
    } catch (error) {
      if (!(error instanceof UnknownValueError)) throw error;
      until ??= error.until;
    }
  }
  return { end: undefined, until };
}

/** The result of an entry is known before the run if nothing is left to do for it, as far as its conditions are known. */
function resultOf(input: TemplateContext, task: CompiledTask, state: HostState, call: EntryPlan): Json | Unknown {
  const { plan } = call;
  if (plan.action !== 'none') return new Unknown(task.ref.name);
  const changed = wouldChange(plan);
  const result = registeredResult({ result: plan.result ?? null, changed }, call);
  try {
    return judgeEntry(input, task, state, call, { result, changed, failed: false }).result;
  } catch (error) {
    if (error instanceof UnknownValueError) return new Unknown(error.until);
    throw error;
  }
}
