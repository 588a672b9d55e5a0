import type { Diagnostic, Problems } from '../../core/diagnostic.ts';
import type { JsonObject } from '../../core/json.ts';
import type { RefusePlan, SkipPlan, StepPlan, TaskPlan } from '../../core/plan.ts';
import { formatPosition } from '../../core/source.ts';
import type { HostInfo, PlanContext } from '../../core/step.ts';
import { UnknownValueError, type World } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import type { DelegateStates } from '../hosts/delegates.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { Question } from '../hosts/observe.ts';
import { visiblePeers } from '../hosts/peers.ts';
import type { CompiledPlay, CompiledTask } from '../program/compiled.ts';
import { reportError } from '../program/no-log.ts';
import type { PlayHosts, Surroundings } from '../program/place.ts';
import { mayEndEarly } from '../program/play-tasks.ts';
import type { SkippedEntry } from '../program/registered.ts';
import { type TaskCall, type TaskInput, taskInput } from '../program/task-input.ts';
import type { IncludedVariables } from '../program/variable-files.ts';
import { adjustPlan, deferToRun } from './adjust-plan.ts';
import { worldAfter } from './changes.ts';
import { inCheckMode } from './check-mode.ts';
import { combine } from './combined-plan.ts';
import { type HostTaskPlan, type MissingFact, nothing, type PlannedCall } from './host-task-plan.ts';
import { entriesUpTo, predictedEnd } from './loop-end.ts';
import { placeOf } from './place-of.ts';

/** What every plan of a play depends on. */
export interface PlannerInput {
  readonly play: CompiledPlay;
  readonly surroundings: Surroundings;
  readonly now: Date;
  readonly runId: string;
  readonly begunAt: Date;
  /** The order that the strategy chose. */
  readonly order: string;
  /** The other hosts, as templates see them. */
  readonly playHosts: PlayHosts;
  readonly delegates: DelegateStates;
}

/** The facts that a call of a task reads of its host. */
export function questionsOf(
  { step, become }: CompiledTask,
  params: JsonObject,
  known: World,
  info: HostInfo,
  peers: ReadonlyMap<string, World>,
): readonly Question[] {
  return step.needs(params, known, info, visiblePeers(step, peers)).map((ref) => ({ ref, become }));
}

/**
 * Plans one task of one host. Pure.
 * @param peers the worlds of the other hosts of the play
 * @param problems collects templates without a value; absent: the host is refused then
 */
export function planTask(
  input: PlannerInput,
  task: CompiledTask,
  state: HostState,
  peers: ReadonlyMap<string, World>,
  problems?: Problems,
): HostTaskPlan {
  const planned = planEntries(input, task, state, visiblePeers(task.step, peers), problems);
  if (!mayEndEarly(task)) return planned;
  try {
    const { end, until } = predictedEnd(input, task, state, planned);
    const left = entriesUpTo(end, planned);
    const { calls, skipped } = left;
    const reason = skipped[0]?.reason ?? 'the loop has ended';
    if (calls.length === 0) return { ...left, ...(planned.calls.length > 0 && { plan: { action: 'skip', reason } }) };
    // Whether the loop gets that far is unknown, so what it would show or set is unknown as well.
    if (until !== undefined && calls.every(({ plan }) => plan.action === 'none'))
      return nothing({ action: 'unknown', until });
    return { ...left, plan: combine(calls, true, state.world) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    reportError(problems, task, error);
    return nothing(wrongInput(error));
  }
}

/** Plans the entries of a loop in order, each on the world that the previous one leads to; without a loop, the one call. */
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
  const reasons: string[] = [];
  for (const call of found.calls) {
    const entry = planEntry(input, task, { ...state, world }, peers, call);
    if (entry.unreachable !== undefined) reasons.push(entry.unreachable);
    if (entry.plan.action === 'skip') {
      skipped.push({ ...entry.plan, at: call.at ?? 0, item: call.item ?? null, loop: call.loop });
      continue;
    }
    missing.push(...entry.missing);
    if (entry.absent !== undefined) absent.push(entry.absent);
    const alone = () => planEntry(input, task, state, peers, call).plan;
    const plan = behindEarlierEntries(entry.plan, task, call, world, alone);
    calls.push({ ...call, plan, world: entry.world, context: entry.context });
    world = worldAfter(entry.plan) ?? world;
  }
  const [first] = skipped;
  if (calls.length === 0 && first) return nothing(skipPlan(first, found.looped), found.looped ? skipped : []);
  const plan = combine(calls, found.looped, world);
  const planned = { plan, calls, skipped, missing, ...(absent.length > 0 && { absent }) };
  const [why] = reasons;
  if (state.unreachable !== undefined && reasons.includes(state.unreachable))
    return unreachablePlan(state.unreachable, planned);
  return why !== undefined && reasons.length === calls.length ? unreachablePlan(why, planned) : planned;
}

