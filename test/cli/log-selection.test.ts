import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { journalLine, parseJournalLine } from '../../src/journal/journal-line.ts';
import { MarkedFleet } from './support/marked-fleet.ts';

let site: MarkedFleet;
beforeAll(async () => {
  site = new MarkedFleet();
  site.fleet({ east: '', 'eu-1': '', 'eu-2': '' });
  site.play('{ checks: [{ name: quiet, command: "true" }] }', ['eu-1']);
  expect((await site.run([])).exitCode).toBe(2);
});
afterAll(() => site.close());

const logged = async (limit: string) => {
  const { stdout, stderr, exitCode } = await site.controller.run(['logs', 'last', '-l', limit]);
  const named = [...stdout.matchAll(/cluster (\S+?)(?::| ›)/g)].map(([, name]) => name);
  return { clusters: [...new Set(named)].toSorted(), stdout, stderr, exitCode };
};

describe('kplay logs -l', () => {
  test.each([
    ['eu-1-m1', ['eu-1']],
    ['cluster:eu-1', ['eu-1']],
    ['cluster:eu-*', ['eu-1', 'eu-2']],
    ['cluster:eu-2,east-m1', ['east', 'eu-2']],
  ])('%s tells of its clusters alone how they came through: %s', async (limit, clusters) => {
    const told = await logged(limit);
    expect(told.clusters).toEqual(clusters);
    for (const name of ['east', 'eu-1', 'eu-2']) {
      const isTold = clusters.includes(name);
      expect(new RegExp(`› ${name}-m1: changed`).test(told.stdout)).toBe(isTold);
      expect(new RegExp(`cluster ${name}: (?:done|failed) · `).test(told.stdout)).toBe(isTold);
    }
    // What is about the whole run is told in any case.
    expect(told.stdout).toContain('3 clusters in 1 wave');
  });

  test('tells of the only cluster of a run all that was done there, and of hosts of no cluster nothing', async () => {
    const only = new MarkedFleet();
    only.fleet({ east: '' });
    only.play('', []);
    // It has a root of its own: an ordinary user takes no lock in /run.
    const root = only.at('aside');
    mkdirSync(join(root, 'tmp'), { recursive: true });
    const inventory = only.controller.file(
      'more.yml',
      `ungrouped: { hosts: { aside: { ansible_connection: local, kplay_rootfs: ${root} } } }\n`,
    );
    const aside = '- name: Aside\n  hosts: aside\n  tasks: [{ debug: {} }]\n';
    only.controller.file('play.yml', `${readFileSync(only.at('play.yml'), 'utf8')}${aside}`);
    expect((await only.run(['-i', inventory, '-l', 'east,aside'])).exitCode).toBe(0);
    const told = await only.controller.run(['logs', 'last', '-l', 'cluster:east']);
    const ofHost = await only.controller.run(['logs', 'last', '-l', 'east-m1']);
    withoutClusters(only.controller.journals.at(-1) ?? '');
    const older = await only.controller.run(['logs', 'last', '-l', 'cluster:east']);
    only.close();
    expect(ofHost.stdout).toContain('east-m1: changed');
    expect(told.stdout).toBe(ofHost.stdout);
    expect(told).toMatchObject({ stderr: '' });
    expect(told.stdout).not.toContain('Nothing changed');
    expect(older.stderr).toBe(
      'warning: an older kplay has not recorded which hosts the cluster has: name them, -l HOST\n',
    );
  });

  test('names the clusters of the run when it had none of that name', async () => {
    const { stderr, exitCode } = await logged('cluster:eu-3');
    expect(stderr).toMatch(/^error: run \S+ had no cluster 'eu-3'$/m);
    expect(stderr).toMatch(/did you mean eu-[12]\?/);
    expect(exitCode).toBe(1);
  });
});

/** Makes a journal one of a kplay that did not record in which cluster each host is. */
function withoutClusters(path: string): void {
  const lines = readFileSync(path, 'utf8').split('\n');
  const older = lines.map((line) => {
    const record = parseJournalLine(line);
    if (record?.entry.type !== 'start') return line;
    const { clusterOf: _, ...entry } = record.entry;
    return journalLine({ ...record, entry });
  });
  writeFileSync(path, older.join('\n'));
}
