import type { EventSink } from '../../core/events/event.ts';
import { visibleWarnings } from '../program/no-log.ts';
import { tasksOf } from '../program/play-tasks.ts';
import type { PreparedPlay } from './play-preparation.ts';

/** Emits the warnings in the plans. A warning that several hosts share is emitted once for all of them. */
export function emitWarnings({ plans, input }: PreparedPlay, emit: EventSink): void {
  const found = new Map<string, { readonly hosts: Set<string>; readonly remedy: string | undefined }>();
  const tasks = tasksOf(input.play);
  for (const [host, planned] of plans) {
    for (const task of tasks) {
      const plan = planned.get(task.ref.path)?.plan;
      for (const { message, remedy } of plan && 'warnings' in plan ? visibleWarnings(task, plan.warnings) : []) {
        const { hosts } = found.get(message) ?? { hosts: new Set() };
        found.set(message, { hosts: hosts.add(host), remedy });
      }
    }
  }
  for (const [message, { hosts, remedy }] of found)
    emit({ type: 'warning', hosts: [...hosts], message, ...(remedy !== undefined && { remedy }) });
}

/** Reports the hosts that are not started after a batch in which no host succeeds (`serial`). */
export function reportLostBatch(hosts: readonly string[], emit: EventSink): void {
  if (hosts.length === 0) return;
  const message = 'not started: no host of the previous batch succeeded';
  emit({ type: 'warning', hosts, message, remedy: 'fix that batch first, or exclude its hosts with --limit' });
}
