/** A cluster of a play that has hosts of several. Plain data. */
export type ClusterRef =
  /** A group of the inventory that sets `kplay_cluster`. */
  | { readonly kind: 'declared'; readonly name: string }
  /** Hosts with the same CAs and etcd; named after the first of them. */
  | { readonly kind: 'found'; readonly name: string }
  /** Hosts that belong to no cluster. */
  | { readonly kind: 'none' };

/** The state of a cluster's windows at a point in time. Plain data; times are ISO 8601 in UTC. */
export interface ClusterWindow {
  /** Whether work on it may start. */
  readonly state: 'open' | 'shut';
  /** As written in the inventory: `Tue-Thu 01:00-04:00 Europe/Berlin`. */
  readonly windows: string;
  /** The state in words: `open until Wed 2026-12-02 04:00 Europe/Berlin`. */
  readonly reason: string;
  /** The expected duration of a run on the cluster, and its source: `30m (default)`. */
  readonly expected: string;
  /** When an open window ends, if it does and that is known. */
  readonly until?: string;
  /** When the work fits in next, if the window is shut and there is such a time. */
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
