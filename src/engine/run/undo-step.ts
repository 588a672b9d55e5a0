import type { Evidence } from '../../core/events/evidence.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ChangePlan, StepCall, StepPlan } from '../../core/plan.ts';
import { type BecomeChoice, type UnreachableCause, UnreachableError } from '../../core/session.ts';
import { type PlanContext, type PlannedChanges, type Step, StepFailure, type WriteContext } from '../../core/step.ts';
import { World } from '../../core/world.ts';
import type { HostState } from '../hosts/host-state.ts';
import { observeNeeds } from '../hosts/observe.ts';
import { nameOf, summaryOf } from '../plan/changes.ts';
import { observationTimes, type PlannerInput } from '../plan/plan-task.ts';
import type { AdmissionRefusal } from './admission.ts';
import { awaitConvergence, remainingChanges } from './convergence.ts';
import type { HostRun } from './host-run.ts';
import { partOf } from './stage-part.ts';
import { stepContext } from './step-context.ts';
import { asFailure, isLossOf, isMistake } from './task-failure.ts';
import type { RunTools } from './tools.ts';

/** What the steps of an undo have in common. */
export interface Undoing {
  readonly host: HostRun;
  readonly become: BecomeChoice;
  readonly before: World;
  readonly input: PlannerInput;
  readonly tools: RunTools;
  /** Connects the host again, and locks it. @throws {UnreachableError} @returns why it may not be worked on; undefined if it may */
  readonly reconnect: () => Promise<AdmissionRefusal | undefined>;
}

/**
 * How one step of an undo has ended. `unproven`: it was carried out, and the connection was lost, or the run interrupted twice, before that was proven.
 * `incomplete`: it was carried out, and something was still left to undo afterwards.
 */
export interface UndoStepEnd {
  readonly outcome: 'succeeded' | 'unproven' | 'incomplete' | 'failed';
  /** What it did, why there was nothing to do, or why it failed. */
  readonly text: string;
  /** What did not exist before, and stays all the same. */
  readonly stays?: readonly string[];
  /** What was seen of a failure. */
  readonly details?: readonly Evidence[];
  readonly remedy?: string | undefined;
  readonly mistake?: unknown;
}

/** Plans one step of an undo on the present state of its host, and carries it out. Never throws: what is thrown is how it ended. */
export async function undoStep(undoing: Undoing, call: StepCall): Promise<UndoStepEnd> {
  const { host, tools } = undoing;
  try {
    return await carryOut(undoing, call);
  } catch (error) {
    if (isLossOf(host, error)) {
      host.lose();
      const self = error instanceof LossWhileArmed ? '; it may still restore its files by itself' : '';
      return { outcome: 'failed', text: `${error.message}${self}` };
    }
    if (tools.abort.aborted) return { outcome: 'failed', text: 'interrupted' };
    const { message: text, details, remedy } = asFailure(error);
    return { outcome: 'failed', text, details, remedy, ...(isMistake(error) && { mistake: error }) };
  }
}

async function carryOut(undoing: Undoing, call: StepCall): Promise<UndoStepEnd> {
  try {
    return await carryOutOnce(undoing, call);
  } catch (error) {
    if (!(error instanceof LossWhileArmed) || undoing.tools.abort.aborted) throw error;
    // A host that was armed all the same restores itself now, which is waited for.
    await connectAgain(undoing, error).catch((again) => {
      throw again instanceof UnreachableError ? new LossWhileArmed(again.host, again.reason, again.message) : again;
    });
    return carryOutOnce(undoing, call);
  }
}

async function carryOutOnce(undoing: Undoing, call: StepCall): Promise<UndoStepEnd> {
  const { tools } = undoing;
  const planned = await connected(undoing, () => planOnPresentState(undoing, call));
  const { plan } = planned;
  if (plan.action === 'refuse') throw StepFailure.refused(plan);
  if (plan.action === 'none') return succeededWith(plan.reason, plan.stays);
  if (plan.action !== 'change') return { outcome: 'succeeded', text: plan.action };
  const end = await apply(undoing, planned, plan);
  if (end) return end;
  try {
    await connected(undoing, () => converge(undoing, planned, plan));
  } catch (error) {
    if (!(error instanceof StepFailure) || tools.abort.aborted) return unprovenAfter(undoing, error);
    return { outcome: 'incomplete', text: error.message, details: error.details, remedy: error.remedy };
  }
  return succeededWith(plan.changes.length === 1 ? nameOf(plan.changes[0]) : summaryOf(plan.changes), plan.stays);
}

