import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Site } from '../../cli/support/site.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const YEAR_MS = 360 * 24 * 3_600_000;

describe('a look after a soak', () => {
  test('judges what is due by the time of the run: what is due only since is no failure', async () => {
    const fleet = await site.fleet({ stateOf: () => ({ leaves: { apiserver: { condition: 'expired' } } }) });
    const clusters = site.controller.file(
      'clusters.yml',
      'c:\n  vars: { kplay_cluster: { name: demo } }\n  hosts: { demo-m1: }\n',
    );
    const rollout = site.controller.file('rollout.yml', 'waves: [{ name: canary, soak: 1s }]\n');
    let later = 0;
    const { stdout, exitCode } = await site.controller.run(
      ['run', 'renew-certs.yml', '-i', fleet.inventoryFile, '-i', clusters, '--rollout', rollout],
      {
        clock: () => new Date(Date.now() + later),
        wallClock: () => new Date(),
        onOutput: (text) => {
          // Every certificate that was renewed is due again by then.
          if (text.includes('wave canary soaks until')) later = YEAR_MS;
        },
      },
    );
    expect(stdout).toContain('wave canary: 1 cluster observed again, everything is as it was left');
    expect(exitCode).toBe(0);
  });
});
