import type { TaskOutcome } from '../core/event.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { UnreachableError } from '../core/session.ts';
import { type Outcome, StepFailure, type WriteContext } from '../core/step.ts';
import { World } from '../core/world.ts';
import { notAdmitted } from './admission.ts';
import { alters, changesOf } from './changes.ts';
import { awaitConvergence, leftToDo } from './convergence.ts';
import type { HostRun, Stop } from './host-run.ts';
import { forEachLimited } from './limited.ts';
import { lookAgain } from './look-again.ts';
import { visibleChanges, visibleText, visibleWarnings } from './no-log.ts';
import { lookFor } from './observe.ts';
import { peersOf } from './peers.ts';
import { askedAt, type HostTaskPlan, type PlannedCall, type PlannerInput, planTask, undoOf } from './planner.ts';
import type { CompiledTask } from './program/compiled.ts';
import { skippedResult } from './registered.ts';
import type { ExecutionTools } from './run/tools.ts';
import { callsLeft, type Running, reasonOf, saidBy } from './running.ts';
import { stepContext } from './step-context.ts';
import { asFailure, inEntry, isMistake } from './task-failure.ts';
import { verdictOf } from './task-result.ts';
import type { Verdict, Verdicts } from './walk/request.ts';

/** Outcomes of tasks that may have changed something. */
const CHANGING: readonly TaskOutcome[] = ['changed', 'ignored', 'failed', 'unreachable'];

const NOT_PLANNED: HostTaskPlan = {
  plan: { action: 'skip', reason: 'not planned' },
  calls: [],
  skipped: [],
  missing: [],
};

/** Carries out one task on the hosts of a batch: in stages that all of them pass together. */
export class TaskRunner {
  readonly #input: PlannerInput;
  readonly task: CompiledTask;
  readonly #all: ReadonlyMap<string, HostRun>;
  readonly #tools: ExecutionTools;
  readonly #verdicts = new Map<string, Verdict>();
  #mistake: unknown;

  /** `all` are the hosts of the play, those of other batches too: a step may need one of them. */
  constructor(input: PlannerInput, task: CompiledTask, all: ReadonlyMap<string, HostRun>, tools: ExecutionTools) {
    this.#input = input;
    this.task = task;
    this.#all = all;
    this.#tools = tools;
  }

  /** What has become of it on each host. A failure that is ignored is none. */
  get verdicts(): Verdicts {
    return this.#verdicts;
  }

  /** What was thrown that is no failure of a host: a bug. */
  get mistake(): unknown {
    return this.#mistake;
  }

  /** `plans` is what was shown: nothing beyond it is done, unless a task before could not be foreseen. */
  async run(hosts: readonly HostRun[], plans: ReadonlyMap<string, HostTaskPlan>): Promise<void> {
    const { emit, clock, forks } = this.#tools;
    emit({ type: 'task-started', task: this.task.ref, hosts: hosts.map(({ name }) => name) });
    const states = new Map(
      [...this.#all].filter(([, { stop }]) => stop === undefined).map(([name, { state }]) => [name, state]),
    );
    const running = hosts.map((host): Running => {
      const planned = plans.get(host.name) ?? NOT_PLANNED;
      const peers = peersOf(states, host.name);
      const started = clock().getTime();
      return { host, peers, started, planned, outcomes: new Map(), failures: new Map(), done: [], ended: false };
    });
    await forEachLimited(running, forks, (one) => this.#guarded(one, () => this.#prepare(one)));
    const changing = running.filter(({ ended, planned }) => !ended && planned.plan.action === 'change');
    for (const stage of this.task.step.stages ?? [undefined]) await this.#runStage(stage, changing);
    await forEachLimited(
      running.filter(({ ended }) => !ended),
      forks,
      (one) => this.#guarded(one, () => this.#finish(one)),
    );
  }

  /** Plans again with what is known now, and sees to it that no more is done than was shown. */
  async #prepare(one: Running): Promise<void> {
    const { host } = one;
    const shown = one.planned;
    if (host.isStale) await lookAgain(host, this.task, this.#plan(one).calls, one.peers, this.#tools);
    one.planned = await this.#planOnFacts(one);
    const { plan } = one.planned;
    if (plan.action === 'refuse' && plan.isFailure) throw new StepFailure(plan.reason, plan.details, plan.remedy);
    if (plan.action === 'refuse') {
      return this.#leave(one, 'refused', plan.reason, {
        ...(plan.details && { details: plan.details }),
        remedy: plan.remedy,
      });
    }
    if (plan.action === 'unknown') throw new StepFailure(`it still needs what '${plan.until}' was to tell`);
    const undo = undoOf(one.planned);
    if (undo && plan.action === 'none') host.setUndo(undo, this.task.become);
    if (plan.action === 'change') this.#admit(one, shown);
  }

