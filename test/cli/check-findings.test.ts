import { describe, expect, it } from 'vitest';
import { findingsIn, isForRenewal, rowsOf } from '../../src/cli/output/check-findings.ts';
import type { Json } from '../../src/core/json.ts';
import { NO_RESULT, type RunResult } from '../../src/engine/run-result.ts';

const ended = (said: Readonly<Record<string, Json>>, unreachable: readonly string[] = []): RunResult => ({
  ...NO_RESULT,
  unreachable,
  registered: new Map(Object.entries(said).map(([host, value]) => [host, new Map([['found', value]])])),
});

const leaf = (name: string, condition: string, due: boolean | null) => ({
  name,
  condition,
  due,
  ends: null,
  served: null,
});
const listed = (name: string, group?: string, cluster?: string) => ({
  name,
  groups: ['all', ...(group === undefined ? [] : [group])],
  ...(cluster !== undefined && { cluster }),
});
const NOTHING = { certificates: [], authorities: [], not_readable: null, renew_before: '60d' };

describe('the findings of a check', () => {
  const findings = findingsIn(
    ended(
      {
        m1: { ...NOTHING, certificates: [leaf('a', 'expired', true), leaf('b', 'key not readable', null)] },
        m2: { ...NOTHING, not_readable: { user: 'ops', paths: ['/etc/kubernetes'] } },
        lb1: NOTHING,
      },
      ['m3'],
    ),
    'found',
    [listed('m1'), listed('m2'), listed('m3'), listed('m4'), listed('lb1')],
  );

  it('name every host: with certificates, without, not readable, not looked at', () => {
    expect(findings.hosts.map(({ host }) => host)).toEqual(['m1']);
    expect(findings.without).toEqual([{ host: 'lb1' }]);
    expect(findings.notReadable).toEqual([{ host: 'm2', user: 'ops', paths: ['/etc/kubernetes'] }]);
    expect(findings.unseen).toEqual(['m3', 'm4']);
    expect(findings.rules).toEqual(['60d']);
  });

  it('say of which hosts without certificates they were expected', () => {
    const a = { ...NOTHING, certificates: [leaf('a', 'good', false)] };
    const said = ended({ m1: a, m2: NOTHING, lb1: NOTHING, x1: NOTHING, x2: NOTHING, y1: NOTHING });
    const all = [
      listed('m1', 'masters', 'prod'),
      listed('m2', 'masters', 'prod'),
      listed('lb1', undefined, 'prod'),
      // Nothing was found in these two, but one was not seen wholly.
      listed('x1', undefined, 'x'),
      listed('x2', 'workers', 'x'),
      listed('y1', undefined, 'y'),
      listed('y2', undefined, 'y'),
    ];
    const certain = [{ host: 'm2', group: 'masters' }, { host: 'lb1' }];
    expect(findingsIn(said, 'found', all, { areExpected: true }).without).toEqual([
      ...certain,
      { host: 'x1', isInVain: true },
      { host: 'x2', group: 'workers' },
      { host: 'y1' },
    ]);
    expect(findingsIn(said, 'found', all).without).toEqual([
      ...certain,
      { host: 'x1' },
      { host: 'x2', group: 'workers' },
      { host: 'y1' },
    ]);
  });

  it('hold what could not be read for neither broken nor good', () => {
    expect(rowsOf(findings).map(({ name, urgency }) => [name, urgency])).toEqual([
      ['a', 'broken'],
      ['b', 'unknown'],
    ]);
  });

  it.each([
    ['the old one, and has only to be restarted', 'good', false, 'old one', '2026-12-20', 'unloaded'],
    ['what has expired, and has only to be restarted', 'good', false, 'expired', '2026-11-23', 'unloaded'],
    ['the old one, and is due besides', 'expiring', true, 'old one', '2026-12-20', 'due'],
    ['what has expired, as the file has', 'expired', false, 'expired', '2027-11-24', 'harmless'],
  ] as const)('tell what serves %s', (_what, condition, due, served, servedEnds, urgency) => {
    const row = {
      ...leaf('a', condition, due),
      ends: '2027-11-24',
      served,
      served_ends: servedEnds,
      self_signed: true,
    };
    const found = findingsIn(ended({ m1: { ...NOTHING, certificates: [row] } }), 'found', [listed('m1')]);
    const isOther = servedEnds !== row.ends;
    expect(rowsOf(found)).toMatchObject([{ urgency, ...(isOther && { note: 'restart needed' }) }]);
    expect(isForRenewal(row)).toBe(isOther);
  });

  it('hold a CA whose file is missing for broken, and one that ends soon for due', () => {
    const authorities = [leaf('ca', 'missing', null), leaf('etcd-ca', 'expiring', null), leaf('old-ca', 'good', null)];
    const found = findingsIn(
      ended({ m1: { ...NOTHING, certificates: [leaf('a', 'good', false)], authorities } }),
      'found',
      [listed('m1')],
    );
    expect(rowsOf(found).filter(({ kind }) => kind === 'authority')).toMatchObject([
      { name: 'ca', condition: 'missing', urgency: 'broken', ends: null },
      { name: 'etcd-ca', urgency: 'due' },
      { name: 'old-ca', urgency: 'good' },
    ]);
  });

  it('list an object of the API once for each cluster, whichever certificates of their CA its masters have', () => {
    const reported = (publicKey: string, fingerprint: string, subject = 'CN=kubernetes') => ({
      ...NOTHING,
      certificates: [{ ...leaf('a webhook', 'good', false), object: 'a webhook', serial: '01' }],
      authorities: [{ ...leaf('ca', 'good', false), public_key: publicKey, fingerprint, subject }],
    });
    const found = findingsIn(
      ended({
        a1: reported('aa', '1'),
        a2: reported('aa', '2'),
        b1: reported('bb', '3'),
        c1: reported('aa', '1', 'CN=c'),
      }),
      'found',
      ['a1', 'a2', 'b1', 'c1'].map((name) => listed(name)),
    );
    expect(found.hosts.map(({ host }) => host)).toEqual(['a1', 'b1', 'c1']);
  });
});
