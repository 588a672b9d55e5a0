import type { ClusterWindow } from '../core/cluster.ts';
import type { EventSink } from '../core/events/event.ts';
import { mergedResults } from '../engine/result-sum.ts';
import { applyRun } from '../engine/run.ts';
import type { ApplyRequest } from '../engine/run-request.ts';
import type { RunResult } from '../engine/run-result.ts';
import { type ClusterSchedule, clusterWindow } from './schedule.ts';
import { waitUntil } from './wait-until.ts';

export interface WindowWait {
  readonly schedules: ReadonlyMap<string, ClusterSchedule>;
  /** The time of day. */
  readonly wallClock: () => Date;
  /** Aborted when an operator aborts the run. */
  readonly aborted: AbortSignal;
}

/**
 * Runs the clusters that a run has left because of their windows, each when its next window opens, until nothing is left or
 * the run is asked to stop. While it is paused, no cluster is started. No connection or lock is held in between; hosts are
 * observed and planned again each time. Clusters without a future window are refused. @returns the combined result
 */
export async function finishInWindows(
  first: RunResult,
  request: ApplyRequest,
  windows: WindowWait,
): Promise<RunResult> {
  const { tools, stop } = request;
  let result = first;
  // After an abort the clusters left have already been reported.
  const isOver = (): boolean => result.mistake !== undefined || result.wasAborted === true;
  while (result.left.length > 0 && !isOver()) {
    const waiting = clustersOf(request, result.left);
    const whyNot = await request.stopReason?.();
    if (whyNot) {
      const [play = ''] = request.plays.map(({ name }) => name);
      tools.emit({ type: 'rollout-stopped', play, ...whyNot, clusters: waiting });
      return { ...result, wasAborted: true };
    }
    if (stop.aborted) break;
    const open = openAmong(waiting, windows);
    if (open.size > 0) {
      result = mergedResults([result, await applyTo(open, waiting, request)]);
      continue;
    }
    const opening = nextOpening(waiting, windows);
    if (!opening) return { ...result, refused: [...result.refused, ...result.left], left: [] };
    tools.emit({ type: 'window-waiting', ...opening });
    await waitUntil(Date.parse(opening.opens), {
      now: () => windows.wallClock().getTime(),
      wait: tools.wait,
      stop: AbortSignal.any([stop, windows.aborted]),
    });
  }
  return result;
}

/** Applies the plays to the clusters whose windows are open. */
function applyTo(open: ReadonlySet<string>, waiting: readonly string[], request: ApplyRequest): Promise<RunResult> {
  const { tools } = request;
  // After an abort those that still wait for their windows are not started either.
  const stillWaiting = waiting.filter((name) => !open.has(name));
  const emit: EventSink = (event) =>
    tools.emit(event.type === 'rollout-stopped' ? { ...event, clusters: [...event.clusters, ...stillWaiting] } : event);
  // Between two windows there are days, in which others may have changed the hosts.
  const now = tools.clock();
  const isPart = request.plays.some(({ hosts }) => hosts.some(({ host }) => !open.has(host.cluster ?? '')));
  return applyRun({ ...request, now, begunAt: now, plays: playsOf(request, open), isPart, tools: { ...tools, emit } });
}

function openAmong(clusters: readonly string[], windows: WindowWait): ReadonlySet<string> {
  return new Set(clusters.filter((name) => windowOf(name, windows)?.state === 'open'));
}

/** The clusters whose windows open first, and when; undefined if none opens again. */
function nextOpening(
  clusters: readonly string[],
  windows: WindowWait,
): { readonly clusters: readonly string[]; readonly opens: string } | undefined {
  const next = clusters.map((name) => ({ name, opens: windowOf(name, windows)?.opens }));
  const [opens] = next.flatMap((each) => each.opens ?? []).sort();
  if (opens === undefined) return undefined;
  return { opens, clusters: next.filter((each) => each.opens === opens).map(({ name }) => name) };
}

function windowOf(cluster: string, { schedules, wallClock }: WindowWait): ClusterWindow | undefined {
  const schedule = schedules.get(cluster);
  return schedule && clusterWindow(schedule, wallClock().getTime(), schedule.expected.ms);
}

function clustersOf({ plays }: ApplyRequest, hosts: readonly string[]): readonly string[] {
  const isWanted = new Set(hosts);
  const members = plays.flatMap((play) => play.hosts.map(({ host }) => host));
  return [...new Set(members.flatMap(({ name, cluster }) => (isWanted.has(name) && cluster ? [cluster] : [])))];
}

/** The plays, restricted to the hosts of these clusters. */
function playsOf({ plays }: ApplyRequest, clusters: ReadonlySet<string>): ApplyRequest['plays'] {
  return plays
    .map((play) => ({ ...play, hosts: play.hosts.filter(({ host }) => host.cluster && clusters.has(host.cluster)) }))
    .filter(({ hosts }) => hosts.length > 0);
}
