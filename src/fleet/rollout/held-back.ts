import { needsWindow } from '../../core/plan-totals.ts';
import type { RunResult } from '../../engine/run-result.ts';
import type { ClusterProgress } from './decide.ts';
import { planOf } from './known-waves.ts';
import { findLateBehind } from './late-behind.ts';
import type { RolloutRequest } from './rollout-request.ts';
import type { PlannedWave } from './waves.ts';

/** The result of a run, and what the waves of its rollout keep from starting. */
export interface ResultInWaves extends RunResult {
  /** Only of a plan: hosts on which nothing would start, because a cluster of an earlier wave is outside its windows. */
  readonly heldBack?: readonly string[];
  /** Only of a plan of a rollout: the wave of each cluster, by its name. */
  readonly waveOf?: Readonly<Record<string, string>>;
}

/**
 * The plan of a run that does not wait for windows, with the hosts of later waves that it would not come to. What expires there
 * meanwhile is reported, and added to what is late.
 * @param now milliseconds since the epoch
 */
export function withHeldBack(
  look: RunResult,
  waves: readonly PlannedWave[],
  rollout: Pick<RolloutRequest, 'play' | 'emit' | 'hostsOf'>,
  now: number,
): ResultInWaves {
  const { hostsOf } = rollout;
  const clusters = progressOutsideWindows(waves, look, hostsOf);
  const late = findLateBehind(clusters, look, rollout, now);
  const heldBack = clusters.flatMap(({ name, state }) => (state === 'waiting' ? (hostsOf.get(name) ?? []) : []));
  return { ...look, late: [...look.late, ...late], heldBack };
}

/**
 * How far a run would get that does not wait for windows: clusters outside them are `left`, and those of later waves `waiting`.
 * @returns all clusters of the waves; none if windows keep no wave from starting
 */
function progressOutsideWindows(
  waves: readonly PlannedWave[],
  look: RunResult,
  hostsOf: RolloutRequest['hostsOf'],
): readonly ClusterProgress[] {
  const isShut = (name: string): boolean => {
    const plan = planOf(look, hostsOf.get(name) ?? []);
    return plan?.window?.state === 'shut' && needsWindow([plan]);
  };
  const last = waves.findIndex(({ clusters }) => clusters.some(isShut));
  if (last < 0) return [];
  return waves.flatMap(({ clusters }, index) =>
    clusters.map((name): ClusterProgress => {
      if (index > last) return { name, state: 'waiting' };
      return { name, state: isShut(name) ? 'left' : 'ok' };
    }),
  );
}
