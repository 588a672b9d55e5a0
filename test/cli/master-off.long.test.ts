import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { snapshotDifference } from '../../src/simulation/snapshot.ts';
import type { TreeState } from '../../src/simulation/tree-state.ts';
import { eventsIn } from './support/event-stream.ts';
import { daysLeft, expectRenewed, runningComponents } from './support/host-state.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const fleetOf = (stateOf: (index: number) => TreeState): Promise<Fleet> => site.fleet({ masters: 3, stateOf });

/** The fleet's inventory, by which nobody can log in to the last master. */
function withoutLogin({ inventory, hosts }: Fleet): string {
  return site.controller.file(
    'without-login.yml',
    inventory.replace(`ansible_port: ${hosts.at(-1)?.sshPort}`, 'ansible_port: 1'),
  );
}

async function renew(inventory: string, ...more: readonly string[]) {
  const words = ['run', RENEW, '-i', inventory, '-e', 'method=native', '-o', 'json', ...more];
  const { exitCode, stdout } = await site.controller.run(words);
  const events = eventsIn(stdout);
  const [plan] = events.flatMap(({ type, plan }) => (type === 'play-planned' ? [plan as JsonObject] : []));
  const warnings = events.flatMap(({ type, message }) => (type === 'warning' ? [String(message)] : []));
  return { exitCode, events, plan, warnings };
}

describe('a cluster of three masters, one of which cannot be reached', () => {
  it('is revived as far as it can be when everything has expired, and converges when the third is back', async () => {
    // Nothing runs on the third either: it has been off.
    const fleet = await fleetOf((index) => ({ all: { condition: 'expired' }, rebooted: index === 2 }));
    const { exitCode, plan, warnings } = await renew(withoutLogin(fleet));
    expect(exitCode).toBe(4);
    expect(plan).toMatchObject({
      order: { name: 'recovery', reason: expect.stringContaining('; demo-m3 could not be read') },
    });
    expect(warnings).toContain('node demo-m3 is NotReady');
    await expectRenewed({ ...fleet, hosts: fleet.hosts.slice(0, 2) });
    const later = await renew(fleet.inventoryFile);
    expect(later).toMatchObject({ exitCode: 0, plan: { order: { name: 'planned' } } });
    await expectRenewed(fleet);
  });

  it('is refused, before anything is changed, a restart that would cost the quorum', async () => {
    const fleet = await fleetOf(() => ({ all: { condition: 'due' } }));
    await fleet.hosts[2]?.powerOff();
    const before = fleet.hosts.map((host) => host.snapshot());
    const { exitCode, events, plan, warnings } = await renew(fleet.inventoryFile);
    expect(exitCode).toBe(3);
    const planned = JSON.stringify(plan);
    expect(planned).toContain('etcd has 3 members, of which demo-m1 is connected to 1');
    expect(planned).toContain('bring the other members back first');
    expect(warnings).toContain('master demo-m3 of the cluster is not among these hosts, or is refused or unreachable');
    expect(events.at(-1)).toMatchObject({
      hosts: expect.arrayContaining([
        expect.objectContaining({ host: 'demo-m1', refused: 1, changed: 0 }),
        expect.objectContaining({ host: 'demo-m2', refused: 1, changed: 0 }),
        expect.objectContaining({ host: 'demo-m3', unreachable: 1 }),
      ]),
    });
    const changed = fleet.hosts.flatMap((host, index) => [
      ...snapshotDifference(before[index] ?? new Map(), host.snapshot()).keys(),
    ]);
    expect(changed.filter((path) => !path.startsWith('/proc'))).toEqual([]);
  });

  it('is renewed one master at a time when etcd says that all its members are well', async () => {
    const fleet = await fleetOf(() => ({ all: { condition: 'due' } }));
    const { exitCode, plan } = await renew(withoutLogin(fleet));
    expect(exitCode).toBe(4);
    expect(plan).toMatchObject({ order: { name: 'planned', batches: [['demo-m1'], ['demo-m2']] } });
    for (const host of fleet.hosts) {
      expect([daysLeft(host, 'etcd-server') > 360, await runningComponents(host)]).toEqual([
        host.name !== 'demo-m3',
        expect.arrayContaining(['etcd', 'kube-apiserver']),
      ]);
    }
  });
});

