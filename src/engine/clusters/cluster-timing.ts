import type { ClusterWindow } from '../../core/cluster.ts';
import type { CompiledPlay } from '../program/compiled.ts';

/**
 * What happens to a cluster outside its windows. `left`: it stays as it is, which is not a refusal; with `waits`, until its window opens.
 * `remedy`: what to do, one line.
 */
export type WhenShut =
  | { readonly kind: 'refused' | 'left'; readonly remedy: string; readonly waits?: true }
  | { readonly kind: 'overridden'; readonly reason: string };

/** When clusters may be changed. It has its own clock: every answer is about the present moment. */
export interface ClusterTiming {
  readonly whenShut: WhenShut;
  /** What happens to a cluster without any further window; default: as `whenShut`. */
  readonly whenNever?: WhenShut;
  /**
   * Whether a part of the work on a cluster may start now.
   * @param share the part: 1 for a whole run, less than 1 for a batch
   * @returns undefined if the cluster may be changed at any time
   */
  ask(cluster: string, share: number): ClusterWindow | undefined;
}

/** The current window of a play's clusters: that of a shut cluster, if there is one; undefined if no cluster has windows. */
export function windowOf(
  { hosts }: CompiledPlay,
  timing: ClusterTiming | undefined,
  share: number,
): { readonly cluster: string; readonly window: ClusterWindow } | undefined {
  if (!timing) return undefined;
  const names = new Set(hosts.flatMap(({ host }) => host.cluster ?? []));
  const windows = [...names].flatMap((cluster) => {
    const window = timing.ask(cluster, share);
    return window ? [{ cluster, window }] : [];
  });
  return windows.find(({ window }) => window.state === 'shut') ?? windows[0];
}
