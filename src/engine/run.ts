import type { EventSink } from '../core/events/event.ts';
import type { PlayPlan } from '../core/events/plan.ts';
import { toldInCluster } from '../core/events/told-in-cluster.ts';
import type { Host } from '../core/host.ts';
import { isToBeConfirmed, planTotals } from '../core/plan-totals.ts';
import type { ReadSession, WriteSession } from '../core/session.ts';
import { type ClusterTiming, windowOf } from './clusters/cluster-timing.ts';
import { Delegates } from './hosts/delegates.ts';
import { whyAway } from './hosts/dropout.ts';
import { FleetSessions } from './hosts/fleet-sessions.ts';
import type { HostSessions } from './hosts/host-sessions.ts';
import { awayState, type HostState, unseenState } from './hosts/host-state.ts';
import { findLate } from './plan/late-window.ts';
import { emitWarnings, reportLostBatch } from './plan/plan-warnings.ts';
import { type PreparedPlay, preparePlay, type RefusedPlay } from './plan/play-preparation.ts';
import { endClusters, reportPlaysNotStarted } from './plays-not-started.ts';
import type { CompiledPlay } from './program/compiled.ts';
import { inDrawnOrder } from './program/drawn-order.ts';
import { mayIgnoreUnreachable, waysOf } from './program/play-tasks.ts';
import { mayBegin, refuseDrifted } from './run/before-change.ts';
import { executeClusters, type PlayEnd } from './run/cluster-execution.ts';
import { PlayHooks } from './run/play-hooks.ts';
import { steadyTools } from './run/steady-tools.ts';
import type { ApplyRequest, RunRequest } from './run-request.ts';
import { type RunResult, RunState } from './run-state.ts';

/** Observes and plans, play by play. The sessions that it opens cannot write. */
export async function planRun(asked: RunRequest): Promise<RunResult> {
  const { tools, mistake } = steadyTools(asked.tools);
  const request = { ...asked, tools, plays: inDrawnOrder(asked.plays, asked.runId) };
  const sessions = FleetSessions.forReading(request.connector);
  const run = new RunState();
  let known: ReadonlyMap<string, HostState> = new Map();
  try {
    for (const play of request.plays) {
      const members = run.members(play).map(({ host }) => host.name);
      const { prepared } = await prepare(request, run, play, sessions, known);
      for (const { after, cleared, input } of prepared) {
        if (cleared.size > 0) run.forgive(cleared, input.play);
        known = new Map([...known, ...after]);
        for (const [name, { registered }] of after) run.registered.set(name, registered);
      }
      const ended = { plays: request.plays, last: play, run, emit: tools.emit };
      for (const name of prepared.flatMap(({ unreached }) => unreached)) run.drop(name, 'unreachable');
      const lost = prepared.filter(({ end }) => end === 'batch-lost');
      endClusters(ended, lost);
      const isOver = lost.some(({ cluster }) => cluster === undefined);
      if (!isOver && !run.hasLostAll(members)) continue;
      reportPlaysNotStarted(ended, isOver ? 'batch-lost' : 'nobody-through');
      break;
    }
  } catch (error) {
    if (error !== tools.abort.reason) throw error;
  } finally {
    await sessions.close();
  }
  run.mistake = mistake();
  return run.result();
}

/**
 * Observes, plans, shows, applies and proves, play by play. Throws nothing: a bug ends the run as a failure does, with every host that
 * was half changed restored or restoring itself, and is the `mistake` of the result.
 */
