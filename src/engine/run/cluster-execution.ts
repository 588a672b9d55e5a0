import type { ClusterRef } from '../../core/cluster.ts';
import { clusterSink } from '../../core/events/cluster-sink.ts';
import { forEachLimited } from '../../core/limited.ts';
import { UnreachableError, type WriteSession } from '../../core/session.ts';
import type { World } from '../../core/world.ts';
import type { Delegates } from '../hosts/delegates.ts';
import { reportUnobservable } from '../hosts/dropout.ts';
import { HostSessions } from '../hosts/host-sessions.ts';
import { observeNeeds, type Question } from '../hosts/observe.ts';
import { peersOf } from '../hosts/peers.ts';
import { questionsOf } from '../plan/plan-task.ts';
import type { PreparedPlay } from '../plan/play-preparation.ts';
import { mayIgnoreUnreachable, tasksOf } from '../program/play-tasks.ts';
import type { ApplyRequest, Forbidden, StopReason } from '../run-request.ts';
import type { RunState } from '../run-state.ts';
import type { WalkEnd } from '../walk/request.ts';
import { executePlay } from './execute-play.ts';
import type { PlayExecution } from './execution.ts';
import { HostRun } from './host-run.ts';
import type { PlayHooks } from './play-hooks.ts';
import type { RunTools } from './tools.ts';
import { WindowGate } from './window-gate.ts';
import { mayWrite } from './work.ts';

/** What carrying out a play needs on each of its clusters. */
export interface PlayWork {
  readonly request: ApplyRequest;
  readonly run: RunState;
  readonly sessions: PlaySessions;
  readonly hooks: PlayHooks;
}

/** The sessions of a play: to its hosts, and to hosts that its tasks are delegated to. */
interface PlaySessions {
  readonly connected: ReadonlyMap<string, HostSessions<WriteSession>>;
  readonly delegates: Delegates<WriteSession>;
  readonly reopen: PlayExecution['reopen'];
}

/** How a play has ended, over all its clusters. */
export interface PlayEnd {
  /** `stopped` and `batch-lost`: no later play is started. */
  readonly end: WalkEnd;
  /** Parts that lost a whole batch (`batch-lost`), if there are several clusters: the run is over for them alone. */
  readonly lost: readonly PreparedPlay[];
}

/**
 * Carries out a play on its clusters, `sideBySide` of them at a time; their hosts share `forks`. Clusters are independent: a
 * refusal or failure in one does not affect the others. Once the play has stopped in one cluster, or the run is aborted,
 * running clusters are finished and no other is started.
 */
export async function executeClusters(work: PlayWork, parts: readonly PreparedPlay[]): Promise<PlayEnd> {
  const { request, run } = work;
  const { emit, clock, forks } = request.tools;
  const started = clock().getTime();
  const [play = ''] = parts.map(({ shown }) => shown.play);
  const clusters = parts.flatMap(({ cluster }) => cluster ?? []);
  const sideBySide = Math.min(request.sideBySide, parts.length, forks);
  if (clusters.length > 0) emit({ type: 'rollout-started', play, sideBySide, clusters });
  const share = Math.floor(forks / sideBySide);
  let end: WalkEnd = 'completed';
  const lost: PreparedPlay[] = [];
  let halted = undefined as StopReason | undefined;
  const notStarted = new Set<PreparedPlay>();
  await forEachLimited(parts, sideBySide, async (part) => {
    const isAlone = part.cluster === undefined && request.stop.aborted;
    const stopReason = end === 'stopped' || isAlone ? undefined : (halted ?? (await request.stopReason?.()));
    if (stopReason) {
      halted ??= stopReason;
      notStarted.add(part);
    }
    const isOver = end === 'stopped' || stopReason || (part.cluster !== undefined && request.stop.aborted);
    if (isOver) return run.leaveUntouched(activeHosts(run, part));
    const clusterEnd = await executeCluster(inCluster(work, part.cluster, share), part);
    if (clusterEnd === 'batch-lost' && part.cluster) lost.push(part);
    else if (clusterEnd === 'stopped' || clusterEnd === 'batch-lost') end = clusterEnd;
  });
  if (halted) {
    run.wasAborted = true;
    end = 'stopped';
    const left = new Set(run.result().left);
    const clusters = parts
      .filter((part) => notStarted.has(part) || missedWindow(part, run, left))
      .flatMap(({ cluster }) => (cluster && cluster.kind !== 'none' ? [cluster.name] : []));
    emit({ type: 'rollout-stopped', play, ...halted, clusters });
  }
  emit({ type: 'play-finished', play, elapsedMs: clock().getTime() - started });
  return { end, lost };
}

/** Whether a cluster was not started because of its window. */
function missedWindow({ states }: PreparedPlay, run: RunState, left: ReadonlySet<string>): boolean {
  const hosts = [...states.keys()];
  return hosts.every((name) => run.hasDropped(name)) && hosts.some((name) => left.has(name));
}

/** The work on one cluster, whose events name the cluster. @param forks its share of the run's forks */
function inCluster({ request, ...work }: PlayWork, cluster: ClusterRef | undefined, forks: number): PlayWork {
  const { tools } = request;
  return { ...work, request: { ...request, tools: { ...tools, emit: clusterSink(tools.emit, cluster), forks } } };
}

/** The hosts of a part that have not dropped out of the run. */
function activeHosts(run: RunState, { states }: PreparedPlay): readonly string[] {
  return [...states.keys()].filter((name) => !run.hasDropped(name));
}

