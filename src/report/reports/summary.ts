import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import { totalsSentence } from '../plan-totals.ts';
import { outcomeSentence } from '../recap.ts';
import { UTC } from '../time.ts';
import type { RunRecord, TaskEnd, Trouble } from './run-record.ts';

/** What stands first in a report. */
export interface Failure {
  readonly kind: 'failed' | 'unreachable' | 'refused';
  readonly hosts: readonly string[];
  /** The task; absent where none was begun. */
  readonly task?: string;
  readonly reason: string;
  readonly details: Trouble['details'];
  readonly remedy?: string;
  readonly code?: Trouble['code'];
}

const BAD = ['failed', 'unreachable', 'refused'] as const;

/** Whatever did not come through, in the order in which it happened. A lost host is told of once. */
export function failuresOf({ troubles, plays }: RunRecord): readonly Failure[] {
  const all = [
    ...troubles.flatMap(failureOfTrouble),
    ...plays.flatMap((play) => [...play.tasks.flatMap(failureOfTask), ...play.troubles.flatMap(failureOfTrouble)]),
  ];
  const seen = new Set<string>();
  return all.filter(({ kind, hosts, reason }) => {
    const key = JSON.stringify([kind, hosts, reason]);
    return !seen.has(key) && seen.add(key);
  });
}

function failureOfTrouble({ kind, hosts, reason, details, remedy, code }: Trouble): readonly Failure[] {
  if (kind === 'warning') return [];
  return [
    {
      kind: kind === 'late' ? 'refused' : kind,
      hosts,
      reason,
      details,
      ...(remedy !== undefined && { remedy }),
      ...(code !== undefined && { code }),
    },
  ];
}

function failureOfTask({ outcome, host, task, reason, details = [], remedy, code }: TaskEnd): readonly Failure[] {
  const kind = BAD.find((bad) => bad === outcome);
  if (kind === undefined) return [];
  const known = { ...(remedy !== undefined && { remedy }), ...(code !== undefined && { code }) };
  return [{ kind, hosts: [host], task: task.name, reason, details, ...known }];
}

/** Warnings, and failures that were ignored or rescued. */
export function warningsOf({ troubles, plays }: RunRecord): readonly Trouble[] {
  const ofTasks = plays.flatMap(({ tasks }) =>
    tasks
      .filter(({ outcome }) => outcome === 'ignored' || outcome === 'rescued')
      .map(({ host, task, outcome, reason, details = [] }): Trouble => {
        return { kind: 'warning', hosts: [host], reason: `'${task.name}' failed, ${outcome}: ${reason}`, details };
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

/** The same without how long it took. */
export function outcomeOf(run: RunRecord): string {
  const { end, hosts, writes, plays } = run;
  const failures = failuresOf(run);
  const bad = BAD.flatMap((kind) => {
    const number = new Set(failures.filter((failure) => failure.kind === kind).flatMap((failure) => failure.hosts))
      .size;
    return number === 0 ? [] : [`${count(number, 'host')} ${kind}`];
  });
  const restored = hosts.filter((host) => host.restored > 0).length;
  const outcome = writes
    ? outcomeSentence(hosts, UTC)
    : [...plays.flatMap(({ plans }) => plans.map(({ totals }) => totalsSentence(totals))), 'Nothing was written.'].join(
        ' ',
      );
  return [
    ...(run.wasInterrupted ? ['Interrupted.'] : []),
    ...(end ? [] : ['The run did not reach its end.']),
    ...(bad.length > 0 ? [`${bad.join(', ')}${restored > 0 ? `, ${restored} restored` : ''}.`] : []),
    outcome,
  ].join(' ');
}
