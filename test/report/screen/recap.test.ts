import { describe, expect, test } from 'vitest';
import type { HostRecap } from '../../../src/core/events/recap.ts';
import { stateText } from '../../../src/core/host-state.ts';
import type { Change } from '../../../src/core/plan.ts';
import type { EventOf } from '../../../src/report/reporter.ts';
import { formatPlanEnd, formatRecap } from '../../../src/report/screen/recap.ts';
import { MASTERS, recap, renewal } from '../support/cluster.ts';
import { COLORED, PLAIN, withTags } from '../support/options.ts';

type Run = EventOf<'run-finished'>;

function runOf(hosts: readonly HostRecap[], more: Partial<Run> = {}): Run {
  return { type: 'run-finished', hosts, elapsedMs: 38_200, exitCode: 0, next: [], ...more };
}

const shown = (run: Run, width = 80) => formatRecap(run, { ...PLAIN, width });

const FAILED = runOf(
  [
    recap('prod-m1'),
    recap('prod-m2', { ok: 5, changed: 4, failed: 1, restored: 1, state: 'restored', changes: [] }),
    recap('worker-000000000001', { ok: 0, changed: 0, refused: 1, state: 'unchanged', changes: [] }),
  ],
  { exitCode: 2, next: ['kplay run site.yml -i prod.yml', 'kplay check -i prod.yml'] },
);

describe('a recap', () => {
  test.each([80, 200])('is laid out in %i columns', async (width) => {
    await expect(shown(FAILED, width)).toMatchFileSnapshot(`../golden/recap-${width}.txt`);
  });

  test('has commands on one line, however narrow the terminal: half of one would be another', () => {
    const undo = 'to undo it: kplay rollback -i prod.yml --backup 20261124T151244Z-3f9c';
    const prose =
      "fix the errors above, or leave those hosts out with -l 'all,!m1': a plan is saved only when it covers all hosts";
    const lines = shown({ ...FAILED, next: [undo, prose] }, 60).split('\n');
    expect(lines).toContain(`Next: ${undo}`);
    const after = lines.slice(lines.indexOf(`Next: ${undo}`) + 1);
    expect([after.length, after.filter((line) => line.length > 60)]).toEqual([3, []]);
  });

  test('has the counters of a host below its name where they do not fit beside it', () => {
    const lines = shown(runOf([recap('prod-m1', { ok: 8, changed: 6 }), recap('prod-m2', { changed: 10 })]), 20).split(
      '\n',
    );
    expect(lines.slice(0, 5)).toEqual([
      'PLAY RECAP',
      'prod-m1 : ok=8',
      '  changed=6',
      'prod-m2 : ok=7',
      '  changed=10',
    ]);
    expect(lines.filter((line) => line.length > 20)).toEqual([]);
  });

  test('is coloured', async () => {
    const text = formatRecap(FAILED, { ...COLORED, width: 200 });
    await expect(withTags(text)).toMatchFileSnapshot('../golden/recap-200-colored.txt');
  });

  test('of more than twenty clusters names those in which not all is well', () => {
    const fleet = (clusters: number): readonly HostRecap[] =>
      Array.from({ length: clusters }, (_, index) =>
        recap(`c${index}-m1`, {
          cluster: { kind: 'declared', name: `c${index}` },
          ...(index === 7 && { failed: 1, state: 'restored' }),
        }),
      );
    const named = (text: string): number => text.match(/^c\d+-m1 +: /gm)?.length ?? 0;
    expect(named(shown(runOf(fleet(20))))).toBe(20);
    const many = shown(runOf(fleet(200)));
    expect(named(many)).toBe(1);
    expect(many).toContain('cluster c7:\nc7-m1 : ');
    expect(many).toContain('\n199 other clusters with 199 hosts: all well; kplay show RUN -v names them\n');
    expect(named(formatRecap(runOf(fleet(200)), { ...PLAIN, width: 100, isWhole: true }))).toBe(200);
    const good = shown(runOf(fleet(200).filter(({ failed }) => failed === 0)));
    expect(good).toMatch(/^PLAY RECAP\n199 clusters with 199 hosts: all well;/);
  });

  test('of hosts that are all fine says what came of it and nothing of their state', () => {
    const text = shown(runOf(MASTERS.map((host) => recap(host))));
    expect(text).not.toContain('State:');
    expect(text).toContain('\n30 certificates renewed on 3 hosts: 2026-11-23 → 2027-11-24. 38s.');
  });

  test('of several clusters has the hosts of each under its name', () => {
    const prod = { cluster: { kind: 'declared', name: 'prod' } } as const;
    const found = { cluster: { kind: 'found', name: 'dev-m1' } } as const;
    const hosts = [recap('prod-m1', prod), recap('dev-m1', found), recap('prod-m2', prod)];
    expect(shown(runOf(hosts), 200).split('\n').slice(0, 6)).toEqual([
      'PLAY RECAP',
      'cluster prod:',
      expect.stringMatching(/^prod-m1 : ok=7/),
      expect.stringMatching(/^prod-m2 : ok=7/),
      'the cluster of dev-m1:',
      expect.stringMatching(/^dev-m1 {2}: ok=7/),
    ]);
  });

  test('leaves out no counter in a log', () => {
    expect(shown(runOf([recap('prod-m1')]), Number.POSITIVE_INFINITY)).toContain(
      'prod-m1 : ok=7  changed=5  unreachable=0  failed=0  skipped=0  rescued=0  restored=0  refused=0',
    );
  });

  test('of a run without hosts is one line', () => {
    expect(shown(runOf([]))).toBe('Nothing changed. 38s.');
  });
});

