import { HostSessions } from '../hosts/host-sessions.ts';
import type { PreparedPlay } from '../plan/play-preparation.ts';
import type { WalkEnd } from '../walk/request.ts';
import { executePlay } from './execute-play.ts';
import { HostRun } from './host-run.ts';
import type { PlayWork } from './play-work.ts';
import { refreshBatch } from './refresh-batch.ts';
import type { WindowGate } from './window-gate.ts';

/** Carries a prepared play out on its hosts, writes its hosts to the journal before, and keeps what its tasks have registered for later plays. */
export async function runPreparedPlay(
  { request, run, sessions }: PlayWork,
  prepared: PreparedPlay,
  window: WindowGate,
): Promise<WalkEnd> {
  const { tools, stop, confirmTask } = request;
  const { connected, delegates, reopen } = sessions;
  const { play } = prepared.input;
  // Those that an earlier play has lost are in no batch.
  const absent = play.hosts.map(({ host }) => host.name).filter((name) => !prepared.states.has(name));
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
    tools,
    window,
    stop,
    ...(confirmTask && { confirmTask }),
    clearErrors: (cleared) => run.clearErrors([...cleared, ...absent], play),
    refresh: (batch) => refreshBatch(tools, prepared, [...hosts.values()], batch),
  });
  if (window.shut === 'left')
    run.leaveForLater(active.filter(({ stop: reason }) => reason?.why === 'cancelled').map(({ name }) => name));
  for (const host of active) run.register(host.name, host.state.registered);
  return end;
}
