import { STOP_TEXTS } from '../../core/host-state.ts';
import { forEachLimited } from '../../core/limited.ts';
import { UnknownValueError } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import { planInRun } from '../plan/host-task-plan.ts';
import { placeOf } from '../plan/place-of.ts';
import { wrongInput } from '../plan/plan-task.ts';
import type { Conditional } from '../program/compiled.ts';
import { holds } from '../program/conditions.ts';
import { firstProblem, inclusionsOf } from '../program/inclusions.ts';
import type { HostPlace, Registered } from '../program/place.ts';
import { tasksOf } from '../program/play-tasks.ts';
import { namesToShare, withShared } from '../program/shared-result.ts';
import { Participants } from '../walk/participants.ts';
import type { TaskRequest, Verdict, Verdicts, Walk, WalkEnd, WalkRequest } from '../walk/request.ts';
import type { PlayExecution } from './execution.ts';
import { checkGate } from './gate.ts';
import type { HostRun, StopPoint } from './host-run.ts';
import { checkOrder, hasOldObservations } from './order-check.ts';
import { runTask } from './run-task.ts';
import { ShownPlans } from './shown-plans.ts';
import { isWanted, skipDeclined } from './step-by-step.ts';
import { failOutside, type Outside } from './task-failure.ts';
import { TaskTurns } from './task-turns.ts';
import { cancel, interrupt, restoreBetween, undoFailed } from './undo-failed.ts';
import { hostsToWrite, mayAct, mayWrite } from './work.ts';

const NONE: Verdicts = new Map();

/** Answers the walk by carrying out its requests. */
export class RunDriver {
  readonly #execution: PlayExecution;
  readonly #waiting: Map<string, HostRun>;
  #batch: readonly HostRun[] = [];
  readonly #participants = new Participants();
  /** A bug has occurred. */
  #isOver = false;
  /** More hosts of a batch were left in the middle of a change than may fail. */
  #isIntolerable = false;
  readonly #turns: TaskTurns;
  readonly #shown: ShownPlans;
  /** What was started last: where hosts that are cancelled stop. */
  #position: StopPoint = 'the first task';

  constructor(execution: PlayExecution) {
    const { input } = execution;
    const delegates = { find: (name: string) => execution.hosts.get(name)?.state ?? execution.delegates.find(name) };
    this.#execution = { ...execution, input: { ...input, delegates, playHosts: this.#playHosts(execution) } };
    this.#waiting = new Map(execution.hosts);
    this.#shown = new ShownPlans(execution.plans, input.play);
    this.#turns = new TaskTurns(this.#execution.input, execution.tools.forks);
  }

