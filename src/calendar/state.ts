import type { Calendar } from './model.ts';
import type { Opening } from './opening.ts';
import { mayOpenLater, openings } from './openings.ts';

/** Whether work of a given duration may start now, and if not, why not and when it may. */
export type CalendarState =
  | {
      readonly kind: 'open';
      readonly until: number;
      /** It may be open for longer. */
      readonly isCut?: true;
    }
  | {
      readonly kind: 'shut';
      /** `short`: it is open, but not for as long as the work takes. */
      readonly why: 'outside' | 'closed' | 'short';
      /** When the work fits in next; absent if never, as far as the search reaches. */
      readonly next?: Opening;
      /** There is no next one, but there may be one after the end of the search. */
      readonly isCut?: true;
    };

/** @param needs milliseconds that the work is expected to take: it must fit between now and the end of the opening */
export function stateAt(calendar: Calendar, now: number, needs: number): CalendarState {
  let isShort = false;
  for (const opening of openings(calendar, now)) {
    const isOpen = opening.start <= now;
    if (isOpen && opening.end - now >= needs)
      return { kind: 'open', until: opening.end, ...(opening.isCut && { isCut: true }) };
    if (isOpen) isShort = true;
    else if (opening.end - opening.start >= needs)
      return { kind: 'shut', why: whyShut(calendar, now, isShort), next: opening };
  }
  return { kind: 'shut', why: whyShut(calendar, now, isShort), ...(mayOpenLater(calendar, now) && { isCut: true }) };
}

function whyShut(calendar: Calendar, now: number, isShort: boolean): 'outside' | 'closed' | 'short' {
  if (isShort) return 'short';
  const [first] = openings({ ...calendar, closed: [], closedEvents: [] }, now);
  return first && first.start <= now ? 'closed' : 'outside';
}
