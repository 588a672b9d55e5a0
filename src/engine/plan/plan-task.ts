import type { Diagnostic, Problems } from '../../core/diagnostic.ts';
import type { FactRef } from '../../core/fact.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Change, RefusePlan, StepCall, StepPlan, TaskPlan } from '../../core/plan.ts';
import { formatPosition } from '../../core/source.ts';
import type { HostInfo, PlanContext } from '../../core/step.ts';
import { UnknownValueError, type World } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import type { DelegateStates } from '../hosts/delegates.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { Question } from '../hosts/observe.ts';
import type { CompiledPlay, CompiledTask } from '../program/compiled.ts';
import type { Fleet, Surroundings } from '../program/place.ts';
import type { SkippedEntry } from '../program/registered.ts';
import { entryName, type TaskCall, type TaskInput, taskInput } from '../program/task-input.ts';
import type { IncludedVariables } from '../program/variable-files.ts';
import { inCheckMode, notDone } from './check-mode.ts';
import { entriesUpTo, foreseenEnd } from './loop-end.ts';

/** What a task will do to a host: the plan that is shown, and the calls that it consists of. */
export interface HostTaskPlan {
  readonly plan: TaskPlan;
  readonly calls: readonly PlannedCall[];
  /** Entries of its loop that have no call. */
  readonly skipped: readonly SkippedEntry[];
  /** Facts without which this is no plan yet. */
  readonly missing: readonly MissingFact[];
  /** Hosts to which it is delegated and that nobody has looked for yet: without them it is no plan either. */
  readonly absent?: readonly string[];
  /** Why it is not certain that the host comes to this task: `only if 'Reload' changes something`. */
  readonly condition?: string;
}

/** A fact that is to be asked. */
export interface MissingFact {
  readonly ref: FactRef;
  /** Of another host than the one that is planned. */
  readonly actor?: string;
}

export interface PlannedCall extends TaskCall {
  readonly plan: StepPlan;
  /** What the plan was made with. */
  readonly world: World;
  readonly context: PlanContext;
}

