import { forEachLimited } from '../../engine/hosts/limited.ts';
import type { FleetEngine } from './fleet-engine.ts';
import type { RolloutRequest } from './rollout-request.ts';
import type { PlannedWave } from './waves.ts';

/** A wave that soaks. */
export interface Soak {
  readonly wave: PlannedWave;
  /** Those of its clusters that are to be looked at again. */
  readonly done: readonly string[];
  /** Resolves at that moment, or as soon as nothing more is to be begun. */
  readonly rest: (until: number) => Promise<void>;
  /** Nothing more is to be begun. */
  readonly isOver: () => boolean;
  /** Called with each cluster that is not as it was left, as soon as that is known. */
  readonly fail: (cluster: string) => void;
}

/**
 * Leaves the clusters of a wave alone, and looks at them again, as many side by side as are worked on: one that is not as it was
 * left has failed. @returns false when nothing more is to be begun before all have been seen: nothing is said of the wave then
 */
export async function hasSettled(
  engine: FleetEngine,
  { play, emit, sideBySide }: Pick<RolloutRequest, 'play' | 'emit' | 'sideBySide'>,
  { wave, done, rest, isOver, fail }: Soak,
): Promise<boolean> {
  const until = engine.now() + (wave.soak ?? 0);
  emit({ type: 'wave-soaking', play, wave: wave.name, until: new Date(until).toISOString() });
  await rest(until);
  const reasons = new Map<string, string>();
  await forEachLimited(done, sideBySide, async (cluster) => {
    if (isOver()) return;
    const reason = await engine.lookAgain(cluster);
    if (reason === undefined || isOver()) return;
    reasons.set(cluster, reason);
    fail(cluster);
  });
  if (isOver()) return false;
  const failed = done.flatMap((cluster) => {
    const reason = reasons.get(cluster);
    return reason === undefined ? [] : [{ cluster, reason }];
  });
  emit({ type: 'wave-settled', play, wave: wave.name, clusters: done, failed });
  return true;
}
