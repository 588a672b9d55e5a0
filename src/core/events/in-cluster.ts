import type { ClusterRef } from '../cluster.ts';

/** Events about hosts of one cluster while others are in progress. */
export interface InCluster {
  /** The cluster that the event is about, between its `cluster-started` and its `cluster-finished`. */
  readonly cluster?: ClusterRef;
}
