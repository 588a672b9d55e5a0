import type { JsonObject } from '../../core/json.ts';
import type { ChangePlan, StepCall, StepPlan } from '../../core/plan.ts';
import { type Become, UnreachableError } from '../../core/session.ts';
import { type PlanContext, type Step, StepFailure } from '../../core/step.ts';
import { World } from '../../core/world.ts';
import type { HostState } from '../hosts/host-state.ts';
import { observeNeeds } from '../hosts/observe.ts';
import { nameOf, summaryOf } from '../plan/changes.ts';
import { observationTimes, type PlannerInput } from '../plan/plan-task.ts';
import { awaitConvergence, remainingChanges } from './convergence.ts';
import type { HostRun } from './host-run.ts';
import { partOf } from './stage-part.ts';
import { stepContext } from './step-context.ts';
import { asFailure, isMistake } from './task-failure.ts';
import type { RunTools } from './tools.ts';

/**
 * Undoes what was done to a host, as far as the play defines an undo. Uses ordinary steps, planned on the present state. Never
 * throws, so that the other hosts are restored as well.
 * @returns an exception that is not a failure of the host: a bug
 */
export async function undoHost(host: HostRun, input: PlannerInput, tools: RunTools, because: string): Promise<unknown> {
  const { emit, journal, clock } = tools;
  const { calls, ...undo } = host.pendingUndo;
  const done: string[] = [];
  const failures: { readonly step: string; readonly text: string }[] = [];
  let mistake: unknown;
  for (const [index, call] of calls.entries()) {
    const started = clock().getTime();
    emit({ type: 'undo-started', host: host.name, step: call.step, because });
    const attempted = await attempt({ host, ...undo, input, tools }, call);
    const { succeeded, text, remedy } = attempted;
    const elapsedMs = clock().getTime() - started;
    // Whoever reads this counts the host as restored only when nothing remains.
    const remaining = [...failures, ...calls.slice(index + 1)].map(({ step }) => step);
    const more = { ...(remaining.length > 0 && { remaining }), ...(remedy !== undefined && { remedy }) };
    emit({ type: 'undo-finished', host: host.name, succeeded, message: text, ...more, elapsedMs });
    await journal.write({ type: 'undo', host: host.name, ...call, remaining, succeeded, message: text });
    if (succeeded) {
      done.push(call.step);
      continue;
    }
    failures.push({ step: call.step, text });
    mistake = attempted.mistake;
    // What was restored has to be loaded, even if not everything is as before.
    if (!attempted.isCarriedOut) break;
  }
  if (failures.length === 0) {
    host.recordUndone();
    return undefined;
  }
  host.undoOutcome = 'failed';
  if (done.length > 0) {
    const failed = failures.map(({ step }) => step).join(', ');
    host.partialUndo = { done, failed, reason: failures.map(({ text }) => text).join('; ') };
  }
  return mistake;
}

/** What the steps of an undo have in common. */
interface Undoing {
  readonly host: HostRun;
  readonly become: Become;
  readonly before: World;
  readonly input: PlannerInput;
  readonly tools: RunTools;
}

interface Attempt {
  readonly succeeded: boolean;
  /** It has failed only in that something was still left to undo afterwards. */
  readonly isCarriedOut?: boolean;
  /** What it did, why there was nothing to do, or why it failed. */
  readonly text: string;
  readonly remedy?: string | undefined;
  readonly mistake?: unknown;
}

async function attempt(undoing: Undoing, call: StepCall): Promise<Attempt> {
  const { host, tools } = undoing;
  try {
    return await carryOut(undoing, call);
  } catch (error) {
    if (error instanceof UnreachableError && error.host === host.name) {
      host.lose();
      return { succeeded: false, text: error.message };
    }
    if (tools.abort.aborted) return { succeeded: false, text: 'interrupted' };
    const { message: text, remedy } = asFailure(error);
    return { succeeded: false, text, remedy, ...(isMistake(error) && { mistake: error }) };
  }
}

async function carryOut(undoing: Undoing, call: StepCall): Promise<Attempt> {
  const planned = await planOnPresentState(undoing, call);
  const { plan } = planned;
  if (plan.action === 'refuse')
    throw new StepFailure(plan.code, plan.reason, { details: plan.details, remedy: plan.remedy });
  if (plan.action !== 'change') return { succeeded: true, text: plan.action === 'none' ? plan.reason : plan.action };
  await apply(undoing, planned, plan);
  try {
    await converge(undoing, planned, plan);
  } catch (error) {
    if (!(error instanceof StepFailure) || undoing.tools.abort.aborted) throw error;
    return { succeeded: false, isCarriedOut: true, text: error.message, remedy: error.remedy };
  }
  return { succeeded: true, text: plan.changes.length === 1 ? nameOf(plan.changes[0]) : summaryOf(plan.changes) };
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
  if (step.converges === false) return;
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

async function apply(
  { host, become, input, tools }: Undoing,
  { step, params, world, context: planContext }: PlannedUndo,
  plan: ChangePlan,
): Promise<void> {
  const context = stepContext({
    session: host.sessions.as(become),
    runId: input.runId,
    holder: tools.holder,
    order: input.order,
    signal: tools.abort,
    clock: tools.clock,
    wait: tools.wait,
    peer: () => undefined,
    onWhenLost: () => undefined,
    onProgress: () => undefined,
  });
  for (const stage of step.stages ?? [undefined]) {
    const planned = partOf(plan, stage, world, planContext);
    if (!planned) continue;
    await step.apply?.(context, params, planned);
    await step.settle?.(context, params, planned);
  }
}
