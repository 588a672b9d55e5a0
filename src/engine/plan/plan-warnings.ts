import type { EventSink } from '../../core/events/event.ts';
import { visibleWarnings } from '../program/no-log.ts';
import { tasksOf } from '../program/play-tasks.ts';
import type { PreparedPlay } from './play-preparation.ts';

interface HostWarning {
  readonly host: string;
  readonly message: string;
  readonly remedy: string | undefined;
}

/** Emits the warnings in the plans. A warning that several hosts share, also of several clusters, is emitted once for all of them. */
export function emitWarnings(parts: readonly PreparedPlay[], emit: EventSink): void {
  const found = new Map<string, { readonly hosts: Set<string>; readonly remedy: string | undefined }>();
  for (const { host, message, remedy } of parts.flatMap(warningsOf)) {
    const { hosts } = found.get(message) ?? { hosts: new Set() };
    found.set(message, { hosts: hosts.add(host), remedy });
  }
  for (const [message, { hosts, remedy }] of found)
    emit({ type: 'warning', hosts: [...hosts], message, ...(remedy !== undefined && { remedy }) });
}

function warningsOf({ plans, input }: PreparedPlay): readonly HostWarning[] {
  const tasks = tasksOf(input.play);
  return [...plans].flatMap(([host, planned]) =>
    tasks.flatMap((task) => {
      const plan = planned.get(task.ref.path)?.plan;
      const warnings = plan && 'warnings' in plan ? visibleWarnings(task, plan.warnings) : [];
      return warnings.map(({ message, remedy }) => ({ host, message, remedy }));
    }),
  );
}

/** Reports the hosts that are not started after a batch in which no host succeeds (`serial`). */
export function reportLostBatch(hosts: readonly string[], emit: EventSink): void {
  if (hosts.length === 0) return;
  const message = 'not started: no host of the previous batch succeeded';
  emit({ type: 'warning', hosts, message, remedy: 'fix that batch first, or exclude its hosts with --limit' });
}
