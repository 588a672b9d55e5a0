import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { workflowIdOf } from '../../../src/fleet/temporal/orders.ts';
import { RunStore } from '../../../src/journal/run-store.ts';
import { expectRenewed } from '../../cli/support/host-state.ts';
import { needing } from '../../support/programs.ts';
import { leavesOf, spanOn } from '../support/fleet-runs.ts';
import { recordHistory } from './support/record-history.ts';
import { type Going, RolloutSite } from './support/rollout-site.ts';
import { TemporalServer } from './support/temporal-server.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let server: TemporalServer;
let site: RolloutSite;
let north: string;
let south: string;
/** The same clusters, of one site. */
let northern: string;
let southern: string;
const TWO_WAVES = 'waves: [{ name: canary, clusters: [beta], soak: 1s }, { name: rest, approval: manual }]';

/** A worker of each site, at work. */
async function workers(): Promise<readonly Going[]> {
  const both = [
    site.worker('north', server.engine, [north], ['--site', 'north']),
    site.worker('south', server.engine, [south], ['--site', 'south']),
  ];
  await Promise.all(both.map((worker) => worker.says(/^Working for/m)));
  return both;
}

describe('a rollout that a Temporal server keeps', needing('temporal-server'), () => {
  beforeAll(async () => {
    server = await TemporalServer.start();
    site = await RolloutSite.open(['alpha', 'beta']);
    north = site.inventory('alpha', 'site: north');
    south = site.inventory('beta', 'site: south');
    northern = site.inventory('alpha', 'site: both', 'alpha-of-both');
    southern = site.inventory('beta', 'site: both', 'beta-of-both');
  });
  afterEach(() => site.endAll());
  afterAll(async () => {
    await site?.close();
    await server?.close();
  });

  it('goes wave by wave, each cluster by the worker of its site, and is waiting for approval', async () => {
    await workers();
    const before = site.hosts.map(leavesOf);
    const run = site.rollOut(server.engine, [north, south], TWO_WAVES);
    await run.says(/wave rest is waiting/);
    expect(leavesOf(site.hosts[0] ?? expect.fail())).toBe(before[0]);
    const { output: seen } = await site.kplay(['show', 'last', '--state', site.stateAt('controller')]).ended;
    const planned =
      /^2 +alpha +rest +1 host to change +\S+ \(\w+\) \S+ +after wave canary and its soak of 1\.0s, when it is approved$/m;
    expect(seen).toMatch(planned);
    const followed = site.kplay(['logs', 'last', '-f', '--state', site.stateAt('controller')]);
    await followed.says(/wave rest is waiting/);
    const approved = await site.kplay(['approve', 'last', 'rest', '--state', site.stateAt('controller')]).ended;
    expect(approved.code, approved.output).toBe(0);
    const { code, output } = await run.ended;
    expect(code, output).toBe(0);
    expect(output).toMatch(planned);
    const logs = await followed.ended;
    expect(logs.code, logs.output).toBe(0);
    expect(logs.output).toMatch(/PLAY RECAP\n(?:.*\n)*.*certificates renewed on 2 hosts/);
    for (const fleet of site.fleets) await expectRenewed(fleet);
    expect(site.hosts.map(leavesOf).filter((leaves, index) => leaves === before[index])).toEqual([]);
    await recordHistory('controller', server, site);
  });

  it('begins nothing more after Ctrl-C', async () => {
    await workers();
    const before = site.hosts.map(leavesOf);
    const run = site.rollOut(server.engine, [north, south], 'waves: [{ name: all, approval: manual }]');
    await run.says(/wave all is waiting/);
    run.process.kill('SIGINT');
    const { code, output } = await run.ended;
    expect(output).toContain('finishing the current step, then stopping');
    expect(code, output).toBe(130);
    expect(site.hosts.map(leavesOf)).toEqual(before);
  });

  it('ends as after Ctrl-C where it is cancelled on the server: what is in hand is finished, and resumed is the rest', async () => {
    await workers();
    const before = site.hosts.map(leavesOf);
    const run = site.rollOut(
      server.engine,
      [north, south],
      'waves: [{ name: first, clusters: [beta] }, { name: rest }]',
      [],
      {
        state: 'cancelled',
      },
    );
    await run.says(/cluster beta: started/);
    await server.cancelAll();
    const { code, output } = await run.ended;
    expect(output).toContain(
      'no more clusters start: the rollout was cancelled on the Temporal server; not started: alpha',
    );
    expect(output).toMatch(/^beta-m1 : .*changed=[1-9]/m);
    expect(output).toContain('State: alpha-m1 unchanged · beta-m1 changed.');
    expect(code, output).toBe(130);
    expect(site.hosts.map(leavesOf).map((leaves, index) => leaves === before[index])).toEqual([true, false]);
  });

  it('is worked on by as many clusters at once as a worker is told', async () => {
    const worker = site.worker(
      'one-by-one',
      server.engine,
      [northern, southern],
      ['--site', 'both', '--clusters', '1'],
    );
    await worker.says(/^Working for/m);
    const { code, output } = await site.rollOut(server.engine, [northern, southern], 'order: name').ended;
    expect(code, output).toBe(0);
    const [first, second] = site
      .journals('one-by-one')
      .flatMap((journal) => site.hosts.flatMap(({ name }) => [spanOn(name, journal) ?? []]))
      .filter((span) => span.length > 0)
      .toSorted(([a = 0], [b = 0]) => a - b);
    expect(first?.[1]).toBeLessThanOrEqual(second?.[0] ?? 0);
  });

  it('waits in the server for the window of a cluster, followed or not, and goes on when it opens', async () => {
    const clock = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
    // It opens within two minutes.
    const window = `window: daily ${clock(2)}-${clock(60)} UTC`;
    const text = readFileSync(north, 'utf8').replace(
      /^( *)site: north$/m,
      `$1site: north\n$1${window}\n$1expected: 5m`,
    );
    const narrow = site.controller.file('narrow.yml', text);
    const worker = site.worker('narrow', server.engine, [narrow], ['--site', 'north']);
    await worker.says(/^Working for/m);
    const before = site.hosts.map(leavesOf);
    const state = ['--state', site.stateAt('waiting')];
    const run = site.rollOut(server.engine, [narrow], 'order: name', ['--window', 'wait'], { state: 'waiting' });
    await run.says(/waiting for the window of cluster alpha/);
    expect(site.hosts.map(leavesOf)).toEqual(before);
    run.process.kill('SIGKILL');
    await run.ended;
    const { output: shown } = await site.kplay(['show', 'last', ...state]).ended;
    expect(shown.replaceAll(/\s+/g, ' ')).toMatch(/nobody here follows it.*the window of alpha opens \d/);
    const { code, output } = await site.kplay(['resume', 'last', ...state]).ended;
    expect(code, output + worker.said()).toBe(0);
    expect(site.hosts.map(leavesOf)[0]).not.toBe(before[0]);
    await recordHistory('waiting', server, site);
  });

  it('has ended while nobody followed it: its result is told, and nothing is begun', async () => {
    await workers();
    const state = ['--state', site.stateAt('unfollowed')];
    const run = site.rollOut(server.engine, [north, south], TWO_WAVES, [], { state: 'unfollowed' });
    await run.says(/wave rest is waiting/);
    run.process.kill('SIGKILL');
    await run.ended;
    const approved = await site.kplay(['approve', 'last', 'rest', ...state]).ended;
    expect(approved.code, approved.output).toBe(0);
    const [runId = ''] = new RunStore(join(site.stateAt('unfollowed'), 'runs')).ids();
    await server.ended(workflowIdOf(runId));
    const after = site.hosts.map(leavesOf);
    const { output: shown } = await site.kplay(['show', runId, ...state]).ended;
    expect(shown.replaceAll(/\s+/g, ' ')).toContain(`it has ended there; kplay resume ${runId}`);
    const { code, output } = await site.kplay(['resume', runId, ...state]).ended;
    expect(output).toContain('the rollout has ended while nobody followed it');
    expect(output).toMatch(/cluster alpha: done/);
    expect(code, output).toBe(0);
    expect(site.hosts.map(leavesOf)).toEqual(after);
  });

  it('was lost, and is begun anew, asks again for a wave that has got a cluster since it was approved', async () => {
    const state = ['--state', site.stateAt('regrouped')];
    const say = (...words: readonly string[]) => site.kplay([...words, ...state]).ended;
    const first = site.inventory('alpha', 'labels: { tier: first }', 'alpha-labelled');
    const later = site.inventory('beta', 'labels: { tier: later }', 'beta-labelled');
    await site.worker('labelled', server.engine, [first, later], []).says(/^Working for/m);
    const wave = '{ name: first, label: tier=first, approval: manual }';
    const run = site.rollOut(server.engine, [first, later], `waves: [${wave}, { name: rest }]`, [], {
      state: 'regrouped',
    });
    await run.says(/wave first is waiting/);
    const [runId = ''] = new RunStore(join(site.stateAt('regrouped'), 'runs')).ids();
    await say('pause', 'last');
    expect((await say('approve', 'last')).output).toContain('is approved');
    run.process.kill('SIGKILL');
    await run.ended;
    await server.terminateAll();
    site.inventory('beta', 'labels: { tier: first }', 'beta-labelled');
    site.controller.file('rollout.yml', `waves: [${wave}]`);
    const resumed = site.kplay(['resume', runId, '--changed-files', ...state]);
    await resumed.says(/wave first is waiting/);
  });

  it('was asked to stop by somebody who then went away: its result says that it was', async () => {
    await workers();
    const state = ['--state', site.stateAt('stopped')];
    const waves = 'waves: [{ name: all, approval: manual }]';
    const run = site.rollOut(server.engine, [north, south], waves, [], { state: 'stopped' });
    await run.says(/wave all is waiting/);
    const [runId = ''] = new RunStore(join(site.stateAt('stopped'), 'runs')).ids();
    run.process.kill('SIGSTOP');
    await server.stop(workflowIdOf(runId));
    await server.ended(workflowIdOf(runId));
    run.process.kill('SIGKILL');
    await run.ended;
    const { code, output } = await site.kplay(['resume', runId, ...state]).ended;
    expect(output).toContain('the rollout has ended while nobody followed it');
    expect(code, output).toBe(130);
  });

  it('goes on without whoever asked for it, hears what is said meanwhile, and is followed again', async () => {
    await workers();
    const state = ['--state', site.stateAt('left')];
    const say = (...words: readonly string[]) => site.kplay([...words, ...state]).ended;
    const run = site.rollOut(server.engine, [north, south], TWO_WAVES, [], { state: 'left' });
    await run.says(/wave rest is waiting/);
    run.process.kill('SIGKILL');
    await run.ended;
    const before = site.hosts.map(leavesOf);
    const paused = await say('pause', 'last', '--reason', 'a fire drill');
    expect(paused.code, paused.output).toBe(0);
    const approved = await say('approve', 'last', '--reason', 'CHG-42');
    expect(approved.output).toMatch(
      /^Wave rest of run \S+ is approved\.\nThe run is paused, so the wave does not start yet/m,
    );
    const { output: shown } = await say('show', 'last', '-o', 'json');
    expect(JSON.parse(shown)).toMatchObject({
      result: 'not followed',
      engine: { address: server.engine, goes_on: true },
      paused: { reason: 'a fire drill' },
      signals: [
        { kind: 'pause', reason: 'a fire drill' },
        { kind: 'approve', wave: 'rest', reason: 'CHG-42' },
      ],
    });
    expect(shown).toMatch(/nobody here follows it; beta done; alpha not started/);
    // Whoever approves from elsewhere sees what there is to do.
    expect((await say('show', 'last')).output).toMatch(/^2 +alpha +rest +1 host to change /m);
    expect(site.hosts.map(leavesOf)).toEqual(before);
    const { code, output } = await say('resume', 'last', '--reason', 'the drill is over');
    expect(code, output).toBe(0);
    const record = await say('show', 'last');
    expect(record.output).toMatch(
      /^paused: .*a fire drill\napproved: +wave rest by .*CHG-42\nresumed: .*the drill is over$/m,
    );
    const after = site.hosts.map(leavesOf);
    expect(site.fleets[0]?.hosts.map((host) => after[site.hosts.indexOf(host)])).not.toEqual(before.slice(0, 1));
    const { output: ended } = await say('pause', 'last');
    expect(ended).toMatch(/has ended/);
  });
});
