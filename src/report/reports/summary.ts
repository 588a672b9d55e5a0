import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import { firstRefusedTasks } from '../../core/events/planned-refusals.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import type { TaskRef } from '../../core/events/task.ts';
import { nameList } from '../../core/name-list.ts';
import type { SourcePosition } from '../../core/source.ts';
import { summedTotals, totalsSentence } from '../plan/plan-totals.ts';
import { DECLINED, outcomeSentence } from '../screen/recap.ts';
import { UTC } from '../text/time.ts';
import { groupBy } from '../text/words.ts';
import type { PlayRecord, RecordedTask, RunRecord } from './run-record.ts';
import type { Trouble } from './trouble.ts';

/** Whether nothing was done on a host that is not refused or unreachable either, because the run never got to it. */
export function isUntouched(host: HostRecap): boolean {
  const { ok, changed, skipped, ignored, rescued, failed, refused, unreachable } = host;
  return ok + changed + skipped + ignored + rescued + failed + refused + unreachable === 0;
}

/** A failure, as shown first in a report. */
export interface Failure {
  readonly kind: 'failed' | 'unreachable' | 'refused';
  readonly hosts: readonly string[];
  /** The task; absent if none was started. */
  readonly task?: string;
  readonly reason: string;
  readonly details: Trouble['details'];
  readonly isByCluster?: Trouble['isByCluster'];
  readonly remedy?: string;
  readonly code?: Trouble['code'];
  /** The position of the task, if known. */
  readonly position?: SourcePosition;
  /** It is predicted by the plan. */
  readonly isPlanned?: true;
}

/** `prod-m1, prod-m2 failed in Restart`; for a predicted one `prod-m1 will fail in Restart`. */
export function failureParts({ kind, hosts, task, isPlanned }: Failure): {
  readonly who: string;
  readonly how: string;
  readonly task: string | undefined;
} {
  return { who: nameList(hosts), how: isPlanned && kind === 'failed' ? 'will fail' : kind, task };
}

/** The same in one text. */
export function failureText(failure: Failure): string {
  const { who, how, task } = failureParts(failure);
  return `${who === '' ? '' : `${who} `}${how}${task === undefined ? '' : ` in ${task}`}`;
}

const BAD = ['failed', 'unreachable', 'refused'] as const;

/** All failures in the order in which they happened, or the predicted ones of a run that only planned. A lost host is reported once. */
export function failuresOf(run: RunRecord): readonly Failure[] {
  const { troubles, plays, writes } = run;
  return distinct([
    ...troubles.flatMap(failureOfTrouble),
    ...plays.flatMap((play) => [
      ...(writes ? keptOut(play, run) : play.plans.flatMap(({ plan }) => plannedFailures(plan))),
      ...happened(play),
    ]),
  ]);
}

function happened({ tasks, troubles }: PlayRecord): readonly Failure[] {
  return [...tasks.flatMap(failureOfTask), ...troubles.flatMap(failureOfTrouble)];
}

/** What kept hosts out of a play of a run that writes: only the plan says so, because no task was started on them. */
export function keptOut(play: PlayRecord, { end, hosts }: RunRecord): readonly Failure[] {
  const told = new Set(happened(play).flatMap((failure) => failure.hosts));
  const bad = new Set(hosts.filter(({ failed, refused }) => failed + refused > 0).map(({ host }) => host));
  return play.plans
    .flatMap(({ plan }) => plannedFailures(plan))
    .filter((failure) => failure.hosts.every((host) => !told.has(host) && (!end || bad.has(host))))
    .map(({ isPlanned: _, ...failure }) => failure);
}

/** Each failure once. Two tasks may fail for the same reason, but a host is lost once, and what names no task may be told of one, too. */
function distinct(all: readonly Failure[]): readonly Failure[] {
  const seen = new Map<string, Set<string>>();
  return all.filter(({ kind, hosts, reason, task, position }) => {
    const key = JSON.stringify([kind, hosts, reason]);
    const place = task === undefined || kind === 'unreachable' ? '' : JSON.stringify([task, position]);
    const places = seen.get(key) ?? new Set();
    const isNew = places.size === 0 || (place !== '' && !places.has('') && !places.has(place));
    seen.set(key, places.add(place));
    return isNew;
  });
}

function plannedFailures(plan: PlayPlan): readonly Failure[] {
  return firstRefusedTasks(plan).map(({ host, task: { path, isFailure, reason, details = [], remedy, code }, ref }) => {
    const kind = isFailure ? 'failed' : 'refused';
    const task = ref?.name ?? path;
    return { kind, hosts: [host], task, ...writtenAt(ref), reason, details, remedy, code, isPlanned: true };
  });
}

function failureOfTrouble({ kind, hosts, reason, details, isByCluster, remedy, code }: Trouble): readonly Failure[] {
  if (kind === 'warning') return [];
  return [
    {
      kind: kind === 'late' ? 'refused' : kind,
      hosts,
      reason,
      details,
      ...(isByCluster && { isByCluster }),
      ...(remedy !== undefined && { remedy }),
      ...(code !== undefined && { code }),
    },
  ];
}

function failureOfTask({ outcome, host, task, reason, details = [], remedy, code }: RecordedTask): readonly Failure[] {
  const kind = BAD.find((bad) => bad === outcome);
  if (kind === undefined) return [];
  const known = { ...(remedy !== undefined && { remedy }), ...(code !== undefined && { code }) };
  return [{ kind, hosts: [host], task: task.name, ...writtenAt(task), reason, details, ...known }];
}

