import { count } from '../core/count.ts';
import type { TaskOutcome } from '../core/events/task.ts';
import { type Change, endOf } from '../core/plan.ts';
import type { HostResult } from './task-progress.ts';
import { nameList, targetText } from './words.ts';

/** Of what has changed on a host, so much is named. */
const MAX_TARGETS = 5;

const BAD_OUTCOMES: readonly (readonly [TaskOutcome, string])[] = [
  ['failed', 'failed'],
  ['unreachable', 'unreachable'],
  ['refused', 'refused'],
  ['cancelled', 'not done'],
  ['ignored', 'failed and ignored'],
];

/** What came of a task on all its hosts, in a clause: `30 certificates`, `2 changed, 1 as it was`, `1 failed, 2 not done`. */
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
  const told = changed.length > 0 ? changed : results;
  // What one host has found besides is its own affair.
  const [clause = '', ...others] = new Set(told.map(told.length > 1 ? clauseOf : summarizeHost));
  if (others.length > 0) return changes.length > 0 ? count(changes.length, 'change') : '';
  // What begins with a number counts on one host.
  return told.length > 1 && /^\d/.test(clause) ? `${clause} on each` : clause;
}

/** What came of a task on one host, in a clause, and what it has found besides. */
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
  if (first && others.length === 0) return first.summary ?? targetText(first);
  if (changes.every(isCertificate)) return count(changes.length, 'certificate');
  // Names alone would read as if what has gone had been made.
  const gone = changes.filter(({ kind }) => kind === 'remove');
  if (gone.length > 0 && gone.length < changes.length) {
    const rest = changes.filter(({ kind }) => kind !== 'remove');
    return `${summarizeChanges(rest)}; removed: ${nameList(gone.map(targetText), MAX_TARGETS)}`;
  }
  return nameList(changes.map(targetText), MAX_TARGETS);
}

function isCertificate({ after }: Change): boolean {
  return endOf(after) !== undefined;
}
