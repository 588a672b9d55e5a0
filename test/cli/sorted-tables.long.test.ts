import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let site: Site;
let fleet: Fleet;
beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({
    masters: 2,
    stateOf: () => ({ leaves: { 'etcd-peer': { condition: 'expired' } } }),
  });
});
afterAll(() => site.close());

const run = (...argv: readonly string[]) => site.controller.run(argv);
const columns = (text: string, index: number) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/)[index]);
const natural = new Intl.Collator('en', { numeric: true });
const sorted = (cells: readonly (string | undefined)[]) => cells.toSorted((a = '', b = '') => natural.compare(a, b));

describe('a table', () => {
  it('of certificates is sorted by one of its columns, and has rows only', async () => {
    const check = (...words: readonly string[]) => run('check', '-i', fleet.inventoryFile, '--no-headers', ...words);
    const { exitCode, stdout } = await check();
    expect(exitCode).toBe(0);
    // The most urgent first.
    expect(columns(stdout, 1).slice(0, 2)).toEqual(['etcd-peer', 'etcd-peer']);
    for (const [column, index] of [
      ['host', 0],
      ['certificate', 1],
      ['expires', 2],
    ] as const) {
      const text = (await check('--sort-by', column)).stdout;
      expect(text).not.toMatch(/HOST|Next:|CAs?\b/);
      expect(columns(text, index)).toEqual(sorted(columns(stdout, index)));
    }
  });

  it('of hosts is sorted, too', async () => {
    const two = ['-i', 'b10.invalid,b9.invalid,', '-c', 'local'];
    const { stdout } = await run('doctor', ...two, '--no-headers', '--sort-by', 'host');
    expect(columns(stdout, 0).slice(0, 2)).toEqual(['b9.invalid', 'b10.invalid']);
  });

  it('of clusters keeps the rows of each together', async () => {
    const inventory = site.controller.file(
      'clusters.yml',
      ['zoo', 'ant']
        .map(
          (name) =>
            `${name}: { hosts: { ${name}1: }, vars: { kplay_cluster: { name: ${name}, window: "Tue 01:00-04:00 UTC" } } }\n`,
        )
        .join(''),
    );
    const windows = (...words: readonly string[]) => run('windows', '-i', inventory, '--next', '2', ...words);
    expect((await windows('--no-headers')).stdout).toMatch(/^zoo .*\n .*\nant .*\n .*\n$/);
    expect((await windows('--sort-by', 'cluster')).stdout).toMatch(/^CLUSTER .*\nant .*\n .*\nzoo .*\n .*\n$/);
  });

  it('of clusters as JSON has the same fields of a cluster without windows', async () => {
    const inventory = site.controller.file('free.yml', 'a: { hosts: { a1: }, vars: { kplay_cluster: { name: a } } }\n');
    const { stdout } = await run('windows', '-i', inventory, '-o', 'json');
    expect(JSON.parse(stdout).clusters).toMatchObject([{ name: 'a', reason: null, opens: null, windows: null }]);
  });

  it('of runs is sorted by what they were', async () => {
    const play = site.controller.file('play.yml', '- hosts: all\n  tasks: [{ command: "true" }]\n');
    for (const name of ['b', 'a']) {
      const inventory = site.controller.file(`${name}.yml`, 'all: { hosts: { x: { ansible_connection: local } } }\n');
      await run('run', play, '-i', inventory, '-l', 'x', '-e', 'a=b');
    }
    const { stdout } = await run('history', '--no-headers', '--sort-by', 'run');
    expect(columns(stdout, 0)).toEqual(sorted(columns(stdout, 0)));
    expect(columns((await run('history', '--no-headers')).stdout, 0)).toHaveLength(2);
  });

  it('of backups is sorted, has rows only, and nothing where there are none', async () => {
    const list = async (...words: readonly string[]) =>
      (await run('rollback', '--list', '-i', fleet.inventoryFile, '--no-headers', ...words)).stdout;
    expect(await list()).toBe('');
    const play = site.controller.file('backup.yml', '- hosts: all\n  tasks: [{ certs.backup: {} }]\n');
    for (const [host, later] of [['demo-m2', 0] as const, ['demo-m1', 5_000] as const]) {
      const clock = () => new Date(Date.now() + later);
      await site.controller.run(['run', play, '-i', fleet.inventoryFile, '-l', host], { clock });
    }
    const stdout = await list();
    expect(stdout).not.toContain('HOST');
    expect(columns(stdout, 0)).toEqual(['demo-m1', 'demo-m2']);
    const byBackup = await list('--sort-by', 'backup');
    expect(columns(byBackup, 1)).toEqual(sorted(columns(stdout, 1)));
    expect(columns(byBackup, 0)).toEqual(['demo-m2', 'demo-m1']);
  });

  it('of steps is sorted by their names', async () => {
    const { stdout } = await run('steps', '--sort-by', 'step');
    const [, ...names] = columns(stdout.replace(/\n\nRun (?:.|\n)*/, ''), 0);
    expect(names).toEqual(sorted(names));
    expect(names).not.toEqual(columns((await run('steps', '--no-headers')).stdout, 0));
  });

  it.each([
    [['rollback', '-i', 'm1,', '--no-headers'], "option '--no-headers' needs --list"],
    [['rollback', '-i', 'm1,', '--sort-by', 'host'], "option '--sort-by' needs --list"],
    [['rollback', '-i', 'm1,', '--list', '-o', 'json', '--no-headers'], '--no-headers has no effect with -o json'],
    [['check', '-i', 'm1,', '-o', 'json', '--no-headers'], '--no-headers has no effect with -o json'],
    [['windows', '-i', 'm1,', '-o', 'json', '--sort-by', 'now'], '--sort-by has no effect with -o json'],
    [['history', '-o', 'json', '--no-headers'], '--no-headers has no effect with -o json'],
    [['doctor', '-i', 'm1,', '--sort-by', 'age'], 'Allowed choices are host, kubeadm, kubelet'],
  ])('is what such options are for: %j', async (argv, message) => {
    const { exitCode, stderr } = await run(...argv);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });
});
