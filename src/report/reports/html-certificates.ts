import type { HostRecap } from '../../core/events/recap.ts';
import { hasItsChanges } from '../../core/host-state.ts';
import { isJsonObject } from '../../core/json.ts';
import { type Change, endOf } from '../../core/plan.ts';
import { axisRow, barRow, type Span } from '../html/span.ts';
import { htmlText } from '../html/text.ts';
import { formatDay, parseDate, UTC } from '../text/time.ts';
import { targetText } from '../text/words.ts';

/** A certificate that is new, restored, or has another end than before. */
export interface Renewal {
  readonly target: string;
  readonly before: Date | undefined;
  readonly after: Date;
  /** It was restored from a backup. */
  readonly isRestored: boolean;
}

/** The certificates that a run has made or restored on a host, and that it still has. */
export function renewalsOf(recap: HostRecap): readonly Renewal[] {
  if (!hasItsChanges(recap)) return [];
  return recap.changes.flatMap((change) => {
    const after = parseDate(endOf(change.after) ?? '');
    const isRestored = isJsonObject(change.after) && change.after['restored'] !== undefined;
    const before = parseDate(endOf(change.before) ?? '');
    return after ? [{ target: targetText(change), before, after, isRestored }] : [];
  });
}

/** Whether a change is about a certificate, and so in the timeline of certificates. */
export function isRenewal({ after }: Change): boolean {
  return parseDate(endOf(after) ?? '') !== undefined;
}

/** A row per certificate, from its old end to its new one, with the dates. */
export function certificateRows(renewals: readonly Renewal[], time: Span): string {
  if (renewals.length === 0) return '';
  const rows = renewals.map(({ target, before, after, isRestored }) => {
    const [from = 0, to = 0] = [(before ?? after).getTime(), after.getTime()].sort((one, other) => one - other);
    const bar = { from, to };
    const start = before ? `${formatDay(before, UTC)} → ` : isRestored ? 'expires ' : 'new, expires ';
    const dates = `${start}${formatDay(after, UTC)}${isRestored ? ', restored' : ''}`;
    return barRow(before || isRestored ? '' : 'n', htmlText(target), bar, time, dates);
  });
  const axis = axisRow(time, (moment) => formatDay(new Date(moment), UTC));
  const key = '<span class="key">old expiry</span><span class="key n">new expiry</span>';
  return `<h3>Certificates${key}</h3><ul class="rows ends">${axis}${rows.join('')}</ul>`;
}
