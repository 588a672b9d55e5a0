import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { snapshotDifference } from '../../src/simulation/snapshot.ts';
import type { TreeState } from '../../src/simulation/tree-state.ts';
import { eventsIn } from './support/event-stream.ts';
import { daysLeft, expectRenewed } from './support/host-state.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const EXPIRED: TreeState = { all: { condition: 'expired' } };

/** Two fleets that know nothing of each other: as data centres do, both have the same addresses. */
async function clusters(prod: TreeState, dev: TreeState): Promise<readonly [Fleet, Fleet]> {
  return [
    await site.fleet({ clusterName: 'prod', stateOf: () => prod }),
    await site.fleet({ clusterName: 'dev', stateOf: () => dev }),
  ];
}

/** Their inventories given together; `declared`: which group is a cluster stands in them. */
function inventories(fleets: readonly Fleet[], declared = true): readonly string[] {
  return fleets.flatMap(({ inventory, inventoryFile }, index) => [
    '-i',
    declared
      ? inventoryFile
      : site.controller.file(`plain-${index}.yml`, inventory.replace(/ +kplay_cluster:\n +name: \w+\n/, '')),
  ]);
}

const untouched = (fleet: Fleet, before: readonly ReturnType<Fleet['hosts'][number]['snapshot']>[]) =>
  fleet.hosts
    .flatMap((host, index) => [...snapshotDifference(before[index] ?? new Map(), host.snapshot()).keys()])
    .filter((path) => !path.startsWith('/proc'));

