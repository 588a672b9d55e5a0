import type { Json } from '../../core/json.ts';
import { StepFailure, type WriteContext } from '../../core/step.ts';
import { World } from '../../core/world.ts';
import { alters, changesOf, worldAfter } from '../plan/changes.ts';
import { type HostTaskPlan, skippedEntries, undoOf } from '../plan/host-task-plan.ts';
import { entriesUpTo } from '../plan/loop-end.ts';
import { observationTimes, type PlannerInput, planTask } from '../plan/plan-task.ts';
import { withFacts } from '../plan/state-after.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { skippedResult } from '../program/registered.ts';
import type { TaskCall } from '../program/task-input.ts';
import type { Verdict } from '../walk/request.ts';
import type { ActingHosts } from './acting-hosts.ts';
import { type AdmissionRefusal, checkAdmission } from './admission.ts';
import { Attempts } from './attempts.ts';
import { awaitConvergence, remainingWork } from './convergence.ts';
import { effectOf } from './effect.ts';
import type { HostRun } from './host-run.ts';
import { isOutdated, observeAgain, planOnFacts } from './observe-again.ts';
import { TaskCalls } from './task-calls.ts';
import { TaskEnding } from './task-ending.ts';
import { asFailure, failedResult, inEntry, isIgnoredLoss, isLossOf, isMistake } from './task-failure.ts';
import { messagesOf, reasonOf, summaryIn, TaskReport } from './task-report.ts';
import { isUntilMet, judgeTask, loopEndAt, type TaskRecord, unreachableTaskResult } from './task-result.ts';
import type { ExecutionTools } from './tools.ts';

/** A task of one host, with everything needed to carry it out. */
export interface HostTaskRequest {
  readonly input: PlannerInput;
  readonly task: CompiledTask;
  readonly host: HostRun;
  /** The plan that was shown: nothing beyond it is done, unless an earlier task had an unpredictable effect. */
  readonly shown: HostTaskPlan;
  /** The play's other hosts, as known when the task began. */
  readonly peers: ReadonlyMap<string, World>;
  /** The hosts that the task is delegated to. */
  readonly acting: ActingHosts;
  /** Connects the host again. @throws {UnreachableError} @returns why it may not be worked on; undefined if it may */
  readonly reconnect: () => Promise<AdmissionRefusal | undefined>;
  readonly tools: ExecutionTools;
  /** Makes the context of the step for one call. */
  readonly contextFor: (report: TaskReport, call: TaskCall) => WriteContext;
}

/**
 * One task on one host, from its plan to its record. `prepare` plans it again on the present state and refuses more than was
 * shown; `apply` and `settle` carry out one stage each; `finish` checks that nothing is left to do, judges the result and
 * reports it. None of these throws, and each does nothing once the task has ended.
 */
export class HostTask {
  readonly host: HostRun;
  planned: HostTaskPlan;
  readonly #request: HostTaskRequest;
  readonly #attempts: Attempts;
  readonly #report: TaskReport;
  readonly #ending: TaskEnding;
  readonly #calls: TaskCalls;
  #mistake: unknown;