/** Carries the play out on one cluster, if its window is open and no check or hook forbids it. */
async function executeCluster(work: PlayWork, part: PreparedPlay): Promise<WalkEnd> {
  const { request, run } = work;
  const { emit, clock } = request.tools;
  const { cluster } = part;
  const { play } = part.shown;
  const hosts = activeHosts(run, part);
  const window = new WindowGate(part.input.play, request.timing, emit);
  const isToWrite = hosts.some((name) => mayWrite(tasksOf(part.input.play), part.plans.get(name)));
  const isOpen = (): boolean => {
    const state = isToWrite ? window.check(hosts, 1) : 'open';
    if (state !== 'open') for (const host of hosts) run.drop(host, state);
    return state === 'open';
  };
  if (!isOpen()) return 'completed';
  const forbidden = isToWrite ? await checkBeforeChange(work, hosts) : undefined;
  if (forbidden) {
    for (const host of hosts) run.drop(host, 'refused');
    emit({ type: 'play-refused', play, ...(cluster && { cluster }), hosts, ...forbidden });
    return 'completed';
  }
  // Checks, or a paused run, may have taken hours.
  if (!isOpen()) return 'completed';
  const started = clock().getTime();
  if (cluster) emit({ type: 'cluster-started', play, cluster, hosts });
  const end = await execute(work, part, window);
  if (cluster) {
    const outcome = run.outcomeOf([...part.states.keys()]);
    emit({ type: 'cluster-finished', play, cluster, outcome, elapsedMs: clock().getTime() - started });
  }
  return end;
}

/** Why a cluster must not be changed: a check or an `on_start` hook has failed. Neither is called in a run that is stopping. */
async function checkBeforeChange(
  { request: { stop, forbids }, hooks }: PlayWork,
  hosts: readonly string[],
): Promise<Forbidden | undefined> {
  const forbidden = stop.aborted ? undefined : await forbids?.(hosts);
  if (forbidden || stop.aborted) return forbidden;
  const reason = await hooks.start();
  const remedy = 'fix it, or remove it: everything in on_start has to succeed before the first change';
  return reason === undefined ? undefined : { code: 'hook-failed', reason, remedy };
}

/** Runs the tasks of the play, with a record in the journal, and keeps what they leave for later plays. */
async function execute(
  { request, run, sessions }: PlayWork,
  prepared: PreparedPlay,
  window: WindowGate,
): Promise<WalkEnd> {
  const { tools, stop, confirmTask } = request;
  const { connected, delegates, reopen } = sessions;
  const hosts = new Map<string, HostRun>();
  for (const [name, state] of prepared.states) {
    // A host without a connection has no session.
    const own =
      connected.get(name) ?? (state.unreachable === undefined ? undefined : new HostSessions(name, new Map()));
    if (!own) continue;
    const host = new HostRun(own, state);
    hosts.set(name, host);
    // Nothing is done on it, but the strategy's gate takes it into account.
    if (run.hasDropped(name)) host.leave('refused', 'its plan');
  }
  const active = [...hosts.values()].filter(({ takesPart }) => takesPart);
  run.addRuns(active);
  await tools.journal.write({
    type: 'run',
    runId: request.runId,
    command: 'apply',
    source: prepared.shown.play,
    hosts: active.map(({ name }) => name),
  });
  const end = await executePlay({
    input: prepared.input,
    plans: prepared.plans,
    order: prepared.order,
    hosts,
    plannedEnd: prepared.end,
    notStarted: prepared.notStarted,
    delegates,
    reopen,
    ignoresUnreachable: mayIgnoreUnreachable(prepared.input.play),
    tools,
    window,
    stop,
    ...(confirmTask && { confirmTask }),
    clearErrors: (cleared) => run.clearErrors(cleared, prepared.input.play),
    refresh: (batch) => refresh(tools, prepared, [...hosts.values()], batch),
  });
  if (window.shut === 'left')
    run.leave(active.filter(({ stop: reason }) => reason?.why === 'cancelled').map(({ name }) => name));
  for (const host of active) run.registered.set(host.name, host.state.registered);
  return end;
}

/**
 * Observes a batch again that waited for other batches or for people: its state may be hours old. On the other hosts only the
 * facts that the strategy's gate needs are read again. A host that is lost here drops out.
 */
async function refresh(
  tools: RunTools,
  { input, plans }: PreparedPlay,
  hosts: readonly HostRun[],
  batch: readonly HostRun[],
): Promise<void> {
  const { strategy, become } = input.play;
  const tasks = tasksOf(input.play);
  const states = new Map(hosts.map(({ name, state }) => [name, state]));
  await forEachLimited(
    hosts.filter(({ isLost, isUnreachable: isAway }) => !isLost && !isAway),
    tools.forks,
    async (host) => {
      const { info } = host.state;
      const peers = peersOf(states, host.name);
      const planned = batch.includes(host) ? plans.get(host.name) : undefined;
      const needs = (known: World): readonly Question[] => [
        ...(strategy?.needs(known, info, { now: input.now, peers }) ?? []).map((ref) => ({ ref, become })),
        ...tasks.flatMap((task) =>
          (planned?.get(task.ref.path)?.calls ?? []).flatMap(({ params }) =>
            questionsOf(task, params, known, info, peers),
          ),
        ),
      ];
      try {
        host.state = await observeNeeds(host.sessions, host.state, needs, tools);
      } catch (error) {
        if (error instanceof UnreachableError && mayIgnoreUnreachable(input.play))
          return host.becomeUnreachable(error.message);
        reportUnobservable(host.name, error, tools.emit);
        if (error instanceof UnreachableError) host.lose();
        host.leave('unreachable', 'the look before its batch');
      }
    },
  );
}
