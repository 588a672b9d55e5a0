import { clusterText } from '../../core/cluster.ts';
import { formatDuration } from '../../core/duration.ts';
import { hasItsChanges, stateText } from '../../core/host-state.ts';
import { nameList } from '../../core/name-list.ts';
import { endOf } from '../../core/plan.ts';
import { fittingPage, type PageLimit, sizeOf } from '../formats/page-size.ts';
import { markdownCommand, markdownTable as table, markdownText as text } from '../text/markdown-text.ts';
import { formatDay, parseDate, UTC } from '../text/time.ts';
import { noUndoText } from '../text/words.ts';
import { explained } from './explained.ts';
import { planSection } from './markdown-plan.ts';
import type { PlansShown } from './plans-shown.ts';
import type { RunRecord } from './run-record.ts';
import { allNames, type Failure, failureParts, failuresOf, sentenceOf, together, warningsOf } from './summary.ts';

/**
 * A page for a merge request, a ticket or the summary of a job. Texts from hosts are shown literally, without formatting. Only a page with
 * plans is kept within the limit: that of a run goes on with a table of all hosts.
 */
export function markdown(run: RunRecord, shown: PlansShown, limit: PageLimit): string {
  const start = [
    `# kplay ${text(run.command)}: ${text(run.source)}`,
    text(sentenceOf(run)),
    ...failureLines(together(failuresOf(run))),
    ...contactLines(run),
    ...warningLines(run),
    ...hostTable(run),
    ...certificateTable(run),
  ].join('\n\n');
  const end = `${[
    ...nextLines(run),
    `Run ${text(run.runId)}, started ${run.startedAt}, kplay ${text(run.kplayVersion)}.`,
  ].join('\n\n')}\n`;
  return run.writes
    ? `${start}\n\n${end}`
    : withPlans(start, end, (bytes) => planSection(run, shown, { ...limit, bytes }), limit);
}

/** The plans have the room that the rest leaves, which is at least a third. */
function withPlans(start: string, end: string, plans: (bytes: number) => string, limit: PageLimit): string {
  const part = (page: string, share: number): string => {
    const bytes = Math.floor(limit.bytes * share);
    return fittingPage(page, { ...limit, bytes }) ?? '';
  };
  const [first, last] = [part(start, 0.5), part(end, 0.125)];
  const room = limit.bytes - sizeOf(first) - sizeOf(last) - 4;
  const page = [first, plans(room), last]
    .map((one) => one.trimEnd())
    .filter((one) => one !== '')
    .join('\n\n');
  return fittingPage(`${page}\n`, limit) ?? page;
}

function failureLines(failures: readonly Failure[]): readonly string[] {
  if (failures.length === 0) return [];
  const items = failures.map((failure) => {
    const { hosts, reason, details, remedy, code } = failure;
    const { who, how, task } = failureParts(failure);
    return [
      `- ${who === '' ? '' : `**${text(who)}** `}${how}${task === undefined ? '' : ` in ${text(task)}`}: ${text(reason)}`,
      ...hostLines(hosts),
      ...detailLines(details),
      ...adviceLines(remedy, code),
    ].join('\n');
  });
  return ['## What went wrong', items.join('\n')];
}

/** All hosts of an item that does not name each of them. */
function hostLines(hosts: readonly string[]): readonly string[] {
  const all = allNames(hosts);
  return all === undefined ? [] : detailLines([['Hosts', all]]);
}

function detailLines(details: Failure['details']): readonly string[] {
  return details.map(([label, value]) => `  - ${text(label)}: ${text(value)}`);
}

/** What to do, and where to read more. */
function adviceLines(remedy: string | undefined, code: Failure['code']): readonly string[] {
  const more = explained(code);
  return [
    ...(remedy === undefined ? [] : [`  - What to do: ${text(remedy)}`]),
    ...(more === undefined ? [] : [`  - More: ${text(more)}`]),
  ];
}

function contactLines({ end }: RunRecord): readonly string[] {
  const items = end?.contacts?.map(({ cluster, contact }) => `- cluster ${text(cluster)}: ${text(contact)}`) ?? [];
  return items.length === 0 ? [] : ['## Contacts', items.join('\n')];
}

function warningLines(run: RunRecord): readonly string[] {
  const warnings = together(warningsOf(run));
  if (warnings.length === 0) return [];
  const items = warnings.map(({ hosts, reason, details, remedy, code }) => {
    const who = hosts.length === 0 ? '' : `**${text(nameList(hosts))}**: `;
    const advice = adviceLines(remedy, code);
    return [`- ${who}${text(reason)}`, ...hostLines(hosts), ...detailLines(details), ...advice].join('\n');
  });
  return ['## Warnings', items.join('\n')];
}

/** As in the recap on the screen. */
const COUNTS = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'restored', 'refused'] as const;
/** These only where they occur. */
const RARE_COUNTS = ['rescued', 'ignored'] as const;

function hostTable({ hosts, writes }: RunRecord): readonly string[] {
  if (hosts.length === 0 || !writes) return [];
  const isDivided = hosts.some(({ cluster }) => cluster !== undefined);
  const rare = RARE_COUNTS.filter((name) => hosts.some((host) => host[name] > 0));
  const counts = [...COUNTS, ...rare];
  const head = ['host', ...(isDivided ? ['cluster'] : []), 'state', ...counts];
  const rows = hosts.map((host) => [
    text(host.host),
    ...(isDivided ? [host.cluster ? text(clusterText(host.cluster)) : ''] : []),
    text(stateText(host)),
    ...counts.map((count) => String(host[count])),
  ]);
  return ['## Hosts', table(head, rows)];
}

function certificateTable({ hosts }: RunRecord): readonly string[] {
  const rows = hosts.filter(hasItsChanges).flatMap(({ host, changes }) =>
    changes.flatMap(({ target, before, after }) => {
      const to = endOf(after);
      return to === undefined ? [] : [[text(host), text(target), day(endOf(before)), day(to)]];
    }),
  );
  return rows.length === 0 ? [] : ['## Certificates', table(['host', 'certificate', 'old expiry', 'new expiry'], rows)];
}

function nextLines({ end, hosts }: RunRecord): readonly string[] {
  if (!end) return [];
  const noUndo = noUndoText(hosts, end.noUndo);
  const took = `Exit code ${end.exitCode} after ${formatDuration(end.elapsedMs)}.`;
  return [
    took,
    ...(noUndo === undefined ? [] : [text(noUndo)]),
    ...(end.next.length === 0 ? [] : ['## Next', end.next.map((one) => `- ${markdownCommand(one)}`).join('\n')]),
  ];
}

function day(end: string | undefined): string {
  const date = end === undefined ? undefined : parseDate(end);
  return date ? formatDay(date, UTC) : '';
}
