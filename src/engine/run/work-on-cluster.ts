import type { PreparedPlay } from '../plan/play-preparation.ts';
import { tasksOf } from '../program/play-tasks.ts';
import type { Forbidden } from '../run-request.ts';
import type { WalkEnd } from '../walk/request.ts';
import { activeHosts, type PlayWork } from './play-work.ts';
import { runPreparedPlay } from './run-prepared-play.ts';
import { WindowGate } from './window-gate.ts';
import { mayWrite } from './work.ts';

/** Carries the play out on one cluster, if its window is open and no check or hook forbids it. */
export async function workOnCluster(work: PlayWork, part: PreparedPlay): Promise<WalkEnd> {
  const { request, run } = work;
  const { emit, clock } = request.tools;
  const { cluster } = part;
  const { play } = part.shown;
  const hosts = activeHosts(run, part);
  const window = new WindowGate(part.input.play, request.timing, emit);
  const isToWrite = hosts.some((name) => mayWrite(tasksOf(part.input.play), part.plans.get(name)));
  const isOpen = (): boolean => {
    const state = isToWrite ? window.check(() => hosts, 1) : 'open';
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
  const end = await runPreparedPlay(work, part, window);
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
