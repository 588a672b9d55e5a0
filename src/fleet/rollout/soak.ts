import { forEachLimited } from '../../core/limited.ts';
import type { FleetEngine } from './fleet-engine.ts';
import type { RolloutRequest } from './rollout-request.ts';
import type { PlannedWave } from './waves.ts';

/** A wave during its soak. */
export interface Soak {
  readonly wave: PlannedWave;
  /** The clusters that will be observed again. */
  readonly done: readonly string[];
  /** Resolves at that time, or as soon as nothing more may be started. */
  readonly rest: (until: number) => Promise<void>;
  /** Whether nothing more may be started. */
  readonly isOver: () => boolean;
  /** Called for each cluster whose state has changed, as soon as that is known. */
  readonly fail: (cluster: string) => void;
}

/**
 * Leaves the clusters of a wave alone, then observes them again, with the parallelism of the rollout: a cluster whose state
 * has changed has failed. @returns false when the rollout stops before all were observed: then nothing is reported about the
 * wave
 */
export async function soakWave(
  engine: FleetEngine,
  { play, emit, sideBySide }: Pick<RolloutRequest, 'play' | 'emit' | 'sideBySide'>,
  { wave, done, rest, isOver, fail }: Soak,
): Promise<boolean> {
  const until = engine.now() + (wave.soak ?? 0);
  emit({ type: 'wave-soaking', play, wave: wave.name, until: new Date(until).toISOString() });
  await rest(until);
  const reasons = new Map<string, string>();
  const atOnce = Math.min(sideBySide, done.length);
  await forEachLimited(done, atOnce, async (cluster) => {
    if (isOver()) return;
    const reason = await engine.lookAgain(cluster, atOnce);
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
