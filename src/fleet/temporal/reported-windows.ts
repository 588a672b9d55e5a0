import type { ClusterWindow } from '../../core/cluster.ts';

/** A worker whose clock is behind may find a window closed that another finds open: do not retry immediately. */
const RETRY_MS = 10_000;

/**
 * The windows of clusters, as reported by workers. A workflow has to be deterministic, so it reads no calendar itself: until a
 * worker reports a cluster's window as closed, the cluster may be tried.
 */
export class ReportedWindows {
  readonly #now: () => number;
  readonly #openingTimes = new Map<string, number>();

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Records a worker's report. @param opens ISO 8601; undefined: never */
  markShut(cluster: string, opens: string | undefined): void {
    const at = opens === undefined ? Number.POSITIVE_INFINITY : Date.parse(opens);
    this.#openingTimes.set(cluster, Math.max(at, this.#now() + RETRY_MS));
  }

  /** @returns undefined for a cluster that was not reported */
  ask(cluster: string): Pick<ClusterWindow, 'state' | 'opens'> | undefined {
    const opens = this.#openingTimes.get(cluster);
    if (opens === undefined) return undefined;
    if (opens <= this.#now()) return { state: 'open' };
    return { state: 'shut', ...(Number.isFinite(opens) && { opens: new Date(opens).toISOString() }) };
  }
}