export async function applyRun(asked: ApplyRequest): Promise<RunResult> {
  const { tools, mistake } = steadyTools(asked.tools);
  const request = { ...asked, tools, plays: inDrawnOrder(asked.plays, asked.runId) };
  const sessions = FleetSessions.forWriting(request.connector);
  const run = new RunState();
  let members: readonly string[] = [];
  try {
    for (const play of request.plays) {
      if (request.stop.aborted || !run.wasConfirmed) break;
      members = run.members(play).map(({ host }) => host.name);
      const hooks = new PlayHooks(request, run, play, members);
      let playEnd = STOPPED;
      try {
        playEnd = await applyPlay(request, run, play, sessions, members, hooks);
      } catch (error) {
        if (error !== tools.abort.reason) run.mistake = error;
        throw error;
      } finally {
        await hooks.end();
      }
      const ended = { plays: request.plays, last: play, run, emit: tools.emit };
      const { end, lost } = playEnd;
      run.leaveUntouched(endClusters(ended, lost));
      const isOver = end === 'stopped' || end === 'batch-lost';
      if (!isOver && !run.hasLostAll(members)) continue;
      if (!request.stop.aborted && run.wasConfirmed && !run.wasAborted) {
        const why = end === 'stopped' ? 'too-many-out' : isOver ? 'batch-lost' : 'nobody-through';
        run.leaveUntouched(reportPlaysNotStarted(ended, why));
      }
      break;
    }
  } catch (error) {
    // What was thrown because of a second Ctrl-C is no bug.
    if (error !== tools.abort.reason) run.mistake = error;
    run.leaveUntouched(members);
  } finally {
    await sessions.close();
  }
  run.mistake ??= mistake();
  return run.result();
}

/** Carries out one play. */
async function applyPlay(
  request: ApplyRequest,
  run: RunState,
  play: CompiledPlay,
  sessions: FleetSessions<WriteSession>,
  members: readonly string[],
  hooks: PlayHooks,
): Promise<PlayEnd> {
  const earlier = [...run.plans];
  const { prepared, ...reached } = await prepare(request, run, play, sessions, new Map());
  if (prepared.length === 0) return { end: 'completed', lost: [] };
  if (request.saved) refuseDrifted(request, run, prepared, request.saved, earlier);
  const parts = prepared.filter((part) => mayBegin(request, run, part, members));
  if (parts.length === 0) return STOPPED;
  run.wasConfirmed = await isConfirmed(request, parts);
  if (!run.wasConfirmed) return STOPPED;
  return executeClusters(request, run, parts, reached, hooks);
}

const STOPPED: PlayEnd = { end: 'stopped', lost: [] };

interface Prepared<Session extends ReadSession> {
  /** The part of each cluster that can be worked on. */
  readonly prepared: readonly PreparedPlay[];
  readonly connected: ReadonlyMap<string, HostSessions<Session>>;
  readonly delegates: Delegates<Session>;
  /** Connects a host anew. @throws {UnreachableError} */
  readonly reopen: (host: Host) => Promise<HostSessions<Session>>;
}

