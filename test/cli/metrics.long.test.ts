import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { readMetrics } from '../report/check/support/readers.ts';
import { localHost } from './support/local-host.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let site: Site;
let fleet: Fleet;
beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ stateOf: () => ({ leaves: { 'etcd-server': { condition: 'expired' } } }) });
});
afterAll(() => site.close());

const at = (name: string): string => join(site.controller.directory, name);
const samplesOf = (path: string) => readMetrics(readFileSync(path, 'utf8'));

describe('kplay check --metrics', () => {
  it('writes what the collector reads, for all to read, besides the table', async () => {
    const path = site.controller.file('check.prom', 'old\n', 0o600);
    const { exitCode, stdout } = await site.controller.run(['check', '-i', fleet.inventoryFile, '--metrics', path]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('etcd-server');
    expect(statSync(path).mode & 0o777).toBe(0o644);
    const samples = samplesOf(path);
    expect(samples).toContainEqual({ name: 'kplay_run_exit_code', labels: { command: 'check' }, value: 0 });
    expect(samples.find(({ labels }) => labels['certificate'] === 'etcd-server')?.value).toBeLessThan(
      Date.now() / 1000,
    );
    expect(readdirSync(site.controller.directory).filter((name) => name.includes('kplay-new'))).toEqual([]);
  });
});

describe('--metrics-label', () => {
  const check = (...words: readonly string[]) => site.controller.run(['check', '-i', fleet.inventoryFile, ...words]);

  it('tells the series of one inventory from those of another, which promtool then accepts in one text', async () => {
    for (const name of ['prod', 'staging'])
      expect((await check('--metrics', at(`${name}.prom`), '--metrics-label', `inventory=${name}`)).exitCode).toBe(0);
    const [prod = [], staging = []] = ['prod', 'staging'].map((name) => samplesOf(at(`${name}.prom`)));
    expect(prod.length).toBeGreaterThan(10);
    expect(new Set(prod.map(({ labels }) => labels['inventory']))).toEqual(new Set(['prod']));
    const series = [...prod, ...staging].map(({ name, labels }) => JSON.stringify([name, labels]));
    expect(new Set(series).size).toBe(series.length);
  });

  it('is in what check prints, may be given more than once, and quotes what has to be quoted', async () => {
    const { stdout } = await check('-o', 'prom', '--metrics-label', 'site=a"b\\\\c', '--metrics-label', 'of=x=y');
    const labels = readMetrics(stdout).map((one) => [one.labels['site'], one.labels['of']]);
    expect(new Set(labels.map((pair) => JSON.stringify(pair)))).toEqual(new Set([JSON.stringify(['a"b\\\\c', 'x=y'])]));
  });

  it.each([
    [['site'], "'site' is not a label"],
    [['site='], "'site=' is not a label"],
    [['1=x'], "'1=x' is not a label"],
    [['__name__=x'], "'__name__=x' is not a label"],
    [['host=x'], "kplay's metrics have a label 'host' themselves"],
    [['site=a', 'site=b'], "the label 'site' is given twice"],
  ])('refuses %j', async (labels, message) => {
    const words = labels.flatMap((label) => ['--metrics-label', label]);
    const { exitCode, stderr } = await check('--metrics', at('refused.prom'), ...words);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(1);
    expect(existsSync(at('refused.prom'))).toBe(false);
  });

  it('is refused where no metrics are wanted', async () => {
    expect((await check('--metrics-label', 'a=b')).stderr).toContain("'--metrics-label' needs --metrics or -o prom");
    const run = await site.controller.run(['run', 'x.yml', '--metrics-label', 'a=b']);
    expect(run.stderr).toContain("option '--metrics-label' needs --metrics");
  });
});

describe('kplay run --metrics', () => {
  it('tells of the run, and of the certificates as they are after it', async () => {
    const { inventory } = localHost(site.controller);
    const play = site.controller.file('play.yml', '- hosts: all\n  tasks:\n    - copy: { dest: /made, content: x }\n');
    const path = at('run.prom');
    const { exitCode, stderr } = await site.controller.run(['run', play, '-i', inventory, '--metrics', path]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(samplesOf(path)).toEqual(
      expect.arrayContaining([
        { name: 'kplay_run_exit_code', labels: { command: 'run' }, value: 0 },
        { name: 'kplay_run_host_tasks', labels: { host: 'here', outcome: 'changed' }, value: 1 },
        { name: 'kplay_run_host_success', labels: { host: 'here' }, value: 1 },
        { name: 'kplay_run_cluster_success', labels: {}, value: 1 },
        { name: 'kplay_check_host_success', labels: { host: 'here' }, value: 1 },
      ]),
    );
  });

  it('tells when renewed certificates end', async () => {
    const renewed = await site.fleet({ stateOf: () => ({ leaves: { 'etcd-server': { condition: 'expired' } } }) });
    const path = at('renewed.prom');
    const argv = ['run', 'renew-certs.yml', '-i', renewed.inventoryFile, '--metrics', path];
    expect((await site.controller.run(argv)).exitCode).toBe(0);
    const ends = samplesOf(path).filter(({ labels }) => labels['certificate'] === 'etcd-server');
    const later = Date.now() / 1000 + 300 * 86_400;
    expect(
      ends.filter(({ name, value }) => name.endsWith('not_after_timestamp_seconds') && value > later),
    ).toHaveLength(2);
  });
});

describe('a place for metrics is refused before anything is contacted', () => {
  it.each([
    ['a link', () => link(), 'it is a link'],
    ['a directory', () => site.controller.directory, 'it is a directory'],
    ['in a directory that is not there', () => at('none/x.prom'), '/none does not exist'],
    ['no regular file', () => '/dev/null', 'it is not a regular file'],
  ])('%s', async (_what, place, why) => {
    const path = place();
    const { exitCode, stdout, stderr } = await site.controller.run(['check', '-i', 'm1,', '--metrics', path]);
    expect(stderr).toContain(path);
    expect(stderr).toContain(why);
    expect(stderr).toContain('1 problem. No host was contacted.');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('and what the link leads to stays', () => {
    expect(readFileSync(at('target.prom'), 'utf8')).toBe('old\n');
    expect(lstatSync(at('link.prom')).isSymbolicLink()).toBe(true);
  });
});

function link(): string {
  const target = site.controller.file('target.prom', 'old\n');
  mkdirSync(site.controller.directory, { recursive: true });
  symlinkSync(target, at('link.prom'));
  return at('link.prom');
}