  #plan({ host, peers }: Running, world: World = host.state.world): HostTaskPlan {
    return planTask(this.#input, this.task, { ...host.state, world }, peers);
  }

  /** What a task needs may depend on what one before it has told: then the host was never asked for it. */
  async #planOnFacts(one: Running): Promise<HostTaskPlan> {
    const { host } = one;
    const planned = this.#plan(one);
    if (planned.missing.length === 0) return planned;
    const { become } = this.task;
    const needs = (known: World) => this.#plan(one, known).missing.map((ref) => ({ ref, become }));
    host.state = await lookFor(host.sessions, host.state, needs, this.#tools, host.state.world);
    return this.#plan(one);
  }

  /** Sees to it that no more is done than was shown. */
  #admit(one: Running, shown: HostTaskPlan): void {
    const { host } = one;
    if (host.isOpaque || shown.plan.action === 'unknown' || shown.condition !== undefined) return;
    const refusal = notAdmitted(changesOf(one.planned.plan), changesOf(shown.plan), host.owed);
    if (refusal) this.#leave(one, 'refused', refusal.reason, refusal);
  }

  async #runStage(stage: string | undefined, changing: readonly Running[]): Promise<void> {
    const { emit, clock, forks } = this.#tools;
    const taking = changing.filter((one) => !one.ended && callsLeft(one, stage).length > 0);
    if (taking.length === 0) return;
    const started = clock().getTime();
    const hosts = taking.map(({ host }) => host.name);
    if (stage !== undefined) emit({ type: 'stage-started', task: this.task.ref, stage, hosts });
    await forEachLimited(taking, forks, (one) => this.#guarded(one, () => this.#applyStage(one, stage)));
    const settling = taking.filter(({ ended }) => !ended);
    await forEachLimited(settling, forks, (one) => this.#guarded(one, () => this.#settleStage(one, stage)));
    if (stage !== undefined) {
      emit({ type: 'stage-finished', task: this.task.ref, stage, elapsedMs: clock().getTime() - started });
    }
  }

  async #applyStage(one: Running, stage: string | undefined): Promise<void> {
    const { host } = one;
    const { journal } = this.#tools;
    const { step, ref } = this.task;
    const context = this.#context(one);
    for (const { call, planned } of callsLeft(one, stage)) {
      const entry = { host: host.name, task: ref.name, ...(stage !== undefined && { stage }) };
      const isLook = !planned.changes.some(alters);
      const changes = visibleChanges(this.task, planned.changes) as unknown as Json;
      await journal.write({ type: isLook ? 'look' : 'intent', ...entry, changes });
      host.begin(planned.changes);
      await this.#attempt(one, call, async () => {
        if (!step.apply) throw new Error(`${step.name} plans changes and has no apply`);
        const outcome = await step.apply(context, call.params, planned);
        one.done.push(...planned.changes);
        return outcome;
      });
      if (!isLook && !one.failures.has(call)) await journal.write({ type: 'done', ...entry });
    }
    await this.#finishFailed(one);
  }

  async #settleStage(one: Running, stage: string | undefined): Promise<void> {
    const { step } = this.task;
    if (!step.settle) return;
    const context = this.#context(one);
    for (const { call, planned } of callsLeft(one, stage)) {
      await this.#attempt(one, call, async () => step.settle?.(context, call.params, planned));
    }
    await this.#finishFailed(one);
  }

  /** A call that fails keeps no other entry of a loop from its turn; that the host is lost, or a bug, does. */
  async #attempt(one: Running, call: PlannedCall, work: () => Promise<Outcome | undefined>): Promise<void> {
    one.current = call;
    try {
      one.outcomes.set(call, { ...one.outcomes.get(call), ...(await work()) });
    } catch (error) {
      const isLost = error instanceof UnreachableError && error.host === one.host.name;
      if (isLost || isMistake(error) || this.#tools.abort.aborted) throw error;
      one.failures.set(call, asFailure(error));
    }
    delete one.current;
  }

  /** Where nothing is left to be done the others are not waited for. */
  async #finishFailed(one: Running): Promise<void> {
    const isOver = one.planned.calls.every((call) => call.plan.action !== 'change' || one.failures.has(call));
    if (isOver) await this.#finish(one);
  }

  async #finish(one: Running): Promise<void> {
    const { plan, skipped } = one.planned;
    if (plan.action === 'skip') {
      this.#register(one, skippedResult(plan.reason, this.task.loop && skipped));
      return this.#end(one, 'skipped', plan.reason);
    }
    await this.#check(one);
    await this.#converge(one);
    const { host } = one;
    const { outcomes, failures, planned } = one;
    const verdict = verdictOf({ input: this.#input, task: this.task, state: host.state, planned, outcomes, failures });
    this.#register(one, verdict.result);
    if (verdict.failure) return this.#judgedFailed(one, verdict.failure, verdict.result);
    if (failures.size > 0) host.leaveUndone(changesOf(plan), this.task.step.converges !== false);
    else host.complete();
    if (verdict.changed) host.addChanges(visibleChanges(this.task, one.done));
    if (verdict.changed && plan.action === 'change' && this.task.step.converges === false) host.becomeOpaque();
    const undo = undoOf(one.planned);
    if (undo) host.setUndo(undo, this.task.become);
    const told = this.#told(one);
    const said = saidBy(one);
    this.#end(one, verdict.changed ? 'changed' : 'ok', said.length > 0 ? 'shown' : reasonOf(one, told), {
      ...(told !== undefined && { told }),
      ...(said.length > 0 && { said }),
    });
  }

  /** Carries out what only looks: a wait, a proof. */
  async #check(one: Running): Promise<void> {
    const { step } = this.task;
    const context = this.#context(one);
    for (const call of one.planned.calls) {
      if (call.plan.action !== 'check') continue;
      await this.#attempt(one, call, async () => {
        if (!step.check) throw new Error(`${step.name} plans a check and has none`);
        return step.check(context, call.params);
      });
    }
  }

  /** What its steps say that it came to. What they warn of is said at once. */
  #told({ host, outcomes }: Running): string | undefined {
    const all = [...outcomes.values()];
    for (const { message, remedy } of all.flatMap(({ warnings }) => visibleWarnings(this.task, warnings))) {
      this.#tools.emit({ type: 'warning', hosts: [host.name], message, ...(remedy !== undefined && { remedy }) });
    }
    const summaries = all.flatMap(({ summary }) => summary ?? []);
    return summaries.length > 0 ? summaries.join('; ') : undefined;
  }

  /**
   * Takes the host for what the plan says that it is now; of what can be seen, looks again and plans again: anything that is left
   * to do means that the step did not do what it said, unless that goes away within the time that the step allows for it. After
   * a failure the host is as it is, and later tasks look.
   */
  async #converge(one: Running): Promise<void> {
    const { host, planned } = one;
    if (one.failures.size > 0) return;
    const before = host.state.world;
    if ('after' in planned.plan && planned.plan.after) host.state = { ...host.state, world: planned.plan.after };
    const { step } = this.task;
    const call = planned.calls.find(({ plan }) => plan.action === 'change');
    if (!call || planned.plan.action !== 'change' || step.converges === false) return;
    await this.#attempt(one, call, async () => {
      await awaitConvergence(step.convergesWithinMs, this.#tools, async () => {
        const kept = step.foreseesAll ? host.state.world.sharedWith(before) : World.empty;
        await lookAgain(host, this.task, planned.calls, one.peers, this.#tools, kept);
        return leftToDo(step, planned.calls, host.state.world, askedAt(this.#input, host.state));
      });
      return undefined;
    });
  }

  #register({ host }: Running, result: Json): void {
    const { register } = this.task;
    if (register === undefined) return;
    host.state = { ...host.state, registered: new Map([...host.state.registered, [register, result]]) };
  }

  #context(one: Running): WriteContext {
    const { emit, clock, wait, abort, holder } = this.#tools;
    const { become } = this.task;
    return stepContext({
      session: one.host.sessions.as(become),
      runId: this.#input.runId,
      holder,
      order: this.#input.order,
      signal: abort,
      clock,
      wait,
      peer: (name) => {
        const other = this.#all.get(name);
        return other && other.stop === undefined ? other.sessions.as(become) : undefined;
      },
      onWhenLost: (isSet) => {
        one.host.isHalfMade = isSet;
      },
      onProgress: (message, elapsedMs, limitMs) =>
        emit({
          type: 'task-progress',
          task: this.task.ref,
          host: one.host.name,
          message: visibleText(this.task, message),
          elapsedMs,
          ...(limitMs !== undefined && { limitMs }),
        }),
    });
  }

  async #guarded(one: Running, work: () => Promise<void>): Promise<void> {
    if (one.ended) return;
    try {
      this.#tools.abort.throwIfAborted();
      await work();
    } catch (error) {
      await this.#fail(one, error);
    }
  }

  async #fail(one: Running, error: unknown): Promise<void> {
    const { host } = one;
    if (error instanceof UnreachableError && error.host === host.name) {
      host.isLost = true;
      host.addChanges(visibleChanges(this.task, one.done));
      const more = error.remedy === undefined ? {} : { remedy: error.remedy };
      return this.#leave(one, 'unreachable', error.message, more);
    }
    if (this.#tools.abort.aborted) {
      host.addChanges(visibleChanges(this.task, one.done));
      return this.#leave(one, 'cancelled', 'interrupted');
    }
    const failure = inEntry(asFailure(error), one.current);
    if (isMistake(error)) {
      this.#mistake ??= error;
    }
    const result = { changed: one.done.length > 0, failed: true, skipped: false, msg: failure.message };
    this.#register(one, result);
    if (isMistake(error)) return this.#failed(one, failure, result);
    await this.#judgedFailed(one, failure, result);
  }

  async #judgedFailed(one: Running, failure: StepFailure, result: JsonObject): Promise<void> {
    const { host } = one;
    if (!this.task.ignoreErrors) return this.#failed(one, failure, result);
    host.addChanges(visibleChanges(this.task, one.done));
    host.leaveUndone(changesOf(one.planned.plan), this.task.step.converges !== false);
    host.countIgnored(result['changed'] === true);
    this.#tell(one, 'ignored', failure.message, { details: failure.details });
  }

  async #failed(one: Running, failure: StepFailure, result: JsonObject): Promise<void> {
    const { host } = one;
    host.addChanges(visibleChanges(this.task, one.done));
    const reason = visibleText(this.task, failure.message);
    await this.#tools.journal.write({ type: 'failed', host: host.name, task: this.task.ref.name, reason });
    host.leaveUndone(changesOf(one.planned.plan), this.task.step.converges !== false);
    host.fail({ task: this.task.ref, message: failure.message, result });
    this.#tell(one, 'failed', failure.message, {
      details: failure.details,
      ...(failure.remedy !== undefined && { remedy: failure.remedy }),
    });
  }

  /** It ends with this task. */
  #leave(one: Running, why: Stop['why'], reason: string, more: EndDetails = {}): void {
    one.host.leave(why, this.task.ref.name);
    this.#tell(one, why, reason, more);
  }

  #end(one: Running, outcome: TaskOutcome, reason: string, more: EndDetails = {}): void {
    one.host.count(outcome);
    this.#tell(one, outcome, reason, more);
  }

  #tell(one: Running, outcome: TaskOutcome, reason: string, more: EndDetails): void {
    one.ended = true;
    this.#verdicts.set(one.host.name, outcome === 'ignored' ? 'ok' : outcome);
    this.#tools.emit({
      type: 'task-finished',
      task: this.task.ref,
      host: one.host.name,
      outcome,
      // That it was lost or cut short holds nothing of the task.
      reason: outcome === 'unreachable' || outcome === 'cancelled' ? reason : visibleText(this.task, reason),
      changes: CHANGING.includes(outcome) ? visibleChanges(this.task, one.done) : [],
      ...(this.task.noLog ? {} : more),
      elapsedMs: this.#tools.clock().getTime() - one.started,
    });
  }
}

interface EndDetails {
  readonly told?: string;
  readonly said?: readonly string[];
  readonly details?: readonly (readonly [string, string])[];
  readonly remedy?: string;
}
