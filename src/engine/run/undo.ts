import type { JsonObject } from '../../core/json.ts';
import type { ChangePlan, StepCall, StepPlan } from '../../core/plan.ts';
import { type Become, UnreachableError } from '../../core/session.ts';
import { type PlanContext, type Step, StepFailure, type WriteContext } from '../../core/step.ts';
import { World } from '../../core/world.ts';
import type { HostState } from '../hosts/host-state.ts';
import { observeNeeds } from '../hosts/observe.ts';
import { nameOf, summaryOf } from '../plan/changes.ts';
import { observationTimes, type PlannerInput } from '../plan/plan-task.ts';
import type { AdmissionRefusal } from './admission.ts';
import { awaitConvergence, remainingChanges } from './convergence.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun } from './host-run.ts';
import { reconnect } from './reconnect.ts';
import { partOf } from './stage-part.ts';
import { stepContext } from './step-context.ts';
import { asFailure, isMistake } from './task-failure.ts';
import type { RunTools } from './tools.ts';

/**
 * Undoes what was done to a host, as far as the play defines an undo. Uses ordinary steps, planned on the present state. Never
 * throws, so that the other hosts are restored as well.
 * @returns an exception that is not a failure of the host: a bug
 */
export async function undoHost(host: HostRun, execution: PlayExecution, because: string): Promise<unknown> {
  const { input, tools } = execution;
  const { emit, journal, clock } = tools;
  const { calls, ...undo } = host.pendingUndo;
  const done: string[] = [];
  const left = new Set<string>();
  const failures: { readonly step: string; readonly text: string }[] = [];
  let isUnproven = false;
  let mistake: unknown;
  for (const [index, call] of calls.entries()) {
    const started = clock().getTime();
    emit({ type: 'undo-started', host: host.name, step: call.step, because });
    const outcome = await tryStep({ host, ...undo, input, tools, reconnect: () => reconnect(host, execution) }, call);
    const { succeeded, text, stays = [] } = outcome;
    for (const name of stays) left.add(name);
    const elapsedMs = clock().getTime() - started;
    // Whoever reads this counts the host as restored only when nothing remains.
    const remaining = [...failures, ...calls.slice(index + 1)].map(({ step }) => step);
    isUnproven = outcome.isUnproven === true && remaining.length === 0;
    const remedy = isUnproven ? UNPROVEN_REMEDY : outcome.remedy;
    const unproven = isUnproven && { unproven: true as const };
    const more = { ...unproven, ...(remaining.length > 0 && { remaining }), ...(remedy !== undefined && { remedy }) };
    emit({ type: 'undo-finished', host: host.name, succeeded, message: text, ...more, elapsedMs });
    const result = { remaining, succeeded, ...unproven, ...(stays.length > 0 && { stays }), message: text };
    await journal.write({ type: 'undo', host: host.name, ...call, ...result });
    if (succeeded) {
      done.push(call.step);
      continue;
    }
    failures.push({ step: call.step, text });
    mistake = outcome.mistake;
    // What was restored has to be loaded, even if not everything is as before.
    if (!outcome.isCarriedOut) break;
  }
  if (failures.length === 0) {
    host.recordUndone(left);
    return undefined;
  }
  const failed = failures.map(({ step }) => step).join(', ');
  const partial = { done, failed, reason: failures.map(({ text }) => text).join('; ') };
  host.recordNotUndone(isUnproven ? 'unproven' : 'failed', isUnproven || done.length > 0 ? partial : undefined);
  return mistake;
}

/** What the steps of an undo have in common. */
interface Undoing {
  readonly host: HostRun;
  readonly become: Become;
  readonly before: World;
  readonly input: PlannerInput;
  readonly tools: RunTools;
  /** Connects the host again, and locks it. @throws {UnreachableError} @returns why it may not be worked on; undefined if it may */
  readonly reconnect: () => Promise<AdmissionRefusal | undefined>;
}

/** How one step of an undo has ended. */
interface StepOutcome {
  readonly succeeded: boolean;
  /** It was carried out, and the connection was lost before that was proven. */
  readonly isUnproven?: boolean;
  /** It has failed only in that something was still left to undo afterwards. */
  readonly isCarriedOut?: boolean;
  /** What it did, why there was nothing to do, or why it failed. */
  readonly text: string;
  /** What did not exist before, and stays all the same. */
  readonly stays?: readonly string[];
  readonly remedy?: string | undefined;
  readonly mistake?: unknown;
}

/** Never throws: what is thrown is the outcome. */
async function tryStep(undoing: Undoing, call: StepCall): Promise<StepOutcome> {
  const { host, tools } = undoing;
  try {
    return await carryOut(undoing, call);
  } catch (error) {
    if (isLossOf(host, error)) {
      host.lose();
      return { succeeded: false, text: error.message };
    }
    if (tools.abort.aborted) return { succeeded: false, text: 'interrupted' };
    const { message: text, remedy } = asFailure(error);
    return { succeeded: false, text, remedy, ...(isMistake(error) && { mistake: error }) };
  }
}

function isLossOf(host: HostRun, error: unknown): error is UnreachableError {
  return error instanceof UnreachableError && error.host === host.name;
}

