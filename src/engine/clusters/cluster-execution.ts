import { UnreachableError, type WriteSession } from '../../core/session.ts';
import type { World } from '../../core/world.ts';
import type { Delegates } from '../hosts/delegates.ts';
import { reportUnseen } from '../hosts/dropout.ts';
import type { HostSessions } from '../hosts/host-sessions.ts';
import { forEachLimited } from '../hosts/limited.ts';
import { lookFor, type Question } from '../hosts/observe.ts';
import { peersOf } from '../hosts/peers.ts';
import { questionsOf } from '../plan/plan-task.ts';
import type { PreparedPlay } from '../plan/play-preparation.ts';
import { executePlay } from '../run/execute-play.ts';
import { mayWrite } from '../run/execution.ts';
import { HostRun } from '../run/host-run.ts';
import { WindowGate } from '../run/window-gate.ts';
import type { ApplyRequest } from '../run-request.ts';
import type { RunState } from '../run-state.ts';
import type { WalkEnd } from '../walk/request.ts';

/** The sessions of a play: to its hosts, and to those that do something for them. */
export interface PlaySessions {
  readonly connected: ReadonlyMap<string, HostSessions<WriteSession>>;
  readonly delegates: Delegates<WriteSession>;
}

/** One cluster after another, each on its own: what is refused or fails in one is none of the others' business. */
export async function executeClusters(
  request: ApplyRequest,
  run: RunState,
  parts: readonly PreparedPlay[],
  sessions: PlaySessions,
): Promise<WalkEnd> {
  const { emit, clock } = request.tools;
  const started = clock().getTime();
  const [play = ''] = parts.map(({ shown }) => shown.play);
  let end: WalkEnd = 'passed';
  for (const part of parts) {
    const { cluster, states } = part;
    const hosts = [...states.keys()].filter((name) => !run.hasDropped(name));
    if (end === 'ended' || (cluster && request.stop.aborted)) {
      run.leaveUntouched(hosts);
      continue;
    }
    const window = new WindowGate(part.input.play, request.timing, emit);
    const isWork = hosts.some((name) => mayWrite(part.input.play.tasks, part.plans.get(name)));
    const said = isWork ? window.ask(hosts, 1) : 'open';
    if (said !== 'open') {
      for (const host of hosts) run.drop(host, said);
      continue;
    }
    const begun = clock().getTime();
    if (cluster) emit({ type: 'cluster-started', play, cluster, hosts });
    end = await execute(request, run, part, sessions, window);
    if (cluster) emit({ type: 'cluster-finished', play, cluster, elapsedMs: clock().getTime() - begun });
  }
  emit({ type: 'play-finished', play, elapsedMs: clock().getTime() - started });
  return end;
}

async function execute(
  request: ApplyRequest,
  run: RunState,
  prepared: PreparedPlay,
  sessions: PlaySessions,
  window: WindowGate,
): Promise<WalkEnd> {
  const { tools, stop } = request;
  const { connected, delegates } = sessions;
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
    delegates,
    tools,
    window,
    stop,
    refresh: (batch) => refresh(request, prepared, [...hosts.values()], batch),
  });
  if (window.shut === 'left')
    run.leave(taking.filter(({ stop: reason }) => reason?.why === 'cancelled').map(({ name }) => name));
  for (const host of taking) run.registered.set(host.name, host.state.registered);
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
        ...(strategy?.needs(known, info, { now: input.now, peers }) ?? []).map((ref) => ({ ref, become })),
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