  /** The hosts at the task in progress. */
  #playHosts({ hosts, input, order }: PlayExecution): PlayExecution['input']['playHosts'] {
    const participating = (names: Iterable<string>) =>
      this.#participants.among(names).filter((name) => hosts.get(name)?.takesPart);
    return {
      get live() {
        return participating(hosts.keys());
      },
      // By the order: without work, all batches go at once.
      batchOf: (host) => participating(order.batches.find((batch) => batch.includes(host)) ?? []),
      registered: (name) => hosts.get(name)?.state.registered ?? input.playHosts.registered(name),
    };
  }

  /** What was started last. */
  get position(): StopPoint {
    return this.#position;
  }

  /** Hosts on which nothing was started yet. */
  get waiting(): Iterable<HostRun> {
    return this.#waiting.values();
  }

  /** The play has ended itself, so the waiting hosts have nothing to do. */
  clearWaiting(): void {
    this.#waiting.clear();
  }

  /** Takes a walk to its end. */
  async drive(walk: Walk<WalkEnd>): Promise<WalkEnd> {
    let step = walk.next();
    while (step.done !== true) {
      const verdicts = await this.#answer(step.value);
      this.#participants.note(step.value, verdicts);
      step = walk.next(verdicts);
    }
    return step.value;
  }

  async #answer(request: WalkRequest): Promise<Verdicts> {
    switch (request.kind) {
      case 'batch':
        return this.#beginBatch(request);
      case 'apart':
        await forEachLimited(request.walks, request.walks.length, async (walk) => void (await this.drive(walk)));
        return NONE;
      case 'task':
        return this.#task(request);
      case 'when':
        return this.#judgeCondition(request.node, this.#hosts(request.hosts));
      case 'each':
        return this.#include(request);
      case 'caught':
        for (const host of this.#hosts(request.hosts)) host.catchFailure();
        return NONE;
      case 'rescue':
        if (this.#mustStop) await interrupt(this.#execution, this.#hosts(request.hosts), this.#position);
        else this.#rescue(request);
        return NONE;
      case 'clear':
        this.#execution.clearErrors(request.hosts);
        return NONE;
      case 'end':
        return NONE;
      case 'leave':
        await this.#leave(request.why, this.#hosts(request.hosts));
        return NONE;
      case 'suppose':
      case 'supposed':
      case 'passed':
        throw new Error('a run supposes nothing');
    }
  }

  #hosts(names: readonly string[]): readonly HostRun[] {
    return names.flatMap((name) => this.#execution.hosts.get(name) ?? []);
  }

  async #beginBatch({ number, of, hosts }: Extract<WalkRequest, { kind: 'batch' }>): Promise<Verdicts> {
    const { input, plans, order, notStarted, tools, stop, refresh, window, hosts: allHosts } = this.#execution;
    const batch = this.#hosts(hosts);
    if (await restoreBetween(this.#execution, this.#batch)) this.#isIntolerable = true;
    if (this.#isIntolerable) for (const host of batch) host.leave('cancelled', 'waiting for its batch');
    if (stop.aborted || this.#isIntolerable) return all(batch, 'cancelled');
    const tasks = tasksOf(input.play);
    const isToWrite = hosts.some((name) => mayWrite(tasks, plans.get(name)));
    // Once its window is shut, no later batch that may change anything begins, either.
    const takesPart = (name: string) => this.#waiting.get(name)?.takesPart === true && !notStarted.has(name);
    const held = () => hostsToWrite(order.batches, tasks, plans, takesPart);
    if (isToWrite && window.check(held, 1 / of) !== 'open') return this.#cancelForWindow(batch);
    tools.emit({ type: 'batch-started', number, of, hosts });
    const isFirst = number === 1;
    const isToAct = hosts.some((name) => mayAct(tasks, plans.get(name)));
    if (isToAct && (!isFirst || hasOldObservations(allHosts.values(), tools.clock()))) {
      await refresh(batch);
      if (isFirst) checkOrder(this.#execution);
    }
    checkGate(this.#execution, batch);
    for (const name of hosts) this.#waiting.delete(name);
    this.#batch = batch;
    return new Map(batch.map((host) => [host.name, host.stop?.why ?? 'ok']));
  }

  /** The window of the cluster is shut: nothing is started on the batch. */
  #cancelForWindow(batch: readonly HostRun[]): Verdicts {
    const why = this.#execution.window.shut === 'refused' ? 'refused' : 'cancelled';
    for (const host of batch) {
      host.leave(why, STOP_TEXTS['window-shut'], 'window-shut');
      this.#waiting.delete(host.name);
    }
    return all(batch, 'cancelled');
  }

  /** Runs a task when its turn has come, and restores the hosts whose failure is final. */
  async #task(request: TaskRequest): Promise<Verdicts> {
    const hosts = this.#hosts(request.hosts);
    const [first] = hosts;
    const before = first?.state.registered;
    const { verdicts, mistake } = await this.#turns.run(request.task, hosts, () => this.#carryOut(request, hosts));
    if (mistake !== undefined) for (const host of hosts) host.leaveFailed();
    const undoMistake = await undoFailed(this.#execution, hosts);
    if (mistake !== undefined || undoMistake !== undefined) await this.#endRun(mistake ?? undoMistake, hosts);
    if (request.alsoFor.length === 0 || !first || !before) return verdicts;
    const verdict = await this.#share(request, first, before, verdicts.get(first.name) ?? 'ok');
    return new Map([...verdicts, ...request.alsoFor.map((name) => [name, verdict] as const)]);
  }

  async #carryOut(
    { task, hosts: names, notify, isBehindFailure }: TaskRequest,
    hosts: readonly HostRun[],
  ): Promise<{ readonly verdicts: Verdicts; readonly mistake?: unknown }> {
    this.#position = task.ref;
    const planned = this.#shown.of(names, { task, isBehindFailure }, this.#batch);
    const isConfirmed = this.#mustStop || (await isWanted(this.#execution, task, hosts, planned));
    if (this.#mustStop) {
      await interrupt(this.#execution, hosts, task.ref);
      return { verdicts: all(hosts, 'cancelled') };
    }
    if (!isConfirmed) return { verdicts: await skipDeclined(this.#execution, task, hosts) };
    const { verdicts, notified, mistake } = await runTask(this.#execution, task, hosts, planned);
    for (const [host, words] of notified) notify(host, words);
    return { verdicts, mistake };
  }

  /** Nothing new may be started. */
  get #mustStop(): boolean {
    return this.#execution.stop.aborted || this.#isOver;
  }

  #rescue({ block: { path, name }, hosts }: Extract<WalkRequest, { kind: 'rescue' }>): void {
    for (const host of this.#hosts(hosts))
      for (const task of host.rescue())
        this.#execution.tools.emit({ type: 'task-rescued', task, host: host.name, block: { path, name } });
  }

  /**
   * Gives the others the result of the host that ran a task for all (`run_once`): if it failed, it failed for all.
   * @param before its variables before the task
   * @returns the verdict for the others
   */
  async #share({ task, alsoFor }: TaskRequest, from: HostRun, before: Registered, verdict: Verdict): Promise<Verdict> {
    const others = this.#hosts(alsoFor);
    if (verdict === 'cancelled') {
      await interrupt(this.#execution, others, task.ref);
      return verdict;
    }
    const isFailed = verdict === 'failed' || verdict === 'unreachable' || verdict === 'refused';
    const { registered: after } = from.state;
    const names = namesToShare(task, verdict, before, after);
    for (const host of others) {
      host.state = { ...host.state, registered: withShared(host.state.registered, names, after) };
      if (isFailed)
        host.fail({
          task: task.ref,
          message: `${from.name}, which runs it for all hosts, has failed`,
          ...(from.failedResult !== undefined && { result: from.failedResult }),
        });
    }
    return isFailed ? 'failed' : verdict;
  }

  /**
   * A bug ends the run. Changes in progress are undone first, whatever was thrown.
   * @param at the hosts on which it occurred; hosts that go independently stop before their next task
   */
  async #endRun(mistake: unknown, at: readonly HostRun[]): Promise<never> {
    this.#isOver = true;
    const inStep = this.#execution.input.play.isFree ? at : this.#batch;
    await interrupt(
      this.#execution,
      inStep.filter(({ takesPart }) => takesPart),
      this.#position,
    );
    throw mistake;
  }

  #judgeCondition(node: Conditional, hosts: readonly HostRun[]): Verdicts {
    const at = { ref: { path: node.path, name: node.name, step: 'meta' }, noLog: false };
    return this.#judgeEach(hosts, at, (_host, place) => (holds(node, place) ? 'ok' : 'skipped'));
  }

  #include({ node, hosts, isBehindFailure, take }: Extract<WalkRequest, { kind: 'each' }>): Verdicts {
    const { plans } = this.#execution;
    const { ref } = node.task;
    return this.#judgeEach(this.#hosts(hosts), node.task, (host, place) => {
      // What the plan did not know is not binding, nor is anything after it.
      const planned = planInRun(plans.get(host.name)?.get(ref.path), isBehindFailure);
      if (planned?.plan.action === 'unknown') host.becomeOpaque();
      const found = inclusionsOf(node, place);
      const problem = firstProblem(found);
      if (problem) return failOutside(host, node.task, wrongInput(problem).reason, this.#execution.tools);
      take(host.name, found);
      return 'ok';
    });
  }

  /** Evaluates what stands outside of tasks, on each host. A template without a value is a failure of the host. */
  #judgeEach(hosts: readonly HostRun[], at: Outside, judge: (host: HostRun, place: HostPlace) => Verdict): Verdicts {
    const verdictOf = (host: HostRun): Verdict => {
      try {
        return judge(host, placeOf(this.#execution.input, host.state));
      } catch (error) {
        if (!(error instanceof TemplateError || error instanceof UnknownValueError)) throw error;
        return failOutside(host, at, error.message, this.#execution.tools);
      }
    };
    return new Map(hosts.map((host) => [host.name, verdictOf(host)]));
  }

  async #leave(why: 'failed' | 'cancelled', hosts: readonly HostRun[]): Promise<void> {
    if (why === 'cancelled') return cancel(this.#execution, hosts, this.#position);
    for (const host of hosts) host.leaveFailed();
    const mistake = await undoFailed(this.#execution, hosts);
    if (mistake !== undefined) await this.#endRun(mistake, hosts);
  }
}

function all(hosts: readonly HostRun[], verdict: Verdict): Verdicts {
  return new Map(hosts.map(({ name }) => [name, verdict]));
}
