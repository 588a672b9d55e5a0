import type { Diagnostic, Problems } from '../../core/diagnostic.ts';
import type { FactRef } from '../../core/fact.ts';
import type { JsonObject } from '../../core/json.ts';
import type { RefusePlan, SkipPlan, StepCall, StepPlan, TaskPlan } from '../../core/plan.ts';
import { formatPosition } from '../../core/source.ts';
import type { HostInfo, PlanContext } from '../../core/step.ts';
import { UnknownValueError, type World } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import type { DelegateStates } from '../hosts/delegates.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { Question } from '../hosts/observe.ts';
import { seenBy } from '../hosts/peers.ts';
import type { CompiledPlay, CompiledTask } from '../program/compiled.ts';
import type { Fleet, Surroundings } from '../program/place.ts';
import { mayEndEarly } from '../program/play-tasks.ts';
import type { SkippedEntry } from '../program/registered.ts';
import { type TaskCall, type TaskInput, taskInput } from '../program/task-input.ts';
import type { IncludedVariables } from '../program/variable-files.ts';
import { adjustPlan, leftToRun } from './adjust-plan.ts';
import { inCheckMode } from './check-mode.ts';
import { combine } from './combined-plan.ts';
import { entriesUpTo, foreseenEnd } from './loop-end.ts';

/** What a task will do to a host: the plan that is shown, and the calls of its step that it consists of. */
export interface HostTaskPlan {
  readonly plan: TaskPlan;
  readonly calls: readonly PlannedCall[];
  /** Entries of its loop that are skipped, and so have no call. */
  readonly skipped: readonly SkippedEntry[];
  /** Facts that have to be read before this is a plan. */
  readonly missing: readonly MissingFact[];
  /** Hosts to which it is delegated and that have to be connected before this is a plan. */
  readonly absent?: readonly string[];
  /** Why the host, or the one to which it is delegated, cannot be reached (`ignore_unreachable`): nothing of it is done. */
  readonly away?: string;
  /** Why it is uncertain that the host reaches this task: `only if 'Reload' changes something`. */
  readonly condition?: string;
}

/** A fact that has to be read. */
export interface MissingFact {
  readonly ref: FactRef;
  /** The host of which it is asked, where that is not the planned one. */
  readonly actor?: string;
}

/** A call of a step with its plan. */
export interface PlannedCall extends TaskCall {
  readonly plan: StepPlan;
  /** What the plan was made with. */
  readonly world: World;
  readonly context: PlanContext;
}

/** What every plan of a play depends on. */
export interface PlannerInput {
  readonly play: CompiledPlay;
  readonly surroundings: Surroundings;
  readonly now: Date;
  readonly runId: string;
  readonly begunAt: Date;
  /** The order that the strategy chose. */
  readonly order: string;
  /** The other hosts, for templates. */
  readonly fleet: Fleet;
  readonly delegates: DelegateStates;
}

/** The plans of a host by the paths of their tasks, in the order in which they were planned. */
export type HostTaskPlans = ReadonlyMap<string, HostTaskPlan>;

/** The plans of a play, by host. */
export type PlannedPlay = ReadonlyMap<string, HostTaskPlans>;

const UNSEEN = 'the host has been looked at';

/** The facts that a call of a task reads of its host. */
export function questionsOf(
  { step, become }: CompiledTask,
  params: JsonObject,
  known: World,
  info: HostInfo,
  peers: ReadonlyMap<string, World>,
): readonly Question[] {
  return step.needs(params, known, info, seenBy(step, peers)).map((ref) => ({ ref, become }));
}

/**
 * Plans one task of one host. Pure.
 * @param peers the worlds of the other hosts of the play
 * @param problems gets the templates that have no value; the host is then refused
 */
