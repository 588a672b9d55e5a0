import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { eventsIn } from './support/event-stream.ts';
import { expectRenewed } from './support/host-state.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const NAMES = ['red', 'green', 'blue'];

/** Three expired clusters, and the words that name their inventories. */
async function expired(): Promise<{ readonly fleets: readonly Fleet[]; readonly sources: readonly string[] }> {
  const fleets: Fleet[] = [];
  for (const [index, clusterName] of NAMES.entries())
    fleets.push(
      await site.fleet({
        clusterName,
        network: `10.${40 + index}.0`,
        stateOf: () => ({ all: { condition: 'expired' } }),
      }),
    );
  return { fleets, sources: fleets.flatMap(({ inventoryFile }) => ['-i', inventoryFile]) };
}

/** How many clusters were in hand at once, and whether each event of a host in between names its cluster. */
function sideBySide(events: readonly JsonObject[]): number {
  const inProgress = new Set<string>();
  let most = 0;
  for (const { type, cluster, host, task } of events) {
    const { name = '' } = (cluster ?? {}) as { readonly name?: string };
    if (type === 'cluster-started') inProgress.add(name);
    most = Math.max(most, inProgress.size);
    if (task !== undefined && typeof host === 'string') expect(host).toBe(`${name}-m1`);
    if (type === 'cluster-finished') inProgress.delete(name);
  }
  expect(inProgress.size).toBe(0);
  return most;
}

describe('clusters side by side', () => {
  it.each([
    ['as many as --clusters says', ['--clusters', '2'], 2],
    ['four, unless somebody says otherwise', [], 3],
    ['no more than there are forks', ['-f', '1'], 1],
  ])('are %s, and each event says of which it is', async (_what, words, most) => {
    const { fleets, sources } = await expired();
    const command = ['run', RENEW, ...sources, '-e', 'method=native', '-o', 'json', ...words];
    const { exitCode, stdout } = await site.controller.run(command);
    expect(sideBySide(eventsIn(stdout))).toBe(most);
    expect(exitCode).toBe(0);
    for (const fleet of fleets) await expectRenewed(fleet);
  });
});