describe('two clusters in one inventory', () => {
  it.each([
    ['as the inventory says', true, ['cluster prod', 'cluster dev']],
    ['told apart by what they hold', false, ['the cluster of prod-m1', 'the cluster of dev-m1']],
  ])('%s: the expired one is revived, the healthy one untouched, by one command', async (_what, declared, names) => {
    const fleets = await clusters(EXPIRED, {});
    const [prod, dev] = fleets;
    const before = dev.hosts.map((host) => host.snapshot());
    const sources = inventories(fleets, declared);
    const plan = await site.controller.run(['plan', RENEW, ...sources, '-e', 'method=native', '-v']);
    expect(plan.exitCode).toBe(0);
    for (const [index, order] of ['recovery', 'planned'].entries())
      expect(plan.stdout).toMatch(new RegExp(`^Plan for ${names[index]}, '.*', in ${order} order: `, 'm'));

    const { exitCode, stdout } = await site.controller.run(['run', RENEW, ...sources, '-e', 'method=native']);
    expect(stdout).toContain(`${names[0]}: started on 1 host: prod-m1`);
    expect(stdout).toMatch(
      new RegExp(`PLAY RECAP\\n${names[0]}:\\nprod-m1 .*\\n${names[1]}:\\ndev-m1 +: ok=\\d+ +changed=0`),
    );
    expect(exitCode).toBe(0);
    await expectRenewed(prod);
    expect(untouched(dev, before)).toEqual([]);
  });

  it('are events that the documentation tells of, each cluster with its own plan and batches', async () => {
    const fleets = await clusters(EXPIRED, EXPIRED);
    const words = ['run', RENEW, ...inventories(fleets), '-e', 'method=native', '-o', 'json', '--clusters', '1'];
    const { exitCode, stdout } = await site.controller.run(words);
    const events = eventsIn(stdout);
    const told = events.flatMap(({ type, cluster, hosts }) =>
      type === 'cluster-started' || type === 'cluster-finished' || type === 'batch-started' || type === 'play-finished'
        ? [[type, ...(type === 'batch-started' ? [hosts] : []), (cluster as { name?: string } | undefined)?.name]]
        : [],
    );
    expect(told).toEqual([
      ['cluster-started', 'prod'],
      ['batch-started', ['prod-m1'], 'prod'],
      ['cluster-finished', 'prod'],
      ['cluster-started', 'dev'],
      ['batch-started', ['dev-m1'], 'dev'],
      ['cluster-finished', 'dev'],
      ['play-finished', undefined],
    ]);
    expect(exitCode).toBe(0);
    for (const fleet of fleets) await expectRenewed(fleet);
  });

  it('are applied from a saved plan, each as it was planned', async () => {
    const fleets = await clusters(EXPIRED, EXPIRED);
    const saved = join(site.controller.directory, 'both.kplan');
    const words = [RENEW, ...inventories(fleets), '-e', 'method=native'];
    expect((await site.controller.run(['plan', ...words, '--out', saved])).exitCode).toBe(0);
    const { exitCode, stdout } = await site.controller.run(['apply', saved]);
    expect(stdout).not.toContain('refused:');
    expect(exitCode).toBe(0);
    for (const fleet of fleets) await expectRenewed(fleet);
  });

  it('are applied from a saved plan that has a master in its cluster because of its files, not of the inventory', async () => {
    const prod = await site.fleet({ clusterName: 'prod', masters: 2, network: '10.30.0' });
    const dev = await site.fleet({ clusterName: 'dev' });
    const [plain = ''] = inventories([prod], false).slice(1);
    const declared = site.controller.file('prod.ini', '[one]\nprod-m1\n[one:vars]\nkplay_cluster={"name": "prod"}\n');
    const saved = join(site.controller.directory, 'proven.kplan');
    const words = [RENEW, '-i', plain, '-i', declared, '-i', dev.inventoryFile];
    expect((await site.controller.run(['plan', ...words, '--out', saved])).exitCode).toBe(0);
    const { exitCode, stdout, stderr } = await site.controller.run(['apply', saved]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('cluster prod: started on 2 hosts: prod-m1, prod-m2\n');
  });

  it('are applied from a saved plan in which an unreachable host may belong to either', async () => {
    const sources = inventories(await clusters(EXPIRED, EXPIRED), false);
    const lost = site.controller.file('lost.ini', '[masters]\nlost ansible_host=127.0.0.1 ansible_port=1\n');
    const tasks = '  tasks: [{ certs.check: {} }, { command: "true" }]\n';
    const play = `- hosts: all\n  become: true\n  ignore_unreachable: true\n${tasks}`;
    const saved = join(site.controller.directory, 'lost.kplan');
    const words = [site.controller.file('lost.yml', `${play}${play}`), ...sources, '-i', lost];
    const planned = await site.controller.run(['plan', ...words, '--out', saved]);
    expect(planned.stdout).toMatch(/the cluster of dev-m1 +1 host to change/);
    expect(planned.exitCode).toBe(0);
    const { exitCode, stderr } = await site.controller.run(['apply', saved]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('one of which is refused: the other is revived, and nobody is told to copy a CA from it', async () => {
    const prod = await site.fleet({
      clusterName: 'prod',
      masters: 3,
      network: '10.30.0',
      stateOf: (index) => ({ ...EXPIRED, ...(index === 1 && { ownAuthorities: ['ca'] }) }),
    });
    const dev = await site.fleet({ clusterName: 'dev', stateOf: () => EXPIRED });
    const before = prod.hosts.map((host) => host.snapshot());
    const sources = inventories([prod, dev], false);
    const { exitCode, stdout } = await site.controller.run(['run', RENEW, ...sources, '-e', 'method=native']);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('refused: the cluster of prod-m1 (prod-m1, prod-m2, prod-m3): the ca of prod-m2 differs');
    expect(stdout).toContain('restore ca.crt and ca.key on prod-m2 from a backup or from prod-m1 or prod-m3');
    expect(stdout).not.toMatch(/restore .*dev-m1/);
    expect(untouched(prod, before)).toEqual([]);
    await expectRenewed(dev);
  });

  it('said to be one in the inventory are refused with both sides, and not told to copy anything', async () => {
    const fleets = await clusters(EXPIRED, {});
    const [prod, dev] = fleets;
    const before = fleets.map(({ hosts }) => hosts.map((host) => host.snapshot()));
    const one = site.controller.file('one.yml', dev.inventory.replace('name: dev', 'name: prod'));
    const { exitCode, stdout } = await site.controller.run(['run', RENEW, '-i', prod.inventoryFile, '-i', one]);
    expect(exitCode).toBe(3);
    expect(stdout).toContain(
      'the inventory has these hosts in one cluster, prod, and dev-m1 and prod-m1 hold nothing in common',
    );
    expect(stdout).toMatch(/prod-m1 +ca, SHA256/);
    expect(stdout).toMatch(/dev-m1 +ca, SHA256/);
    expect(stdout).not.toMatch(/\brestore\b|from a backup/);
    expect(fleets.flatMap((fleet, index) => untouched(fleet, before[index] ?? []))).toEqual([]);
    // Looking is free.
    const check = await site.controller.run(['check', '-i', prod.inventoryFile, '-i', one]);
    expect(check.stdout).toMatch(/^dev-m1 +apiserver/m);
    expect(check.exitCode).toBe(0);
    expect(daysLeft(dev.hosts[0] as Fleet['hosts'][number], 'apiserver')).toBeGreaterThan(30);
  });
});
