import { describe, expect, test } from 'vitest';
import type { HostRecap } from '../../src/core/events/recap.ts';
import { STOP_TEXTS } from '../../src/core/host-state.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import { UNTOUCHED } from '../../src/engine/run-result.ts';
import { summaryOf } from '../../src/journal/run-summary.ts';

const START: JournalEntry = {
  type: 'start',
  runId: 'run',
  number: 1,
  eventVersion: 2,
  command: 'run',
  source: 'renew-certs.yml',
  kplayVersion: '1.0.0',
  user: 'root',
  machine: 'here',
  pid: 1,
  hosts: ['m1', 'm2'],
  clusters: [],
};

/** The same, of a rollout that a Temporal server keeps. */
const ELSEWHERE: JournalEntry = {
  ...START,
  recipe: {
    command: 'run',
    runId: 'run',
    now: '2026-11-27T00:00:00Z',
    playbook: '/renew-certs.yml',
    options: { engine: 'temporal://server' },
    hiddenVars: 0,
    files: {},
  },
};

function summary(
  isRunning: boolean | undefined,
  damage: readonly string[],
  ...entries: readonly JournalEntry[]
): ReturnType<typeof summaryOf> {
  const records = entries.map((entry, at) => ({ version: 1, sequence: at + 1, time: new Date(at), entry }));
  return summaryOf('run', { records, damage, isNewer: false }, () => isRunning);
}

function hostsOf(damage: readonly string[], ...entries: readonly JournalEntry[]) {
  return summary(false, damage, START, ...entries).hosts;
}

describe('a journal that does not tell the end', () => {
  test('tells of hosts on which nothing had begun that they are unchanged', () => {
    expect(hostsOf([])).toEqual([
      { host: 'm1', state: 'unchanged', isWell: true },
      { host: 'm2', state: 'unchanged', isWell: true },
    ]);
  });

  test('tells of a host that has failed before anything was changed that it is unchanged', () => {
    const failed = { type: 'failed', host: 'm1', task: 'Renew', reason: 'no' } as const;
    expect(hostsOf([], failed)[0]).toMatchObject({ state: "partly changed: 'Renew' failed", isWell: false });
    expect(hostsOf([], { ...failed, unchanged: true })[0]).toMatchObject({ state: 'unchanged', isWell: true });
  });

  test('tells of a cluster that is through what it is now, and where it ends in the other', () => {
    const started = (name: string, host: string): JournalEntry => ({
      type: 'event',
      event: { type: 'cluster-started', play: 'Renew', cluster: { kind: 'declared', name }, hosts: [host] },
    });
    const done = (host: string): JournalEntry => ({ type: 'done', host, task: 'Renew' });
    const finished: JournalEntry = {
      type: 'event',
      event: {
        type: 'cluster-finished',
        play: 'Renew',
        cluster: { kind: 'declared', name: 'one' },
        outcome: 'ok',
        elapsedMs: 1,
      },
    };
    expect(hostsOf([], started('one', 'm1'), done('m1'), finished, started('two', 'm2'), done('m2'))).toEqual([
      { host: 'm1', state: 'changed', isWell: true },
      { host: 'm2', state: "partly changed: the journal ends after 'Renew'", isWell: false },
    ]);
    expect(hostsOf([], started('one', 'm1'), finished)[0]).toEqual({ host: 'm1', state: 'unchanged', isWell: true });
  });

  test('of a run in progress tells how far each host is: it is no end', () => {
    const [intent, done] = [
      { type: 'intent', host: 'm1', task: 'Renew', changes: [] } as const,
      { type: 'done', host: 'm2', task: 'Renew' } as const,
    ];
    expect(summary(true, [], START, intent, done).hosts).toEqual([
      { host: 'm1', state: "in 'Renew'", isWell: false },
      { host: 'm2', state: "in progress, past 'Renew'", isWell: false },
    ]);
    expect(hostsOf([], intent)[0]).toEqual({
      host: 'm1',
      state: "unknown: the journal ends in 'Renew'",
      isWell: false,
    });
  });

  test('tells of a host of which only the proof is missing that it is not proven', () => {
    const undo = { type: 'undo', host: 'm1', step: 'control_plane.restart', remaining: [] } as const;
    const lost = { ...undo, succeeded: false, unproven: true, message: 'the connection was lost' } as const;
    expect(hostsOf([], lost).slice(0, 1)).toEqual([
      { host: 'm1', state: 'restored, but not proven: the connection was lost', isWell: false },
    ]);
  });

  test('tells of a host that it is restored when the last step of its undo is done, and not before', () => {
    const undo = { type: 'undo', host: 'm1', succeeded: true, message: 'done' } as const;
    const first = { ...undo, step: 'certs.restore', remaining: ['control_plane.restart'] };
    const last = { ...undo, step: 'control_plane.restart', remaining: [] };
    expect(hostsOf([], first)[0]).toEqual({
      host: 'm1',
      state: 'partly restored: certs.restore is done, but according to the journal not control_plane.restart',
      isWell: false,
    });
    expect(summary(true, [], START, first).hosts[0]).toEqual({
      host: 'm1',
      state: 'being restored: certs.restore is done',
      isWell: false,
    });
    expect(hostsOf([], first, last)[0]).toEqual({ host: 'm1', state: 'restored', isWell: true });
  });

  test('and is damaged does not: the run went on without it', () => {
    const [state, isWell] = ['unknown: the journal is damaged', false];
    expect(hostsOf(['the last line is incomplete'])).toEqual([
      { host: 'm1', state, isWell },
      { host: 'm2', state, isWell },
    ]);
  });
});

