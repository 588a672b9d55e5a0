import { clusterSink } from '../core/events/cluster-sink.ts';
import type { EventSink } from '../core/events/event.ts';
import type { Host } from '../core/host.ts';
import { planTotals } from '../core/plan-totals.ts';
import type { ReadSession } from '../core/session.ts';
import { windowOf } from './clusters/cluster-timing.ts';
import { Delegates } from './hosts/delegates.ts';
import { whyAway } from './hosts/dropout.ts';
import type { SessionTools } from './hosts/fleet-sessions.ts';
import type { HostSessions } from './hosts/host-sessions.ts';
import { awayState, type HostState, unseenState } from './hosts/host-state.ts';
import { findLate } from './plan/late-window.ts';
import { emitWarnings, reportLostBatch } from './plan/plan-warnings.ts';
import { type PreparedPlay, preparePlay, type RefusedPlay, type UnorderedPlay } from './plan/play-preparation.ts';
import type { PlayTurn } from './play-turn.ts';
import type { CompiledPlay } from './program/compiled.ts';
import { mayIgnoreUnreachable, waysOf } from './program/play-tasks.ts';
import type { RunRequest } from './run-request.ts';
import type { RunState } from './run-state.ts';

/** A play that was observed and planned, and the sessions with which it can be carried out. */
interface ObservedPlay<Session extends ReadSession> {
  /** The part of each cluster that can be worked on. */
  readonly prepared: readonly PreparedPlay[];
  readonly connected: ReadonlyMap<string, HostSessions<Session>>;
  readonly delegates: Delegates<Session>;
  /** Connects a host anew. @throws {UnreachableError} */
  readonly reopen: (host: Host) => Promise<HostSessions<Session>>;
}

/**
 * Connects, observes and plans. Hosts and clusters that are refused or cannot be reached drop out of the run.
 * @param known the hosts as the plans of earlier plays leave them, where those are not carried out
 */
export async function observeAndPlan<Session extends ReadSession>(
  turn: PlayTurn<Session>,
  known: ReadonlyMap<string, HostState>,
): Promise<ObservedPlay<Session>> {
  const { request, run, play, members, sessions } = turn;
  const { tools, stop } = request;
  const emit = namingClusters(members, tools.emit);
  announce(turn, emit);
  const connecting = { emit, forks: tools.forks, clock: tools.clock, abort: tools.abort };
  const { connected, states } = await connectMembers(turn, known, connecting);
  const delegates = delegatesOf(turn, connecting);
  const ignoresUnreachable = mayIgnoreUnreachable(play);
  const parts = await preparePlay({ ...questionOf(turn), delegates }, states, connected, {
    ...tools,
    emit,
    stop,
    delegates,
    ignoresUnreachable,
  });
  for (const name of states.keys()) if (!parts.some((part) => part.states.has(name))) run.drop(name, 'unreachable');
  const prepared = parts.flatMap((part) => ('refusal' in part ? refuse(part, turn, emit) : admit(part, turn, emit)));
  if (parts.some(({ cluster }) => cluster)) placeUnseen(members, run);
  const reopen = async (host: Host) => {
    await sessions.forget(host);
    return sessions.open(host, waysOf(play), connecting);
  };
  return { prepared, connected, delegates, reopen };
}

/** Where the inventory declares several clusters, names the cluster of each host that cannot be reached. */
function namingClusters(members: CompiledPlay['hosts'], emit: EventSink): EventSink {
  const declared = new Map(
    members.flatMap(({ host: { name, cluster } }) => (cluster === undefined ? [] : [[name, cluster] as const])),
  );
  if (new Set(declared.values()).size < 2) return emit;
  return (event) => {
    const name = event.type === 'host-unreachable' ? declared.get(event.host) : undefined;
    clusterSink(emit, name === undefined ? undefined : { kind: 'declared', name })(event);
  };
}

function announce({ play, hosts }: PlayTurn, emit: EventSink): void {
  const hooks = play.hooks.map(({ moment, name }) => ({ moment, name }));
  emit({ type: 'play-started', play: play.name, hosts, ...(hooks.length > 0 && { hooks }) });
}

