import { createHash } from 'node:crypto';
import type { CompiledPlay } from './compiled.ts';

/**
 * The plays, with the hosts of those that are to be shuffled (`order: shuffle`) in an order that is drawn by the run's id: each run
 * has one of its own, which its plan shows, and which a saved plan keeps. Some of the hosts come in the order that they have among all.
 */
export function inDrawnOrder(plays: readonly CompiledPlay[], runId: string): readonly CompiledPlay[] {
  return plays.map((play) => {
    if (!play.isShuffled) return play;
    const lots = play.hosts.map((host) => [lotOf(`${runId}\n${play.name}\n${host.host.name}`), host] as const);
    return { ...play, hosts: lots.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, host]) => host) };
  });
}

function lotOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