export function planTask(
  input: PlannerInput,
  task: CompiledTask,
  state: HostState,
  peers: ReadonlyMap<string, World>,
  problems?: Problems,
): HostTaskPlan {
  const planned = planEntries(input, task, state, seenBy(task.step, peers), problems);
  if (!mayEndEarly(task)) return planned;
  try {
    const { at, until } = foreseenEnd(input, task, state, planned);
    const left = entriesUpTo(at, planned);
    const { calls, skipped } = left;
    const reason = skipped[0]?.reason ?? 'the loop has ended';
    if (calls.length === 0) return { ...left, ...(planned.calls.length > 0 && { plan: { action: 'skip', reason } }) };
    // Whether the loop gets that far is unknown, so what it would show or set is unknown as well.
    if (until !== undefined && calls.every(({ plan }) => plan.action === 'none'))
      return nothing({ action: 'unknown', until });
    return { ...left, plan: combine(calls, true, state.world) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    problems?.error(error.message, error.range, error.hint);
    return nothing(wrongInput(error));
  }
}

/** Plans the entries of a loop one after another, each on the world that the one before it leads to; without a loop the one call. */
function planEntries(
  input: PlannerInput,
  task: CompiledTask,
  state: HostState,
  peers: ReadonlyMap<string, World>,
  problems: Problems | undefined,
): HostTaskPlan {
  const found = inputOf(input, task, state, problems);
  if (found.kind !== 'calls') return planWithout(found, task, state);
  let world = state.world;
  const calls: PlannedCall[] = [];
  const missing: MissingFact[] = [];
  const absent: string[] = [];
  const skipped = [...found.skipped];
  const unreached: string[] = [];
  for (const call of found.calls) {
    const entry = planEntry(input, task, { ...state, world }, peers, call);
    if (entry.away !== undefined) unreached.push(entry.away);
    if (entry.plan.action === 'skip') {
      skipped.push({ ...entry.plan, at: call.at ?? 0, item: call.item ?? null });
      continue;
    }
    missing.push(...entry.missing);
    if (entry.absent !== undefined) absent.push(entry.absent);
    calls.push({ ...call, plan: entry.plan, world: entry.world, context: entry.context });
    world = afterOf(entry.plan, world);
  }
  const [first] = skipped;
  if (calls.length === 0 && first) return nothing(skipPlan(first, found.looped), found.looped ? skipped : []);
  const plan = combine(calls, found.looped, world);
  const planned = { plan, calls, skipped, missing, ...(absent.length > 0 && { absent }) };
  const [why] = unreached;
  if (state.away !== undefined && unreached.includes(state.away)) return away(state.away, planned);
  return why !== undefined && unreached.length === calls.length ? away(why, planned) : planned;
}

/** The plan of a task that has no calls, or of which it is not known yet which. */
function planWithout(
  found: Exclude<FoundInput, { readonly kind: 'calls' }>,
  { step }: CompiledTask,
  { away: why }: HostState,
): HostTaskPlan {
  if (found.kind === 'skip') return nothing({ action: 'skip', reason: found.reason }, found.skipped);
  if (found.kind === 'wrong') return nothing(found.plan);
  const plan = nothing({ action: 'unknown', until: found.until });
  return why !== undefined && (step.apply ?? step.check) ? away(why, plan) : plan;
}

/** The plan of a task that cannot be done on anybody: it is not known what it would do, so it does nothing. */
function away(why: string, { calls, skipped }: HostTaskPlan): HostTaskPlan {
  const plan = { action: 'none', reason: `cannot be reached: ${why}` } as const;
  return { plan, calls: calls.map((call) => ({ ...call, plan })), skipped, missing: [], away: why };
}

interface PlannedEntry {
  readonly plan: StepPlan | SkipPlan;
  /** What the plan was made with. */
  readonly world: World;
  readonly context: PlanContext;
  readonly missing: readonly MissingFact[];
  /** The host to which it is delegated, where nobody has connected to that yet. */
  readonly absent?: string;
  /** Why who has to do it cannot be reached, where that may be ignored. */
  readonly away?: string;
}

/** Plans one call of a task, on the host itself or on the one to which it is delegated. */
function planEntry(
  input: PlannerInput,
  task: CompiledTask,
  state: HostState,
  peers: ReadonlyMap<string, World>,
  call: TaskCall,
): PlannedEntry {
  const { actor } = call;
  const acting = actor === undefined ? state : input.delegates.find(actor);
  if (acting === undefined || acting === 'lost' || (actor !== undefined && acting.away !== undefined)) {
    const own = { world: state.world, context: contextFor(input, state, peers), missing: [] };
    if (acting === undefined) return { ...own, plan: NOT_SEEN, absent: actor ?? '' };
    const lost = unreachable(actor ?? '');
    return { ...own, plan: leftToRun(task, lost), ...(task.ignoreUnreachable && { away: lost.reason }) };
  }
  const { world } = acting;
  const unseen = task.step.needs(call.params, world, acting.info, peers).filter((ref) => !world.covers(ref));
  // What tasks do before on a host that is not of the play is not predicted: any of them may have run a command there.
  const isBehindCommand = state.isBehindCommand || actor !== undefined;
  const context: PlanContext = {
    ...contextFor(input, acting, peers),
    ...(isBehindCommand && { isBehindCommand }),
    ...(state.isBehindChange && { isBehindChange: true }),
  };
  const asked = unseen.length > 0 ? NOT_SEEN : planCall(task, call, world, context);
  const adjusted = adjustPlan(task, call, asked, state.world);
  const isNeeded = actor === undefined && acting.away !== undefined && needsHost(asked);
  return {
    ...(isNeeded && { away: acting.away }),
    plan: call.checkMode ? inCheckMode(adjusted, asked) : adjusted,
    world,
    context,
    missing: unseen.map((ref) => ({ ref, ...(actor !== undefined && { actor }) })),
  };
}

function contextFor(input: PlannerInput, state: HostState, peers: ReadonlyMap<string, World>): PlanContext {
  const { now, runId, begunAt, order } = input;
  return { host: state.info, now, observedAt: askedAt(input, state), runId, begunAt, peers, order };
}

/** Whether carrying out this plan takes the host itself. What only shows or sets something does not. */
function needsHost({ action }: StepPlan | SkipPlan): boolean {
  return action === 'change' || action === 'check' || action === 'unknown';
}

const NOT_SEEN: StepPlan = { action: 'unknown', until: UNSEEN };

function unreachable(actor: string): RefusePlan {
  const reason = `${actor}, to which it is delegated, cannot be reached`;
  return { action: 'refuse', code: 'delegate-unreachable', reason, remedy: 'see why, above', isFailure: true };
}

function skipPlan({ reason, result }: SkippedEntry, isLoop: boolean): TaskPlan {
  return { action: 'skip', reason, ...(!isLoop && result && { result }) };
}

/** When facts of a host were read; those that were predicted count as read when the plan was made. */
export function askedAt({ now }: PlannerInput, { seenAt }: HostState): PlanContext['observedAt'] {
  return ({ key }) => seenAt.get(key) ?? now;
}

type FoundInput = TaskInput | { readonly kind: 'wrong'; readonly plan: RefusePlan };

function inputOf(
  { play, surroundings, fleet }: PlannerInput,
  task: CompiledTask,
  state: HostState,
  problems?: Problems,
): FoundInput {
  try {
    return taskInput({ play, task, host: state.compiled, registered: state.registered, surroundings, fleet });
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    problems?.error(error.message, error.range, error.hint);
    return { kind: 'wrong', plan: wrongInput(error) };
  }
}

/** The refusal of a host because of something wrong in the playbook or a variable. */
export function wrongInput({ message, range, hint }: Diagnostic | TemplateError): RefusePlan {
  const reason = range ? `${formatPosition(range)}: ${message}` : message;
  return { action: 'refuse', code: 'wrong-input', reason, remedy: hint ?? 'correct the playbook or the variable' };
}

/** A plan without any call. */
export function nothing(plan: TaskPlan, skipped: readonly SkippedEntry[] = []): HostTaskPlan {
  return { plan, calls: [], skipped, missing: [] };
}

function planCall(task: CompiledTask, { params, included }: TaskCall, world: World, context: PlanContext): StepPlan {
  if (included) return planIncluded(included);
  try {
    return task.step.plan(params, world, context);
  } catch (error) {
    if (error instanceof UnknownValueError) return { action: 'unknown', until: error.until };
    throw error;
  }
}

function planIncluded({ files, written }: IncludedVariables): StepPlan {
  const reason = `includes ${files.join(', ') || 'no file'}`;
  return { action: 'none', reason, result: { ansible_facts: written, ansible_included_var_files: files } };
}

function afterOf(plan: StepPlan, world: World): World {
  return 'after' in plan && plan.after ? plan.after : world;
}

/** The steps that undo what later tasks change, where this task names them. */
export function undoOf({ plan }: HostTaskPlan): readonly StepCall[] | undefined {
  return plan.action === 'none' || plan.action === 'change' ? plan.undo : undefined;
}
