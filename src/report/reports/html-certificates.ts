import type { HostRecap } from '../../core/events/recap.ts';
import { hasItsChanges } from '../../core/host-state.ts';
import { type Change, endOf } from '../../core/plan.ts';
import { axisRow, barRow, type Span } from '../html/span.ts';
import { htmlText } from '../html/text.ts';
import { formatDay, parseDate, UTC } from '../text/time.ts';
import { targetText } from '../text/words.ts';

/** A certificate that is new or has another end than before. */
export interface Renewal {
  readonly target: string;
  readonly before: Date | undefined;
  readonly after: Date;
}

/** The certificates that a run has made on a host, and that it still has. */
export function renewalsOf(recap: HostRecap): readonly Renewal[] {
  if (!hasItsChanges(recap)) return [];
  return recap.changes.flatMap((change) => {
    const after = parseDate(endOf(change.after) ?? '');
    return after ? [{ target: targetText(change), before: parseDate(endOf(change.before) ?? ''), after }] : [];
  });
}

/** Whether a change is about a certificate, and so in the timeline of certificates. */
export function isRenewal({ after }: Change): boolean {
  return parseDate(endOf(after) ?? '') !== undefined;
}

/** A row per certificate, from its old end to its new one, with the dates. */
export function certificateRows(renewals: readonly Renewal[], time: Span): string {
  if (renewals.length === 0) return '';
  const rows = renewals.map(({ target, before, after }) => {
    const bar = { from: (before ?? after).getTime(), to: after.getTime() };
    const dates = `${before ? `${formatDay(before, UTC)} → ` : 'new, ends '}${formatDay(after, UTC)}`;
    return barRow(before ? '' : 'n', htmlText(target), bar, time, dates);
  });
  const axis = axisRow(time, (moment) => formatDay(new Date(moment), UTC));
  const key = '<span class="key">old end</span><span class="key n">new end</span>';
  return `<h3>Certificates${key}</h3><ul class="rows ends">${axis}${rows.join('')}</ul>`;
}
