import { clusterText } from '../../core/cluster.ts';
import type { HostPlan, PlanTotals, PlayPlan } from '../../core/events/plan.ts';
import { type PAGE, roomsOf, sizeOf } from '../formats/page-size.ts';
import { htmlSection, htmlTable, htmlTools } from '../html/parts.ts';
import { htmlText } from '../html/text.ts';
import { FLEET_PLAN_STARTS, type FleetPlanParts, fleetPlanParts } from '../plan/format-fleet-plan.ts';
import { type PlanSentence, sentencesAfter, sentencesBefore } from '../plan/format-plan.ts';
import { totalsSentence } from '../plan/plan-totals.ts';
import { groupBy } from '../text/words.ts';
import { hostPlanHtml, plannedHostsHead } from './html-host-plan.ts';
import { leftOutText } from './left-out.ts';
import type { PlansShown } from './plans-shown.ts';
import type { RunRecord } from './run-record.ts';

/** Plans with more lines together are collapsed. */
const MAX_OPEN_LINES = 60;
/** With less room than this, the start of a plan is not worth reading. */
const MIN_BYTES = 2_000;
/** Room for the sentence that says what is left out. */
const NOTE_BYTES = 2_000;

/** A page of a run has those of its hosts. */
const TOOLS = { noun: 'plans', hint: 'host, cluster', choices: [], canOpen: true } as const;

/** Hosts for which the same is planned, in HTML. */
interface PlannedHosts {
  readonly hosts: readonly string[];
  readonly html: string;
  /** The same without the differences of files. */
  readonly short: string;
}

/** A plan in HTML. */
interface Part {
  /** All of its hosts, by which it is found. */
  readonly names: string;
  /** The line that is always shown. */
  readonly summary: string;
  readonly before: string;
  readonly planned: readonly PlannedHosts[];
  readonly after: string;
  readonly isSearched?: boolean;
  /** Not collapsed. */
  readonly isOpen?: boolean;
}

/** What a part comes to in the room that there is for it. */
interface Shown {
  readonly html: string;
  /** Hosts whose plan is not shown, or not all of it. */
  readonly left: readonly string[];
}

/** The plans of a run, each in a card; if nothing is to be written, also a line for each cluster of a fleet. Empty if there are none. */
export function planSection(run: RunRecord, shown: PlansShown, limit: typeof PAGE): string {
  const fleets = run.writes ? [] : fleetCards(run, shown);
  const bytes = limit.bytes - NOTE_BYTES - fleets.reduce((sum, card) => sum + sizeOf(card), 0);
  const complete = partsOf(run, shown, { isComplete: true });
  const isComplete = complete.reduce((sum, part) => sum + sizeOf(whole(part)), 0) <= bytes;
  const parts = isComplete ? complete : partsOf(run, shown, { isComplete: false });
  const rooms = roomsOf(
    parts.map((part) => ({ whole: sizeOf(whole(part)), least: sizeOf(card(part, [])) + MIN_BYTES })),
    bytes,
  );
  const cards = parts.map((part, index) => fitted(part, rooms[index]));
  const left = leftOutText({ isComplete, hosts: cards.flatMap((one) => one.left) });
  const note = left === undefined ? [] : [noteOf(left, run, shown, limit)];
  const tools = !run.writes && parts.length > 1 ? [htmlTools(TOOLS)] : [];
  const shownCards = cards.map(({ html }) => html).filter((html) => html !== '');
  return htmlSection('The plan', [...note, ...fleets, ...tools, ...shownCards]);
}

function noteOf(left: string, { writes, runId }: RunRecord, { diff }: PlansShown, { why }: typeof PAGE): string {
  const [command, rest] = writes
    ? [`kplay show ${runId} -o json`, '']
    : [`kplay plan -v${diff ? ' -D' : ''}`, ' with the same options'];
  return `<p class="note"><b>Left out below</b>, because ${htmlText(why)}: ${htmlText(left)}. For all of it: <code>${htmlText(command)}</code>${rest}.</p>`;
}

function fleetCards({ plays, startedAt }: RunRecord, { fleet, fleetPlans }: PlansShown): readonly string[] {
  const options = { colors: false, width: Number.POSITIVE_INFINITY, now: new Date(startedAt), shows: fleet };
  return plays.flatMap((_, index) => {
    const parts = fleetPlanParts(fleetPlans.of(index), options);
    return parts ? [fleetCard(parts)] : [];
  });
}

