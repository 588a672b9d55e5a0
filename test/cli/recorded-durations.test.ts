import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shippedPlaybook } from '../../src/cli/inputs/playbook-files.ts';
import type { ClusterRef } from '../../src/core/cluster.ts';
import type { Event } from '../../src/core/events/event.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { UNTOUCHED } from '../../src/engine/run-result.ts';
import { journalLine } from '../../src/journal/journal-line.ts';
import { Controller } from './support/controller.ts';

let controller: Controller;
beforeAll(() => {
  controller = new Controller();
});
afterAll(() => controller.close());

const MINUTE = 60_000;
const NOON = () => new Date('2026-11-27T12:00:00Z');
const INVENTORY = `prod: { vars: { kplay_cluster: { window: daily 01:00-03:00 UTC } }, hosts: { m1:, m2: } }
dev: { vars: { kplay_cluster: { window: daily 01:00-03:00 UTC, expected: 10m } }, hosts: { m3: } }
`;

interface Recorded {
  readonly clusters: Readonly<Record<string, readonly string[]>>;
  readonly minutes: number;
  /** Minutes before the first batch, for checks or during a pause. */
  readonly waited?: number;
  readonly state?: 'changed' | 'unchanged' | 'restored';
  readonly changed?: number;
  readonly command?: 'run' | 'rollback';
  readonly playbook?: string;
  readonly options?: JsonObject;
  readonly resumes?: string;
}

/** The journal of a run, as kplay writes it. */
function record(directory: string, number: number, run: Recorded): void {
  const { clusters, minutes, waited = 0, state = 'changed', changed = 1 } = run;
  const { command = 'run', options = {}, resumes } = run;
  const { playbook = resolve(shippedPlaybook('renew-certs.yml')) } = run;
  const names = Object.keys(clusters);
  const isAlone = names.length === 1;
  const refOf = (name: string): ClusterRef => ({ kind: 'declared', name });
  const batchOf = { type: 'batch-started', number: 1, of: 1, hosts: [] } as const;
  // The events about each cluster, after so many minutes.
  const ofClusters = isAlone
    ? []
    : names.map(refOf).flatMap((cluster): readonly (readonly [number, Event])[] => [
        [0, { type: 'cluster-started', play: 'p', cluster, hosts: [] }],
        [waited, { ...batchOf, cluster }],
        [
          waited + minutes,
          { type: 'cluster-finished', outcome: 'ok', play: 'p', cluster, elapsedMs: (waited + minutes) * MINUTE },
        ],
      ]);
  const ending: readonly Event[] = [
    { type: 'play-finished', play: 'p', elapsedMs: minutes * MINUTE },
    {
      type: 'run-finished',
      hosts: names.flatMap((name) =>
        (clusters[name] ?? []).map((host) => ({
          ...UNTOUCHED,
          host,
          changed,
          state,
          ...(!isAlone && { cluster: refOf(name) }),
        })),
      ),
      elapsedMs: 999 * MINUTE,
      exitCode: 0,
      next: [],
    },
  ];
  const id = `20261101T0000${String(number).padStart(2, '0')}Z-00ff`;
  const entries: readonly JournalEntry[] = [
    {
      type: 'start',
      runId: id,
      number,
      command,
      ...(resumes !== undefined && { resumes }),
      recipe: {
        command,
        runId: id,
        now: NOON().toISOString(),
        playbook,
        options: { tags: [], skipTags: [], ...options },
        hiddenVars: 0,
        files: {},
      },
      source: 'renew-certs.yml',
      kplayVersion: '0.1.0',
      eventVersion: 1,
      user: 'ann',
      machine: 'elsewhere',
      pid: 1,
      hosts: Object.values(clusters).flat(),
      clusters: names,
    },
    ...ofClusters.map(([, event]): JournalEntry => ({ type: 'event', event })),
    ...ending.map((event): JournalEntry => ({ type: 'event', event })),
    { type: 'end', exitCode: 0 },
  ];
  const timeOf = (entry: JournalEntry): Date => {
    const [minute = 0] = ofClusters.find(([, event]) => entry.type === 'event' && event === entry.event) ?? [];
    return new Date(NOON().getTime() + minute * MINUTE);
  };
  const lines = entries.map((entry, index) =>
    journalLine({ version: 1, sequence: index + 1, time: timeOf(entry), entry }),
  );
  controller.file(`${directory}/runs/${id}/journal.ndjson`, `${lines.join('\n')}\n`, 0o600);
}

async function expected(words: readonly string[] = []): Promise<readonly (readonly [string, number, string])[]> {
  const file = controller.file('fleet.yml', INVENTORY);
  const ended = await controller.run(['windows', '-i', file, '-o', 'json', ...words], { wallClock: NOON });
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  const { clusters } = JSON.parse(ended.stdout) as {
    readonly clusters: readonly {
      readonly name: string;
      readonly expected_s: number;
      readonly expected_from: string;
    }[];
  };
  return clusters.map(({ name, expected_s, expected_from }) => [name, expected_s / 60, expected_from] as const);
}

