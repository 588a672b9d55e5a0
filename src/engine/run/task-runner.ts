import { forEachLimited } from '../../core/limited.ts';
import type { WriteContext } from '../../core/step.ts';
import { peersOf } from '../hosts/peers.ts';
import type { HostTaskPlan } from '../plan/host-task-plan.ts';
import type { PlannerInput } from '../plan/plan-task.ts';
import { notifiedOf } from '../plan/predicted-verdict.ts';
import type { CompiledTask } from '../program/compiled.ts';
import type { TaskCall } from '../program/task-input.ts';
import type { NotifiedNames, Verdicts } from '../walk/request.ts';
import { ActingHosts } from './acting-hosts.ts';
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

/** Carries out one task on the hosts of a batch, in stages that all of them pass together. */
export class TaskRunner {
  readonly #input: PlannerInput;
  readonly task: CompiledTask;
  readonly #all: ReadonlyMap<string, HostRun>;
  readonly #acting: ActingHosts;
  readonly #reconnect: HostTaskRequest['reconnect'];
  readonly #tools: ExecutionTools;
  #running: readonly HostTask[] = [];

  /** `all` contains every host of the play, including other batches: a step may need one of them. */
  constructor(
    input: PlannerInput,
    task: CompiledTask,
    all: Pick<PlayExecution, 'hosts' | 'delegates'>,
    reconnect: HostTaskRequest['reconnect'],
    tools: ExecutionTools,
  ) {
    this.#reconnect = reconnect;
    this.#input = input;
    this.task = task;
    this.#all = all.hosts;
    this.#acting = new ActingHosts(all);
    this.#tools = tools;
  }

  /** The verdicts by host. */
  get verdicts(): Verdicts {
    return new Map(this.#running.map(({ host, verdict }) => [host.name, verdict]));
  }

  /** The names that its templates notify, by host. */
  get notified(): ReadonlyMap<string, NotifiedNames> {
    return new Map(this.#running.map(({ host, planned }) => [host.name, notifiedOf(planned)]));
  }

  /** An exception that is not a failure of a host: a bug. */
  get mistake(): unknown {
    return this.#running.find(({ mistake }) => mistake !== undefined)?.mistake;
  }

  /** @param plans the plans that were shown */
  async run(hosts: readonly HostRun[], plans: ReadonlyMap<string, HostTaskPlan>): Promise<void> {
    const { emit } = this.#tools;
    emit({ type: 'task-started', task: this.task.ref, hosts: hosts.map(({ name }) => name) });
    const states = new Map(
      [...this.#all].filter(([, { takesPart }]) => takesPart).map(([name, { state }]) => [name, state]),
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
          reconnect: this.#reconnect,
          tools: this.#tools,
          contextFor: (one, report, call) => this.#contextFor(one, report, call),
        }),
    );
    const [first] = hosts;
    // The value for the first host applies to all.
    const throttle = first ? throttleOf(this.#input, this.task, first) : 0;
    if (throttle > 0) return forEachLimited(this.#running, Math.min(throttle, this.#tools.forks), runWhole);
    await this.#forEachTask(this.#running, (hostTask) => hostTask.prepare());
    for (const stage of this.task.step.stages ?? [undefined]) await this.#runStage(stage);
    await this.#forEachTask(this.#running, (hostTask) => hostTask.finish());
  }

  async #runStage(stage: string | undefined): Promise<void> {
    const { emit, clock } = this.#tools;
    const participating = this.#running.filter((hostTask) => hostTask.takesPartIn(stage));
    if (participating.length === 0) return;
    const started = clock().getTime();
    const hosts = participating.map(({ host }) => host.name);
    if (stage !== undefined) emit({ type: 'stage-started', task: this.task.ref, stage, hosts });
    await this.#forEachTask(participating, (hostTask) => hostTask.apply(stage));
    await this.#forEachTask(participating, (hostTask) => hostTask.settle(stage));
    if (stage !== undefined) {
      emit({ type: 'stage-finished', task: this.task.ref, stage, elapsedMs: clock().getTime() - started });
    }
  }

  async #forEachTask(tasks: readonly HostTask[], work: (one: HostTask) => Promise<void>): Promise<void> {
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
        return other?.takesPart && !other.isUnreachable ? other.sessions.as(become) : undefined;
      },
      onWhenLost: (isSet) => {
        host.isArmed = isSet;
      },
      onProgress: (...progress) => report.progress(...progress),
    });
  }
}

/** Carries out the whole task on one host before the next host's turn (`throttle`). */
async function runWhole(hostTask: HostTask): Promise<void> {
  await hostTask.prepare();
  if (hostTask.takesPartIn(undefined)) await hostTask.apply(undefined);
  if (hostTask.takesPartIn(undefined)) await hostTask.settle(undefined);
  await hostTask.finish();
}
