import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { snapshotDifference } from '../../src/simulation/snapshot.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

it('a no between the tasks that belong together puts the host back', async () => {
  const { inventoryFile, hosts } = await site.fleet({ masters: 1, stateOf: () => ({ all: { condition: 'due' } }) });
  const before = hosts.map((host) => host.snapshot());
  // Backed up and moved aside, and then no new ones.
  const words = ['run', RENEW, '-i', inventoryFile, '-e', 'method=native', '--step', '--no-color'];
  const { exitCode, stdout } = await site.controller.run(words, { types: ['y', 'y', 'n'] });
  expect(exitCode).toBe(3);
  expect(stdout.replace(/\s+/g, ' ')).toContain('in the middle of a change that has to be completed');
  expect(stdout).toContain('kplay explain declined-between');
  expect(stdout).toMatch(/State: \S+ restored\./);
  const changed = hosts.flatMap((host, index) => [
    ...snapshotDifference(before[index] ?? host.snapshot(), host.snapshot()).keys(),
  ]);
  // Directories through which files have gone and come back have another time.
  expect(changed.filter((path) => /^\/etc\/kubernetes\/.*\.\w+$/.test(path))).toEqual([]);
});

it('a no to the whole renewal changes nothing', async () => {
  const { inventoryFile, hosts } = await site.fleet({ masters: 1, stateOf: () => ({ all: { condition: 'due' } }) });
  const before = hosts[0]?.snapshot();
  const words = ['run', RENEW, '-i', inventoryFile, '-e', 'method=native', '--step', '--no-color'];
  await site.controller.run(words, { types: ['n', 'n', 'n', 'n', 'n', 'n', 'n'] });
  const after = hosts[0]?.snapshot();
  if (!before || !after) throw new Error('there is no host');
  expect([...snapshotDifference(before, after).keys()].filter((path) => path.startsWith('/etc'))).toEqual([]);
});
