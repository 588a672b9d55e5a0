/** A cluster of a play that has hosts of several. Plain data. */
export type ClusterRef =
  /** A group of the inventory that holds `kplay_cluster`. */
  | { readonly kind: 'declared'; readonly name: string }
  /** Hosts that hold the same; called by the first of them. */
  | { readonly kind: 'found'; readonly name: string }
  /** Hosts of no cluster. */
  | { readonly kind: 'none' };

/** What the windows of a cluster say at a moment. Plain data; times are ISO 8601 in UTC. */
export interface ClusterWindow {
  /** May work on it begin? */
  readonly state: 'open' | 'shut';
  /** As the inventory says them: `Tue-Thu 01:00-04:00 Europe/Berlin`. */
  readonly windows: string;
  /** The state for people: `open until Wed 2026-12-02 04:00 Europe/Berlin`. */
  readonly reason: string;
  /** How long a run on the cluster is expected to take, and where that comes from: `30m (default)`. */
  readonly expected: string;
  /** Of an open one that ends: when. */
  readonly until?: string;
  /** Of one that is shut: when the work fits in next, if it ever does. */
  readonly opens?: string;
}

/** `cluster prod`, `the cluster of m1`, `hosts of no cluster`. */
export function clusterText(cluster: ClusterRef): string {
  switch (cluster.kind) {
    case 'declared':
      return `cluster ${cluster.name}`;
    case 'found':
      return `the cluster of ${cluster.name}`;
    case 'none':
      return 'hosts of no cluster';
  }
}