/** The plan of a task that has no calls, or whose calls are not known yet. */
function planWithout(
  found: Exclude<FoundInput, { readonly kind: 'calls' }>,
  { step }: CompiledTask,
  { unreachable: why }: HostState,
): HostTaskPlan {
  if (found.kind === 'skip') {
    const { reason, skipped, isBeforeLoop } = found;
    return { ...nothing({ action: 'skip', reason }, skipped), ...(isBeforeLoop && { isBeforeLoop }) };
  }
  if (found.kind === 'wrong') return nothing(found.plan);
  const plan = nothing({ action: 'unknown', until: found.until });
  return why !== undefined && (step.apply ?? step.check) ? unreachablePlan(why, plan) : plan;
}

/** The plan of a task whose host is unreachable: it does nothing. */
function unreachablePlan(why: string, { calls, skipped }: HostTaskPlan): HostTaskPlan {
  const plan = { action: 'none', reason: `cannot be reached: ${why}` } as const;
  return { plan, calls: calls.map((call) => ({ ...call, plan })), skipped, missing: [], unreachable: why };
}

interface PlannedEntry {
  readonly plan: StepPlan | SkipPlan;
  /** The input of the plan. */
  readonly world: World;
  readonly context: PlanContext;
  readonly missing: readonly MissingFact[];
  /** The delegate, if it is not connected yet. */
  readonly absent?: string;
  /** Why the host that carries it out is unreachable, if that may be ignored. */
  readonly unreachable?: string;
}

/** Plans one call of a task, on the host itself or on its delegate. */
function planEntry(
  input: PlannerInput,
  task: CompiledTask,
  state: HostState,
  peers: ReadonlyMap<string, World>,
  call: TaskCall,
): PlannedEntry {
  const { actor } = call;
  if (actor === undefined) return planEntryOn(state, input, task, { state, peers }, call);
  const delegate = input.delegates.find(actor);
  if (delegate !== undefined && delegate !== 'lost' && delegate.unreachable === undefined)
    return planEntryOn(delegate, input, task, { state, peers }, call);
  const own = { world: state.world, context: contextFor(input, state, peers), missing: [] };
  if (delegate === undefined) return { ...own, plan: NOT_OBSERVED, absent: actor };
  const refusal = unreachableDelegate(actor);
  const plan = deferToRun(task, call, refusal);
  return { ...own, plan, ...(task.ignoreUnreachable && { unreachable: refusal.reason }) };
}

