import type { Json } from '../../core/json.ts';
import { UnreachableError } from '../../core/session.ts';
import { StepFailure, type WriteContext } from '../../core/step.ts';
import { World } from '../../core/world.ts';
import { changesOf } from '../plan/changes.ts';
import { entriesUpTo } from '../plan/loop-end.ts';
import { askedAt, type HostTaskPlan, type PlannerInput, planTask, undoOf } from '../plan/plan-task.ts';
import { withFacts } from '../plan/state-after.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { skippedResult } from '../program/registered.ts';
import type { TaskCall } from '../program/task-input.ts';
import type { Verdict } from '../walk/request.ts';
import type { Acting } from './acting.ts';
import { type NotAdmitted, notAdmitted } from './admission.ts';
import { Attempts } from './attempts.ts';
import { awaitConvergence, leftToDo } from './convergence.ts';
import { effectOf } from './effect.ts';
import type { HostRun } from './host-run.ts';
import { lookAgain, planOnFacts } from './look-again.ts';
import { TaskCalls } from './task-calls.ts';
import { TaskEnding } from './task-ending.ts';
import { asFailure, inEntry, isIgnoredLoss, isMistake } from './task-failure.ts';
import { messagesOf, reasonOf, TaskReport } from './task-report.ts';
import { awayResult, isLoopOver, isReached, type Judged, judgeTask } from './task-result.ts';
import type { ExecutionTools } from './tools.ts';

/** One task of one host, and what it needs to be carried out. */
export interface HostTaskRequest {
  readonly input: PlannerInput;
  readonly task: CompiledTask;
  readonly host: HostRun;
  /** The plan that was shown: nothing beyond it is done, unless an earlier task did something that could not be foreseen. */
  readonly shown: HostTaskPlan;
  /** The play's other hosts, as they were known when the task began. */
  readonly peers: ReadonlyMap<string, World>;
  /** Access to the hosts to which the task is delegated. */
  readonly acting: Acting;
  /** Connects the host again. @throws {UnreachableError} @returns why it may not be worked on, where it may not */
  readonly comeBack: (host: HostRun) => Promise<NotAdmitted | undefined>;
  readonly tools: ExecutionTools;
  /** Makes the context that the step is handed for one call. */
  readonly contextFor: (host: HostRun, report: TaskReport, call: TaskCall) => WriteContext;
}

/**
 * One task on one host, from its plan to its record. `prepare` plans it again on what is known now and refuses more than was shown;
 * `apply` and `settle` carry out one stage each; `finish` checks that nothing is left to do, judges the result and reports it.
 * None of these throws, and each does nothing once the task has ended.
 */
export class HostTask {
  readonly host: HostRun;
  planned: HostTaskPlan;
  readonly #input: PlannerInput;
  readonly #task: CompiledTask;
  readonly #peers: ReadonlyMap<string, World>;
  readonly #acting: Acting;
  readonly #comeBack: HostTaskRequest['comeBack'];
  readonly #tools: ExecutionTools;
  readonly #attempts: Attempts;
  readonly #report: TaskReport;
  readonly #ending: TaskEnding;
  readonly #calls: TaskCalls;
  #mistake: unknown;