/** Sessions to the hosts of a play, and the state in which each of them enters it. Those that cannot be reached, and have to be, drop out. */
async function connectMembers<Session extends ReadSession>(
  { run, play, members, sessions }: PlayTurn<Session>,
  known: ReadonlyMap<string, HostState>,
  connecting: SessionTools,
): Promise<Pick<ObservedPlay<Session>, 'connected'> & { readonly states: ReadonlyMap<string, HostState> }> {
  const wasAway = (name: string): boolean => known.get(name)?.away !== undefined;
  for (const { host } of members)
    if (run.isToBeReconnected(host.name) || wasAway(host.name)) await sessions.forget(host);
  const away = new Map<string, string>();
  const connected = await sessions.connect(
    members.map(({ host }) => host),
    waysOf(play),
    connecting,
    mayIgnoreUnreachable(play)
      ? (host, error) => void away.set(host, whyAway(host, error, connecting.emit))
      : undefined,
  );
  const states = new Map<string, HostState>();
  for (const member of members) {
    const { name } = member.host;
    const why = away.get(name);
    const unseen = unseenState(member, run.registered.get(name) ?? new Map());
    if (connected.has(name)) states.set(name, wasAway(name) ? unseen : (known.get(name) ?? unseen));
    else if (why !== undefined) states.set(name, awayState(unseen, why));
    else run.drop(name, 'unreachable');
  }
  return { connected, states };
}

/** The hosts to which tasks may be delegated, connected on demand. A host that has dropped out of the run is not tried again. */
function delegatesOf<Session extends ReadSession>(
  { request, run, play, sessions }: PlayTurn<Session>,
  connecting: SessionTools,
): Delegates<Session> {
  const { hosts, localhosts, compileHost } = request.surroundings;
  const members = new Map(play.hosts.map(({ host }) => [host.name, host]));
  const hostOf = (name: string): Host => {
    const host = members.get(name) ?? hosts.get(name) ?? localhosts.get(name);
    if (!host) throw new Error(`${name} is no host of the inventory`);
    return host;
  };
  const connect = async (name: string) => (await sessions.connect([hostOf(name)], waysOf(play), connecting)).get(name);
  return new Delegates({
    connect: async (name) => (run.hasDropped(name) ? undefined : connect(name)),
    unseen: (name) => unseenState(compileHost(hostOf(name)), run.registered.get(name) ?? new Map()),
  });
}

/** What is to be planned, before anything was seen. */
function questionOf({ request, run, play, hosts }: PlayTurn): Omit<UnorderedPlay, 'delegates'> {
  const { surroundings, now, runId, begunAt } = request;
  const live = play.hosts.map(({ host }) => host.name);
  const fleet = { live, batchOf: () => live, registered: (name: string) => run.registered.get(name) };
  return { play, beginning: new Set(hosts), surroundings, now, runId, begunAt, fleet };
}

/** Reports that a cluster is refused, and takes its hosts out of the run. */
function refuse({ cluster, states, refusal }: RefusedPlay, { run, play }: PlayTurn, emit: EventSink): readonly [] {
  const { code, reason, remedy, details, together = [] } = refusal;
  const hosts = [...states.keys()];
  if (cluster) run.place(hosts, cluster);
  run.together.push(...together);
  for (const name of hosts) run.drop(name, 'refused');
  const named = cluster && { cluster };
  emit({ type: 'play-refused', play: play.name, ...named, hosts, code, reason, remedy, ...(details && { details }) });
  return [];
}

/** Reports the plan of a cluster, and takes the hosts out of the run that it refuses. */
function admit(planned: PreparedPlay, { request, run }: PlayTurn, emit: EventSink): readonly PreparedPlay[] {
  const part = asShown(planned, request);
  const { cluster, states, shown } = part;
  if (cluster) run.place(states.keys(), cluster);
  for (const { host, tasks } of shown.hosts)
    for (const task of tasks)
      if (task.action === 'refuse' && task.condition === undefined)
        run.drop(host, task.isFailure ? 'failed' : 'refused');
  run.plans.push(shown);
  emit({ type: 'play-planned', plan: shown, totals: planTotals(shown) });
  emitWarnings(part, emit);
  reportLostBatch([...part.notStarted], emit);
  run.late.push(...findLate(part, request.timing, emit));
  return [part];
}

/** The part with what the windows of its cluster say now in its shown plan, and without secrets there. */
function asShown(part: PreparedPlay, { timing, conceal = (plan) => plan }: RunRequest): PreparedPlay {
  const window = windowOf(part.input.play, timing, 1)?.window;
  return { ...part, shown: conceal({ ...part.shown, ...(window && { window }) }) };
}

/** Puts hosts that could not be reached into the cluster that the inventory declares: nothing else is known of them. */
function placeUnseen(members: CompiledPlay['hosts'], run: RunState): void {
  for (const { host } of members)
    if (host.cluster !== undefined && !run.isPlaced(host.name))
      run.place([host.name], { kind: 'declared', name: host.cluster });
}
