import { clusterSink } from '../core/events/cluster-sink.ts';
import type { EventSink } from '../core/events/event.ts';
import { firstRefusedTasks } from '../core/events/planned-refusals.ts';
import type { Host } from '../core/host.ts';
import { planTotals } from '../core/plan-totals.ts';
import type { ReadSession } from '../core/session.ts';
import { windowOf } from './clusters/cluster-timing.ts';
import { Delegates } from './hosts/delegates.ts';
import { warnUnreachableOrRethrow } from './hosts/dropout.ts';
import type { HostSessions } from './hosts/host-sessions.ts';
import { type HostState, initialState, unreachableState } from './hosts/host-state.ts';
import type { SessionTools } from './hosts/run-sessions.ts';
import { findLate } from './plan/late-window.ts';
import { emitWarnings, reportLostBatch } from './plan/plan-warnings.ts';
import { type PreparedPlay, preparePlay, type RefusedPlay, type UnorderedPlay } from './plan/play-preparation.ts';
import type { PlayTurn } from './play-turn.ts';
import type { CompiledPlay } from './program/compiled.ts';
import { becomeValues, mayIgnoreUnreachable } from './program/play-tasks.ts';
import type { RunRequest } from './run-request.ts';
import type { RunState } from './run-state.ts';

/** An observed and planned play, with the sessions needed to carry it out. */
interface ObservedPlay<Session extends ReadSession> {
  /** One part per cluster that can be worked on. */
  readonly prepared: readonly PreparedPlay[];
  readonly connected: ReadonlyMap<string, HostSessions<Session>>;
  readonly delegates: Delegates<Session>;
  /** Opens a new connection to a host. @throws {UnreachableError} */
  readonly reopen: (host: Host) => Promise<HostSessions<Session>>;
}

/**
 * Connects, observes and plans. Hosts and clusters that are refused or unreachable drop out of the run.
 * @param known the hosts as earlier plays will leave them, when those plays are only planned
 * @throws the reason of `stop`, too: hosts that have not been reached or read by then are left alone
 */
export async function observeAndPlan<Session extends ReadSession>(
  turn: PlayTurn<Session>,
  known: ReadonlyMap<string, HostState>,
): Promise<ObservedPlay<Session>> {
  const { request, run, play, members, sessions } = turn;
  const { tools, stop } = request;
  const emit = withClusterNames(members, tools.emit);
  emitPlayStarted(turn, emit);
  const sessionTools = { emit, forks: tools.forks, clock: tools.clock, abort: tools.abort };
  const { connected, states } = await connectMembers(turn, known, sessionTools);
  const delegates = delegatesOf(turn, sessionTools);
  const ignoresUnreachable = mayIgnoreUnreachable(play);
  const parts = await preparePlay({ ...unplannedPlay(turn), delegates }, states, connected, {
    ...tools,
    emit,
    stop,
    delegates,
    ignoresUnreachable,
  });
  for (const name of states.keys()) if (!parts.some((part) => part.states.has(name))) run.drop(name, 'unreachable');
  const prepared = parts.flatMap((part) => ('refusal' in part ? refuse(part, turn, emit) : admit(part, turn, emit)));
  emitWarnings(prepared, emit);
  if (parts.some(({ cluster }) => cluster)) assignUnreachable(members, run);
  const reopen = async (host: Host) => {
    await sessions.forget(host);
    return sessions.open(host, becomeValues(play), sessionTools);
  };
  return { prepared, connected, delegates, reopen };
}

/** Adds the cluster to `host-unreachable` events if the inventory declares several clusters. */
function withClusterNames(members: CompiledPlay['hosts'], emit: EventSink): EventSink {
  const declared = new Map(
    members.flatMap(({ host: { name, cluster } }) => (cluster === undefined ? [] : [[name, cluster] as const])),
  );
  if (new Set(declared.values()).size < 2) return emit;
  return (event) => {
    const name = event.type === 'host-unreachable' ? declared.get(event.host) : undefined;
    clusterSink(emit, name === undefined ? undefined : { kind: 'declared', name })(event);
  };
}

function emitPlayStarted({ play, hosts }: PlayTurn, emit: EventSink): void {
  const hooks = play.hooks.map(({ moment, name }) => ({ moment, name }));
  emit({ type: 'play-started', play: play.name, hosts, ...(hooks.length > 0 && { hooks }) });
}

/**
 * Opens sessions to the hosts of a play and determines their initial states. Unreachable hosts drop out unless the play may
 * ignore that.
 */
