import { clusterText } from '../../core/cluster.ts';
import type { Event } from '../../core/events/event.ts';

/** What a run waits for. `cluster` is the text shown to people. */
export type Wait =
  | { readonly for: 'window' | 'resume' | 'engine' }
  | { readonly for: 'approval' | 'soak'; readonly wave: string }
  | { readonly for: 'check'; readonly cluster: string; readonly check: string };

/** Whether an event ends the wait. */
export function endsWait(event: Event, wait: Wait): boolean {
  if (event.type === 'rollout-stopped') return true;
  switch (wait.for) {
    case 'window':
      return event.type === 'window-waiting' || event.type === 'cluster-started';
    case 'engine':
      return event.type === 'warning' && event.engine === 'back';
    case 'resume':
      return event.type === 'run-resumed' || event.type === 'run-aborted';
    case 'approval':
      return event.type === 'wave-approved' && event.wave === wait.wave;
    case 'soak':
      return event.type === 'wave-settled' && event.wave === wait.wave;
    case 'check':
      return (
        (event.type === 'cluster-check' && event.check === wait.check && clusterText(event.cluster) === wait.cluster) ||
        (event.type === 'cluster-finished' && clusterText(event.cluster) === wait.cluster)
      );
  }
}