function succeededWith(what: string, stays: readonly string[] = []): UndoStepEnd {
  const which = stays.length === 1 ? 'stays, which was not there before' : 'stay, which were not there before';
  return { outcome: 'succeeded', stays, text: stays.length === 0 ? what : `${what}; ${stays.join(', ')} ${which}` };
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
  if (!step || 'problems' in completed) throw new Error(`an undo names ${call.step}, which cannot be called so`);
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

/** @returns how it ended if the connection was lost after everything was carried out; undefined if all stages have settled */
async function apply(
  undoing: Undoing,
  { step, params, world, context: planContext }: PlannedUndo,
  plan: ChangePlan,
): Promise<UndoStepEnd | undefined> {
  const stages = (step.stages ?? [undefined]).flatMap((stage) => partOf(plan, stage, world, planContext) ?? []);
  for (const planned of stages) {
    await carryOutStage(undoing, step, params, planned);
    try {
      await connected(undoing, async () => step.settle?.(contextOf(undoing), params, planned));
    } catch (error) {
      if (planned !== stages.at(-1) || step.settleChanges?.(planned) === true) throw error;
      return unprovenAfter(undoing, error);
    }
  }
  return undefined;
}

/** The connection was lost while the host was being armed: it is not known whether it is. */
class LossWhileArmed extends UnreachableError {}

/**
 * If this fails on an armed host, the host will try the same by itself, most likely in vain. So a host that was armed only for this stage is
 * disarmed. One that was armed before stays armed, and `kplay check` will tell what becomes of it, but the run does not promise that the
 * host restores itself.
 */
async function carryOutStage(undoing: Undoing, step: Step, params: JsonObject, planned: PlannedChanges): Promise<void> {
  const { host } = undoing;
  const wasArmed = host.isArmed;
  let mayBeArmed = false;
  const context = contextOf(undoing, () => {
    mayBeArmed = !host.isArmed;
  });
  try {
    await step.apply?.(context, params, planned);
  } catch (error) {
    if (mayBeArmed && isLossOf(host, error)) throw new LossWhileArmed(host.name, error.reason, error.message);
    const isArmedInVain = error instanceof StepFailure && host.isArmed;
    if (isArmedInVain && wasArmed) host.restoresInVain = true;
    else if (isArmedInVain) await context.whenLost(undefined).catch(() => undefined);
    throw error;
  }
}

/** How a step ends at a loss of the connection, or an interruption, when everything was carried out. An armed host restores itself once more. */
function unprovenAfter({ host, tools }: Undoing, error: unknown): UndoStepEnd {
  if (host.isArmed) throw error;
  if (tools.abort.aborted) return unproven(host, 'interrupted');
  if (!isLossOf(host, error)) throw error;
  host.lose();
  return unproven(host, error.message);
}

function unproven({ isLost, isUnreachable }: HostRun, text: string): UndoStepEnd {
  const when = isLost || isUnreachable ? 'as soon as it can be reached, ' : '';
  const proof = 'kplay check -i INVENTORY -l HOST shows whether it works with what is on disk again; then run again';
  return { outcome: 'unproven', text, remedy: `${when}${proof}` };
}

/** With the sessions of this moment: a host may have been connected again. @param onUnsure called when it was lost while it was being armed */
function contextOf({ host, become, input, tools }: Undoing, onUnsure: () => void = () => undefined): WriteContext {
  return stepContext({
    session: host.sessions.as(become),
    runId: input.runId,
    holder: tools.holder,
    order: input.order,
    signal: tools.abort,
    clock: tools.clock,
    wait: tools.wait,
    peer: () => undefined,
    onArming: (state) => {
      if (state === 'unsure') onUnsure();
      else if (state === 'armed') host.arm();
      else host.disarm();
    },
    onProgress: (message, elapsedMs, limitMs) => {
      if (limitMs !== undefined) tools.emit({ type: 'host-waiting', host: host.name, message, elapsedMs, limitMs });
    },
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
    await connectAgain(undoing, error);
  }
  return look();
}

/** @throws {UnreachableError} if the host cannot be connected again, or may not be worked on */
async function connectAgain(undoing: Undoing, { message }: UnreachableError): Promise<void> {
  const { host } = undoing;
  host.becomeUnreachable(message);
  const refusal = await connectedAgain(undoing);
  if (refusal) throw new UnreachableError(host.name, 'lost', `the connection was lost, and then ${refusal.reason}`);
}

const RECONNECT_MS = 30_000;
const PAUSE_MS = 3_000;
/** No outages: a host may lock out who is rejected again and again. Why a shell is not started may pass, as with a slow sudo. */
const FINAL: ReadonlySet<UnreachableCause> = new Set(['host-key', 'authentication']);

/** An outage of some seconds is no reason to leave a host half changed: it is tried again for a while. */
async function connectedAgain({ host, tools, reconnect }: Undoing): Promise<AdmissionRefusal | undefined> {
  const started = tools.clock().getTime();
  for (;;) {
    try {
      return await reconnect();
    } catch (error) {
      const elapsedMs = tools.clock().getTime() - started;
      if (!(error instanceof UnreachableError) || FINAL.has(error.reason)) throw error;
      if (tools.abort.aborted || elapsedMs >= RECONNECT_MS) throw error;
      const message = `not connected again yet: ${error.message}`;
      tools.emit({ type: 'host-waiting', host: host.name, message, elapsedMs, limitMs: RECONNECT_MS });
    }
    await tools.wait(PAUSE_MS, tools.abort);
  }
}