/** @param acting the host that carries the call out */
function planEntryOn(
  acting: HostState,
  input: PlannerInput,
  task: CompiledTask,
  { state, peers }: { readonly state: HostState; readonly peers: ReadonlyMap<string, World> },
  call: TaskCall,
): PlannedEntry {
  const { actor } = call;
  const { world } = acting;
  const missing = task.step.needs(call.params, world, acting.info, peers).filter((ref) => !world.covers(ref));
  // Earlier tasks on a host outside the play are not predicted: any of them may have run a command there.
  const isBehindCommand = state.isBehindCommand || actor !== undefined;
  const context: PlanContext = {
    ...contextFor(input, acting, peers),
    ...(isBehindCommand && { isBehindCommand }),
    ...(state.isBehindChange && { isBehindChange: true }),
  };
  const stepPlan = missing.length > 0 ? NOT_OBSERVED : planCall(task, call, world, context);
  const adjusted = adjustPlan(task, call, stepPlan, state.world);
  const isNeeded = actor === undefined && acting.unreachable !== undefined && needsHost(stepPlan);
  return {
    ...(isNeeded && { unreachable: acting.unreachable }),
    plan: call.checkMode ? inCheckMode(adjusted, stepPlan) : adjusted,
    world,
    context,
    missing: missing.map((ref) => ({ ref, ...(actor !== undefined && { actor }) })),
  };
}

function contextFor(input: PlannerInput, state: HostState, peers: ReadonlyMap<string, World>): PlanContext {
  const { now, runId, begunAt, order } = input;
  return { host: state.info, now, observedAt: observationTimes(input, state), runId, startedAt: begunAt, peers, order };
}

/** Whether carrying out this plan needs the host. Plans that only show or set something do not. */
function needsHost({ action }: StepPlan | SkipPlan): boolean {
  return action === 'change' || action === 'check' || action === 'unknown';
}

const NOT_OBSERVED: StepPlan = { action: 'unknown', until: 'the host has been looked at' };

function unreachableDelegate(actor: string): RefusePlan {
  const reason = `${actor}, to which it is delegated, cannot be reached`;
  return { action: 'refuse', code: 'delegate-unreachable', reason, remedy: 'see why, above', isFailure: true };
}

/**
 * The entries of a loop are planned before the first one is carried out, so a command that may do away with what another entry needs
 * (`removes`) leaves that one without an answer: the task fails before any is carried
 * out, or only that entry does not run (`ignore_errors`, `failed_when`).
 * @param alone the plan of the entry without the earlier ones
 */
function behindEarlierEntries(
  plan: StepPlan,
  task: CompiledTask,
  call: TaskCall,
  world: World,
  alone: () => StepPlan | SkipPlan,
): StepPlan {
  if (plan.action !== 'unknown' || !task.step.runsCommand || alone().action === 'unknown') return plan;
  const reason = `whether it has to run depends on what an earlier entry does ('${plan.until}'), and all entries are planned before the first one runs`;
  const remedy = 'write a task for each, or let the command itself look (test -e)';
  return adjustPlan(task, call, { action: 'refuse', code: 'wrong-input', reason, remedy, isFailure: true }, world);
}

function skipPlan({ reason, result }: SkippedEntry, isLoop: boolean): TaskPlan {
  return { action: 'skip', reason, ...(!isLoop && result && { result }) };
}

/** When the facts of a host were read. Predicted facts count as read when the plan was made. */
export function observationTimes({ now }: PlannerInput, { observedAt }: HostState): PlanContext['observedAt'] {
  return ({ key }) => observedAt.get(key) ?? now;
}

type FoundInput = TaskInput | { readonly kind: 'wrong'; readonly plan: RefusePlan };

function inputOf(input: PlannerInput, task: CompiledTask, state: HostState, problems?: Problems): FoundInput {
  try {
    return taskInput({ ...placeOf(input, state), task });
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    if (!problems) return { kind: 'wrong', plan: wrongInput(error) };
    const known = problems.all.length;
    reportError(problems, task, error);
    // Hosts with the same error have the same others, too: of thousands, the first one finds them.
    if (problems.all.length > known) for (const each of error.others()) reportError(problems, task, each);
    // The host goes on, so that problems of later tasks are found, too.
    return { kind: 'unknown', until: task.ref.name };
  }
}

/** Refuses a host because of an error in the playbook or a variable. */
export function wrongInput({ message, range, hint }: Diagnostic | TemplateError): RefusePlan {
  const reason = range ? `${formatPosition(range)}: ${message}` : message;
  return { action: 'refuse', code: 'wrong-input', reason, remedy: hint ?? 'correct the playbook or the variable' };
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
