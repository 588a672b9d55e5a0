import type { EventSink } from '../core/events/event.ts';
import type { PlayPlan } from '../core/events/plan.ts';
import { toldInCluster } from '../core/events/told-in-cluster.ts';
import type { Host } from '../core/host.ts';
import { isToBeConfirmed, planTotals } from '../core/plan-totals.ts';
import type { ReadSession, WriteSession } from '../core/session.ts';
import { type ClusterTiming, windowOf } from './clusters/cluster-timing.ts';
import { Delegates } from './hosts/delegates.ts';
import { FleetSessions } from './hosts/fleet-sessions.ts';
import type { HostSessions } from './hosts/host-sessions.ts';
import { type HostState, unseenState } from './hosts/host-state.ts';
import { findLate } from './plan/late-window.ts';
import { planDifferences } from './plan/plan-difference.ts';
import { emitWarnings } from './plan/plan-warnings.ts';
import { type PreparedPlay, preparePlay, type RefusedPlay } from './plan/play-preparation.ts';
import type { CompiledPlay } from './program/compiled.ts';
import { inDrawnOrder } from './program/drawn-order.ts';
import { waysOf } from './program/play-tasks.ts';
import { executeClusters } from './run/cluster-execution.ts';
import { PlayHooks } from './run/play-hooks.ts';
import { steadyTools } from './run/steady-tools.ts';
import type { ApplyRequest, RunRequest } from './run-request.ts';
import { type RunResult, RunState } from './run-state.ts';
import { tellOfUnbegun } from './unbegun-plays.ts';
import type { WalkEnd } from './walk/request.ts';
import { intolerable } from './walk/tolerance.ts';

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
      if (!run.hasLostAll(members)) continue;
      tellOfUnbegun(request.plays, play, 'nobody-through', run, tools.emit);
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
      let end: WalkEnd = 'stopped';
      try {
        end = await applyPlay(request, run, play, sessions, members, hooks);
      } catch (error) {
        if (error !== tools.abort.reason) run.mistake = error;
        throw error;
      } finally {
        await hooks.end();
      }
      if (end !== 'stopped' && !run.hasLostAll(members)) continue;
      if (!request.stop.aborted && run.wasConfirmed && !run.wasAborted) {
        const why = end === 'stopped' ? 'too-many-out' : 'nobody-through';
        run.leaveUntouched(tellOfUnbegun(request.plays, play, why, run, tools.emit));
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

/** Carries out one play. @returns `stopped` when no later play may begin. */
async function applyPlay(
  request: ApplyRequest,
  run: RunState,
  play: CompiledPlay,
  sessions: FleetSessions<WriteSession>,
  members: readonly string[],
  hooks: PlayHooks,
): Promise<WalkEnd> {
  const earlier = [...run.plans];
  const { prepared, connected, delegates } = await prepare(request, run, play, sessions, new Map());
  if (prepared.length === 0) return 'completed';
  if (request.saved) refuseDrifted(request, run, prepared, request.saved, earlier);
  const parts = prepared.filter((part) => mayBegin(request, run, part, members));
  if (parts.length === 0) return 'stopped';
  run.wasConfirmed = await isConfirmed(request, parts);
  if (!run.wasConfirmed) return 'stopped';
  return executeClusters(request, run, parts, { connected, delegates }, hooks);
}

interface Prepared<Session extends ReadSession> {
  /** The part of each cluster that can be worked on. */
  readonly prepared: readonly PreparedPlay[];
  readonly connected: ReadonlyMap<string, HostSessions<Session>>;
  readonly delegates: Delegates<Session>;
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
  for (const { host } of members) if (run.isToBeReconnected(host.name)) await sessions.forget(host);
  const connected = await sessions.connect(
    members.map(({ host }) => host),
    waysOf(play),
    { emit, forks, clock, abort },
  );
  const states = new Map<string, HostState>();
  for (const member of members) {
    const { name } = member.host;
    if (connected.has(name))
      states.set(name, known.get(name) ?? unseenState(member, run.registered.get(name) ?? new Map()));
    else run.drop(name, 'unreachable');
  }
  const names = play.hosts.map(({ host }) => host.name);
  const fleet = { live: names, batchOf: () => names, registered: (name: string) => run.registered.get(name) };
  const delegates = delegatesOf(play, surroundings, run, (host) =>
    sessions.connect([host], waysOf(play), { emit, forks, clock, abort }),
  );
  const base = { play, surroundings, now, runId, begunAt, fleet, delegates };
  const parts = await preparePlay(base, states, connected, { ...tools, emit, stop, delegates });
  for (const name of states.keys()) if (!parts.some((part) => part.states.has(name))) run.drop(name, 'unreachable');
  const prepared = parts.flatMap(
    (part) => admit('refusal' in part ? part : withWindow(part, timing, conceal), play, run, emit, timing) ?? [],
  );
  if (parts.some(({ cluster }) => cluster)) placeUnseen(members, run);
  return { prepared, connected, delegates };
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

/** Refuses the hosts that would now be changed otherwise than the saved plan says. */
function refuseDrifted(
  { tools }: ApplyRequest,
  run: RunState,
  prepared: readonly PreparedPlay[],
  saved: readonly PlayPlan[],
  earlier: readonly PlayPlan[],
): void {
  for (const { shown } of prepared) {
    for (const { host, differences } of planDifferences(saved, earlier, shown)) {
      run.drop(host, 'refused');
      tools.emit({
        type: 'host-refused',
        host,
        code: 'host-changed',
        reason: 'the host has changed since the plan was made',
        details: differences,
        remedy: 'make a new plan: kplay plan … --out FILE',
      });
    }
  }
}

/** Whether the play tolerates how many hosts of a cluster have dropped out before it begins; refuses the others when not. */
function mayBegin(
  { tools }: ApplyRequest,
  run: RunState,
  { input: { play }, cluster }: PreparedPlay,
  members: readonly string[],
): boolean {
  const names = play.hosts.map(({ host }) => host.name).filter((name) => members.includes(name));
  const out = names.filter((name) => run.hasDropped(name));
  const why = intolerable(play, out.length, names.length);
  if (why === undefined) return true;
  for (const name of names) run.drop(name, 'refused');
  const remedy = 'fix these hosts first, or leave them out with --limit';
  const reason = `${out.length} of ${names.length} hosts take no part, and ${why}`;
  const details = [['out', out.join(', ')]] as const;
  const named = cluster && { cluster };
  const code = 'too-few-hosts';
  tools.emit({ type: 'play-refused', play: play.name, ...named, hosts: names, code, reason, details, remedy });
  return false;
}

async function isConfirmed({ confirm }: ApplyRequest, parts: readonly PreparedPlay[]): Promise<boolean> {
  const plans = parts.map(({ shown }) => shown);
  return !confirm || !isToBeConfirmed(plans) || confirm(plans);
}
