import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RunStore } from '../../../src/journal/run-store.ts';
import { RENEW } from '../../cli/support/site.ts';
import { needing } from '../../support/programs.ts';
import { leavesOf } from '../support/fleet-runs.ts';
import { recordHistory } from './support/record-history.ts';
import { type Going, RolloutSite } from './support/rollout-site.ts';
import { TemporalServer } from './support/temporal-server.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let server: TemporalServer;
let site: RolloutSite;
let inventory: string;
let play: string;
/** What hooks of waves have written. */
let told: string;

/** A worker of the cluster, and whoever asks for a rollout with one check; both with a state directory of this name. */
async function rollOut(
  name: string,
  check: string,
  playbook = RENEW,
): Promise<{ readonly run: Going; readonly worker: Going }> {
  const rollout = site.controller.file(`${name}-rollout.yml`, `checks: [{ ${check} }]\n`);
  const file = playbook === RENEW ? ['--rollout', rollout] : [];
  const common = ['-i', inventory, '--engine', server.engine, ...file];
  const worker = site.kplay([
    'worker',
    playbook,
    ...common,
    '--site',
    'north',
    '--state',
    site.stateAt(`${name}-worker`),
  ]);
  await worker.says(/^Working for/m);
  const what = ['-e', 'renew_before=all', '-e', 'method=native'];
  return { worker, run: site.kplay(['run', playbook, ...what, ...common, '--state', site.stateAt(name)]) };
}

describe('checks of a rollout that a Temporal server keeps', needing('temporal-server'), () => {
  beforeAll(async () => {
    server = await TemporalServer.start();
    site = await RolloutSite.open(['alpha']);
    inventory = site.inventory('alpha', 'site: north');
    told = join(site.controller.directory, 'told');
  });
  afterEach(() => site.endAll());
  afterAll(async () => {
    await site?.close();
    await server?.close();
  });

  it('are asked by the worker, which tells of the waves as well, and waited for in the server', async () => {
    const flag = join(site.controller.directory, 'flag');
    const hook = `- command: "sh -c 'echo {{ kplay_run.wave }} {{ kplay_run.at }} {{ kplay_run.done }} >> ${told}'"`;
    const text = readFileSync(RENEW, 'utf8').replace(
      /^ {2}hosts: .*$/m,
      `$&
  rollout: { waves: [{ name: all }], checks: [{ name: open, command: test -e ${flag}, retries: 500, delay: 1 }] }
  on_wave:
    ${hook}`,
    );
    play = site.controller.file('checked.yml', text);
    const before = site.hosts.map(leavesOf);
    const { run } = await rollOut('checked', '', play);
    await run.says(/waits for check 'open'/);
    run.process.kill('SIGKILL');
    await run.ended;
    expect(site.hosts.map(leavesOf)).toEqual(before);
    expect(readFileSync(told, 'utf8')).toBe('all begin []\n');
    writeFileSync(flag, '');
    const [runId = ''] = new RunStore(join(site.stateAt('checked'), 'runs')).ids();
    const { code, output } = await site.kplay(['resume', runId, '-vv', '--state', site.stateAt('checked')]).ended;
    expect(code, output).toBe(0);
    expect(output.match(/check 'open' has passed/g)).toHaveLength(2);
    expect(site.hosts.map(leavesOf)).not.toEqual(before);
    expect(readFileSync(told, 'utf8')).toBe('all begin []\nall end [alpha]\n');
    await recordHistory('checked', server, site);
  });

  it('keep a cluster as it is until they pass', async () => {
    const before = site.hosts.map(leavesOf);
    const { run } = await rollOut('failing', 'name: shut, command: "false", retries: 1, delay: 1');
    const { code, output } = await run.ended;
    expect(output).toContain("check 'shut' failed: it ended with 1");
    expect(code, output).toBe(3);
    expect(site.hosts.map(leavesOf)).toEqual(before);
  });

  it('end at once when the run is aborted, and nothing was begun', async () => {
    const before = site.hosts.map(leavesOf);
    const { run } = await rollOut('aborted', 'name: slow, command: { cmd: sleep 300, timeout: 10m }');
    await run.says(/alpha/);
    const asked = async (): Promise<boolean> => (await server.pending('check')) > 0;
    await vi.waitUntil(asked, { timeout: 60_000, interval: 200 });
    const { code: said, output: answer } = await site.kplay(['abort', 'last', '--state', site.stateAt('aborted')])
      .ended;
    expect(said, answer).toBe(0);
    const { code, output } = await run.ended;
    expect(code, output).toBe(130);
    expect(site.hosts.map(leavesOf)).toEqual(before);
  });

  it('count as failed where they do not pass after the last change', async () => {
    const { run } = await rollOut('after', 'name: sick, command: "false", at: after, retries: 0');
    const { code, output } = await run.ended;
    expect(output).toMatch(/failed: cluster alpha › check 'sick' +it ended with 1/);
    expect(code, output).toBe(2);
  });

  it('are asked for a cluster, too, on which only a rescue would change something', async () => {
    const { controller } = site;
    // Each host has a root directory, and with it a lock, of its own.
    const root = (host: string): string => join(controller.directory, `root-of-${host}`);
    for (const host of ['e1', 'w1']) mkdirSync(root(host));
    const rescued = controller.file(
      'rescued.yml',
      `- name: Rescued
  hosts: all
  gather_facts: false
  rollout: { checks: [{ name: quiet, command: "true" }] }
  tasks:
    - block: [{ copy: { content: x, dest: /made }, when: inventory_hostname == 'e1' }]
      rescue: [{ copy: { content: x, dest: /made-else } }]
`,
    );
    const cluster = (name: string, host: string): string =>
      `${name}: { vars: { kplay_cluster: { name: ${name} }, ansible_connection: local }, hosts: { ${host}: { kplay_rootfs: ${root(host)} } } }\n`;
    const fleet = controller.file('rescued-fleet.yml', cluster('east', 'e1') + cluster('west', 'w1'));
    const common = [rescued, '-i', fleet, '--engine', server.engine, '--state'];
    const worker = site.kplay(['worker', ...common, site.stateAt('rescued-worker')]);
    await worker.says(/^Working for/m);
    const { code, output } = await site.kplay(['run', ...common, site.stateAt('rescued')]).ended;
    expect(code, output).toBe(0);
    expect(['e1', 'w1'].map((host) => readdirSync(root(host)).filter((name) => name.startsWith('made')))).toEqual([
      ['made'],
      [],
    ]);
  });
});
