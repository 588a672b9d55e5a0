import { count } from '../../core/count.ts';
import type { TaskOutcome } from '../../core/events/task.ts';
import { nameList } from '../../core/name-list.ts';
import { type Change, endOf } from '../../core/plan.ts';
import { targetText } from '../text/words.ts';
import type { HostResult } from './task-progress.ts';

/** The number of changed targets named for a host. */
const MAX_TARGETS = 5;

const BAD_OUTCOMES: readonly (readonly [TaskOutcome, string])[] = [
  ['failed', 'failed'],
  ['unreachable', 'unreachable'],
  ['refused', 'refused'],
  ['cancelled', 'not done'],
  ['ignored', 'failed and ignored'],
];

/** The result of a task on all its hosts, in a clause: `30 certificates`, `2 changed, 1 as it was`, `1 failed, 2 not done`. */
export function summarize(results: readonly HostResult[]): string {
  const number = (outcome: TaskOutcome) => results.filter((result) => result.outcome === outcome).length;
  const bad = BAD_OUTCOMES.map(([outcome, words]) => [number(outcome), words] as const)
    .filter(([amount]) => amount > 0)
    .map(([amount, words]) => `${amount} ${words}`);
  if (bad.length > 0) return bad.join(', ');
  const skipped = number('skipped');
  if (skipped > 0 && skipped < results.length) return `${skipped} skipped`;
  const untouched = number('changed') > 0 && number('ok') > 0 ? `${count(number('ok'), 'host')} unchanged` : '';
  return [whatChanged(results), untouched].filter((part) => part !== '').join(', ');
}

function whatChanged(results: readonly HostResult[]): string {
  const changed = results.filter(({ outcome }) => outcome === 'changed');
  const changes = changed.flatMap((result) => result.changes);
  if (changes.length > 1 && changes.every(isCertificate)) return count(changes.length, 'certificate');
  const relevant = changed.length > 0 ? changed : results;
  // What a host has found besides is only shown for that host.
  const [clause = '', ...others] = new Set(relevant.map(relevant.length > 1 ? clauseOf : summarizeHost));
  if (others.length > 0) return changes.length > 0 ? count(changes.length, 'change') : '';
  // A clause that starts with a number counts one host's items.
  return relevant.length > 1 && /^\d/.test(clause) ? `${clause} on each` : clause;
}

/** The result of a task on one host, in a clause, and what it has found besides. */
export function summarizeHost(result: HostResult): string {
  const clause = clauseOf(result);
  return result.outcome === 'changed' && result.told !== undefined ? `${clause}; ${result.told}` : clause;
}

function clauseOf({ outcome, reason, changes }: HostResult): string {
  if (outcome === 'skipped') return `skipped: ${reason}`;
  if (outcome === 'cancelled') return `not done: ${reason}`;
  return outcome === 'changed' && changes.length > 0 ? summarizeChanges(changes) : reason;
}

function summarizeChanges(changes: readonly Change[]): string {
  const [first, ...others] = changes;
  // Why something was restarted, `is not running`, would read as its state afterwards.
  const isOne = first !== undefined && others.every(({ target }) => target === first.target);
  if (isOne && changes.every(({ kind }) => kind !== 'restart'))
    return changes.map((change) => change.summary ?? targetText(change)).join(', ');
  if (changes.every(isCertificate)) return count(changes.length, 'certificate');
  // Names alone would read as if the removed ones had been created.
  const removed = changes.filter(({ kind }) => kind === 'remove');
  if (removed.length > 0 && removed.length < changes.length) {
    const rest = changes.filter(({ kind }) => kind !== 'remove');
    return `${summarizeChanges(rest)}; removed: ${nameList(removed.map(targetText), MAX_TARGETS)}`;
  }
  return nameList([...new Set(changes.map(targetText))], MAX_TARGETS);
}

function isCertificate({ after }: Change): boolean {
  return endOf(after) !== undefined;
}
