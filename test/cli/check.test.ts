import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let site: Site;
/** One good master whose kubelet serves what has expired. */
let fleet: Fleet;

beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ stateOf: () => ({ leaves: { 'kubelet-server': { condition: 'expired' } } }) });
});
afterAll(() => site.close());

describe('kplay check', () => {
  it('proposes no renewal for what a renewal leaves alone', async () => {
    const { exitCode, stdout, stderr } = await site.controller.run(['check', '-i', fleet.inventoryFile]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^demo-m1 +kubelet-server .* expired /m);
    expect(stdout).not.toContain('Next:');
    expect(stderr).toContain('What to do: add a kubelet.regenerate task');
  });

  it('proposes one by the rule that it has judged by', async () => {
    const argv = ['check', '-i', fleet.inventoryFile, '--renew-before', '2y', '-l', 'masters'];
    const { stdout } = await site.controller.run(argv);
    expect(stdout).toContain(
      `\n\nNext: kplay plan renew-certs.yml -i ${fleet.inventoryFile} -l masters -e renew_before=2y\n`,
    );
  });

  it('says in its first line how many hosts it has seen', async () => {
    const inventory = site.controller.file('away.yml', fleet.inventory.replace(/ansible_port: \d+/, 'ansible_port: 1'));
    const { exitCode, stdout, stderr } = await site.controller.run(['check', '-i', inventory]);
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/^away · 0 of 1 host · 0 certificates\n/);
    expect(stderr).toContain('refuses the connection');
  });
});

describe('check-certs.yml', () => {
  it('fails, and counts as expired only what is due', async () => {
    const due = await site.fleet({
      stateOf: () => ({
        leaves: {
          'kubelet-server': { condition: 'expired' },
          apiserver: { condition: 'expired' },
          'etcd-peer': { condition: 'due' },
        },
      }),
    });
    const { exitCode, stdout } = await site.controller.run(['run', 'check-certs.yml', '-i', due.inventoryFile]);
    expect(stdout).toContain('2 certificates are due, 1 of them expired');
    expect(exitCode).not.toBe(0);
  });
});
