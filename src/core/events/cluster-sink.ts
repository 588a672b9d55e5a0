import type { ClusterRef } from '../cluster.ts';
import type { EventSink } from './event.ts';

/** A sink that adds this cluster to its events; without one they are passed on unchanged. */
export function clusterSink(emit: EventSink, cluster: ClusterRef | undefined): EventSink {
  if (!cluster) return emit;
  return (event) => {
    const clusterEvent = { ...event, cluster };
    emit(clusterEvent);
  };
}
