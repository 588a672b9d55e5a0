import { expect, test } from 'vitest';
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
    summary: 'moved aside: ends 2027-12-01',
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
    ['Move: planned', 'remove apiserver (moved aside: ends 2027-12-01), serial "0A"'],
    ['Move: now', 'remove apiserver (moved aside: ends 2027-12-01), serial "0C"'],
  ]);
});

test('changes that only one side has are told beside all of the other', () => {
  const [apiserver, peer] = [removal('apiserver', '0A'), removal('etcd-peer', '0B')];
  expect(differences([apiserver], [apiserver, peer])).toEqual([
    ['Move: planned', 'remove apiserver (moved aside: ends 2027-12-01)'],
    ['Move: now', 'remove apiserver (moved aside: ends 2027-12-01); remove etcd-peer (moved aside: ends 2027-12-01)'],
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