/** Connects, observes and plans. Hosts and clusters that are refused or cannot be reached drop out of the run. */
async function prepare<Session extends ReadSession>(
  { surroundings, now, runId, begunAt, tools, stop, timing, conceal = (plan) => plan }: RunRequest,
  run: RunState,
  play: CompiledPlay,
  sessions: FleetSessions<Session>,
  known: ReadonlyMap<string, HostState>,
): Promise<Prepared<Session>> {
  const { clock, forks, abort } = tools;
  const members = run.members(play);
  const emit = tellingOfDeclared(members, tools.emit);
  const hooks = play.hooks.map(({ moment, name }) => ({ moment, name }));
  emit({
    type: 'play-started',
    play: play.name,
    hosts: members.map(({ host }) => host.name),
    ...(hooks.length > 0 && { hooks }),
  });
  const wasAway = (name: string): boolean => known.get(name)?.away !== undefined;
  for (const { host } of members)
    if (run.isToBeReconnected(host.name) || wasAway(host.name)) await sessions.forget(host);
  const opening = { emit, forks, clock, abort };
  const away = new Map<string, string>();
  const ignoresUnreachable = mayIgnoreUnreachable(play);
  const connected = await sessions.connect(
    members.map(({ host }) => host),
    waysOf(play),
    opening,
    ignoresUnreachable ? (host, error) => void away.set(host, whyAway(host, error, emit)) : undefined,
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
  const names = play.hosts.map(({ host }) => host.name);
  const fleet = { live: names, batchOf: () => names, registered: (name: string) => run.registered.get(name) };
  const delegates = delegatesOf(play, surroundings, run, (host) => sessions.connect([host], waysOf(play), opening));
  const beginning = new Set(members.map(({ host }) => host.name));
  const base = { play, beginning, surroundings, now, runId, begunAt, fleet, delegates };
  const parts = await preparePlay(base, states, connected, {
    ...tools,
    emit,
    stop,
    delegates,
    ignoresUnreachable,
  });
  for (const name of states.keys()) if (!parts.some((part) => part.states.has(name))) run.drop(name, 'unreachable');
  const prepared = parts.flatMap(
    (part) => admit('refusal' in part ? part : withWindow(part, timing, conceal), play, run, emit, timing) ?? [],
  );
  if (parts.some(({ cluster }) => cluster)) placeUnseen(members, run);
  const reopen = async (host: Host) => {
    await sessions.forget(host);
    return sessions.open(host, waysOf(play), opening);
  };
  return { prepared, connected, delegates, reopen };
}

/** Where the inventory declares several clusters, names the cluster of each host that cannot be reached. */
function tellingOfDeclared(members: CompiledPlay['hosts'], emit: EventSink): EventSink {
  const declared = new Map(
    members.flatMap(({ host: { name, cluster } }) => (cluster === undefined ? [] : [[name, cluster] as const])),
  );
  if (new Set(declared.values()).size < 2) return emit;
  return (event) => {
    const name = event.type === 'host-unreachable' ? declared.get(event.host) : undefined;
    toldInCluster(emit, name === undefined ? undefined : { kind: 'declared', name })(event);
  };
}

/** Puts hosts that could not be reached into the cluster that the inventory declares: nothing else is known of them. */
function placeUnseen(members: CompiledPlay['hosts'], run: RunState): void {
  for (const { host } of members)
    if (host.cluster !== undefined && !run.isPlaced(host.name))
      run.place([host.name], { kind: 'declared', name: host.cluster });
}

/** The hosts to which tasks may be delegated, connected on demand. A host that has dropped out of the run is not tried again. */
function delegatesOf<Session extends ReadSession>(
  play: CompiledPlay,
  { hosts, localhosts, compileHost }: RunRequest['surroundings'],
  run: RunState,
  connect: (host: Host) => Promise<ReadonlyMap<string, HostSessions<Session>>>,
): Delegates<Session> {
  const members = new Map(play.hosts.map(({ host }) => [host.name, host]));
  const hostOf = (name: string): Host => {
    const host = members.get(name) ?? hosts.get(name) ?? localhosts.get(name);
    if (!host) throw new Error(`${name} is no host of the inventory`);
    return host;
  };
  return new Delegates({
    connect: async (name) => (run.hasDropped(name) ? undefined : (await connect(hostOf(name))).get(name)),
    unseen: (name) => unseenState(compileHost(hostOf(name)), run.registered.get(name) ?? new Map()),
  });
}

/** Reports the plan of a cluster, or its refusal, and takes the hosts that are refused out of the run. */
function admit(
  part: PreparedPlay | RefusedPlay,
  play: CompiledPlay,
  run: RunState,
  emit: EventSink,
  timing: ClusterTiming | undefined,
): PreparedPlay | undefined {
  const { cluster, states } = part;
  const named = cluster && { cluster };
  if (cluster) run.place(states.keys(), cluster);
  if ('refusal' in part) {
    const { code, reason, remedy, details, together = [] } = part.refusal;
    run.together.push(...together);
    const hosts = [...states.keys()];
    for (const name of hosts) run.drop(name, 'refused');
    emit({ type: 'play-refused', play: play.name, ...named, hosts, code, reason, remedy, ...(details && { details }) });
    return undefined;
  }
  for (const { host, tasks } of part.shown.hosts)
    for (const task of tasks)
      if (task.action === 'refuse' && task.condition === undefined)
        run.drop(host, task.isFailure ? 'failed' : 'refused');
  run.plans.push(part.shown);
  emit({ type: 'play-planned', plan: part.shown, totals: planTotals(part.shown) });
  emitWarnings(part, emit);
  reportLostBatch([...part.notStarted], emit);
  run.late.push(...findLate(part, timing, emit));
  return part;
}

/** The part with what the windows of its cluster say now in its shown plan, and without secrets there. */
function withWindow(
  part: PreparedPlay,
  timing: ClusterTiming | undefined,
  conceal: (plan: PlayPlan) => PlayPlan,
): PreparedPlay {
  const window = windowOf(part.input.play, timing, 1)?.window;
  return { ...part, shown: conceal({ ...part.shown, ...(window && { window }) }) };
}

async function isConfirmed({ confirm }: ApplyRequest, parts: readonly PreparedPlay[]): Promise<boolean> {
  const plans = parts.map(({ shown }) => shown);
  return !confirm || !isToBeConfirmed(plans) || confirm(plans);
}
