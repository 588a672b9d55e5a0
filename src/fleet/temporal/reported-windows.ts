import type { ClusterWindow } from '../../core/cluster.ts';

/** A worker whose clock is behind finds a window shut that is open by another: it is not asked again at once. */
const AGAIN_MS = 10_000;

/**
 * The windows of clusters, as workers have reported them. A rollout comes to the same wherever it is replayed, so it reads no calendar itself:
 * until a worker has said that a cluster is shut, it may be tried.
 */
export class ReportedWindows {
  readonly #now: () => number;
  readonly #opens = new Map<string, number>();

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A worker has found them so. @param opens ISO 8601; undefined: never */
  shut(cluster: string, opens: string | undefined): void {
    const at = opens === undefined ? Number.POSITIVE_INFINITY : Date.parse(opens);
    this.#opens.set(cluster, Math.max(at, this.#now() + AGAIN_MS));
  }

  /** @returns undefined of one that nobody has found shut */
  ask(cluster: string): Pick<ClusterWindow, 'state' | 'opens'> | undefined {
    const opens = this.#opens.get(cluster);
    if (opens === undefined) return undefined;
    if (opens <= this.#now()) return { state: 'open' };
    return { state: 'shut', ...(Number.isFinite(opens) && { opens: new Date(opens).toISOString() }) };
  }
}
