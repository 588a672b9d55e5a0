import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectRenewed } from '../../cli/support/host-state.ts';
import { needing } from '../../support/programs.ts';
import { leavesOf } from '../support/fleet-runs.ts';
import { RolloutSite } from './support/rollout-site.ts';
import { TemporalServer } from './support/temporal-server.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

describe('a Temporal server that goes away in the midst of a rollout', needing('temporal-server'), () => {
  let server: TemporalServer;
  let site: RolloutSite;
  beforeAll(async () => {
    server = await TemporalServer.start({ keeps: true });
    site = await RolloutSite.open(['alpha', 'beta']);
  });
  afterAll(async () => {
    await site?.close();
    await server?.close();
  });

  it('is waited for; the cluster in hand is finished meanwhile, and no other is begun', async () => {
    const sources = ['alpha', 'beta'].map((name) => site.inventory(name, 'site: north'));
    const [alpha, beta] = site.hosts;
    if (!alpha || !beta) throw new Error('each has a host');
    const worker = site.worker('north', server.engine, sources, ['--site', 'north']);
    await worker.says(/^Working for/m);
    const before = site.hosts.map(leavesOf);
    const run = site.rollOut(server.engine, sources, 'order: name', ['--clusters', '1']);
    await site.changesOf('north', 2);
    await server.end();
    const ended = () => site.journals('north').some(({ records }) => records.some(({ entry }) => entry.type === 'end'));
    while (!ended()) await pause(50);
    await run.says(/the rollout cannot be queried: .* does not answer: .*ECONNREFUSED/);
    expect(leavesOf(alpha)).not.toBe(before[0]);
    expect(leavesOf(beta)).toBe(before[1]);
    const renewed = leavesOf(alpha);
    await server.begin();
    const { code, output } = await run.ended;
    expect(code, output + worker.said()).toBe(0);
    expect(output).toMatch(/the rollout can be queried again, after \d/);
    for (const fleet of site.fleets) await expectRenewed(fleet);
    // Whoever has not heard that it was done looks at it again, and finds nothing to do.
    expect(leavesOf(alpha)).toBe(renewed);
  });

  it('is told of when it has forgotten the rollout, or somebody has ended it there', async () => {
    const inventory = site.inventory('alpha', 'site: north');
    const forgetful = await TemporalServer.start();
    try {
      const worker = site.worker('other', forgetful.engine, [inventory], ['--site', 'north']);
      await worker.says(/^Working for/m);
      const follow = (state: string) =>
        site.rollOut(forgetful.engine, [inventory], 'waves: [{ name: all, approval: manual }]', [], { state });
      const ended = follow('ended');
      await ended.says(/wave all is waiting/);
      await forgetful.terminateAll();
      expect(await ended.ended).toMatchObject({
        code: 4,
        output: expect.stringContaining('it ended on the server: terminated'),
      });
      const forgotten = follow('forgotten');
      await forgotten.says(/wave all is waiting/);
      await forgetful.end();
      await forgetful.begin();
      const { code, output } = await forgotten.ended;
      expect(output).toContain('what has become of the rollout is not known: the server no longer knows it');
      expect(code).toBe(4);
    } finally {
      await forgetful.close();
    }
  });
});
