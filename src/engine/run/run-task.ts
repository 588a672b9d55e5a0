import { forEachLimited } from '../../core/limited.ts';
import type { WriteContext } from '../../core/step.ts';
import { peersOf } from '../hosts/peers.ts';
import type { HostTaskPlan } from '../plan/host-task-plan.ts';
import { notifiedOf } from '../plan/predicted-verdict.ts';
import type { CompiledTask } from '../program/compiled.ts';
import type { TaskCall } from '../program/task-input.ts';
import type { NotifiedNames, Verdicts } from '../walk/request.ts';
import { ActingHosts } from './acting-hosts.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun } from './host-run.ts';
import { HostTask } from './host-task.ts';
import { reconnect } from './reconnect.ts';
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

/** How a task has ended. */
interface TaskEnd {
  /** By host. */
  readonly verdicts: Verdicts;
  /** The names that its templates notify, by host. Empty if it has none. */
  readonly notified: ReadonlyMap<string, NotifiedNames>;
  /** An exception that is not a failure of a host: a bug. */
  readonly mistake: unknown;
}

/**
 * Carries out one task on the hosts of a batch, in stages that all of them pass together. Never throws.
 * @param shown the plans that were shown, by host
 */
export async function runTask(
  execution: PlayExecution,
  task: CompiledTask,
  hosts: readonly HostRun[],
  shown: ReadonlyMap<string, HostTaskPlan>,
): Promise<TaskEnd> {
  const { input, tools } = execution;
  let running: readonly HostTask[] = [];
  let thrown: unknown;
  try {
    tools.emit({ type: 'task-started', task: task.ref, hosts: hosts.map(({ name }) => name) });
    running = hostTasksOf(execution, task, hosts, shown);
    const [first] = hosts;
    // The value for the first host applies to all.
    const throttle = first ? throttleOf(input, task, first) : 0;
    if (throttle > 0) await forEachLimited(running, Math.min(throttle, tools.forks), runWhole);
    else await runInStages(running, task, tools);
  } catch (error) {
    thrown = error;
    for (const host of hosts) if (host.changes.mayBePartial) host.leave('failed', task.ref);
  }
  const notifying = task.notifyTemplates.length > 0 ? running : [];
  return {
    verdicts: new Map(running.map(({ host, verdict }) => [host.name, verdict])),
    notified: new Map(notifying.map(({ host, planned }) => [host.name, notifiedOf(planned)])),
    mistake: running.find(({ mistake }) => mistake !== undefined)?.mistake ?? thrown,
  };
}

/**
 * The task of each of these hosts. The step may need any host of the play, also one of another batch; few steps do, and hosts may come to
 * the task one by one.
 */
function hostTasksOf(
  execution: PlayExecution,
  task: CompiledTask,
  hosts: readonly HostRun[],
  shown: ReadonlyMap<string, HostTaskPlan>,
): readonly HostTask[] {
  const { input, hosts: all, tools } = execution;
  const others = task.step.readsPeers ? [...all].filter(([, { takesPart }]) => takesPart) : [];
  const states = new Map(others.map(([name, { state }]) => [name, state]));
  const acting = new ActingHosts(execution);
  return hosts.map(
    (host) =>
      new HostTask({
        input,
        task,
        host,
        shown: shown.get(host.name) ?? NOT_PLANNED,
        peers: peersOf(states, host.name),
        acting,
        reconnect: () => reconnect(host, execution),
        tools,
        contextFor: (report, call) => contextFor(execution, task, { host, acting, report, call }),
      }),
  );
}

async function runInStages(running: readonly HostTask[], task: CompiledTask, tools: ExecutionTools): Promise<void> {
  await forEachTask(running, tools, (hostTask) => hostTask.prepare());
  for (const stage of task.step.stages ?? [undefined]) await runStage(stage, running, task, tools);
  await forEachTask(running, tools, (hostTask) => hostTask.finish());
}

async function runStage(
  stage: string | undefined,
  running: readonly HostTask[],
  { ref }: CompiledTask,
  tools: ExecutionTools,
): Promise<void> {
  const { emit, clock } = tools;
  const participating = running.filter((hostTask) => hostTask.takesPartIn(stage));
  if (participating.length === 0) return;
  const started = clock().getTime();
  const hosts = participating.map(({ host }) => host.name);
  if (stage !== undefined) emit({ type: 'stage-started', task: ref, stage, hosts });
  await forEachTask(participating, tools, (hostTask) => hostTask.apply(stage));
  await forEachTask(participating, tools, (hostTask) => hostTask.settle(stage));
  if (stage !== undefined) emit({ type: 'stage-finished', task: ref, stage, elapsedMs: clock().getTime() - started });
}

async function forEachTask(
  tasks: readonly HostTask[],
  { forks }: ExecutionTools,
  work: (one: HostTask) => Promise<void>,
): Promise<void> {
  await forEachLimited(
    tasks.filter(({ isOver }) => !isOver),
    forks,
    work,
  );
}

/** Carries out the whole task on one host before the next host's turn (`throttle`). */
async function runWhole(hostTask: HostTask): Promise<void> {
  await hostTask.prepare();
  if (hostTask.takesPartIn(undefined)) await hostTask.apply(undefined);
  if (hostTask.takesPartIn(undefined)) await hostTask.settle(undefined);
  await hostTask.finish();
}

/** One call of a task on a host. */
interface HostCall {
  readonly host: HostRun;
  readonly acting: ActingHosts;
  readonly report: TaskReport;
  readonly call: TaskCall;
}

function contextFor(
  { input, hosts, tools }: PlayExecution,
  { step, become }: CompiledTask,
  { host, acting, report, call: { environment, actor, limit } }: HostCall,
): WriteContext {
  const { clock, wait, abort, holder } = tools;
  return stepContext({
    session: (actor === undefined ? host.sessions : acting.sessionsOf(actor)).as(become),
    runId: input.runId,
    holder,
    order: input.order,
    ...(environment && { environment }),
    // What a user writes for this machine names files beside the playbook, as in Ansible.
    ...(step.runsCommand && { localDirectory: input.play.directory }),
    ...(limit && { limit: new TimeLimit(limit, clock) }),
    signal: abort,
    clock,
    wait,
    peer: (name) => {
      const other = step.readsPeers && hosts.get(name);
      return other?.takesPart && !other.isUnreachable ? other.sessions.as(become) : undefined;
    },
    // A host that may be armed counts as armed: it may restore itself.
    onArming: (state) => (state === 'disarmed' ? host.disarm() : host.arm()),
    onProgress: (...progress) => report.progress(...progress),
  });
}
