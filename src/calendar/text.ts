import type { Calendar } from './model.ts';
import { HORIZON_DAYS } from './openings.ts';
import type { CalendarState } from './state.ts';
import { momentText } from './zone.ts';

/** The zone in which the times of a calendar are shown. */
export function zoneOf({ windows, events, closed, closedEvents }: Calendar): string {
  const [first] = [...windows, ...events, ...closed, ...closedEvents];
  return first?.zone ?? 'UTC';
}

/** A calendar in words: `Tue-Thu 01:00-04:00 UTC, Sat 10:00-12:00 UTC, closed 2026-12-24..2027-01-06 UTC`. */
export function calendarText({ windows, events, closed, closedEvents }: Calendar): string {
  return [
    ...[...windows, ...events].map(({ text }) => text),
    ...[...closed, ...closedEvents].map(({ text }) => `closed ${text}`),
  ].join(', ');
}

/** A state in words: `outside its windows; it may start Wed 2026-12-02 01:00 Europe/Berlin`. */
export function stateText(state: CalendarState, zone: string): string {
  if (state.kind === 'open') {
    if (!Number.isFinite(state.until)) return 'open, does not close';
    return `open until ${momentText(state.until, zone)}${state.isCut ? ' or later' : ''}`;
  }
  const why = {
    outside: 'outside its windows',
    closed: 'closed',
    short: 'open for less time than the work is expected to take',
  };
  const next = state.next ? `it may start ${momentText(state.next.start, zone)}` : `there is ${noWindowText(state)}`;
  return `${why[state.why]}; ${next}`;
}

/** `no further window`, or how far the search for one has reached. */
export function noWindowText({ isCut }: { readonly isCut?: true }): string {
  return isCut ? `no window within ${HORIZON_DAYS} days` : 'no further window';
}
