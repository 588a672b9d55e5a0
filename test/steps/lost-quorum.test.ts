import { expect, test } from 'vitest';
import { World } from '../../src/core/world.ts';
import { lostQuorumRefusal } from '../../src/steps/control-plane/lost-quorum.ts';
import { registry } from '../../src/steps/registry.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { answersOf, type WorldDescription } from './support/described-world.ts';
import { frozen } from './support/planning.ts';

/** A master whose etcd has lost its quorum; it was the last of three to join. */
const M1: WorldDescription = {
  health: { etcd: '503 no leader' },
  etcd_member: { id: 'a', others: 2, connected: 0 },
  flags: {
    etcd: {
      '--initial-advertise-peer-urls': 'https://10.0.0.1:2380',
      '--initial-cluster': 'm1=https://10.0.0.1:2380,m2=https://10.0.0.2:2380,m3=https://10.0.0.3:2380',
    },
  },
};
/** One whose etcd cannot start. */
const M2: WorldDescription = {
  leaves: { 'etcd-server': '-1d' },
  health: { etcd: 'no answer' },
  etcd_member: { id: 'b', others: 2, connected: 0 },
  flags: { etcd: { '--initial-advertise-peer-urls': 'https://10.0.0.2:2380' } },
};

test.each<[what: string, third: Readonly<Record<string, string>>, refusal: string | undefined]>([
  ['serves: it and this one are enough', { '10.0.0.3:2380': '10d' }, undefined],
  ['does not answer', {}, 'etcd needs 2 of its 3 members, and cannot start on m2 (etcd-server)'],
  ['serves what has expired', { '10.0.0.3:2380': '-1d' }, 'etcd needs 2 of its 3 members, and cannot start on m2'],
  ['cannot be asked', { '10.0.0.3:2380': 'cannot ask' }, 'etcd needs 2 of its 2 members, and cannot start on m2'],
])('beside a master whose etcd cannot start, where the third member, elsewhere, %s', (_what, served, refusal) => {
  const peers = new Map([['m2', worldOf('m2', M2)]]);
  const question = { host: 'm1', peers, order: 'recovery', restartsMember: false };
  const found = lostQuorumRefusal(worldOf('m1', { ...M1, served }), question, NOW);
  if (refusal === undefined) expect(found).toBeUndefined();
  else expect(found?.reason).toContain(refusal);
});

test('members elsewhere count for nothing while every etcd here can start', () => {
  const peers = new Map([['m2', worldOf('m2', { ...M2, leaves: {} })]]);
  const question = { host: 'm1', peers, order: 'recovery', restartsMember: true };
  expect(lostQuorumRefusal(worldOf('m1', { ...M1, served: {} }), question, NOW)).toBeUndefined();
});

/** With everything that the order of a cluster asks for. */
function worldOf(name: string, description: WorldDescription): World {
  const strategy = registry.strategies.get('control_plane') ?? expect.fail();
  const answers = answersOf({ node: name, ...description });
  const host = { name, groups: [], address: '10.0.0.1' };
  let world = World.empty;
  for (;;) {
    const needs = strategy.needs(world, host, { now: NOW, peers: new Map() });
    const missing = needs.filter((ref) => !world.covers(ref));
    if (missing.length === 0) return world;
    for (const ref of missing) world = world.set(ref, frozen(answers(ref)));
  }
}
