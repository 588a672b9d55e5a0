import type { ClusterWindow } from '../../core/cluster.ts';
import type { CompiledPlay } from '../program/compiled.ts';

/** What becomes of a cluster that is shut; `left`: nothing, and it is no refusal. `remedy`: what to do, one line. */
export type WhenShut =
  | { readonly kind: 'refused' | 'left'; readonly remedy: string }
  | { readonly kind: 'overridden'; readonly reason: string };

/** When clusters may be changed. It has a clock of its own: what it is asked is asked of the moment. */
export interface ClusterTiming {
  readonly whenShut: WhenShut;
  /** The same where no window is ahead; default as before any other. */
  readonly whenNever?: WhenShut;
  /**
   * Whether a part of the work on a cluster may begin now. @param share which part of a run on it: 1, or less than that for a batch
   * @returns undefined for a cluster that may be changed at any time
   */
  ask(cluster: string, share: number): ClusterWindow | undefined;
}

/** What the windows of the clusters of these hosts say: the one that is shut, if one is. */
export function windowOf(
  { hosts }: CompiledPlay,
  timing: ClusterTiming | undefined,
  share: number,
): { readonly cluster: string; readonly window: ClusterWindow } | undefined {
  const names = new Set(hosts.flatMap(({ host }) => host.cluster ?? []));
  const said = [...names].flatMap((cluster) => {
    const window = timing?.ask(cluster, share);
    return window ? [{ cluster, window }] : [];
  });
  return said.find(({ window }) => window.state === 'shut') ?? said[0];
}
