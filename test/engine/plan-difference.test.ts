import { describe, expect, test } from 'vitest';
import type { PlayPlan } from '../../src/core/events/plan.ts';
import type { Change } from '../../src/core/plan.ts';
import { planDifferences } from '../../src/engine/plan/plan-difference.ts';

function planOf(changes: readonly [Change, ...Change[]]): PlayPlan {
  return {
    play: 'Renew',
    order: { name: 'linear', reason: 'one batch', batches: [['m1']] },
    tasks: [{ path: 'tasks.0', name: 'Move', step: 'certs.delete' }],
    hosts: [{ host: 'm1', tasks: [{ path: 'tasks.0', action: 'change', changes }] }],
  };
}

function removal(target: string, serial: string): Change {
  return {
    kind: 'remove',
    target,
    before: { serial, files: [`/pki/${target}.crt`] },
    after: null,
    summary: 'moved aside: expires 2027-12-01',
    disruptive: false,
  };
}

function differences(saved: readonly [Change, ...Change[]], now: readonly [Change, ...Change[]]) {
  return planDifferences([planOf(saved)], [], planOf(now)).flatMap((one) => one.differences);
}

test('a change that reads the same is told by what differs, and the others are left out', () => {
  expect(
    differences(
      [removal('apiserver', '0A'), removal('etcd-peer', '0B')],
      [removal('apiserver', '0C'), removal('etcd-peer', '0B')],
    ),
  ).toEqual([
    ['Move: planned', 'remove apiserver (moved aside: expires 2027-12-01), serial "0A"'],
    ['Move: now', 'remove apiserver (moved aside: expires 2027-12-01), serial "0C"'],
  ]);
});

test('changes that only one side has are told beside all of the other', () => {
  const [apiserver, peer] = [removal('apiserver', '0A'), removal('etcd-peer', '0B')];
  expect(differences([apiserver], [apiserver, peer])).toEqual([
    ['Move: planned', 'remove apiserver (moved aside: expires 2027-12-01)'],
    [
      'Move: now',
      'remove apiserver (moved aside: expires 2027-12-01); remove etcd-peer (moved aside: expires 2027-12-01)',
    ],
  ]);
});

test('the text of a file is not quoted: it may be long, and may hold secrets of the host', () => {
  const update = (before: Change['before']): Change => ({
    kind: 'update',
    target: '/etc/app.conf',
    before,
    after: { content: 'mode: new\n' },
    summary: 'content',
    disruptive: false,
  });
  const [one, two] = [update({ content: 'password: one\n' }), update({ content: 'password: number two\n' })];
  expect(differences([one], [two])).toEqual([
    ['Move: planned', 'update /etc/app.conf (content), other content (14 characters)'],
    ['Move: now', 'update /etc/app.conf (content), other content (21 characters)'],
  ]);
  // Of a file that is no text, nothing is known.
  expect(differences([update(null)], [two])).toEqual([
    ['Move: planned', 'update /etc/app.conf (content), null'],
    ['Move: now', 'update /etc/app.conf (content), other content (21 characters)'],
  ]);
});

describe('the batches of a play', () => {
  const inOrder = (name: string, ...batches: readonly (readonly string[])[]): PlayPlan => {
    const plan = planOf([removal('apiserver', '0A')]);
    const hosts = batches.flat().flatMap((host) => plan.hosts.map((own) => ({ ...own, host })));
    return { ...plan, order: { name, reason: 'as serial says', batches }, hosts };
  };
  const changedHosts = (saved: PlayPlan, now: PlayPlan) => planDifferences([saved], [], now).map(({ host }) => host);

  test.each(['linear', 'free'])('go in the order in which they were planned: %s', (name) => {
    const saved = inOrder(name, ['a'], ['b'], ['c'], ['d']);
    expect(planDifferences([saved], [], inOrder(name, ['a'], ['c'], ['b'], ['d']))).toEqual(
      ['c', 'b'].map((host) => ({
        host,
        differences: [
          ['order: planned', 'a, b, c, d'],
          ['order: now', 'a, c, b, d'],
        ],
      })),
    );
  });

  test('may be others for hosts that none has to wait for, and without hosts that are out', () => {
    expect(changedHosts(inOrder('linear', ['a', 'b'], ['c', 'd']), inOrder('linear', ['b', 'a'], ['d', 'c']))).toEqual(
      [],
    );
    expect(changedHosts(inOrder('linear', ['a', 'b'], ['c', 'd']), inOrder('linear', ['b', 'c'], ['d']))).toEqual([]);
    expect(changedHosts(inOrder('linear', ['a'], ['b']), inOrder('linear', ['b', 'a']))).toEqual([]);
  });

  test('are chosen anew by a strategy that goes by the state of the hosts', () => {
    expect(changedHosts(inOrder('planned', ['a'], ['b']), inOrder('planned', ['b'], ['a']))).toEqual([]);
  });
});