function writtenAt(task: TaskRef | undefined): Pick<Failure, 'position'> {
  return task?.position ? { position: task.position } : {};
}

/** The names of all hosts, where `nameList` leaves some out; undefined where it does not. */
export function allNames(hosts: readonly string[]): string | undefined {
  const all = hosts.join(', ');
  return nameList(hosts) === all ? undefined : all;
}

/**
 * Failures or warnings that differ only in their hosts, as one each, in the order of the first of them.
 * @param ignoring what else may differ; that of the first one counts
 */
export function together<Told extends Failure | Warning>(
  all: readonly Told[],
  ignoring: readonly (keyof Told)[] = [],
): readonly Told[] {
  const key = (told: Told): string =>
    JSON.stringify({ ...told, hosts: undefined, ...Object.fromEntries(ignoring.map((name) => [name, undefined])) });
  return [...groupBy(all, key).values()].flatMap((alike) =>
    alike[0] ? [{ ...alike[0], hosts: [...new Set(alike.flatMap(({ hosts }) => hosts))] }] : [],
  );
}

/** The most clusters that one text names. */
const MAX_CLUSTERS = 20;

/** The reason, with what is told of each cluster: where problems are lists of lines, there is no room for other details. */
export function reasonOf({ reason, details, isByCluster }: Failure | Warning): string {
  if (!isByCluster || details.length === 0) return reason;
  return `${reason}; ${nameList(
    details.map((detail) => detail.join(' ')),
    MAX_CLUSTERS,
  )}`;
}

export interface Warning extends Trouble {
  /** The position of its task. */
  readonly position?: SourcePosition;
}

/** Warnings, and failures that were ignored or rescued. */
export function warningsOf({ troubles, plays }: RunRecord): readonly Warning[] {
  const ofTasks = plays.flatMap(({ tasks }) =>
    tasks
      .filter(({ outcome }) => outcome === 'ignored' || outcome === 'rescued')
      .map(({ host, task, outcome, reason: why, details = [] }): Warning => {
        const reason = `'${task.name}' failed, ${outcome}: ${why}`;
        return { kind: 'warning', hosts: [host], reason, details, ...writtenAt(task) };
      }),
  );
  return [
    ...[...troubles, ...plays.flatMap((play) => play.troubles)].filter(({ kind }) => kind === 'warning'),
    ...ofTasks,
  ];
}

/** What happened, in a sentence or two: `30 certificates renewed on 3 hosts: 2026-11-23 → 2027-11-24. 38.2s.` */
export function sentenceOf(run: RunRecord): string {
  return run.end ? `${outcomeOf(run)} ${formatDuration(run.end.elapsedMs)}.` : outcomeOf(run);
}

/** The same without the duration. */
export function outcomeOf(run: RunRecord): string {
  const { end, hosts, writes, plays, troubles } = run;
  // The totals include what a plan refuses.
  const failures = distinct([
    ...troubles.flatMap(failureOfTrouble),
    ...plays.flatMap((play) => [...(writes ? keptOut(play, run) : []), ...happened(play)]),
  ]);
  const others = failures.filter((failure) => !isLate(failure));
  const counted = new Set(writes ? [] : plays.flatMap((play) => [...refusedWithoutPlan(play)]));
  const bad = BAD.flatMap((kind) => {
    const of = hostsOf(others.filter((failure) => failure.kind === kind));
    const number = [...of].filter((host) => kind !== 'refused' || !counted.has(host)).length;
    return number === 0 ? [] : [`${count(number, 'host')} ${kind}`];
  });
  const told = hostsOf(others);
  const late = [...hostsOf(failures.filter(isLate))].filter((host) => !told.has(host)).length;
  const restored = hosts.filter((host) => host.restored > 0).length;
  const outcome = writes
    ? outcomeSentence(hosts, UTC)
    : [...plays.flatMap(plannedSentence), 'Nothing was written.'].join(' ');
  return [
    ...(run.wasInterrupted ? ['Interrupted.'] : []),
    ...(end?.declined ? [DECLINED] : []),
    ...(end ? [] : ['The run did not reach its end.']),
    ...(bad.length > 0 ? [`${bad.join(', ')}${restored > 0 ? `, ${restored} restored` : ''}.`] : []),
    ...(late > 0 ? [`Certificates of ${count(late, 'host')} expire before their window.`] : []),
    outcome,
  ].join(' ');
}

function hostsOf(failures: readonly Failure[]): ReadonlySet<string> {
  return new Set(failures.flatMap(({ hosts }) => hosts));
}

/** Late certificates refuse nothing by themselves: a plan counts such a host among those to change. */
function isLate({ code }: Failure): boolean {
  return code === 'window-late';
}

/** The hosts of clusters that are refused without a plan, if others have one: the totals of the play count them, too. */
function refusedWithoutPlan(play: PlayRecord): ReadonlySet<string> {
  if (play.plans.length === 0) return new Set();
  const planned = new Set(play.plans.flatMap(({ plan }) => plan.hosts.map(({ host }) => host)));
  const refused = hostsOf(happened(play).filter((failure) => failure.kind === 'refused' && !isLate(failure)));
  return new Set([...refused].filter((host) => !planned.has(host)));
}

/** What a play would do: one sentence, however many clusters it has. */
function plannedSentence(play: PlayRecord): readonly string[] {
  if (play.plans.length === 0) return [];
  const totals = summedTotals(play.plans.map((each) => each.totals));
  return [totalsSentence({ ...totals, refused: totals.refused + refusedWithoutPlan(play).size })];
}
