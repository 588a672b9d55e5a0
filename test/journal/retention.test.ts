import { describe, expect, it } from 'vitest';
import { hasOldRuns, obsoleteRuns } from '../../src/journal/retention.ts';
import type { RunSummary } from '../../src/journal/run-summary.ts';

const NOW = new Date('2026-11-24T00:00:00Z');
const DAY_MS = 86_400_000;

function run(id: string, daysAgo: number, more: Partial<RunSummary> = {}): RunSummary {
  return {
    id,
    start: undefined,
    startedAt: new Date(NOW.getTime() - daysAgo * DAY_MS),
    result: 'changed',
    exitCode: 0,
    elapsedMs: 1,
    clusters: [],
    hosts: [{ host: 'm1', state: 'changed', isWell: true, isSettled: true }],
    damage: [],
    isOlder: false,
    isUnread: false,
    isNewer: false,
    ...more,
  };
}

const BAD = [{ host: 'm1', state: 'partly changed', isWell: false }];
const obsolete = (...runs: readonly RunSummary[]) => obsoleteRuns(runs, { runs: 1, ageMs: 10 * DAY_MS }, NOW);

describe('a run need not be kept', () => {
  it('when it is neither among the last nor young', () => {
    expect(obsolete(run('a', 30), run('b', 20), run('c', 5), run('d', 4))).toEqual(['a', 'b']);
    expect(obsolete(run('a', 30))).toEqual([]);
  });

  it('unless it may be in progress', () => {
    expect(obsolete(run('a', 30, { result: 'running', exitCode: undefined }), run('b', 1))).toEqual([]);
    expect(obsolete(run('a', 30, { result: 'not ended', exitCode: undefined }), run('b', 1))).toEqual([]);
  });

  it('unless it has left a host otherwise than well, until a later run has left that well', () => {
    const failed = run('a', 30, { result: 'failed', exitCode: 2, hosts: BAD });
    const lost = run('b', 29, { result: 'lost', exitCode: undefined, hosts: BAD });
    const others = run('c', 1, { hosts: [{ host: 'm2', state: 'changed', isWell: true, isSettled: true }] });
    expect(obsolete(failed, lost, others)).toEqual([]);
    expect(obsolete(failed, lost, run('c', 1))).toEqual(['a', 'b']);
    const notReached = run('c', 1, { hosts: [{ host: 'm1', state: 'unchanged', isWell: true }] });
    expect(obsolete(failed, lost, notReached)).toEqual([]);
    // What came before says nothing of what came after.
    expect(obsolete(run('a', 31), failed, others)).toEqual(['a']);
  });

  it('when nothing of it can be read, and its id is old', () => {
    const empty = { startedAt: undefined, exitCode: undefined, result: 'not ended', hosts: [] } as const;
    const unread = run('20250101T000000Z-0001', 0, { ...empty, damage: ['cannot be read'] });
    expect(obsolete(unread, run('b', 1))).toEqual(['20250101T000000Z-0001']);
    expect(obsolete({ ...unread, id: '20261123T000000Z-0001' }, run('b', 1))).toEqual([]);
  });
});

describe('the first lines tell that none can go', () => {
  const hasOld = (...runs: readonly RunSummary[]) =>
    hasOldRuns(
      runs.map(({ id, startedAt }, index) => ({ id, number: index + 1, startedAt })),
      { runs: 2, ageMs: 10 * DAY_MS },
      NOW,
    );

  it('when those before the last are young, or all are among the last', () => {
    expect(hasOld(run('a', 9), run('b', 8), run('c', 7))).toBe(false);
    expect(hasOld(run('a', 30), run('b', 20))).toBe(false);
  });

  it('and not when one of them is old', () => {
    expect(hasOld(run('a', 30), run('b', 20), run('c', 5))).toBe(true);
    expect(hasOld(run('20250101T000000Z-0001', 0, { startedAt: undefined }), run('b', 20), run('c', 5))).toBe(true);
  });
});