  constructor(request: HostTaskRequest) {
    const { host, shown, input, task, peers, acting, comeBack, tools } = request;
    this.host = host;
    this.planned = shown;
    this.#input = input;
    this.#task = task;
    this.#peers = peers;
    this.#acting = acting;
    this.#comeBack = comeBack;
    this.#tools = tools;
    this.#report = new TaskReport(task, host.name, tools);
    this.#ending = new TaskEnding(task, host, this.#report, tools);
    this.#attempts = new Attempts(host.name, tools, task.until, {
      isReached: (call, { conditions }) => isReached(this.#judged(), call, conditions),
      report: (message) => this.#report.progress(message),
    });
    this.#calls = new TaskCalls({
      task,
      host,
      attempts: this.#attempts,
      ending: this.#ending,
      tools,
      endsLoop: (call) => isLoopOver(this.#judged(), call),
      contextFor: (call) => request.contextFor(host, this.#report, call),
    });
  }

  get isOver(): boolean {
    return this.#ending.isOver;
  }

  /** What the walk is told; `ok` for a failure that is ignored. */
  get verdict(): Verdict {
    return this.#ending.verdict;
  }

  /** What was thrown that no host can be blamed for: a bug. */
  get mistake(): unknown {
    return this.#mistake;
  }

  /** Whether it has something to do in this stage. */
  takesPartIn(stage: string | undefined): boolean {
    return !this.isOver && this.planned.plan.action === 'change' && this.#calls.left(this.planned, stage).length > 0;
  }

  prepare(): Promise<void> {
    return this.#guarded(() => this.#prepare());
  }

  apply(stage: string | undefined): Promise<void> {
    return this.#guarded(async () => {
      await this.#calls.apply(this.planned, stage);
      this.planned = entriesUpTo(this.#calls.end, this.planned);
      await this.#finishFailed();
    });
  }

  settle(stage: string | undefined): Promise<void> {
    return this.#guarded(async () => {
      await this.#calls.settle(this.planned, stage);
      await this.#finishFailed();
    });
  }

  finish(): Promise<void> {
    return this.#guarded(() => this.#finish());
  }

  async #prepare(): Promise<void> {
    const { host } = this;
    const shown = this.planned;
    if (host.isAway && (await this.#reconnect())) return;
    if (host.isStale || (this.#task.step.looksAfresh && this.#acting.hasChanged))
      await lookAgain(host, { task: this.#task, calls: this.#plan().calls }, this.#peers, this.#tools);
    await this.#acting.look(this.#task, this.#plan().calls, this.#peers, this.#tools);
    this.planned = await planOnFacts(this.host, this.#task, (world) => this.#plan(world), this.#tools);
    const { plan, away } = this.planned;
    if (away !== undefined) return this.#ignoreAway(away);
    if (plan.action === 'refuse' && plan.isFailure)
      throw new StepFailure(plan.code, plan.reason, plan.details, plan.remedy);
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
    if (undo && plan.action === 'none') host.setUndo(undo, this.#task.become);
    if (plan.action === 'change') this.#admit(shown);
  }

  /** Connects a host that is away, if the task needs it. @returns whether that has ended the task */
  async #reconnect(): Promise<boolean> {
    const planned = this.#plan();
    if (planned.away !== this.host.state.away) return false;
    this.planned = planned;
    const refusal = await this.#comeBack(this.host);
    if (refusal) this.#ending.leave('refused', refusal.reason, refusal);
    return refusal !== undefined;
  }

  /** Ends the task: who has to do it cannot be reached. The host goes on. */
  #ignoreAway(why: string): void {
    this.#register(awayResult(this.#judged(), why));
    this.#ending.ignoredAway(why, changesOf(this.planned.plan));
  }

  #plan(world: World = this.host.state.world): HostTaskPlan {
    return planTask(this.#input, this.#task, { ...this.host.state, world }, this.#peers);
  }

  /** Refuses the host when more would be done to it than was shown, unless the plan that was shown does not bind any more. */
  #admit(shown: HostTaskPlan): void {
    if (this.host.isOpaque || shown.plan.action === 'unknown' || shown.condition !== undefined) return;
    const refusal = notAdmitted(changesOf(this.planned.plan), changesOf(shown.plan), this.host.owed);
    if (refusal) this.#ending.leave('refused', refusal.reason, refusal);
  }

  /** Ends the task early when none of its calls can go on: such a host need not wait for the others of its batch. */
  async #finishFailed(): Promise<void> {
    if (this.#calls.areOver(this.planned)) await this.#finish();
  }

  async #finish(): Promise<void> {
    const { plan, skipped } = this.planned;
    if (plan.action === 'skip') {
      this.#register(skippedResult(plan.reason, this.#task.loop && skipped, plan.result));
      return this.#ending.end('skipped', plan.reason);
    }
    await this.#calls.check(this.planned);
    this.planned = entriesUpTo(this.#calls.end, this.planned);
    await this.#converge();
    const { host } = this;
    const { failures } = this.#attempts;
    const { result, changed, failure } = judgeTask(this.#judged());
    if (failure && isIgnoredLoss(this.#task, failure)) return this.#ignoreAway(failure.message);
    this.#register(result);
    if (failure) return this.#ending.failedOrIgnored(failure, result, changesOf(plan));
    if (failures.size > 0) host.leavePartlyChanged(changesOf(plan), effectOf(this.#task));
    else host.complete();
    if (changed) this.#ending.keepChanges();
    if (changed && plan.action === 'change' && effectOf(this.#task) === 'opaque') this.#forget();
    const undo = undoOf(this.planned);
    if (undo) host.setUndo(undo, this.#task.become);
    const told = this.#report.outcomes(this.#attempts.outcomes.values());
    const said = messagesOf(this.planned);
    this.#ending.end(
      changed ? 'changed' : 'ok',
      said.length > 0 ? 'shown' : reasonOf(this.planned, this.#ending.done, failures, told, changed),
      {
        ...(told !== undefined && { told }),
        ...(said.length > 0 && { said }),
      },
    );
  }

  /** What a command of the user's did is unknown, so nothing that is known of the hosts it ran on holds any more. */
  #forget(): void {
    for (const { actor } of this.planned.calls) {
      if (actor === undefined) this.host.becomeOpaque();
      else this.#acting.touched(actor);
    }
  }

  /**
   * Proves that the step did what its plan says: reads the facts again and plans again, and nothing may be left to do within
   * the time that the step allows (`convergesWithinMs`). Facts that the step foresees to stay as they are, are not read again.
   * Skipped after a failure: then later tasks look for themselves.
   */
  async #converge(): Promise<void> {
    const { host, planned } = this;
    if (this.#attempts.failures.size > 0) return;
    const before = host.state.world;
    if ('after' in planned.plan && planned.plan.after) host.state = { ...host.state, world: planned.plan.after };
    const { step } = this.#task;
    const call = planned.calls.find(({ plan }) => plan.action === 'change');
    if (!call || planned.plan.action !== 'change' || step.converges === false) return;
    await this.#attempts.once(call, async () => {
      await awaitConvergence(step.convergesWithinMs, this.#tools, async () => {
        const kept = step.foreseesAll ? host.state.world.sharedWith(before) : World.empty;
        await lookAgain(host, { task: this.#task, calls: planned.calls }, this.#peers, this.#tools, kept);
        return leftToDo(step, planned.calls, host.state.world, askedAt(this.#input, host.state));
      });
      return undefined;
    });
  }

  #register(result: Json): void {
    const { register } = this.#task;
    const { host } = this;
    host.state = { ...host.state, registered: withFacts(host.state.registered, this.planned) };
    if (register === undefined) return;
    host.state = { ...host.state, registered: new Map([...host.state.registered, [register, result]]) };
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    if (this.isOver) return;
    try {
      this.#tools.abort.throwIfAborted();
      await work();
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #fail(error: unknown): Promise<void> {
    const { host } = this;
    if (error instanceof UnreachableError && error.host === host.name) {
      // One that puts itself back is not as its plan says: it is left alone.
      if (this.#task.ignoreUnreachable && !host.isArmed) {
        host.goAway(error.message);
        return this.#ignoreAway(error.message);
      }
      host.lose();
      return this.#ending.cutShort('unreachable', error.message, error.remedy);
    }
    if (this.#tools.abort.aborted) return this.#ending.cutShort('cancelled', 'interrupted');
    const failure = inEntry(asFailure(error), this.#attempts.current);
    if (isIgnoredLoss(this.#task, failure)) return this.#ignoreAway(failure.message);
    if (isMistake(error)) this.#mistake ??= error;
    const result = { changed: this.#ending.done.length > 0, failed: true, msg: failure.message };
    this.#register(result);
    const left = changesOf(this.planned.plan);
    if (isMistake(error)) return this.#ending.failed(failure, result, left);
    await this.#ending.failedOrIgnored(failure, result, left);
  }

  #judged(): Judged {
    const { outcomes, failures } = this.#attempts;
    return { input: this.#input, task: this.#task, state: this.host.state, planned: this.planned, outcomes, failures };
  }
}
