import type { ClusterRef } from '../cluster.ts';

/** What happens to the hosts of one cluster while others are worked on beside it. */
export interface InCluster {
  /** Of which cluster it is told, between its `cluster-started` and its `cluster-finished`. */
  readonly cluster?: ClusterRef;
}
