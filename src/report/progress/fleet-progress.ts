import { type ClusterRef, clusterText } from '../../core/cluster.ts';
import type { ClusterOutcome } from '../../core/events/play.ts';
import type { EventOf } from '../reporter.ts';
import type { PlayState } from './play-state.ts';

/** A cluster of a play. */
export interface ClusterProgress {
  readonly cluster: ClusterRef;
  /** While it is running. */
  readonly part?: PlayState;
  /** When it has ended. */
  readonly end?: { readonly outcome: ClusterOutcome; readonly elapsedMs: number; readonly hosts: number };
}

/** The progress of a play on parallel clusters. */
export class FleetProgress {
  readonly startedMs: number;
  #wave: EventOf<'wave-started'> | undefined;
  readonly #clusters = new Map<string, ClusterProgress>();

  constructor(clusters: readonly ClusterRef[], nowMs: number) {
    this.startedMs = nowMs;
    for (const cluster of clusters) this.#clusters.set(clusterText(cluster), { cluster });
  }

  get clusters(): readonly ClusterProgress[] {
    return [...this.#clusters.values()];
  }

  /** The last started wave of a play with a rollout. */
  get wave(): EventOf<'wave-started'> | undefined {
    return this.#wave;
  }

  startWave(event: EventOf<'wave-started'>): void {
    this.#wave = event;
  }

  startCluster({ cluster }: EventOf<'cluster-started'>, part: PlayState): void {
    this.#clusters.set(clusterText(cluster), { cluster, part });
  }

  endCluster({ cluster, outcome, elapsedMs }: EventOf<'cluster-finished'>): void {
    const hosts = this.#clusters.get(clusterText(cluster))?.part?.hosts.length ?? 0;
    this.#clusters.set(clusterText(cluster), { cluster, end: { outcome, elapsedMs, hosts } });
  }

  /** Clusters that had ended well count as failed if they were not as they were left after a soak. */
  endSoak({ failed }: EventOf<'wave-settled'>): void {
    for (const { cluster: name } of failed) {
      const key = clusterText({ kind: 'declared', name });
      const known = this.#clusters.get(key);
      if (known?.end) this.#clusters.set(key, { ...known, end: { ...known.end, outcome: 'failed' } });
    }
  }
}
