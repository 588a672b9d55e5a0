import { expect, test } from 'vitest';
import { unconfirmedWarnings } from '../../src/steps/certs/master-proof.ts';
import type { WorldDescription } from './support/described-world.ts';
import { begin, observed } from './support/planning.ts';

const OTHER_CA = { authorityNames: { ca: 'another' } };

function warned(
  description: WorldDescription,
  peers: Readonly<Record<string, WorldDescription>> = {},
  params: Parameters<typeof unconfirmedWarnings>[0] = {},
): readonly string[] {
  const { world, context } = observed({ step: 'certs.check' }, begin(description, peers));
  return unconfirmedWarnings(params, world, context).map(({ message }) => message);
}

test('who signs for a master is told when nothing but the master itself shows that its CA is that of the cluster', () => {
  const says = [
    expect.stringMatching(
      /^only master-1 itself shows that CN=kubernetes is the CA .*: SHA256 [0-9A-F]{2}(:[0-9A-F]{2}){31}$/,
    ),
  ];
  expect(warned({})).toEqual(says);
  expect(warned({}, { m2: OTHER_CA, w1: { role: 'worker', ...OTHER_CA } })).toEqual(says);
});

test('and not when another host has the same CA, when the inventory says that it is a master, or for a worker', () => {
  expect(warned({}, { m2: {} })).toEqual([]);
  expect(warned({}, { w1: { role: 'worker' } })).toEqual([]);
  expect(warned({}, {}, { node_role: 'master' })).toEqual([]);
  expect(warned({ role: 'worker' })).toEqual([]);
});
