import type { HostRecap } from '../core/events/recap.ts';
import type { JournalEntry } from '../core/journal.ts';

/** An entry with the names that events have now: version 1 of docs/events.md called a host's restoration a rollback. */
export function withPresentNames(entry: JournalEntry): JournalEntry {
  if (entry.type !== 'event' || entry.event.type !== 'run-finished') return entry;
  const { event } = entry;
  return { ...entry, event: { ...event, hosts: event.hosts.map(presentRecap) } };
}

function presentRecap(recap: HostRecap & { readonly rolledBack?: number }): HostRecap {
  const { rolledBack, ...rest } = recap;
  return rolledBack === undefined ? recap : { ...rest, restored: rolledBack };
}
