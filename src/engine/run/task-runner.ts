import type { WriteContext } from '../../core/step.ts';
import { forEachLimited } from '../hosts/limited.ts';
import { peersOf } from '../hosts/peers.ts';
import type { HostTaskPlan, PlannerInput } from '../plan/plan-task.ts';
import { notifiedOf } from '../plan/prediction.ts';
import type { CompiledTask } from '../program/compiled.ts';
import type { TaskCall } from '../program/task-input.ts';
import type { NotifiedWords, Verdicts } from '../walk/request.ts';
import { Acting } from './acting.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun } from './host-run.ts';
import { HostTask, type HostTaskRequest } from './host-task.ts';
import { stepContext } from './step-context.ts';
import type { TaskReport } from './task-report.ts';
import { throttleOf } from './task-turns.ts';
import { TimeLimit } from './time-limit.ts';
import type { ExecutionTools } from './tools.ts';

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
  readonly #acting: Acting;
  readonly #comeBack: HostTaskRequest['comeBack'];
  readonly #tools: ExecutionTools;
  #running: readonly HostTask[] = [];

  /** The hosts of `all` are those of the play, those of other batches too: a step may need one of them. */
  constructor(
    input: PlannerInput,
    task: CompiledTask,
    all: Pick<PlayExecution, 'hosts' | 'delegates'>,
    comeBack: HostTaskRequest['comeBack'],
    tools: ExecutionTools,
  ) {
    this.#comeBack = comeBack;
    this.#input = input;
    this.task = task;
    this.#all = all.hosts;
    this.#acting = new Acting(all);
    this.#tools = tools;
  }

  /** What has become of it on each host. */
  get verdicts(): Verdicts {
    return new Map(this.#running.map(({ host, verdict }) => [host.name, verdict]));
  }

  /** What its templates notify, by host. */
  get notified(): ReadonlyMap<string, NotifiedWords> {
    return new Map(this.#running.map(({ host, planned }) => [host.name, notifiedOf(planned)]));
  }

  /** What was thrown that is no failure of a host: a bug. */
  get mistake(): unknown {
    return this.#running.find(({ mistake }) => mistake !== undefined)?.mistake;
  }

  /** `plans` is what was shown. */
  async run(hosts: readonly HostRun[], plans: ReadonlyMap<string, HostTaskPlan>): Promise<void> {
    const { emit } = this.#tools;
    emit({ type: 'task-started', task: this.task.ref, hosts: hosts.map(({ name }) => name) });
    const states = new Map(
      [...this.#all].filter(([, { stop }]) => stop === undefined).map(([name, { state }]) => [name, state]),
    );
    this.#running = hosts.map(
      (host) =>
        new HostTask({
          input: this.#input,
          task: this.task,
          host,
          shown: plans.get(host.name) ?? NOT_PLANNED,
          peers: peersOf(states, host.name),
          acting: this.#acting,
          comeBack: this.#comeBack,
          tools: this.#tools,
          contextFor: (one, report, call) => this.#contextFor(one, report, call),
        }),
    );
    const [first] = hosts;
    // The first of them says it for all.
    const throttle = first ? throttleOf(this.#input, this.task, first) : 0;
    if (throttle > 0) return forEachLimited(this.#running, Math.min(throttle, this.#tools.forks), throughOnce);
    await this.#onAll(this.#running, (one) => one.prepare());
    for (const stage of this.task.step.stages ?? [undefined]) await this.#runStage(stage);
    await this.#onAll(this.#running, (one) => one.finish());
  }

  async #runStage(stage: string | undefined): Promise<void> {
    const { emit, clock } = this.#tools;
    const taking = this.#running.filter((one) => one.takesPartIn(stage));
    if (taking.length === 0) return;
    const started = clock().getTime();
    const hosts = taking.map(({ host }) => host.name);
    if (stage !== undefined) emit({ type: 'stage-started', task: this.task.ref, stage, hosts });
    await this.#onAll(taking, (one) => one.apply(stage));
    await this.#onAll(taking, (one) => one.settle(stage));
    if (stage !== undefined) {
      emit({ type: 'stage-finished', task: this.task.ref, stage, elapsedMs: clock().getTime() - started });
    }
  }

  async #onAll(tasks: readonly HostTask[], work: (one: HostTask) => Promise<void>): Promise<void> {
    await forEachLimited(
      tasks.filter(({ isOver }) => !isOver),
      this.#tools.forks,
      work,
    );
  }

  #contextFor(host: HostRun, report: TaskReport, { environment, actor, limit }: TaskCall): WriteContext {
    const { clock, wait, abort, holder } = this.#tools;
    const { become } = this.task;
    return stepContext({
      session: (actor === undefined ? host.sessions : this.#acting.sessionsOf(actor)).as(become),
      runId: this.#input.runId,
      holder,
      order: this.#input.order,
      ...(environment && { environment }),
      ...(limit && { limit: new TimeLimit(limit, clock) }),
      signal: abort,
      clock,
      wait,
      peer: (name) => {
        const other = this.task.step.readsPeers && this.#all.get(name);
        return other && other.stop === undefined && !other.isAway ? other.sessions.as(become) : undefined;
      },
      onWhenLost: (isSet) => {
        host.isArmed = isSet;
      },
      onProgress: (...progress) => report.progress(...progress),
    });
  }
}

/** The whole task on one host, before it is another's turn (`throttle`). */
async function throughOnce(one: HostTask): Promise<void> {
  await one.prepare();
  if (one.takesPartIn(undefined)) await one.apply(undefined);
  if (one.takesPartIn(undefined)) await one.settle(undefined);
  await one.finish();
}
