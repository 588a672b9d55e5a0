import type { HostRecap } from '../core/events/recap.ts';
import type { JournalEntry } from '../core/journal.ts';

/**
 * An entry as it is written now: version 1 of docs/events.md called a host's restoration a rollback, and earlier journals do not say which
 * steps of an undo remain.
 */
export function asPresent(entry: JournalEntry): JournalEntry {
  if (entry.type === 'undo') return { ...entry, remaining: remainingOf(entry) };
  if (entry.type !== 'event' || entry.event.type !== 'run-finished') return entry;
  const { event } = entry;
  return { ...entry, event: { ...event, hosts: event.hosts.map(presentRecap) } };
}

/** Of the undo of every earlier version: it restored files, then restarted what had read the new ones. */
function remainingOf({ step, remaining }: Partial<Extract<JournalEntry, { type: 'undo' }>>): readonly string[] {
  return remaining ?? (step === 'certs.restore' ? ['control_plane.restart'] : []);
}

function presentRecap(recap: HostRecap & { readonly rolledBack?: number }): HostRecap {
  const { rolledBack, ...rest } = recap;
  return rolledBack === undefined ? recap : { ...rest, restored: rolledBack };
}