test('what a run has been through, or has changed, is settled by it, and nothing else', () => {
  const recaps: readonly HostRecap[] = [
    { ...UNTOUCHED, host: 'changed', ok: 2, changed: 1, state: 'changed' },
    { ...UNTOUCHED, host: 'nothing to do', ok: 2 },
    { ...UNTOUCHED, host: 'not reached', unreachable: 1 },
    { ...UNTOUCHED, host: 'refused', ok: 1, refused: 1 },
    { ...UNTOUCHED, host: 'not started' },
    { ...UNTOUCHED, host: 'restored', ok: 2, failed: 1, restored: 1, state: 'restored' },
  ];
  const event = { type: 'run-finished', hosts: recaps, elapsedMs: 1, exitCode: 2, next: [] } as const;
  const { hosts } = summary(false, [], START, { type: 'event', event }, { type: 'end', exitCode: 2 });
  expect(hosts.every(({ isWell }) => isWell)).toBe(true);
  expect(hosts.filter(({ isSettled }) => isSettled).map(({ host }) => host)).toEqual(['changed', 'nothing to do']);
});

describe('a rollout that others carry out', () => {
  const unknown = (host: string) => ({ host, state: 'unknown: the rollout is not followed any more', isWell: false });

  test('is not followed any more, and not lost, when its process has ended', () => {
    const { result, exitCode, hosts } = summary(false, [], ELSEWHERE);
    expect([result, exitCode]).toEqual(['not followed', undefined]);
    expect(hosts).toEqual([unknown('m1'), unknown('m2')]);
    expect(summary(true, [], ELSEWHERE).result).toBe('running');
    const carriedOut = { state: 'unknown: workers carry out the rollout', isWell: false };
    for (const isThere of [true, undefined])
      expect(summary(isThere, [], ELSEWHERE).hosts).toEqual(['m1', 'm2'].map((host) => ({ host, ...carriedOut })));
    expect(summary(undefined, [], ELSEWHERE).result).toBe('not ended');
    expect(summary(false, [], START).result).toBe('lost');
  });

  test.each([true, false, undefined])(
    'knows nothing of what was changed in a cluster that is through: %s',
    (isThere) => {
      const about = { play: 'Renew', cluster: { kind: 'declared', name: 'one' } } as const;
      const through: readonly JournalEntry[] = [
        { type: 'event', event: { type: 'cluster-started', ...about, hosts: ['m1'] } },
        { type: 'event', event: { type: 'cluster-finished', ...about, outcome: 'ok', elapsedMs: 1 } },
      ];
      expect(summary(isThere, [], ELSEWHERE, ...through).hosts[0]).toEqual({
        host: 'm1',
        state: 'well; its changes are reported at the end',
        isWell: true,
      });
    },
  );

  test.each([
    ['not-followed', 'not followed'],
    ['not-known', 'interrupted'],
  ] as const)('is so, too, when whoever followed it has gone away from it, and no other: %s', (code, result) => {
    const at = STOP_TEXTS[code];
    const host = { ...UNTOUCHED, host: 'm1', state: 'unknown', stopped: { why: 'cancelled', at, code } } as const;
    const finished: JournalEntry = {
      type: 'event',
      event: { type: 'run-finished', hosts: [host], elapsedMs: 1, exitCode: 130, next: [] },
    };
    const ended = summary(false, [], ELSEWHERE, finished, { type: 'end', exitCode: 130 });
    expect([ended.result, ended.exitCode]).toEqual([result, 130]);
    expect(ended.hosts).toEqual([{ host: 'm1', state: `unknown: ${at}`, isWell: false }]);
  });
});