async function carryOut(undoing: Undoing, call: StepCall): Promise<StepOutcome> {
  const { tools } = undoing;
  const planned = await connected(undoing, () => planOnPresentState(undoing, call));
  const { plan } = planned;
  if (plan.action === 'refuse')
    throw new StepFailure(plan.code, plan.reason, { details: plan.details, remedy: plan.remedy });
  if (plan.action === 'none') return succeededWith(plan.reason, plan.stays);
  if (plan.action !== 'change') return { succeeded: true, text: plan.action };
  const unproven = await apply(undoing, planned, plan);
  if (unproven) return unproven;
  try {
    await connected(undoing, () => converge(undoing, planned, plan));
  } catch (error) {
    if (!(error instanceof StepFailure) || tools.abort.aborted) return unprovenAfter(undoing, error);
    return { succeeded: false, isCarriedOut: true, text: error.message, remedy: error.remedy };
  }
  return succeededWith(plan.changes.length === 1 ? nameOf(plan.changes[0]) : summaryOf(plan.changes), plan.stays);
}

function succeededWith(what: string, stays: readonly string[] = []): StepOutcome {
  const which = stays.length === 1 ? 'stays, which was not there before' : 'stay, which were not there before';
  return { succeeded: true, stays, text: stays.length === 0 ? what : `${what}; ${stays.join(', ')} ${which}` };
}

interface PlannedUndo {
  readonly step: Step;
  readonly params: JsonObject;
  readonly world: World;
  readonly context: PlanContext;
  readonly plan: StepPlan;
}

async function planOnPresentState(undoing: Undoing, call: StepCall): Promise<PlannedUndo> {
  const { host, before, input, tools } = undoing;
  const step = tools.registry.steps.get(call.step);
  const completed = input.surroundings.complete(call.step, call.params);
  if (!step || 'problems' in completed) throw new Error(`the way back names ${call.step}, which cannot be called so`);
  const { params } = completed;
  const observed = await observe(undoing, step, params);
  const { world } = observed;
  const context: PlanContext = {
    host: host.state.info,
    now: input.now,
    observedAt: observationTimes(input, observed),
    runId: input.runId,
    startedAt: input.begunAt,
    peers: new Map(),
    order: input.order,
    beforeUndone: before,
  };
  return { step, params, world, context, plan: step.plan(params, world, context) };
}

/** Reads everything that a step needs, also what was known: the changes that are undone may have been cut short. */
function observe({ host, become, tools }: Undoing, step: Step, params: JsonObject): Promise<HostState> {
  const { info } = host.state;
  const needs = (known: World) => step.needs(params, known, info, new Map()).map((ref) => ({ ref, become }));
  return observeNeeds(host.sessions, { ...host.state, world: World.empty }, needs, tools);
}

/** Proves that a step has undone what it was to undo, as after a task. */
async function converge(undoing: Undoing, planned: PlannedUndo, plan: ChangePlan): Promise<void> {
  const { step, params, context } = planned;
  if (step.runsCommand) return;
  const { beforeUndone: _before, ...contextAfter } = context;
  const findRemaining = async () => {
    const observed = await observe(undoing, step, params);
    const times = observationTimes(undoing.input, observed);
    const left = (again: PlanContext) =>
      remainingChanges(step, [{ params, plan, context: again }], observed.world, times);
    // Compared with the state before, what was just restarted would be so again; without it, so would what was rightly left running.
    const leftOnItsOwn = left(contextAfter);
    const remaining = left(context).filter((name) => leftOnItsOwn.includes(name));
    return remaining.length > 0 ? remaining.join(', ') : undefined;
  };
  await awaitConvergence(step.convergesWithinMs, undoing.tools, findRemaining, 'this step of the undo');
}

/** @returns the outcome if the connection was lost after everything was carried out; undefined if all stages have settled */
async function apply(
  undoing: Undoing,
  { step, params, world, context: planContext }: PlannedUndo,
  plan: ChangePlan,
): Promise<StepOutcome | undefined> {
  const stages = (step.stages ?? [undefined]).flatMap((stage) => partOf(plan, stage, world, planContext) ?? []);
  for (const planned of stages) {
    await step.apply?.(contextOf(undoing), params, planned);
    try {
      await connected(undoing, async () => step.settle?.(contextOf(undoing), params, planned));
    } catch (error) {
      if (planned !== stages.at(-1) || step.settleChanges?.(planned) === true) throw error;
      return unprovenAfter(undoing, error);
    }
  }
  return undefined;
}

/** The outcome after a loss of the connection when everything was carried out. An armed host restores itself once more. */
function unprovenAfter({ host, tools }: Undoing, error: unknown): StepOutcome {
  if (!isLossOf(host, error) || host.isArmed || tools.abort.aborted) throw error;
  host.lose();
  return { succeeded: false, isUnproven: true, text: error.message };
}

/** With the sessions of this moment: a host may have been connected again. */
function contextOf({ host, become, input, tools }: Undoing): WriteContext {
  return stepContext({
    session: host.sessions.as(become),
    runId: input.runId,
    holder: tools.holder,
    order: input.order,
    signal: tools.abort,
    clock: tools.clock,
    wait: tools.wait,
    peer: () => undefined,
    onWhenLost: (isSet) => {
      host.isArmed = isSet;
    },
    onProgress: () => undefined,
  });
}

/**
 * Does what changes nothing, or may be done twice. If the connection is lost meanwhile, the host is connected again and it is done from the start, once, as a later
 * task would; but not an armed host, which then restores itself.
 */
async function connected<T>(undoing: Undoing, look: () => Promise<T>): Promise<T> {
  const { host, tools } = undoing;
  try {
    return await look();
  } catch (error) {
    if (!isLossOf(host, error) || host.isArmed || tools.abort.aborted) throw error;
    host.becomeUnreachable(error.message);
  }
  const refusal = await undoing.reconnect();
  if (refusal) throw new UnreachableError(host.name, 'lost', `the connection was lost, and then ${refusal.reason}`);
  return look();
}

const UNPROVEN_REMEDY =
  'as soon as it can be reached, kplay check -i INVENTORY -l HOST shows whether it works with what is on disk again; then run again';