describe('what has come of it', () => {
  const summed = (...changes: readonly Change[]) =>
    shown(runOf([recap('m1', { changes })]))
      .split('\n')
      .at(-1);

  test('names the range of days when they differ', () => {
    const early = { ...renewal('a'), before: { ends: '2026-11-20T00:00:00Z' } };
    expect(summed(early, renewal('b'))).toBe(
      '2 certificates renewed on 1 host: 2026-11-20 to 2026-11-23 → 2027-11-24. 38s.',
    );
  });

  test('tells certificates that are new from renewed ones', () => {
    const text = shown(runOf([recap('m1', { changes: [renewal('a'), { ...renewal('b'), before: null }] })]), 200);
    expect(text).toContain(
      '1 certificate renewed on 1 host: 2026-11-23 → 2027-11-24. 1 certificate made on 1 host, to expire 2027-11-24. 38s.',
    );
  });

  test('counts other changes, and not what only looks', () => {
    const change: Change = { kind: 'run', target: 'uptime', before: null, after: null, disruptive: false };
    expect(summed(change)).toBe('1 change on 1 host. 38s.');
    expect(summed({ ...change, kind: 'look' })).toBe('Nothing changed. 38s.');
  });

  test('does not say that nothing changed where something was begun', () => {
    const begun = (state: HostRecap['state']) =>
      shown(runOf([recap('m1', { changes: [], state, changed: 0, failed: 1 })]));
    expect(begun('partly-changed')).toContain('No change was completed.');
    expect(begun('restored')).toContain('Nothing changed.');
  });

  test('does not say that no change was completed where only workers know it', () => {
    const ended = (stopped: HostRecap['stopped']) =>
      shown(runOf([recap('m1', { changes: [], state: 'unknown', changed: 0, ...(stopped && { stopped }) })]));
    expect(ended({ why: 'unreachable', at: 'Restart' })).toContain('No change was completed.');
    const unknown = 'What was changed is not known here.';
    expect(ended({ why: 'cancelled', at: 'the rollout is not followed any more', code: 'not-followed' })).toContain(
      unknown,
    );
    expect(ended({ why: 'cancelled', at: 'what has become of it is not known', code: 'not-known' })).toContain(unknown);
    expect(ended(undefined)).toContain(unknown);
  });

  test('is dated in the zone that is asked for', () => {
    const late = { ...renewal('a'), after: { ends: '2027-11-24T23:30:00Z' } };
    const text = formatRecap(runOf([recap('m1', { changes: [late] })]), {
      ...PLAIN,
      width: 80,
      timeZone: 'Asia/Tokyo',
    });
    expect(text).toContain('2026-11-24 → 2027-11-25');
  });

  test('counts nothing as renewed on a host that could not be restored: the files may be the old ones again', () => {
    const left = recap('m1', { failed: 1, state: 'not-restored' });
    expect(shown(runOf([left]))).toMatch(
      /^kplay check shows what is left of the changes on 1 host that could not be\nrestored\. /m,
    );
    const both = shown(runOf([left, recap('m2')]), 300);
    expect(both).toMatch(
      /^\d+ certificates? renewed on 1 host: .*\. kplay check shows what is left of .* on 1 host that/m,
    );
  });

  test.each(['restoring', 'unknown'] as const)('nor on a host that is %s', (state) => {
    expect(shown(runOf([recap('m1', { failed: 1, state })]), 300)).toMatch(
      /^kplay check shows what is left of the changes on 1 host\. /m,
    );
  });

  test('does not send the reader of what a command did to kplay check, which shows certificates', () => {
    const change: Change = { kind: 'run', target: 'uptime', before: null, after: null, disruptive: false };
    const lost = recap('m1', { unreachable: 1, state: 'unknown', changes: [change] });
    expect(shown(runOf([lost]), 300)).toContain('1 change on 1 host. 38s.');
    const aside: Change = { ...change, kind: 'remove', target: 'apiserver', before: { serial: '1a', files: [] } };
    expect(shown(runOf([{ ...lost, changes: [change, aside] }]), 300)).toContain('kplay check shows what is left');
  });

  test('survives an end that is no date', () => {
    expect(summed({ ...renewal('a'), after: { ends: 'soon' } })).toContain('2026-11-23 → unknown');
  });
});

