import { count } from '../../core/count.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import { planTotals } from '../../core/plan-totals.ts';
import { type PageLimit, roomOfEach, roomsOf, sizeOf } from '../formats/page-size.ts';
import { fleetPlanParts, fleetPlanTable } from '../plan/format-fleet-plan.ts';
import { type PlanSentence, plannedHosts, sentencesAfter, sentencesBefore } from '../plan/format-plan.ts';
import { totalsSentence } from '../plan/plan-totals.ts';
import { markdownCode, markdownText as text } from '../text/markdown-text.ts';
import { leftOutText } from './left-out.ts';
import type { PlansShown } from './plans-shown.ts';
import type { RunRecord } from './run-record.ts';

/** What a comment on a wide screen has room for; on a narrow one it is scrolled. */
const WIDTH = 100;
/** Plans with more lines together are collapsed. */
const MAX_OPEN_LINES = 60;
/** With less room than this, the start of a plan is not worth reading. */
const MIN_BYTES = 1_000;
/** Room for the sentence that says what is left out. */
const NOTE_BYTES = 1_000;

const SEPARATOR = '\n\n';

/** A plan, or the lines of all clusters of a fleet. */
interface Part {
  /** Paragraphs in Markdown. */
  readonly before: readonly string[];
  readonly summary: string;
  /** Each with the hosts that it is about. */
  readonly lines: readonly { readonly line: string; readonly hosts: readonly string[] }[];
  readonly after: readonly string[];
  /** Not collapsed. */
  readonly isOpen?: boolean;
  /** It has the lines of all clusters. */
  readonly isOverview?: true;
}

/** What a part comes to in the room that there is for it. */
interface Shown {
  readonly markdown: string;
  /** Hosts whose plan is not shown, or not all of it. */
  readonly left: readonly string[];
  readonly isWhole: boolean;
}

/** The plans of a run in Markdown: empty if there are none. */
export function planSection(run: RunRecord, shown: PlansShown, limit: PageLimit): string {
  const complete = partsOf(run, shown, { isComplete: true });
  if (complete.length === 0) return '';
  const bytes = limit.bytes - NOTE_BYTES - complete.length * SEPARATOR.length;
  const isComplete = complete.reduce((sum, part) => sum + sizeOf(whole(part)), 0) <= bytes;
  const sections = fitting(isComplete ? complete : partsOf(run, shown, { isComplete: false }), bytes);
  return ['## The plan', ...noteOf(sections, isComplete, shown, limit), ...sections.map(({ markdown }) => markdown)]
    .filter((paragraph) => paragraph !== '')
    .join(SEPARATOR);
}

/** What is left out, and what shows it. */
function noteOf(
  sections: readonly Shown[],
  isComplete: boolean,
  { diff }: PlansShown,
  { why }: PageLimit,
): readonly string[] {
  const left = leftOutText({
    isComplete,
    hosts: sections.flatMap((section) => section.left),
    areClustersLeft: sections.some((section) => !section.isWhole && section.left.length === 0),
  });
  if (left === undefined) return [];
  const all = `For all of it: \`kplay plan -v${diff ? ' -D' : ''}\` with the same options.`;
  return [`**Left out below**, because ${why}: ${text(left)}. ${all}`];
}

function partsOf(
  { plays, startedAt }: RunRecord,
  shown: PlansShown,
  { isComplete }: { readonly isComplete: boolean },
): readonly Part[] {
  const parts = plays.flatMap((play, index) => [
    ...fleetPart(index, shown, new Date(startedAt)),
    ...play.plans.map(({ plan }) => planPart(plan, shown, isComplete)),
  ]);
  const isOpen = parts.reduce((sum, { lines }) => sum + lines.length, 0) <= MAX_OPEN_LINES;
  return parts.map((part) => ({ ...part, isOpen }));
}

function fleetPart(play: number, { fleet, fleetPlans }: PlansShown, now: Date): readonly Part[] {
  const layout = { colors: false, width: WIDTH };
  const parts = fleetPlanParts(fleetPlans.of(play), { ...layout, now, shows: fleet });
  if (!parts) return [];
  const [summary = '', ...after] = parts.sentences;
  const lines = fleetPlanTable(parts, layout).map((line) => ({ line, hosts: [] }));
  return [{ before: [text(parts.title)], summary, lines, after: after.map(text), isOverview: true }];
}

function planPart(plan: PlayPlan, { diff }: PlansShown, isComplete: boolean): Part {
  const layout = {
    colors: false,
    width: WIDTH,
    verbose: false,
    complete: isComplete,
    diff,
    diffWidth: Number.POSITIVE_INFINITY,
  };
  const paragraph = ({ lead, text: said }: PlanSentence) => text(lead === '' ? said : `${lead} ${said}`);
  return {
    before: sentencesBefore(plan).map(paragraph),
    summary: totalsSentence(planTotals(plan)),
    lines: plannedHosts(plan, layout).flatMap(({ hosts, lines }) => lines.map((line) => ({ line, hosts }))),
    after: sentencesAfter(plan).map(paragraph),
  };
}

/**
 * The parts in the room that there is: the last plans are left out, and long parts lose their end. A line for each cluster says most, so
 * these have up to half of the room before plans have any.
 */
function fitting(parts: readonly Part[], bytes: number): readonly Shown[] {
  const [overviews, plans] = [true, false].map((wanted) =>
    parts.filter(({ isOverview = false }) => isOverview === wanted),
  );
  const wholes = (overviews ?? []).map((part) => sizeOf(whole(part)));
  const share = roomOfEach(wholes, Math.floor(bytes / 2));
  const taken = wholes.reduce((sum, size) => sum + Math.min(size, share), 0);
  const rooms = roomsOf(
    (plans ?? []).map((part) => ({ whole: sizeOf(whole(part)), least: sizeOf(laidOut(part, [])) + MIN_BYTES })),
    bytes - taken,
  );
  const roomFor = new Map((plans ?? []).map((part, index) => [part, rooms[index]]));
  return parts.map((part) => {
    const room = part.isOverview ? share : roomFor.get(part);
    return room === undefined ? { markdown: '', left: hostsOf(part.lines), isWhole: false } : shortened(part, room);
  });
}

function hostsOf(lines: Part['lines']): readonly string[] {
  return lines.flatMap(({ hosts }) => hosts);
}

function whole(part: Part): string {
  return laidOut(
    part,
    part.lines.map(({ line }) => line),
  );
}

function laidOut({ before, summary, isOpen, after }: Part, lines: readonly string[]): string {
  const start = `<details${isOpen ? ' open' : ''}>\n<summary>${summary}</summary>`;
  const details = lines.length === 0 ? [] : [start, markdownCode(lines), '</details>'];
  return [...before, ...details, ...after].join(SEPARATOR);
}

function shortened(part: Part, bytes: number): Shown {
  const all = whole(part);
  if (sizeOf(all) <= bytes) return { markdown: all, left: [], isWhole: true };
  const note = (number: number): string => `  … ${count(number, 'line')} left out here`;
  const sizes = part.lines.map(({ line }) => sizeOf(line) + 1);
  let room = bytes - (sizeOf(all) - sizes.reduce((sum, size) => sum + size, 0)) - sizeOf(note(sizes.length)) - 1;
  const kept = part.lines.filter((_, index) => {
    room -= sizes[index] ?? 0;
    return room >= 0;
  });
  const rest = part.lines.slice(kept.length);
  const markdown = laidOut(part, [...kept.map(({ line }) => line), note(rest.length)]);
  return { markdown, left: hostsOf(rest), isWhole: false };
}
