import { expect, test } from 'vitest';
import { judge } from '../../../src/report/check/findings.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const DAY_MS = 86_400_000;
const THRESHOLDS = { warn: '30d', warnMs: 30 * DAY_MS, critical: '7d', criticalMs: 7 * DAY_MS };
const inDays = (days: number) => new Date(NOW.getTime() + days * DAY_MS).toISOString();

test('what is wrong with a CA in a kubeconfig is a clause behind its name', () => {
  const judged = judge({ condition: 'another CA', ends: inDays(900), served: null }, THRESHOLDS, NOW);
  expect(judged).toEqual({ severity: 'critical', why: 'is not the CA of its cluster' });
});

test('a key that nobody can use for want of its password is critical, and said to be encrypted', () => {
  const row = { condition: 'key encrypted', ends: inDays(300), served: 'good' };
  expect(judge(row, THRESHOLDS, NOW)).toEqual({ severity: 'critical', why: 'key encrypted' });
});

test.each<[what: string, condition: string, days: number, selfSigned: boolean, severity: string]>([
  ['that the cluster has signed', 'expired', -3, false, 'critical'],
  ['that the cluster has signed', 'good', 5, false, 'critical'],
  ['that kubelet has signed itself', 'expired', -3, true, 'warning'],
  ['that kubelet has signed itself', 'good', 5, true, 'warning'],
  ['that kubelet has signed itself', 'good', 90, true, 'ok'],
  // Kubelet serves nothing then.
  ['that kubelet has signed itself', 'key mismatch', 90, true, 'critical'],
])('a serving certificate %s, %s, that ends in %d days', (_what, condition, days, selfSigned, severity) => {
  const row = { condition, ends: inDays(days), served: null, ...(selfSigned && { self_signed: true }) };
  expect(judge(row, THRESHOLDS, NOW)).toMatchObject({ severity });
});

test.each([
  'missing',
  'unreadable',
  'key missing',
  'key encrypted',
  'key mismatch',
  'foreign signer',
  'usage missing',
  'unsupported key',
  'unsupported extension',
  'unsupported signature',
  'CA expired',
  'not yet valid',
])('%s is critical, however long the certificate lasts', (condition) => {
  expect(judge({ condition, ends: inDays(364), served: null }, THRESHOLDS, NOW)).toMatchObject({
    severity: 'critical',
    why: expect.stringContaining(condition),
  });
});

test('in its last moment a certificate is still valid, as for Go', () => {
  const judged = judge({ condition: 'expiring', ends: inDays(0), served: 'good' }, THRESHOLDS, NOW);
  expect(judged).toEqual({ severity: 'critical', why: 'expires in 0d' });
});

test('a good file whose port serves an old one that has expired is critical, and when that was is said once', () => {
  const row = { condition: 'good', ends: inDays(364), served: 'expired', served_ends: inDays(-1) };
  expect(judge(row, THRESHOLDS, NOW)).toEqual({
    severity: 'critical',
    why: `its port serves an old one, which expired ${inDays(-1).slice(0, 10)}`,
  });
});