  constructor(request: HostTaskRequest) {
    const { host, shown, task, tools } = request;
    this.host = host;
    this.planned = shown;
    this.#request = request;
    this.#report = new TaskReport(task, host.name, tools);
    this.#ending = new TaskEnding(task, host, this.#report, tools);
    this.#attempts = new Attempts(host, tools, task.until, {
      isUntilMet: (call, { conditions }) => isUntilMet(this.#record(), call, conditions),
      report: (message) => this.#report.progress(message),
    });
    this.#calls = new TaskCalls({
      task,
      host,
      attempts: this.#attempts,
      ending: this.#ending,
      tools,
      loopEndAt: (call) => loopEndAt(this.#record(), call),
      contextFor: (call) => request.contextFor(this.#report, call),
    });
  }

  get isOver(): boolean {
    return this.#ending.isOver;
  }

  /** The verdict for the walk; `ok` for an ignored failure. */
  get verdict(): Verdict {
    return this.#ending.verdict;
  }

  /** An exception that no host is to blame for: a bug. */
  get mistake(): unknown {
    return this.#mistake;
  }

  /** Whether it has something to do in this stage. */
  takesPartIn(stage: string | undefined): boolean {
    return !this.isOver && this.planned.plan.action === 'change' && this.#calls.pending(this.planned, stage).length > 0;
  }

  prepare(): Promise<void> {
    return this.#guarded(() => this.#prepare());
  }

  apply(stage: string | undefined): Promise<void> {
    return this.#guarded(async () => {
      await this.#calls.apply(this.planned, stage);
      this.planned = entriesUpTo(this.#calls.end, this.planned);
      await this.#finishIfAllEnded();
    });
  }

  settle(stage: string | undefined): Promise<void> {
    return this.#guarded(async () => {
      await this.#calls.settle(this.planned, stage);
      await this.#finishIfAllEnded();
    });
  }

  finish(): Promise<void> {
    return this.#guarded(() => this.#finish());
  }

  async #prepare(): Promise<void> {
    const { host, task, shown, peers, acting, tools } = this.#request;
    if (host.isUnreachable && (await this.#reconnect())) return;
    if (isOutdated(host, task.step, acting))
      await observeAgain(host, { task, calls: this.#plan().calls }, peers, tools);
    await acting.observe(task, this.#plan().calls, peers, tools);
    this.planned = await planOnFacts(host, task, (world) => this.#plan(world), peers, tools);
    const { plan, unreachable } = this.planned;
    if (unreachable !== undefined) return this.#ignoreUnreachable(unreachable);
    if (plan.action === 'refuse' && plan.isFailure) throw StepFailure.refused(plan);
    if (plan.action === 'refuse') {
      return this.#ending.leave('refused', plan.reason, {
        ...(plan.details && { details: plan.details }),
        remedy: plan.remedy,
        code: plan.code,
      });
    }
    if (plan.action === 'unknown')
      throw new StepFailure('still-unknown', `it still needs the result of '${plan.until}'`);
    const undo = undoOf(this.planned);
    if (undo && plan.action === 'none') host.setUndo(undo, task.become);
    if (plan.action === 'change') this.#admit(shown);
  }

  /** Connects an unreachable host again if the task needs it. @returns whether that has ended the task */
  async #reconnect(): Promise<boolean> {
    const planned = this.#plan();
    if (planned.unreachable !== this.host.state.unreachable) return false;
    this.planned = planned;
    const refusal = await this.#request.reconnect();
    if (refusal) this.#ending.leave('refused', refusal.reason, refusal);
    return refusal !== undefined;
  }

  /** Ends the task because the host that carries it out is unreachable. The run goes on for this host. */
  #ignoreUnreachable(reason: string): void {
    this.#register(unreachableTaskResult(this.#record(), reason));
    this.#ending.ignoredUnreachable(reason, changesOf(this.planned.plan));
  }

  #plan(world: World = this.host.state.world): HostTaskPlan {
    const { input, task, host, peers } = this.#request;
    return planTask(input, task, { ...host.state, world }, peers);
  }

  /** Refuses the host if more would be done to it than was shown, unless the shown plan is no longer binding. */
  #admit(shown: HostTaskPlan): void {
    if (shown.plan.action === 'unknown' || (this.host.isOpaque && shown.inPlaceOf === undefined)) return;
    if (shown.condition !== undefined && !shown.isCaught) return;
    const refusal = checkAdmission(changesOf(this.planned.plan), shown, this.host);
    if (refusal) this.#ending.leave('refused', refusal.reason, refusal);
  }

  /** Ends the task early if none of its calls can go on: such a host need not wait for the others of its batch. */
  async #finishIfAllEnded(): Promise<void> {
    if (this.#calls.haveAllEnded(this.planned)) await this.#finish();
  }

  async #finish(): Promise<void> {
    const { host, task, acting } = this.#request;
    const { plan } = this.planned;
    if (plan.action === 'skip') {
      this.#register(skippedResult(plan.reason, skippedEntries(task, this.planned), plan.result));
      return this.#ending.end('skipped', plan.reason);
    }
    await this.#calls.check(this.planned);
    this.planned = entriesUpTo(this.#calls.end, this.planned);
    await this.#converge();
    if (this.#isCommand) acting.noteCommands(this.planned.calls, host.name);
    const { result, changed, failure, failedCalls } = judgeTask(this.#record());
    if (failure && isIgnoredLoss(task, failure)) return this.#ignoreUnreachable(failure.message);
    this.#register(result);
    this.#report.warnings(this.#attempts.outcomes.values());
    if (failure) {
      if (this.#isCommand && changesOf(plan).some(alters)) acting.noteUnpredicted(this.planned.calls);
      return this.#ending.failedOrIgnored(failure, result, plan, failedCalls);
    }
    return this.#succeed(changed);
  }

  /** It has run a command of the user. */
  get #isCommand(): boolean {
    return this.planned.plan.action === 'change' && effectOf(this.#request.task) === 'opaque';
  }

  #succeed(changed: boolean): void {
    const { host, task, acting } = this.#request;
    const { outcomes, failures } = this.#attempts;
    // What failed_when calls no failure may have stopped in the middle.
    if (failures.size > 0) host.leavePartlyChanged(changesOf(this.planned.plan), effectOf(task));
    else host.changes.complete();
    // What a command has done nobody knows but its playbook.
    if (changed || effectOf(task) === 'predicted') this.#ending.keepChanges();
    if (this.#isCommand && changed) acting.noteUnpredicted(this.planned.calls, host.name);
    const undo = undoOf(this.planned);
    if (undo) host.setUndo(undo, task.become);
    const summary = summaryIn(outcomes.values());
    const messages = messagesOf(this.planned);
    this.#ending.end(
      changed ? 'changed' : 'ok',
      messages.length > 0 ? 'shown' : reasonOf(this.planned, this.#ending.done, failures, summary, changed),
      {
        ...(summary !== undefined && { told: summary }),
        ...(messages.length > 0 && { said: messages }),
      },
    );
  }

  /**
   * Proves that the step did what its plan says: reads the facts and plans again; nothing may be left to do within the time
   * that the step allows (`convergesWithinMs`). Facts that the step predicts to stay the same are not read again. Skipped after
   * a failure: later tasks observe for themselves then.
   */
  async #converge(): Promise<void> {
    const { input, host, task, peers, tools } = this.#request;
    const { planned } = this;
    if (this.#attempts.failures.size > 0) return;
    const before = host.state.world;
    host.state = { ...host.state, world: worldAfter(planned.plan) ?? before };
    const { step } = task;
    const call = planned.calls.find(({ plan }) => plan.action === 'change');
    if (!call || planned.plan.action !== 'change' || step.runsCommand) return;
    await this.#attempts.once(call, async () => {
      await awaitConvergence(step.convergesWithinMs, tools, async () => {
        const kept = step.predictsAllFacts ? host.state.world.sharedWith(before) : World.empty;
        await observeAgain(host, { task, calls: planned.calls }, peers, tools, kept);
        return remainingWork(step, planned.calls, host.state.world, observationTimes(input, host.state));
      });
      return undefined;
    });
  }

  #register(result: Json): void {
    const { host, task } = this.#request;
    host.state = { ...host.state, registered: withFacts(host.state.registered, this.planned) };
    if (task.register === undefined) return;
    host.state = { ...host.state, registered: new Map([...host.state.registered, [task.register, result]]) };
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    if (this.isOver) return;
    try {
      this.#request.tools.abort.throwIfAborted();
      await work();
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #fail(error: unknown): Promise<void> {
    const { host, task, tools } = this.#request;
    if (isLossOf(host, error)) {
      // A host that restores itself will not match its plan: it is left alone.
      if (task.ignoreUnreachable && !host.isArmed) {
        host.becomeUnreachable(error.message);
        return this.#ignoreUnreachable(error.message);
      }
      host.lose();
      return this.#ending.cutShort('unreachable', error.message, error.remedy);
    }
    if (tools.abort.aborted) return this.#ending.cutShort('cancelled', 'interrupted');
    const failure = inEntry(asFailure(error), this.#attempts.current);
    if (isIgnoredLoss(task, failure)) return this.#ignoreUnreachable(failure.message);
    if (isMistake(error)) this.#mistake ??= error;
    const result = failedResult(this.#record(), failure, this.#ending.done.length > 0);
    this.#register(result);
    if (isMistake(error)) return this.#ending.failed(failure, result, changesOf(this.planned.plan));
    await this.#ending.failedOrIgnored(failure, result, this.planned.plan, this.planned.calls);
  }

  #record(): TaskRecord {
    const { outcomes, failures } = this.#attempts;
    const { input, task, host } = this.#request;
    return { input, task, state: host.state, planned: this.planned, outcomes, failures };
  }
}
