import { expect, test } from 'vitest';
import type { FactRef } from '../../src/core/fact.ts';
import { World } from '../../src/core/world.ts';
import { Peers } from '../../src/engine/hosts/peers.ts';

const name: FactRef<string> = {
  key: 'name',
  name: 'name',
  probe: () => ({}),
  parse: () => '',
};
const [a, b, c] = ['a', 'b', 'c'].map((host) => World.empty.set(name, host));
const all = new Map([
  ['a', { world: a as World }],
  ['b', { world: b as World }],
  ['c', { world: c as World }],
]);

test('peers of a host are all hosts but itself, in their order, as a map would have them', () => {
  const expected = new Map([
    ['a', a],
    ['c', c],
  ]);
  const peers = new Peers(all, 'b');
  const visited = new Map<string, World>();
  peers.forEach((world, host) => {
    visited.set(host, world);
  });
  expect(new Map(peers)).toEqual(expected);
  expect(visited).toEqual(expected);
  expect([...peers.keys()]).toEqual(['a', 'c']);
  expect([...peers.values()]).toEqual([a, c]);
  expect(peers.size).toBe(2);
  expect(['a', 'b', 'd'].map((host) => [peers.get(host), peers.has(host)])).toEqual([
    [a, true],
    [undefined, false],
    [undefined, false],
  ]);
});

test('all hosts are peers of one that is not among them', () => {
  expect(new Peers(all, 'z').size).toBe(3);
});
