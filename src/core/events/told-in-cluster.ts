import type { ClusterRef } from '../cluster.ts';
import type { EventSink } from './event.ts';

/** What is told there is told of this cluster; of none, it is told as it is. */
export function toldInCluster(emit: EventSink, cluster: ClusterRef | undefined): EventSink {
  if (!cluster) return emit;
  return (event) => {
    const told = { ...event, cluster };
    emit(told);
  };
}
