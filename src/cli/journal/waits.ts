import type { Event } from '../../core/events/event.ts';
import type { JsonObject } from '../../core/json.ts';
import { nameList } from '../../core/name-list.ts';
import type { SignalState } from '../../core/signal.ts';
import type { JournalRecord } from '../../journal/journal-line.ts';
import { approvalText } from '../../report/progress/waves.ts';
import { formatSecond, formatTimeToMinute } from '../../report/text/time.ts';
import { approvalOf } from './signal-history.ts';

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

/** The event that says what an active run waits for before it starts another cluster. */
export type WaitEvent = Extract<Event, { readonly type: 'wave-waiting' | 'wave-soaking' | 'window-waiting' }>;

/**
 * What an active run waits for before it starts another cluster; undefined: nothing.
 * @param signals the state after all signals sent to it, which it may not have processed yet
 */
export function waitIn(events: readonly Event[], signals: SignalState): WaitEvent | undefined {
  const last = events.findLast(({ type }) => WAITS.has(type));
  switch (last?.type) {
    case 'wave-waiting':
      return approvalOf(last.wave, signals, events) ? undefined : last;
    case 'wave-soaking':
    case 'window-waiting':
      return last;
    default:
      return undefined;
  }
}

/**
 * The same in a clause, with the command that ends the wait.
 * @param approve the command that approves a wave
 * @param zone IANA zone of the times
 * @param now a window may have opened while the run is paused
 */
export function waitText(
  wait: WaitEvent | undefined,
  approve: (wave: string) => string,
  zone: string,
  now: Date,
): string | undefined {
  switch (wait?.type) {
    case 'wave-waiting':
      return `${approvalText(wait)}: ${approve(wait.wave)}`;
    case 'wave-soaking':
      return `wave ${wait.wave} soaks until ${formatSecond(wait.until, zone)}`;
    case 'window-waiting': {
      const opens = Date.parse(wait.opens) > now.getTime() ? 'opens' : 'opened';
      return `the window of ${nameList(wait.clusters)} ${opens} ${formatTimeToMinute(wait.opens, zone)}`;
    }
    case undefined:
      return undefined;
  }
}

/** In JSON output; docs/journal.md describes it. */
export function waitJson(wait: WaitEvent | undefined): JsonObject | null {
  switch (wait?.type) {
    case 'wave-waiting':
      return { for: 'approval', wave: wait.wave, clusters: [], until: null };
    case 'wave-soaking':
      return { for: 'soak', wave: wait.wave, clusters: [], until: wait.until };
    case 'window-waiting':
      return { for: 'window', wave: null, clusters: wait.clusters, until: wait.opens };
    case undefined:
      return null;
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
