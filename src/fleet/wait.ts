import type { EventSink } from '../core/events/event.ts';
import { applyRun } from '../engine/run.ts';
import type { ApplyRequest } from '../engine/run-request.ts';
import { mergedResults, type RunResult } from '../engine/run-state.ts';
import { type ClusterSchedule, clusterWindow } from './schedule.ts';

/** So often the clock is looked at while a window is waited for: a machine that slept, or was set right, is followed. */
const LOOK_MS = 1_000;

export interface WindowWait {
  readonly schedules: ReadonlyMap<string, ClusterSchedule>;
  /** The time of day. */
  readonly wallClock: () => Date;
  /** When an operator has aborted the run. */
  readonly aborted: AbortSignal;
}

/**
 * Carries out what a run has left because of windows, each cluster when its next window opens, until nothing is left or the run is
 * asked to stop. While it is paused no cluster is begun. Nothing is held meanwhile: no connection and no lock; each time hosts are looked at and planned anew. Clusters that no
 * window is ahead of are refused. @returns what has come of all of it
 */
export async function finishInWindows(
  first: RunResult,
  request: ApplyRequest,
  { schedules, wallClock, aborted }: WindowWait,
): Promise<RunResult> {
  const { tools, stop } = request;
  const asked = (name: string) => {
    const schedule = schedules.get(name);
    return schedule ? [{ name, window: clusterWindow(schedule, wallClock().getTime(), schedule.expected.ms) }] : [];
  };
  let result = first;
  // Of one that was aborted it has been told already what was not begun.
  const isOver = (): boolean => stop.aborted || result.mistake !== undefined || result.wasAborted === true;
  while (result.left.length > 0 && !isOver()) {
    const waiting = clustersOf(request, result.left);
    const whyNot = await request.whyNot?.();
    if (whyNot) {
      const [play = ''] = request.plays.map(({ name }) => name);
      tools.emit({ type: 'rollout-stopped', play, ...whyNot, clusters: waiting });
      return { ...result, wasAborted: true };
    }
    if (stop.aborted) break;
    const open = waiting.flatMap(asked).filter(({ window }) => window.state === 'open');
    if (open.length > 0) {
      const names = new Set(open.map(({ name }) => name));
      // When it is aborted meanwhile, those that still wait for their windows are not begun either.
      const others = waiting.filter((name) => !names.has(name));
      const emit: EventSink = (event) =>
        tools.emit(event.type === 'rollout-stopped' ? { ...event, clusters: [...event.clusters, ...others] } : event);
      const plays = playsOf(request, names);
      // Between two windows lie days, in which others may have worked on the hosts.
      const now = tools.clock();
      const again = await applyRun({ ...request, now, begunAt: now, plays, tools: { ...tools, emit } });
      result = mergedResults(result, again);
      continue;
    }
    const next = waiting
      .flatMap(asked)
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

/** The plays for the hosts of these clusters alone. */
function playsOf({ plays }: ApplyRequest, clusters: ReadonlySet<string>): ApplyRequest['plays'] {
  return plays
    .map((play) => ({ ...play, hosts: play.hosts.filter(({ host }) => host.cluster && clusters.has(host.cluster)) }))
    .filter(({ hosts }) => hosts.length > 0);
}

/** Ends early when the run is asked to stop. */
async function until(
  moment: number,
  wallClock: () => Date,
  wait: ApplyRequest['tools']['wait'],
  stop: AbortSignal,
): Promise<void> {
  for (let left = moment - wallClock().getTime(); left > 0; left = moment - wallClock().getTime()) {
    try {
      await wait(Math.min(left, LOOK_MS), stop);
    } catch (error) {
      if (!stop.aborted) throw error;
      return;
    }
  }
}