function fleetCard({ title, head, rows, sentences }: FleetPlanParts): string {
  // As words: screen readers spell capitals.
  const heads = [
    '',
    ...[...head.slice(1), FLEET_PLAN_STARTS].map((name) => name.charAt(0) + name.slice(1).toLowerCase()),
  ];
  const lines = rows.map(({ cells, last, isBad }) => ({
    ...(isBad && { attributes: ' class="iswarn"' }),
    cells: [...cells, last].map(htmlText),
  }));
  return `<div class="card fleet"><p>${htmlText(title)}</p>\n${htmlTable(heads, lines)}\n${paragraphs(sentences)}</div>`;
}

function partsOf(
  { plays, writes }: RunRecord,
  { diff }: PlansShown,
  { isComplete }: { readonly isComplete: boolean },
): readonly Part[] {
  const parts = plays.flatMap(({ plans }) =>
    plans.map(({ plan, totals }): Part => {
      const before = paragraphs(sentencesBefore(plan).map(sentenceText));
      const after = paragraphs(sentencesAfter(plan).map(sentenceText));
      return {
        ...headOf(plan, totals, plays.length > 1),
        before,
        planned: plannedHosts(plan, diff, isComplete),
        after,
      };
    }),
  );
  if (writes) return parts;
  const isOpen = parts.reduce((sum, { planned }) => sum + linesOf(planned), 0) <= MAX_OPEN_LINES;
  return parts.map((part) => ({ ...part, isSearched: true, isOpen }));
}

/** @param areSeveral plays, so that a cluster may have several plans */
function headOf(
  { play, cluster, hosts }: PlayPlan,
  totals: PlanTotals,
  areSeveral: boolean,
): Pick<Part, 'names' | 'summary'> {
  const [title = '', ...more] = [
    ...(cluster ? [clusterText(cluster)] : []),
    ...(cluster && !areSeveral ? [] : [play]),
    ...(hosts.length === 0 ? [] : [totalsSentence(totals)]),
  ].map(htmlText);
  const names = htmlText(hosts.map(({ host }) => host).join(' '));
  return { names, summary: `<b>${title}</b>${more.map((text) => `<span>${text}</span>`).join('')}` };
}

function plannedHosts({ hosts, tasks }: PlayPlan, diff: boolean, isComplete: boolean): readonly PlannedHosts[] {
  const bodyOf = (plan: HostPlan, areContentsLeft: boolean): string =>
    hostPlanHtml(plan, tasks, { diff, complete: isComplete, areContentsLeft });
  const bodies = hosts.map((plan) => ({ plan, body: bodyOf(plan, false) }));
  const alike = groupBy(bodies, ({ plan: { about }, body }) => JSON.stringify([about, body]));
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const { plan, body } = first;
    const names = [first, ...others].map((each) => each.plan.host);
    const head = plannedHostsHead(names, plan.about, isComplete);
    const section = (inside: string): string => `<section class="planned">${head}\n${inside}</section>`;
    return [{ hosts: names, html: section(body), short: section(bodyOf(plan, true)) }];
  });
}

function sentenceText({ lead, text }: PlanSentence): string {
  return lead === '' ? text : `${lead} ${text}`;
}

function paragraphs(texts: readonly string[]): string {
  return texts.map((text) => `<p>${htmlText(text)}</p>`).join('\n');
}

function linesOf(planned: readonly PlannedHosts[]): number {
  return planned.reduce((sum, { html }) => sum + html.split('\n').length, 0);
}

function whole(part: Part): string {
  return card(
    part,
    part.planned.map(({ html }) => html),
  );
}

function card({ names, summary, before, after, isSearched, isOpen }: Part, planned: readonly string[]): string {
  const inside = [before, ...planned, after].filter((one) => one !== '').join('\n');
  const found = isSearched ? ` item" data-names="${names}` : '';
  return `<details class="card plan${found}"${isOpen ? ' open' : ''}><summary>${summary}</summary>\n${inside}</details>`;
}

/** Those hosts come first that fit without the differences of their files, which then have what is left. */
function fitted(part: Part, bytes: number | undefined): Shown {
  const { planned } = part;
  if (bytes === undefined) return { html: '', left: planned.flatMap(({ hosts }) => hosts) };
  let room = bytes - sizeOf(card(part, []));
  const kept = planned.filter(({ short }) => {
    room -= sizeOf(short) + 1;
    return room >= 0;
  });
  if (kept.length < planned.length) room = 0;
  const isWhole = kept.map(({ html, short }) => {
    const more = sizeOf(html) - sizeOf(short);
    if (more > room) return false;
    room -= more;
    return true;
  });
  const left = planned.flatMap(({ hosts }, index) => (isWhole[index] ? [] : hosts));
  const shown = kept.map(({ html, short }, index) => (isWhole[index] ? html : short));
  return { html: card(part, shown), left };
}
