import { createHash } from 'node:crypto';
import type { CompiledPlay } from './compiled.ts';

/**
 * Shuffles the hosts of plays with `order: shuffle`, seeded by the run's id: each run has its own order, which its plan shows
 * and a saved plan keeps. A subset of the hosts keeps its relative order.
 */
export function withShuffledHosts(plays: readonly CompiledPlay[], runId: string): readonly CompiledPlay[] {
  return plays.map((play) => {
    if (!play.isShuffled) return play;
    const keyed = play.hosts.map((host) => [shuffleKey(`${runId}\n${play.name}\n${host.host.name}`), host] as const);
    return { ...play, hosts: keyed.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, host]) => host) };
  });
}

function shuffleKey(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