describe('how long runs took', () => {
  it('is read from the record: what changed something and ended well, alone or among other clusters', async () => {
    expect(await expected()).toEqual([
      ['prod', 30, 'default'],
      ['dev', 10, 'declared'],
    ]);
    const prod = { prod: ['m1', 'm2'] };
    record('kept', 1, { clusters: prod, minutes: 8 });
    record('kept', 2, { clusters: { ...prod, dev: ['m3'] }, minutes: 12 });
    record('kept', 3, { clusters: { ...prod, dev: ['m3'] }, minutes: 11 });
    // None of these says how long a renewal of all takes.
    record('kept', 4, { clusters: prod, minutes: 90, state: 'restored' });
    record('kept', 5, { clusters: prod, minutes: 90, state: 'unchanged', changed: 0 });
    record('kept', 6, { clusters: { prod: ['m1'] }, minutes: 90 });
    const kept = ['--state', `${controller.directory}/kept`];
    expect(await expected(kept)).toEqual([
      ['prod', 12, '95th percentile of 3 runs'],
      ['dev', 10, 'declared'],
    ]);
    record('kept', 7, { clusters: { dev: ['m3'] }, minutes: 14 });
    expect((await expected(kept))[1]).toEqual(['dev', 14, '95th percentile of 3 runs; declared are 10m']);
  });

  it('is read from runs of the same work only', async () => {
    const other = controller.file('other.yml', '- hosts: all\n  tasks:\n    - command: uptime\n      tags: [t]\n');
    const short: Recorded = { clusters: { prod: ['m1', 'm2'] }, minutes: 5 };
    const others: readonly Recorded[] = [
      { ...short, playbook: other },
      { ...short, options: { tags: ['t'] } },
      { ...short, options: { skipTags: ['t'] } },
      { ...short, options: { startAtTask: 'Verify the cluster' } },
      { ...short, command: 'rollback' },
      { ...short, resumes: '20261101T000000Z-00ff' },
      { ...short, options: { step: true } },
      { ...short, options: { engine: 'temporal://temporal.example.com:7233/default' } },
    ];
    for (const [index, one] of others.entries())
      for (const number of [0, 1, 2]) record('mixed', index * 3 + number, one);
    const state = ['--state', `${controller.directory}/mixed`];
    expect((await expected(state))[0]).toEqual(['prod', 30, 'default']);
    // Whether that is too short for a run is said by what the work itself took.
    const file = controller.file('short.yml', INVENTORY.replace('01:00-03:00', '01:00-01:10'));
    const validate = (...words: readonly string[]) =>
      controller.run(['validate', other, '-i', file, ...state, ...words]);
    expect(await validate()).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await validate('--tags', 't')).stderr).toContain('is expected to take 30m (default): it would never start');
  });

  it('leaves out what a cluster of a rollout waited for before its first batch: checks, or somebody who had paused the run', async () => {
    const both = { prod: ['m1', 'm2'], dev: ['m3'] };
    for (const number of [1, 2]) record('paused', number, { clusters: both, minutes: 12 });
    record('paused', 3, { clusters: both, minutes: 13, waited: 600 });
    expect(await expected(['--state', `${controller.directory}/paused`])).toEqual([
      ['prod', 13, '95th percentile of 3 runs'],
      ['dev', 13, '95th percentile of 3 runs; declared are 10m'],
    ]);
  });

  it('makes a window that is too short an error of validate, and of whatever would run', async () => {
    const file = controller.file('fleet.yml', INVENTORY);
    const playbook = controller.file('play.yml', '- hosts: all\n  tasks:\n    - command: uptime\n');
    const slow: Recorded = { clusters: { prod: ['m1', 'm2'] }, minutes: 150 };
    for (const number of [1, 2, 3]) record('slow', number, slow);
    for (const number of [4, 5, 6]) record('slow', number, { ...slow, playbook });
    const state = ['--state', `${controller.directory}/slow`];
    for (const words of [['validate', playbook], ['plan', playbook], ['check'], ['doctor'], ['run', playbook]]) {
      const { stderr, exitCode } = await controller.run([...words, '-i', file, ...state]);
      expect(stderr).toContain(
        'daily 01:00-03:00 UTC lasts 2h, and a run on the cluster is expected to take 2h 30m (95th percentile of 3 runs): it would never start',
      );
      expect(exitCode).toBe(1);
    }
  });

  it('that cannot be read is told of, and not taken for none', async () => {
    mkdirSync(`${controller.directory}/odd`);
    controller.file('odd/runs', 'no directory');
    const file = controller.file('fleet.yml', INVENTORY);
    const { stderr, stdout, exitCode } = await controller.run([
      'windows',
      '-i',
      file,
      '--state',
      `${controller.directory}/odd`,
    ]);
    expect(stderr).toMatch(/warning: .*odd\/runs cannot be read: .*; how long runs took is not known/);
    expect(stdout).toContain('30m (default)');
    expect(exitCode).toBe(0);
  });
});
