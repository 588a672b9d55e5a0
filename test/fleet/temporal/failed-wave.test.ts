import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RENEW } from '../../cli/support/site.ts';
import { needing } from '../../support/programs.ts';
import { leavesOf } from '../support/fleet-runs.ts';
import { type Going, RolloutSite } from './support/rollout-site.ts';
import { TemporalServer } from './support/temporal-server.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let server: TemporalServer;
let site: RolloutSite;
let sources: readonly string[];

/** Asks for a rollout whose first wave fails, because a check of its cluster does. */
async function rollOut(name: string, waves: string): Promise<Going> {
  const check = '{ name: sick, command: "false", retries: 0 }';
  const rollout = site.controller.file(`${name}-rollout.yml`, `waves: [${waves}]\nchecks: [${check}]\n`);
  const common = ['--rollout', rollout];
  await site.worker(`${name}-worker`, server.engine, sources, ['--site', 'north', ...common]).says(/^Working for/m);
  const what = ['-e', 'renew_before=all', '-e', 'method=native', '--engine', server.engine];
  const inventories = sources.flatMap((source) => ['-i', source]);
  return site.kplay(['run', RENEW, ...what, ...inventories, ...common, '--state', site.stateAt(name)]);
}

describe('a wave that fails in a rollout that a Temporal server keeps', needing('temporal-server'), () => {
  beforeAll(async () => {
    server = await TemporalServer.start();
    site = await RolloutSite.open(['alpha', 'beta']);
    sources = ['alpha', 'beta'].map((cluster) => site.inventory(cluster, 'site: north'));
  });
  afterEach(() => site.endAll());
  afterAll(async () => {
    await site?.close();
    await server?.close();
  });

  it('keeps the next one from starting where neither says how many clusters may fail', async () => {
    const before = site.hosts.map(leavesOf);
    const run = await rollOut('unsaid', '{ name: canary, clusters: [alpha] }, { name: rest }');
    const { code, output } = await run.ended;
    expect(code, output).toBe(3);
    expect(output).toContain("refused: cluster alpha (alpha-m1): check 'sick' failed");
    expect(output).toContain(
      '1 cluster of wave canary failed, and nothing says how many may (max_failed); not started: beta',
    );
    expect(output).not.toContain('cluster beta: started');
    expect(site.hosts.map(leavesOf)).toEqual(before);
  });

  it('does not where it says that all may', async () => {
    const run = await rollOut('said', '{ name: canary, clusters: [alpha], max_failed: 100% }, { name: rest }');
    const { code, output } = await run.ended;
    expect(code, output).toBe(3);
    expect(output).toContain("refused: cluster beta (beta-m1): check 'sick' failed");
  });
});
