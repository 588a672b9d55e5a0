import type { ClusterRef } from '../cluster.ts';
import type { EventSink } from './event.ts';

/** A sink whose events name this cluster; without one they stay as they are. */
export function clusterSink(emit: EventSink, cluster: ClusterRef | undefined): EventSink {
  if (!cluster) return emit;
  return (event) => {
    const told = { ...event, cluster };
    emit(told);
  };
}