export interface PlannerInput {
  readonly play: CompiledPlay;
  readonly surroundings: Surroundings;
  readonly now: Date;
  readonly runId: string;
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

/** What a call of a task reads of its host. */
export function questionsOf(
  { step, become }: CompiledTask,
  params: JsonObject,
  known: World,
  info: HostInfo,
  peers: ReadonlyMap<string, World>,
): readonly Question[] {
  return step.needs(params, known, info, peers).map((ref) => ({ ref, become }));
}

/** Plans one task of one host. */
export function planTask(
  input: PlannerInput,
  task: CompiledTask,
  state: HostState,
  peers: ReadonlyMap<string, World>,
  problems?: Problems,
): HostTaskPlan {
  const planned = planEntries(input, task, state, peers, problems);
  if (task.breakWhen.length === 0) return planned;
  try {
    const { at, until } = foreseenEnd(input, task, state, planned);
    const left = entriesUpTo(at, planned);
    const { calls, skipped } = left;
    if (calls.length === 0) return { ...left, ...(planned.calls.length > 0 && { plan: skippedPlan(skipped) }) };
    // What it would show, or set, nobody can say.
    if (until !== undefined && calls.every(({ plan }) => plan.action === 'none'))
      return nothing({ action: 'unknown', until });
    return { ...left, plan: combine(calls, true, state.world) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    problems?.error(error.message, error.range, error.hint);
    return nothing(wrongInput(error));
  }
}

function skippedPlan([first]: readonly SkippedEntry[]): TaskPlan {
  return { action: 'skip', reason: first?.reason ?? 'the loop has ended' };
}

function planEntries(
  input: PlannerInput,
  task: CompiledTask,
  state: HostState,
  peers: ReadonlyMap<string, World>,
  problems: Problems | undefined,
): HostTaskPlan {
  const found = inputOf(input, task, state, problems);
  if (found.kind === 'skip') return nothing({ action: 'skip', reason: found.reason }, found.skipped);
  if (found.kind === 'unknown') return nothing({ action: 'unknown', until: found.until });
  if (found.kind === 'wrong') return nothing(found.plan);
  const contextOf = (one: HostState): PlanContext => ({
    host: one.info,
    now: input.now,
    observedAt: askedAt(input, one),
    runId: input.runId,
    peers,
    order: input.order,
  });
  let world = state.world;
  const calls: PlannedCall[] = [];
  const missing: MissingFact[] = [];
  const absent: string[] = [];
  const skipped = [...found.skipped];
  for (const call of found.calls) {
    const { actor } = call;
    const acting = actor === undefined ? { ...state, world } : input.delegates.find(actor);
    if (acting === undefined || acting === 'lost') {
      if (acting === undefined) absent.push(actor ?? '');
      const plan = acting === undefined ? NOT_SEEN : judged(task, unreachable(actor ?? ''));
      calls.push({ ...call, plan, world, context: contextOf(state) });
      continue;
    }
    const unseen = task.step
      .needs(call.params, acting.world, acting.info, peers)
      .filter((ref) => !acting.world.covers(ref));
    // What a command has done on a host that is not planned on is not known here.
    const isBehindCommand = state.isBehindCommand || actor !== undefined;
    const context: PlanContext = {
      ...contextOf(acting),
      ...(isBehindCommand && { isBehindCommand }),
      ...(state.isBehindChange && { isBehindChange: true }),
    };
    const asked = unseen.length > 0 ? NOT_SEEN : planCall(task, call, acting.world, context);
    const bare = named(call, withChangedWhen(task, judged(task, asked)));
    const meant = actor === undefined ? bare : elsewhere(bare, actor, world);
    const plan = call.checkMode ? inCheckMode(meant, asked) : meant;
    if (plan.action === 'skip') {
      skipped.push({ ...plan, at: call.at ?? 0, item: call.item ?? null });
      continue;
    }
    missing.push(...unseen.map((ref) => ({ ref, ...(actor !== undefined && { actor }) })));
    calls.push({ ...call, plan, world: acting.world, context });
    world = afterOf(plan, world);
  }
  const [first] = skipped;
  if (calls.length === 0 && first) return nothing(skipPlan(first, found.looped), found.looped ? skipped : []);
  const plan = combine(calls, found.looped, world);
  return { plan, calls, skipped, missing, ...(absent.length > 0 && { absent }) };
}

const NOT_SEEN: StepPlan = { action: 'unknown', until: UNSEEN };

function unreachable(actor: string): StepPlan {
  const reason = `${actor}, to which it is delegated, cannot be reached`;
  return { action: 'refuse', code: 'delegate-unreachable', reason, remedy: 'see why, above', isFailure: true };
}

function skipPlan({ reason, result }: SkippedEntry, isLoop: boolean): TaskPlan {
  return { action: 'skip', reason, ...(!isLoop && result && { result }) };
}

/** What is done on another host is said to be done there, and leaves the host itself as it is. */
function elsewhere(plan: StepPlan, actor: string, world: World): StepPlan {
  if (plan.action !== 'change') return 'after' in plan ? { ...plan, after: world } : plan;
  const [first, ...rest] = plan.changes;
  const there = (change: Change): Change => ({ ...change, target: `${change.target} (on ${actor})` });
  return { ...plan, changes: [there(first), ...rest.map(there)], after: world };
}

/** What no host was asked is taken for as old as the plan. */
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

/** A host is refused over something wrong that was written. */
export function wrongInput({ message, range, hint }: Diagnostic | TemplateError): RefusePlan {
  const reason = range ? `${formatPosition(range)}: ${message}` : message;
  return { action: 'refuse', code: 'wrong-input', reason, remedy: hint ?? 'correct the playbook or the variable' };
}

/** A plan in which no call is made. */
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

/** A failure that is known beforehand comes in the run where the task says what a failure is, or that nobody minds. */
function judged({ ignoreErrors, failedWhen }: CompiledTask, plan: StepPlan): StepPlan {
  const isOpen = plan.action === 'refuse' && plan.isFailure && (ignoreErrors || failedWhen !== undefined);
  return isOpen ? { action: 'check', expectation: plan.reason } : plan;
}

/** Of a loop it is said which of its entries is meant. */
function named(call: TaskCall, plan: StepPlan): StepPlan {
  const entry = entryName(call);
  if (plan.action === 'refuse') return entry === undefined ? plan : { ...plan, reason: `${entry}: ${plan.reason}` };
  if (plan.action !== 'change' || call.label === undefined) return plan;
  const [first, ...rest] = plan.changes;
  const label = call.label;
  const labelled = (change: Change): Change => ({ ...change, item: label });
  return { ...plan, changes: [labelled(first), ...rest.map(labelled)] };
}

/** What its author says changes nothing (`changed_when: false`) is shown, and counted, as a look. */
function withChangedWhen({ changesNothing }: CompiledTask, plan: StepPlan): StepPlan {
  if (plan.action !== 'change' || !changesNothing) return plan;
  const [first, ...rest] = plan.changes;
  const look = (change: Change): Change => ({ ...change, kind: 'look', disruptive: false });
  return { ...plan, changes: [look(first), ...rest.map(look)] };
}

function afterOf(plan: StepPlan, world: World): World {
  return 'after' in plan && plan.after ? plan.after : world;
}

/** The plan of a task from those of its calls: the gravest action among them. */
function combine(calls: readonly PlannedCall[], looped: boolean, world: World): TaskPlan {
  const [only] = calls;
  if (only && !looped) return only.plan;
  const plans = calls.map(({ plan }) => plan);
  const grave = plans.find(({ action }) => action === 'refuse') ?? plans.find(({ action }) => action === 'unknown');
  if (grave) return grave;
  const [first, ...rest] = plans.flatMap((plan): readonly Change[] => (plan.action === 'change' ? plan.changes : []));
  if (first) return { action: 'change', changes: [first, ...rest], after: world };
  const would = plans.flatMap((plan) => (plan.action === 'none' ? (plan.would ?? []) : []));
  const check = plans.find(({ action }) => action === 'check');
  return check ?? (would.length > 0 ? notDone(would) : { action: 'none', reason: reasonFor(plans) });
}

function reasonFor(plans: readonly StepPlan[]): string {
  const says = plans.flatMap((plan) => (plan.action === 'none' ? (plan.says ?? []) : []));
  return says.length > 0 ? says.join('; ') : `nothing to do for ${plans.length} entries`;
}

/** What is to be taken back when a later task of the host fails. */
export function undoOf({ plan }: HostTaskPlan): readonly StepCall[] | undefined {
  return plan.action === 'none' || plan.action === 'change' ? plan.undo : undefined;
}
