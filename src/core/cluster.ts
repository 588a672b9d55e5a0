/** A cluster of a play that has hosts of several. Plain data. */
export type ClusterRef =
  /** A group of the inventory that holds `kplay_cluster`. */
  | { readonly kind: 'declared'; readonly name: string }
  /** Hosts that hold the same; called by the first of them. */
  | { readonly kind: 'found'; readonly name: string }
  /** Hosts of no cluster. */
  | { readonly kind: 'none' };

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
