import type { EventSink, PlayPlan } from '../core/event.ts';
import { type Connector, type ReadSession, UnreachableError, type WriteSession } from '../core/session.ts';
import type { World } from '../core/world.ts';
import { reportUnseen } from './dropout.ts';
import { executePlay } from './executor.ts';
import { FleetSessions } from './fleet-sessions.ts';
import { HostRun } from './host-run.ts';
import type { HostSessions } from './host-sessions.ts';
import { type HostState, unseenState } from './host-state.ts';
import { forEachLimited } from './limited.ts';
import { visibleWarnings } from './no-log.ts';
import { lookFor, type Question } from './observe.ts';
import { peersOf } from './peers.ts';
import { planDifferences } from './plan-difference.ts';
import { questionsOf } from './planner.ts';
import { type PreparedPlay, preparePlay } from './play-preparation.ts';
import { type CompiledPlay, waysOf } from './program/compiled.ts';
import { type RunResult, RunState } from './run-state.ts';
import { steadyTools } from './steady-tools.ts';
import type { Surroundings } from './task-input.ts';
import { intolerable } from './tolerance.ts';
import type { UndoTools } from './undo.ts';
import type { WalkEnd } from './walk/request.ts';

export interface RunRequest {
  readonly plays: readonly CompiledPlay[];
  readonly surroundings: Surroundings;
  readonly connector: Connector;
  /** What is due is judged by it: now, or when the plan was saved. */
  readonly now: Date;
  readonly runId: string;
  readonly tools: UndoTools;
  /** Aborted when nothing new is to be begun. */
  readonly stop: AbortSignal;
}

export interface ApplyRequest extends RunRequest {
  /** Asked after the plan of a play was shown, when it has something to change. */
  readonly confirm?: (plan: PlayPlan) => Promise<boolean>;
  /** A saved plan, play by play: hosts that would now be changed otherwise are refused. */
  readonly saved?: readonly PlayPlan[];
}