describe('one master of three, chosen by --limit', () => {
  it('is refused at once when all three are dead, and the command that revives them is named', async () => {
    const fleet = await fleetOf(() => ({ all: { condition: 'expired' } }));
    const before = fleet.hosts.map((host) => host.snapshot());
    for (const [limit, lacking] of [
      ['demo-m3', ['demo-m1', 'demo-m2']],
      ['demo-m1', ['demo-m2', 'demo-m3']],
    ] as const) {
      const { exitCode, events } = await renew(fleet.inventoryFile, '-l', limit);
      expect(exitCode).toBe(3);
      expect(events.find(({ type }) => type === 'play-refused')).toMatchObject({
        reason: `etcd has 3 members, of which 2 must agree, and ${limit} is the only one that this run would bring back`,
        remedy: `bring them back together: --limit ${[limit, ...lacking].join(',')}`,
      });
      expect(events.at(-1)).toMatchObject({
        next: [`kplay run ${RENEW} -i ${fleet.inventoryFile} -l ${[limit, ...lacking].join(',')} -e method=native`],
      });
    }
    const plan = await site.controller.run(['plan', RENEW, '-i', fleet.inventoryFile, '-l', 'demo-m2']);
    expect(plan.exitCode).toBe(3);
    expect(plan.stdout).toContain('demo-m1   its certificate expired');
    expect(plan.stdout).toMatch(/Next: kplay plan .* -l demo-m2,demo-m1,demo-m3/);
    const changed = fleet.hosts.flatMap((host, index) => [
      ...snapshotDifference(before[index] ?? new Map(), host.snapshot()).keys(),
    ]);
    expect(changed.filter((path) => !path.startsWith('/proc'))).toEqual([]);

    const all = await renew(fleet.inventoryFile, '-l', 'demo-m2,demo-m1,demo-m3');
    expect(all.exitCode).toBe(0);
    await expectRenewed(fleet);
  });

  it('is refused when nothing runs since the hosts were started again: the database of etcd knows the others', async () => {
    const fleet = await fleetOf(() => ({ all: { condition: 'expired' }, rebooted: true }));
    // The manifest of the first master names itself alone.
    const { exitCode, stdout } = await site.controller.run(['plan', RENEW, '-i', fleet.inventoryFile, '-l', 'demo-m1']);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('etcd has 3 members, of which 2 must agree, and demo-m1 is the only one');
    expect(stdout).toMatch(/Next: kplay plan .* -l demo-m1,demo-m2,demo-m3/);
    const all = await renew(fleet.inventoryFile);
    expect(all.exitCode).toBe(0);
    await expectRenewed(fleet);
  });

  it('is revived alone when the others are well', async () => {
    const fleet = await fleetOf((index) => (index === 1 ? { all: { condition: 'expired' } } : {}));
    const { exitCode, plan } = await renew(fleet.inventoryFile, '-l', 'demo-m2');
    expect(exitCode).toBe(0);
    expect(plan).toMatchObject({ order: { reason: expect.stringContaining("of etcd's members") } });
    expect(fleet.hosts.map((host) => daysLeft(host, 'etcd-server') > 360)).toEqual([false, true, false]);
  });
});

it('a restart that would be refused when its turn comes is refused in the plan, before the tasks in front of it', async () => {
  const fleet = await fleetOf(() => ({ all: { condition: 'expired' } }));
  const before = fleet.hosts.map((host) => host.snapshot());
  // One after another, though none can come up before a second one is renewed.
  const forced = readFileSync(RENEW, 'utf8').replace(
    'strategy: control_plane',
    'order: planned\n  strategy: control_plane',
  );
  const playbook = site.controller.file('forced.yml', forced);
  const words = ['run', playbook, '-i', fleet.inventoryFile, '-e', 'method=native', '-o', 'json'];
  const { exitCode, stdout } = await site.controller.run(words);
  expect(exitCode).toBe(3);
  expect(stdout).toContain('demo-m3 is the only one that this run would bring back');
  const changed = fleet.hosts.flatMap((host, index) => [
    ...snapshotDifference(before[index] ?? new Map(), host.snapshot()).keys(),
  ]);
  expect(changed.filter((path) => !path.startsWith('/proc'))).toEqual([]);
});
