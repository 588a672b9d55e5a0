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
}

/**
 * Carries out what a run has left because of windows, each cluster when its next window opens, until nothing is left or the run is
 * asked to stop. Nothing is held meanwhile: no connection and no lock; each time hosts are looked at and planned anew. Clusters that no
 * window is ahead of are refused. @returns what has come of all of it
 */
export async function finishInWindows(
  first: RunResult,
  request: ApplyRequest,
  { schedules, wallClock }: WindowWait,
): Promise<RunResult> {
  const { tools, stop } = request;
  const asked = (name: string) => {
    const schedule = schedules.get(name);
    return schedule ? [{ name, window: clusterWindow(schedule, wallClock().getTime(), schedule.expected) }] : [];
  };
  let result = first;
  while (result.left.length > 0 && !stop.aborted && result.mistake === undefined) {
    const waiting = clustersOf(request, result.left);
    const open = waiting.flatMap(asked).filter(({ window }) => window.state === 'open');
    if (open.length > 0) {
      const names = new Set(open.map(({ name }) => name));
      const again = await applyRun({ ...request, now: tools.clock(), plays: playsOf(request, names) });
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
    await until(Date.parse(opens), wallClock, request);
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
async function until(moment: number, wallClock: () => Date, { tools, stop }: ApplyRequest): Promise<void> {
  for (let left = moment - wallClock().getTime(); left > 0; left = moment - wallClock().getTime()) {
    try {
      await tools.wait(Math.min(left, LOOK_MS), stop);
    } catch (error) {
      if (!stop.aborted) throw error;
      return;
    }
  }
}
