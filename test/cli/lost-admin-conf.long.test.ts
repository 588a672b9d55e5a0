import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { snapshotDifference } from '../../src/simulation/snapshot.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let site: Site;
let fleet: Fleet;
let host: EmbeddedHost;

beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({
    clusterName: 'lone',
    kubernetesVersion: '1.33.13',
    stateOf: () => ({ rootHome: 'none', superAdmin: false, leaves: { 'admin.conf': { condition: 'missing' } } }),
  });
  [host] = fleet.hosts as readonly [EmbeddedHost];
});
afterAll(() => site.close());

const kplay = (command: 'plan' | 'run', ...words: readonly string[]) =>
  site.controller.run([command, RENEW, '-i', fleet.inventoryFile, ...words]);

const ADDED = ['-e', '{"extra_sans":["api.example.org"]}'];

// A name that the run adds looks like that of a load balancer once it is in the certificate.
describe.sequential('a lone master of 1.33 without admin.conf, whose API server is to get another name', () => {
  it.each(['plan', 'run'] as const)('is refused by %s before anything changes', async (command) => {
    const before = host.snapshot();
    const { exitCode, stdout } = await kplay(command, ...ADDED);
    expect(stdout).toContain('nothing tells it: admin.conf cannot be read');
    expect(stdout).toContain('if what extra_sans adds is no load balancer, run once without it first');
    expect(exitCode).toBe(3);
    expect([...snapshotDifference(before, host.snapshot()).keys()].filter((path) => !path.startsWith('/run'))).toEqual(
      [],
    );
  });

  it('gets what its plan shows if the names are added in a second run', async () => {
    expect((await kplay('plan')).stdout).toContain('server https://10.20.0.11:6443');
    expect((await kplay('run')).exitCode).toBe(0);
    expect(host.read('/etc/kubernetes/admin.conf')).toContain('server: https://10.20.0.11:6443');
    expect((await kplay('run', ...ADDED)).exitCode).toBe(0);
  });
});