describe('the state of a host', () => {
  const at = (why: NonNullable<HostRecap['stopped']>['why']) => ({ why, at: 'Restart', path: 'tasks.5' });
  test.each<[HostRecap['state'], HostRecap['stopped'], string]>([
    ['unchanged', at('failed'), 'unchanged'],
    ['changed', undefined, 'changed'],
    ['restored', at('failed'), 'restored'],
    ['restoring', at('cancelled'), "restoring itself: the run stopped at 'Restart'"],
    ['partly-changed', at('cancelled'), "partly changed: stopped at 'Restart'"],
    ['not-restored', at('failed'), "partly changed: 'Restart' failed, and the host could not be restored"],
    ['unproven', at('failed'), 'restored, but not proven: the connection was lost'],
    ['unknown', at('unreachable'), "unknown: the connection was lost in 'Restart'"],
    ['unknown', undefined, 'unknown: no worker has reported it'],
  ])('that is %s is told in words', (state, stopped, words) => {
    expect(stateText({ state, ...(stopped && { stopped }) })).toBe(words);
  });

  test('that was undone in part is told to be so, with what is left and why', () => {
    const undone = { done: ['certs.restore'], failed: 'control_plane.restart', reason: 'its container runtime hangs' };
    expect(stateText({ state: 'not-restored', stopped: at('failed'), undone })).toBe(
      "partly restored: 'Restart' failed; certs.restore is done, but not control_plane.restart: its container runtime hangs",
    );
  });
});

test.each<[HostRecap['stopped'], unreachable: number, words: string]>([
  [undefined, 1, 'not reached'],
  [undefined, 0, 'not changed'],
  [{ why: 'unreachable', at: 'Read' }, 1, 'not changed'],
])('a host that a resumed run has not changed is as the earlier run left it: %j, %i', (stopped, unreachable, words) => {
  const left = { run: 'R', state: 'changed', isWell: true };
  expect(stateText({ state: 'as-left', left, unreachable, ...(stopped && { stopped }) })).toBe(
    `${words}; as run R left it: changed`,
  );
});

describe('the end of a run that could not write', () => {
  const ended = (run: Run) => formatPlanEnd(run, { ...PLAIN, width: 80 });

  test('says so, and what to do next', () => {
    expect(ended(runOf([], { next: ['kplay run renew.yml -i prod.yml'] }))).toBe(
      'Nothing was written. 38s.\nNext: kplay run renew.yml -i prod.yml',
    );
  });

  test('names the hosts that it has not seen', () => {
    const gone = recap('m3', { ok: 0, changed: 0, unreachable: 1, state: 'unchanged', changes: [] });
    expect(ended(runOf([recap('m1'), gone], { exitCode: 4 }))).toBe(
      'Nothing was written. Not reached: m3. 38s. Exit 4.',
    );
  });
});
