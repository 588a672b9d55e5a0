import { describe, expect, test } from 'vitest';
import type { Change } from '../../../src/core/plan.ts';
import type { HostResult } from '../../../src/report/progress/task-progress.ts';
import { summarize, summarizeHost } from '../../../src/report/progress/task-summary.ts';
import { BACKUP_CHANGE, KUBECONFIG_CHANGES, LEAF_CHANGES, RESTART_CHANGES } from '../support/cluster.ts';

function result(more: Partial<HostResult>): HostResult {
  return { host: 'm1', outcome: 'changed', reason: '', changes: [], elapsedMs: 0, ...more };
}

function toService(summary: string): Change {
  return { kind: 'update', target: 'chronyd', before: null, after: { state: summary }, summary, disruptive: false };
}

const three = (more: Partial<HostResult>) => ['m1', 'm2', 'm3'].map((host) => result({ host, ...more }));

describe('what came of a task on all hosts', () => {
  test.each<[string, readonly HostResult[], string]>([
    ['certificates are counted', three({ changes: LEAF_CHANGES }), '21 certificates'],
    ['what is alike everywhere is told once', three({ changes: [BACKUP_CHANGE] }), '25 files, 96 kB on each'],
    ['on one host it is that host', [result({ changes: [BACKUP_CHANGE] })], '25 files, 96 kB'],
    [
      'what is removed beside it is no part of what is made',
      [result({ changes: [BACKUP_CHANGE, { ...BACKUP_CHANGE, kind: 'remove', target: '/var/backups/kplay/old' }] })],
      '25 files, 96 kB; removed: /var/backups/kplay/old',
    ],
    ['a single restart is named, not its reason', [result({ changes: RESTART_CHANGES.slice(0, 1) })], 'kubelet'],
    [
      'all that was done to one is told',
      [result({ changes: ['started', 'enabled'].map(toService) })],
      'started, enabled',
    ],
    [
      'one that was restarted and something else is named once',
      [result({ changes: [{ ...toService('restarted'), kind: 'restart' }, toService('enabled')] })],
      'chronyd',
    ],
    ['targets are named', three({ changes: RESTART_CHANGES.slice(0, 2) }), 'kubelet, etcd'],
    [
      'what differs is counted',
      [result({ changes: RESTART_CHANGES }), result({ host: 'm2', changes: KUBECONFIG_CHANGES })],
      '9 changes',
    ],
    ['reasons for nothing are told', three({ outcome: 'ok', reason: 'nothing is due' }), 'nothing is due'],
    [
      'different reasons are left out',
      [result({ outcome: 'ok', reason: 'a' }), result({ outcome: 'ok', reason: 'b' })],
      '',
    ],
    [
      'hosts that stay as they are are counted beside the others',
      [result({ changes: LEAF_CHANGES }), result({ outcome: 'ok', reason: 'none due' })],
      '7 certificates, 1 host unchanged',
    ],
    ['why all are skipped is told', three({ outcome: 'skipped', reason: 'not asked for' }), 'skipped: not asked for'],
    ['that some are skipped is told', [result({ changes: LEAF_CHANGES }), result({ outcome: 'skipped' })], '1 skipped'],
    [
      'what went wrong is all that matters',
      [result({ outcome: 'failed' }), result({ outcome: 'cancelled' }), result({ outcome: 'unreachable' }), result({})],
      '1 failed, 1 unreachable, 1 not done',
    ],
    ['nothing is said of nothing', [], ''],
  ])('%s', (_, results, summary) => {
    expect(summarize(results)).toBe(summary);
  });
});

test('on one host what has changed says more than a count', () => {
  expect(summarizeHost(result({ reason: '5 changes', changes: RESTART_CHANGES.slice(0, 2) }))).toBe('kubelet, etcd');
  const told = '12 other containers untouched';
  const restarted = result({ changes: RESTART_CHANGES.slice(0, 2), told });
  expect(summarizeHost(restarted)).toBe(`kubelet, etcd; ${told}`);
  expect(summarize([restarted, result({ ...restarted, host: 'm2', told: 'none untouched' })])).toBe('kubelet, etcd');
  expect(summarizeHost(result({ outcome: 'failed', reason: 'it broke', changes: RESTART_CHANGES }))).toBe('it broke');
});
