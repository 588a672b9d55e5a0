import { clusterText } from '../../core/cluster.ts';
import { count } from '../../core/count.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import { hasItsChanges, stateText } from '../../core/host-state.ts';
import type { Change } from '../../core/plan.ts';
import { NEW_RUN_ID } from '../../core/run-id.ts';
import { spanOf } from '../html/span.ts';
import { htmlText } from '../html/text.ts';
import { formatDay, UTC } from '../text/time.ts';
import { groupBy, targetText } from '../text/words.ts';
import { certificateRows, isRenewal, type Renewal, renewalsOf } from './html-certificates.ts';
import { Timelines } from './html-timeline.ts';
import type { RunRecord } from './run-record.ts';

/** A successful run on this few hosts is expanded at once. */
const OPEN = 3;

/** The filter for hosts, with its labels. */
export const KINDS = [
  ['bad', 'Did not come through'],
  ['changed', 'Changed'],
  ['unchanged', 'Unchanged'],
] as const;

/** The result of a host. */
export function kindOf({ failed, unreachable, refused, state }: HostRecap): (typeof KINDS)[number][0] {
  return failed + unreachable + refused === 0 && (state === 'changed' || state === 'unchanged') ? state : 'bad';
}

/** Each host with its certificates before and after, and its timeline; those with problems first, and expanded. */
export function* hostSections(run: RunRecord): Iterable<string> {
  const timelines = new Timelines(run);
  const renewals = new Map(run.hosts.map((recap) => [recap.host, renewalsOf(recap)]));
  const ends = [...renewals.values()].flat().flatMap(({ before, after }) => [after, ...(before ? [before] : [])]);
  const time = spanOf(ends.map((end) => end.getTime()));
  const isBad = (recap: HostRecap) => kindOf(recap) === 'bad';
  const allOpen = run.hosts.length <= OPEN && !run.hosts.some(isBad);
  for (const recap of run.hosts.toSorted((a, b) => Number(isBad(b)) - Number(isBad(a)))) {
    const made = renewals.get(recap.host) ?? [];
    const parts = [
      certificateRows(made, time),
      timelines.of(recap.host),
      changeList(recap),
      ...recap.changes
        .filter(isBackup)
        .map(({ target }) => `<p class="note">Backup <code>${htmlText(target)}</code></p>`),
    ].filter((part) => part !== '');
    const open = isBad(recap) || allOpen ? ' open' : '';
    yield `<details class="host item${isBad(recap) ? ' bad' : ''}" data-kind="${kindOf(recap)}"${open}><summary>${headOf(recap, made)}</summary>${parts.join('\n')}</details>`;
  }
}

function headOf(recap: HostRecap, renewals: readonly Renewal[]): string {
  const { host, cluster, ok, changed, failed, unreachable, refused, skipped, restored, rescued, ignored } = recap;
  const counts = Object.entries({ ok, changed, failed, unreachable, refused, skipped, restored, rescued, ignored })
    .filter(([, number]) => number > 0)
    .map(([name, number]) => `${name}=${number}`)
    .join(' ');
  const kind = kindOf(recap);
  const tone = kind === 'bad' ? ' isbad' : kind === 'changed' ? ' good' : '';
  const first = renewals.reduce((end, { after }) => Math.min(end, after.getTime()), Infinity);
  const made =
    renewals.length === 0
      ? []
      : [`${count(renewals.length, 'certificate')}, first expires ${formatDay(new Date(first), UTC)}`];
  const others = [...made, counts, ...(cluster ? [htmlText(clusterText(cluster))] : [])].map(
    (text) => `<span>${text}</span>`,
  );
  return `<b>${htmlText(host)}</b><span class="pill${tone}">${htmlText(stateText(recap))}</span>${others.join('')}`;
}

/** Backups are called like the run that makes them, its further ones with a number. */
const BACKUP = new RegExp(String.raw`/${NEW_RUN_ID}(-\d+)?$`);

function isBackup({ kind, target }: Change): boolean {
  return kind === 'create' && BACKUP.test(target);
}

/** Changes other than certificates. */
function changeList(recap: HostRecap): string {
  const isListed = (change: Change): boolean => hasItsChanges(recap) && isRenewal(change);
  const others = recap.changes.filter((change) => !isListed(change) && !isBackup(change));
  if (others.length === 0) return '';
  // The same change is often made to many things, for the same reason.
  const items = [...groupBy(others, (change) => `${change.kind} ${change.summary ?? targetText(change)}`).values()].map(
    (alike) => {
      const names = alike.map((change) => `<code>${htmlText(targetText(change))}</code>`).join(', ');
      const [{ kind, summary } = {}] = alike;
      return `<li>${kind} ${names}${summary === undefined ? '' : `: ${htmlText(summary)}`}</li>`;
    },
  );
  return `<h3>Other changes</h3><ul class="plain">${items.join('')}</ul>`;
}