async function connectMembers<Session extends ReadSession>(
  { request, run, play, members, sessions }: PlayTurn<Session>,
  known: ReadonlyMap<string, HostState>,
  sessionTools: SessionTools,
): Promise<Pick<ObservedPlay<Session>, 'connected'> & { readonly states: ReadonlyMap<string, HostState> }> {
  const wasUnreachable = (name: string): boolean => known.get(name)?.unreachable !== undefined;
  for (const { host } of members)
    if (run.needsReconnect(host.name) || wasUnreachable(host.name)) await sessions.forget(host);
  const unreachable = new Map<string, string>();
  const connected = await sessions.connect(
    members.map(({ host }) => host),
    becomeValues(play),
    // Nothing is left half done when connecting ends early.
    { ...sessionTools, abort: AbortSignal.any([sessionTools.abort, request.stop]) },
    mayIgnoreUnreachable(play)
      ? (host, error) => void unreachable.set(host, warnUnreachableOrRethrow(host, error, sessionTools.emit))
      : undefined,
  );
  const states = new Map<string, HostState>();
  for (const member of members) {
    const { name } = member.host;
    const unreachableReason = unreachable.get(name);
    const initial = initialState(member, run.registeredOn(name) ?? new Map());
    if (connected.has(name)) states.set(name, wasUnreachable(name) ? initial : (known.get(name) ?? initial));
    else if (unreachableReason !== undefined) states.set(name, unreachableState(initial, unreachableReason));
    else run.drop(name, 'unreachable');
  }
  return { connected, states };
}

/** The hosts that tasks may be delegated to, connected on demand. A host that has dropped out of the run is not tried again. */
function delegatesOf<Session extends ReadSession>(
  { request, run, play, sessions }: PlayTurn<Session>,
  sessionTools: SessionTools,
): Delegates<Session> {
  const { hosts, localhosts, compileHost } = request.surroundings;
  const members = new Map(play.hosts.map(({ host }) => [host.name, host]));
  const hostOf = (name: string): Host => {
    const host = members.get(name) ?? hosts.get(name) ?? localhosts.get(name);
    if (!host) throw new Error(`${name} is no host of the inventory`);
    return host;
  };
  const connect = async (name: string) =>
    (await sessions.connect([hostOf(name)], becomeValues(play), sessionTools)).get(name);
  return new Delegates({
    connect: async (name) => (run.hasDropped(name) ? undefined : connect(name)),
    initialState: (name) => initialState(compileHost(hostOf(name)), run.registeredOn(name) ?? new Map()),
  });
}

/** The planner's input before anything has been observed. */
function unplannedPlay({ request, run, play, hosts }: PlayTurn): Omit<UnorderedPlay, 'delegates'> {
  const { surroundings, now, runId, begunAt, isPart = false } = request;
  const live = play.hosts.map(({ host }) => host.name);
  const playHosts = { live, batchOf: () => live, registered: (name: string) => run.registeredOn(name) };
  return { play, initialHosts: new Set(hosts), surroundings, now, runId, begunAt, playHosts, isPart };
}

/** Reports that a cluster is refused, and drops its hosts from the run. */
function refuse({ cluster, states, refusal }: RefusedPlay, { run, play }: PlayTurn, emit: EventSink): readonly [] {
  const { code, reason, remedy, details, together = [] } = refusal;
  const hosts = [...states.keys()];
  if (cluster) run.assignCluster(hosts, cluster);
  run.addTogether(together);
  for (const name of hosts) run.drop(name, 'refused');
  const named = cluster && { cluster };
  emit({ type: 'play-refused', play: play.name, ...named, hosts, code, reason, remedy, ...(details && { details }) });
  return [];
}

/** Reports the plan of a cluster, and drops the hosts that it refuses from the run. */
function admit(planned: PreparedPlay, { request, run }: PlayTurn, emit: EventSink): readonly PreparedPlay[] {
  const part = prepareShown(planned, request);
  const { cluster, states, shown } = part;
  if (cluster) run.assignCluster(states.keys(), cluster);
  for (const { host, task } of firstRefusedTasks(shown)) run.drop(host, task.isFailure ? 'failed' : 'refused');
  emit({ type: 'play-planned', plan: shown, totals: planTotals(shown) });
  reportLostBatch([...part.notStarted], emit);
  run.addPlan(shown, findLate(part, request.timing, emit));
  return [part];
}

/** Adds the current window of the cluster to the shown plan, and masks secrets in it. */
function prepareShown(part: PreparedPlay, { timing, conceal = (plan) => plan }: RunRequest): PreparedPlay {
  const window = windowOf(part.input.play, timing, 1)?.window;
  return { ...part, shown: conceal({ ...part.shown, ...(window && { window }) }) };
}

/** Assigns unreachable hosts to the cluster that the inventory declares: nothing else is known about them. */
function assignUnreachable(members: CompiledPlay['hosts'], run: RunState): void {
  for (const { host } of members)
    if (host.cluster !== undefined && !run.hasCluster(host.name))
      run.assignCluster([host.name], { kind: 'declared', name: host.cluster });
}
