import type { Event } from '../../core/events/event.ts';
import type { SignalState } from '../../core/signal.ts';
import type { JournalRecord } from '../../journal/journal-line.ts';
import { approvalText } from '../../report/progress/waves.ts';
import { formatSecond, formatTimeToMinute } from '../../report/text/time.ts';
import { nameList } from '../../report/text/words.ts';

const WAITS: ReadonlySet<Event['type']> = new Set<Event['type']>([
  'wave-waiting',
  'window-waiting',
  'wave-soaking',
  'wave-approved',
  'wave-settled',
  'wave-started',
  'cluster-started',
  'rollout-stopped',
  'run-finished',
]);

/**
 * What an active run waits for before it starts another cluster, in a clause with the command that ends the wait; undefined: nothing.
 * @param signalState the signals sent to it, which it may not have processed yet
 * @param approve the command that approves a wave
 * @param zone IANA zone of the times
 */
export function waitText(
  events: readonly Event[],
  { approvals }: Pick<SignalState, 'approvals'>,
  approve: (wave: string) => string,
  zone: string,
): string | undefined {
  const last = events.findLast(({ type }) => WAITS.has(type));
  switch (last?.type) {
    case 'wave-waiting':
      return approvals.has(last.wave) ? undefined : `${approvalText(last)}: ${approve(last.wave)}`;
    case 'wave-soaking':
      return `wave ${last.wave} soaks until ${formatSecond(last.until, zone)}`;
    case 'window-waiting':
      return `the window of ${nameList(last.clusters)} opens ${formatTimeToMinute(last.opens, zone)}`;
    default:
      return undefined;
  }
}

/** Whether the server that keeps the rollout does not answer, as far as the run has reported. */
export function isEngineAway(events: readonly Event[]): boolean {
  return events.findLast(isAboutEngine)?.engine === 'away';
}

/** Since when, and why, nothing is known of a rollout on a Temporal server; undefined: it can be queried. @param zone IANA zone of the time */
export function outageText(records: readonly JournalRecord[], zone: string): string | undefined {
  const last = records.findLast(({ entry }) => entry.type === 'event' && isAboutEngine(entry.event));
  if (last?.entry.type !== 'event' || last.entry.event.type !== 'warning') return undefined;
  const { engine, message } = last.entry.event;
  return engine === 'away' ? `since ${formatSecond(last.time.toISOString(), zone)}: ${message}` : undefined;
}

function isAboutEngine(event: Event): event is Extract<Event, { readonly type: 'warning' }> {
  return event.type === 'warning' && event.engine !== undefined;
}
