import type { EventSink } from '../core/events/event.ts';
import type { RunTools } from '../engine/run/tools.ts';
import { applyRun } from '../engine/run.ts';
import type { ApplyRequest } from '../engine/run-request.ts';
import { mergedResults, type RunResult } from '../engine/run-result.ts';
import { type ClusterSchedule, clusterWindow } from './schedule.ts';

/**
 * How often the clock is checked during a wait for a window, so that sleep of the machine and changes of its clock are
 * noticed.
 */
const LOOK_MS = 1_000;

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
  { schedules, wallClock, aborted }: WindowWait,
): Promise<RunResult> {
  const { tools, stop } = request;
  const windowOf = (name: string) => {
    const schedule = schedules.get(name);
    return schedule ? [{ name, window: clusterWindow(schedule, wallClock().getTime(), schedule.expected.ms) }] : [];
  };
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
    const open = waiting.flatMap(windowOf).filter(({ window }) => window.state === 'open');
    if (open.length > 0) {
      const names = new Set(open.map(({ name }) => name));
      // After an abort those that still wait for their windows are not started either.
      const stillWaiting = waiting.filter((name) => !names.has(name));
      const emit: EventSink = (event) =>
        tools.emit(
          event.type === 'rollout-stopped' ? { ...event, clusters: [...event.clusters, ...stillWaiting] } : event,
        );
      const plays = playsOf(request, names);
      // Between two windows there are days, in which others may have changed the hosts.
      const now = tools.clock();
      const nextResult = await applyRun({ ...request, now, begunAt: now, plays, tools: { ...tools, emit } });
      result = mergedResults(result, nextResult);
      continue;
    }
    const next = waiting
      .flatMap(windowOf)
      .flatMap(({ name, window: { opens } }) => (opens === undefined ? [] : [{ name, opens }]));
    const [opens] = next.map((each) => each.opens).sort();
    if (opens === undefined) return { ...result, refused: [...result.refused, ...result.left], left: [] };
    const clusters = next.filter((each) => each.opens === opens).map(({ name }) => name);
    tools.emit({ type: 'window-waiting', clusters, opens });
    await until(Date.parse(opens), wallClock, tools.wait, AbortSignal.any([stop, aborted]));
  }
  return result;
}

function clustersOf({ plays }: ApplyRequest, hosts: readonly string[]): readonly string[] {
  const members = plays.flatMap((play) => play.hosts.map(({ host }) => host));
  return [...new Set(members.flatMap(({ name, cluster }) => (hosts.includes(name) && cluster ? [cluster] : [])))];
}

/** The plays, restricted to the hosts of these clusters. */
function playsOf({ plays }: ApplyRequest, clusters: ReadonlySet<string>): ApplyRequest['plays'] {
  return plays
    .map((play) => ({ ...play, hosts: play.hosts.filter(({ host }) => host.cluster && clusters.has(host.cluster)) }))
    .filter(({ hosts }) => hosts.length > 0);
}

/** Ends early when the run is asked to stop. */
async function until(moment: number, wallClock: () => Date, wait: RunTools['wait'], stop: AbortSignal): Promise<void> {
  for (let left = moment - wallClock().getTime(); left > 0; left = moment - wallClock().getTime()) {
    try {
      await wait(Math.min(left, LOOK_MS), stop);
    } catch (error) {
      if (!stop.aborted) throw error;
      return;
    }
  }
}
