import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { RefusePlan } from '../../src/core/plan.ts';
import type { Order, Strategy } from '../../src/core/strategy.ts';
import { World } from '../../src/core/world.ts';
import { registry } from '../../src/steps/registry.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { answersOf, type WorldDescription } from './support/described-world.ts';
import { frozen } from './support/planning.ts';

interface OrderCase {
  readonly what: string;
  readonly hosts: Readonly<Record<string, WorldDescription>>;
  readonly forced?: string;
  readonly unseen?: readonly string[];
  /** Hosts that --limit leaves out, by their names: their addresses. */
  readonly left_out?: Readonly<Record<string, string>>;
  /** Hosts that the plan refuses, and why. */
  readonly refused?: Readonly<Record<string, string>>;
  readonly order?: Partial<Omit<Order, 'gate'>>;
  readonly refuse?: { readonly reason: string; readonly remedy?: string; readonly details?: readonly string[] };
}

const CASES = parse(
  readFileSync(join(import.meta.dirname, 'orders/control_plane.yml'), 'utf8'),
) as readonly OrderCase[];

describe('the order of control_plane', () => {
  test.each(CASES.map((orderCase) => [orderCase.what, orderCase] as const))(
    '%s',
    (_what, { hosts, forced, unseen = [], left_out: others = {}, refused: out = {}, order, refuse }) => {
      const worlds = worldsOf(hosts);
      const leftOut = Object.entries(others).map(([name, address]) => ({ name, address }));
      const context = {
        now: NOW,
        unseen: unseen.map((name) => ({ name, address: name })),
        leftOut,
        refused: new Map(Object.entries(out)),
        ...(forced !== undefined && { forced }),
      };
      const found = strategy().order(worlds, context);
      expect(plain(strategy().order(worlds, context))).toEqual(plain(found));
      if (refuse) {
        expect(found).toMatchObject({
          action: 'refuse',
          reason: refuse.reason,
          remedy: refuse.remedy ?? expect.stringMatching(/\S/),
        });
        const details = 'details' in found ? (found.details ?? []).map((detail) => detail.join(': ')) : [];
        for (const [index, text] of (refuse.details ?? []).entries()) expect(details[index]).toContain(text);
      } else {
        expect(found).toMatchObject({ reason: expect.stringMatching(/\S/), ...order });
        if ('batches' in found) expect(found.batches.flat().sort()).toEqual(Object.keys(hosts).sort());
      }
    },
  );
});

test('a master as kubeadm makes it, reached at its own address, is asked once', () => {
  const host = { name: 'm1', groups: [], address: '10.0.0.1' };
  const needs = (known: World) => strategy().needs(known, host, { now: NOW, peers: new Map() });
  const answers = answersOf({ node: 'm1' });
  const known = needs(World.empty).reduce((world, ref) => world.set(ref, frozen(answers(ref))), World.empty);
  expect(needs(known).filter((ref) => !known.covers(ref))).toEqual([]);
});

describe('before each master, a planned order looks again', () => {
  const GOOD = { m1: {}, m2: {}, m3: {} };

  test.each<
    [
      what: string,
      batch: readonly string[],
      now: Readonly<Record<string, WorldDescription>>,
      refused: string | undefined,
    ]
  >([
    ['all are well', ['m2'], GOOD, undefined],
    [
      'the one that goes is not well itself: it may only become better',
      ['m2'],
      { ...GOOD, m2: { health: { etcd: 'no answer' } } },
      undefined,
    ],
    [
      'another is not well',
      ['m2'],
      { ...GOOD, m1: { health: { 'kube-apiserver': 'no answer' } } },
      'm1 is not healthy: restarting m2 now could cost the quorum',
    ],
    [
      'two others are not well',
      ['m3'],
      { ...GOOD, m1: { health: { etcd: 'no answer' } }, m2: { health: { etcd: '503 {"health":"false"}' } } },
      'm1, m2 are not healthy: restarting m3 now could cost the quorum',
    ],
    [
      'a worker goes, whatever the masters are',
      ['w1'],
      { ...GOOD, m1: { health: { etcd: 'no answer' } }, w1: { role: 'worker' } },
      undefined,
    ],
  ])('%s', (_what, batch, now, refused) => {
    const order = strategy().order(worldsOf(GOOD), { now: NOW });
    if (!('gate' in order) || !order.gate) throw new Error('there is no gate');
    const refusal: RefusePlan | undefined = order.gate(batch, worldsOf(now));
    expect(refusal?.reason).toBe(refused);
    if (refusal) expect(refusal.remedy).toBe('repair it first (kplay check shows its certificates), then run again');
  });

  test('a recovery does not: its masters are all down together', () => {
    const order = strategy().order(worldsOf(GOOD), { now: NOW, forced: 'recovery' });
    expect('gate' in order && order.gate).toBeFalsy();
  });
});

test.each([...registry.strategies.values()].map((each) => [each.name, each] as const))(
  '%s is known by its name and says what it does',
  (name, each) => {
    expect(registry.strategies.get(name)).toBe(each);
    expect(name).toMatch(/^[a-z_]+$/);
    expect(each.summary).toMatch(/^\S.*[^.]$/);
  },
);

function strategy(): Strategy {
  const found = registry.strategies.get('control_plane');
  if (!found) throw new Error('there is no such strategy');
  return found;
}

function worldsOf(hosts: Readonly<Record<string, WorldDescription>>): ReadonlyMap<string, World> {
  return new Map(Object.entries(hosts).map(([name, description]) => [name, worldOf(name, description)]));
}

/** With everything that the strategy asks for. */
function worldOf(name: string, description: WorldDescription): World {
  const answers = answersOf({ node: name, ...description });
  let world = World.empty;
  for (;;) {
    const missing = strategy()
      .needs(world, { name, groups: [], address: '10.0.0.1' }, { now: NOW, peers: new Map() })
      .filter((ref) => !world.covers(ref));
    if (missing.length === 0) return world;
    for (const ref of missing) world = world.set(ref, frozen(answers(ref)));
  }
}

/** Without the gate, which is another function each time. */
function plain(order: Order | RefusePlan): object {
  return JSON.parse(JSON.stringify(order)) as object;
}
