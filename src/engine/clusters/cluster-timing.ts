import type { ClusterWindow } from '../../core/cluster.ts';
import type { CompiledPlay } from '../program/compiled.ts';

/** What becomes of a cluster outside its windows. `left`: it stays as it is, and that is no refusal. `remedy`: what to do, one line. */
export type WhenShut =
  | { readonly kind: 'refused' | 'left'; readonly remedy: string }
  | { readonly kind: 'overridden'; readonly reason: string };

/** When clusters may be changed. It reads a clock of its own: every answer is about the present moment. */
export interface ClusterTiming {
  readonly whenShut: WhenShut;
  /** What becomes of a cluster that no further window will open for; absent: as `whenShut`. */
  readonly whenNever?: WhenShut;
  /**
   * Whether a part of the work on a cluster may begin now.
   * @param share the part: 1 for a whole run, less than 1 for a batch
   * @returns undefined for a cluster that may be changed at any time
   */
  ask(cluster: string, share: number): ClusterWindow | undefined;
}

/** What the windows of a play's clusters say: those of a cluster that is shut, if one is; undefined when no cluster has any. */
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