/** Observes and plans; the sessions that it opens cannot write. */
export async function planRun(asked: RunRequest): Promise<RunResult> {
  const { tools, mistake } = steadyTools(asked.tools);
  const request = { ...asked, tools };
  const sessions = FleetSessions.forReading(request.connector);
  const run = new RunState();
  let known: ReadonlyMap<string, HostState> = new Map();
  try {
    for (const play of request.plays) {
      const { prepared } = await prepare(request, run, play, sessions, known);
      if (!prepared) continue;
      known = new Map([...known, ...prepared.after]);
      for (const [name, { registered }] of prepared.after) run.registered.set(name, registered);
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
 * Observes, plans, shows, applies and proves, play by play. A bug ends it as a failure does: what was in the midst of something
 * has been put back or does that by itself, and the result says how each host is.
 */
export async function applyRun(asked: ApplyRequest): Promise<RunResult> {
  const { tools, mistake } = steadyTools(asked.tools);
  const request = { ...asked, tools };
  const sessions = FleetSessions.forWriting(request.connector);
  const run = new RunState();
  let members: readonly string[] = [];
  try {
    for (const [index, play] of request.plays.entries()) {
      if (request.stop.aborted || !run.wasConfirmed) break;
      members = run.members(play).map(({ host }) => host.name);
      const { prepared, connected } = await prepare(request, run, play, sessions, new Map());
      if (!prepared) continue;
      if (request.saved) refuseDrifted(request, run, prepared, request.saved, index);
      if (!mayBegin(request, run, play, members)) break;
      run.wasConfirmed = await isConfirmed(request, prepared.shown);
      if (!run.wasConfirmed) break;
      if ((await execute(request, run, prepared, connected)) === 'ended') break;
    }
  } catch (error) {
    // What was in hand has been brought to its end: that it was cut short is no error of the run.
    if (error !== tools.abort.reason) run.mistake = error;
    run.leaveUntouched(members);
  } finally {
    await sessions.close();
  }
  run.mistake ??= mistake();
  return run.result();
}

interface Prepared<Session extends ReadSession> {
  readonly prepared: PreparedPlay | undefined;
  readonly connected: ReadonlyMap<string, HostSessions<Session>>;
}

/** Connects, looks and plans; what is refused or cannot be reached drops out of the run. */
async function prepare<Session extends ReadSession>(
  { surroundings, now, runId, tools, stop }: RunRequest,
  run: RunState,
  play: CompiledPlay,
  sessions: FleetSessions<Session>,
  known: ReadonlyMap<string, HostState>,
): Promise<Prepared<Session>> {
  const { emit, clock, forks, abort } = tools;
  const members = run.members(play);
  emit({ type: 'play-started', play: play.name, hosts: members.map(({ host }) => host.name) });
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
  const prepared = await preparePlay({ play, surroundings, now, runId }, states, connected, { ...tools, stop });
  for (const name of states.keys()) if (!prepared.states.has(name)) run.drop(name, 'unreachable');
  if ('refusal' in prepared) {
    const { reason, remedy, details } = prepared.refusal;
    for (const name of prepared.states.keys()) run.drop(name, 'refused');
    emit({ type: 'play-refused', play: play.name, reason, remedy, ...(details && { details }) });
    return { prepared: undefined, connected };
  }
  for (const { host, tasks } of prepared.shown.hosts)
    if (tasks.some(({ action, condition }) => action === 'refuse' && condition === undefined))
      run.drop(host, 'refused');
  run.plans.push(prepared.shown);
  emit({ type: 'play-planned', plan: prepared.shown });
  emitWarnings(prepared, emit);
  return { prepared, connected };
}

/** What the steps have to say besides their plans; what several hosts have in common is said once, of all of them. */
function emitWarnings({ plans, input }: PreparedPlay, emit: EventSink): void {
  const found = new Map<string, { readonly hosts: Set<string>; readonly remedy: string | undefined }>();
  for (const [host, planned] of plans) {
    for (const task of input.play.tasks) {
      const plan = planned.get(task.ref.path)?.plan;
      for (const { message, remedy } of plan && 'warnings' in plan ? visibleWarnings(task, plan.warnings) : []) {
        const { hosts } = found.get(message) ?? { hosts: new Set() };
        found.set(message, { hosts: hosts.add(host), remedy });
      }
    }
  }
  for (const [message, { hosts, remedy }] of found)
    emit({ type: 'warning', hosts: [...hosts], message, ...(remedy !== undefined && { remedy }) });
}

function refuseDrifted(
  { tools }: ApplyRequest,
  run: RunState,
  { shown }: PreparedPlay,
  saved: readonly PlayPlan[],
  index: number,
): void {
  for (const { host, differences } of planDifferences(saved, index, shown)) {
    run.drop(host, 'refused');
    tools.emit({
      type: 'host-refused',
      host,
      reason: 'the host is no longer as it was planned on',
      details: differences,
      remedy: 'make a new plan: kplay plan … --out FILE',
    });
  }
}

/** Whether the play bears the loss of those of its hosts that have dropped out before anything was begun. */
function mayBegin({ tools }: ApplyRequest, run: RunState, play: CompiledPlay, names: readonly string[]): boolean {
  const out = names.filter((name) => run.hasDropped(name));
  const why = intolerable(play, out.length, names.length);
  if (why === undefined) return true;
  for (const name of names) run.drop(name, 'refused');
  const remedy = 'see to these hosts first, or leave them out with --limit';
  const reason = `${out.length} of ${names.length} hosts take no part, and ${why}`;
  tools.emit({ type: 'play-refused', play: play.name, reason, details: [['out', out.join(', ')]], remedy });
  return false;
}

async function isConfirmed({ confirm }: ApplyRequest, plan: PlayPlan): Promise<boolean> {
  const changes = plan.hosts.some(({ tasks }) =>
    tasks.some(({ action, condition }) => condition === undefined && (action === 'change' || action === 'unknown')),
  );
  return !confirm || !changes || confirm(plan);
}

async function execute(
  request: ApplyRequest,
  run: RunState,
  prepared: PreparedPlay,
  connected: ReadonlyMap<string, HostSessions<WriteSession>>,
): Promise<WalkEnd> {
  const { tools, stop } = request;
  const started = tools.clock().getTime();
  const hosts = new Map<string, HostRun>();
  for (const [name, state] of prepared.states) {
    const sessions = connected.get(name);
    if (!sessions) continue;
    const host = new HostRun(sessions, state);
    hosts.set(name, host);
    // It is not touched, but how it is matters to those who judge the others.
    if (run.hasDropped(name)) host.leave('refused', 'its plan');
  }
  const taking = [...hosts.values()].filter(({ stop: reason }) => reason === undefined);
  run.addRuns(taking);
  await tools.journal.write({
    type: 'run',
    runId: request.runId,
    command: 'apply',
    source: prepared.shown.play,
    hosts: taking.map(({ name }) => name),
  });
  const end = await executePlay({
    input: prepared.input,
    plans: prepared.plans,
    order: prepared.order,
    hosts,
    tools,
    stop,
    refresh: (batch) => refresh(request, prepared, [...hosts.values()], batch),
  });
  for (const host of taking) run.registered.set(host.name, host.state.registered);
  tools.emit({ type: 'play-finished', play: prepared.shown.play, elapsedMs: tools.clock().getTime() - started });
  return end;
}

/**
 * A batch that waited for others is looked at afresh: what was seen before them may be minutes old. Of the other hosts only
 * what the strategy's gate judges by is asked again. A host that is lost here drops out.
 */
async function refresh(
  { tools }: ApplyRequest,
  { input, plans }: PreparedPlay,
  hosts: readonly HostRun[],
  batch: readonly HostRun[],
): Promise<void> {
  const { strategy, tasks, become } = input.play;
  const states = new Map(hosts.map(({ name, state }) => [name, state]));
  await forEachLimited(
    hosts.filter(({ isLost }) => !isLost),
    tools.forks,
    async (host) => {
      const { info } = host.state;
      const peers = peersOf(states, host.name);
      const planned = batch.includes(host) ? plans.get(host.name) : undefined;
      const needs = (known: World): readonly Question[] => [
        ...(strategy?.needs(known, info) ?? []).map((ref) => ({ ref, become })),
        ...tasks.flatMap((task) =>
          (planned?.get(task.ref.path)?.calls ?? []).flatMap(({ params }) =>
            questionsOf(task, params, known, info, peers),
          ),
        ),
      ];
      try {
        host.state = await lookFor(host.sessions, host.state, needs, tools);
      } catch (error) {
        reportUnseen(host.name, error, tools.emit);
        host.isLost = error instanceof UnreachableError;
        host.leave('unreachable', 'the look before its batch');
      }
    },
  );
}
