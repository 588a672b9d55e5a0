import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { matchLimit } from '../../src/inventory/match.ts';
import { shortPattern } from '../../src/inventory/short-pattern.ts';
import { fc } from '../support/random-cases.ts';
import { load } from './support/inventories.ts';

const FLEET = `all:
  children:
    prod:
      vars: { kplay_cluster: { name: prod } }
      children:
        masters: { hosts: { 'm[1:3]': } }
        workers: { hosts: { 'w[01:60]': } }
    edge:
      vars: { kplay_cluster: { name: edge-eu } }
      hosts: { 'e[1:20]': }
    m1: { hosts: { 'w[01:30]': } }
`;

const namesOf = (inventory: Inventory, limit: string): readonly string[] => {
  const problems = new Problems();
  const hosts = matchLimit(inventory, limit, problems).map(({ name }) => name);
  expect(problems.all).toEqual([]);
  return hosts.toSorted();
};

const MASTERS = ['m1', 'm2', 'm3'];
const WORKERS = Array.from({ length: 60 }, (_, index) => `w${String(index + 1).padStart(2, '0')}`);
const EDGE = Array.from({ length: 20 }, (_, index) => `e${index + 1}`);
const ALL = [...MASTERS, ...WORKERS, ...EDGE];

/** The name m1 is that of a host and of a group, which is warned of. */
function inventoryOf(): Inventory {
  const { inventory } = load({ 'hosts.yml': FLEET });
  if (!inventory) throw new Error('no inventory');
  return inventory;
}

describe('the shortest limit for some hosts', () => {
  it.each<[string, readonly string[], string]>([
    ['a few', ['w07', 'm1', 'e3'], 'w07,m1,e3'],
    ['all', ALL, 'all'],
    ['all but a few', ALL.filter((host) => host !== 'm2' && host !== 'w60'), 'all,!m2,!w60'],
    ['a group', WORKERS, 'workers'],
    ['most of a group', WORKERS.filter((host) => host !== 'w09'), 'workers,!w09'],
    ['a cluster', [...MASTERS, ...WORKERS], 'prod'],
    ['several groups and some more', [...EDGE, 'm2'], 'edge,m2'],
    ['a group that is called as a host is', WORKERS.slice(0, 30), WORKERS.slice(0, 30).join(',')],
  ])('that are %s', (_what, hosts, expected) => {
    const inventory = inventoryOf();
    expect(shortPattern(hosts, inventory)).toBe(expected);
    expect(namesOf(inventory, expected)).toEqual([...hosts].sort());
  });

  it('is never for other hosts', () => {
    const inventory = inventoryOf();
    expect([...inventory.hosts.keys()].toSorted()).toEqual(ALL.toSorted());
    fc.assert(
      fc.property(fc.subarray(ALL, { minLength: 1 }), fc.subarray([WORKERS, EDGE]), (some, groups) => {
        const hosts = [...new Set([...some, ...groups.flat()])];
        expect(namesOf(inventory, shortPattern(hosts, inventory))).toEqual(hosts.toSorted());
      }),
    );
  });
});
