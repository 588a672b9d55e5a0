import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { equal, holds, matches } from './expect.ts';
import { diskOf, eventually, isDead, lab, readyNodes } from './lab.ts';
import { cameTo, PLAYBOOK, troubleOf } from './revival.ts';
import { runWithEvents } from './running.ts';
import type { Scenario } from './scenario.ts';

const CANARY = 'solo';
const FLEET = 'ha';
const CLUSTERS = [CANARY, FLEET] as const;
const NODES = ['ha-m1', 'ha-m2', 'ha-m3', 'ha-w1'] as const;

/** `HH:MM` of the clock in UTC, so many minutes from now. */
const clockIn = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);

/** Options for both clusters: the canary may be changed at any time, the other from then on for three hours. */
function fleet(directory: string, opensInMinutes: number): readonly string[] {
  const window = `daily ${clockIn(opensInMinutes)}-${clockIn(opensInMinutes + 180)} UTC`;
  const hosts = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, {}]));
  const inventory = {
    canaries: { vars: { kplay_cluster: { name: CANARY, wave: 'canary' } }, hosts: hosts(['solo-m1']) },
    rest: { vars: { kplay_cluster: { name: FLEET, window, expected: '10m' } }, hosts: hosts(NODES) },
  };
  const rollout = { waves: [{ name: 'canary', max_failed: 0 }, { name: 'rest' }], max_failed: 0 };
  const [clusters, waves] = ['clusters.yml', 'rollout.yml'].map((name) => join(directory, name)) as [string, string];
  writeFileSync(clusters, JSON.stringify(inventory));
  writeFileSync(waves, JSON.stringify(rollout));
  const known = CLUSTERS.map((cluster) => lab.knownHosts(cluster)).join(' ');
  return [
    ...CLUSTERS.flatMap((cluster) => ['-i', lab.inventory(cluster)]),
    '-i',
    clusters,
    '--rollout',
    waves,
    '-e',
    // Each inventory names its own file, for all hosts.
    JSON.stringify({ ansible_ssh_common_args: `-o 'UserKnownHostsFile=${known}'` }),
  ];
}

/** The containers of a host, by their ids: one that was restarted has another. */
const containersOf = (host: string): Promise<string> => lab.inside(host, 'crictl ps -aq | sort');

const disks = (): readonly string[] => NODES.map((node) => diskOf(FLEET, node));

export const windows: readonly Scenario[] = [
  {
    name: 'two clusters, everything expired: the canary first, the other when its window opens',
    cluster: CANARY,
    ci: false,
    async run({ version }) {
      const directory = mkdtempSync(join(tmpdir(), 'kplay-windows-'));
      try {
        await lab.up(CANARY, ['--kube', version]);
        await lab.up(FLEET, ['--masters', '3', '--workers', '1', '--kube', version]);
        for (const cluster of CLUSTERS) await lab.expire(cluster, '-end', '-24h');
        for (const host of ['solo-m1', 'ha-m1']) await eventually('the API to die', 60, () => isDead(host));
        const before = disks();

        const shut = await runWithEvents(['run', PLAYBOOK, ...fleet(directory, 60)]).ended;
        equal(shut.code, 3, `kplay run outside the window: ${troubleOf(shut)}`);
        await eventually('the canary to be Ready', 60, async () => (await readyNodes('solo-m1')).length === 1);
        equal(disks(), before, 'the disks of the cluster whose window was shut');

        const containers = await containersOf('solo-m1');
        const waiting = runWithEvents(['run', PLAYBOOK, ...fleet(directory, 2), '--window', 'wait']);
        const waits = await waiting.event('that it waits', ({ type }) => type === 'window-waiting');
        matches(JSON.stringify(waits), /"ha"/, 'what waits');
        equal(disks(), before, 'the disks of the cluster that waits');
        const opened = await waiting.ended;
        equal(opened.code, 0, `kplay run --window wait: ${troubleOf(opened)}`);
        await eventually('all nodes to be Ready', 60, async () => (await readyNodes('ha-m1')).length === NODES.length);
        equal(await containersOf('solo-m1'), containers, 'the containers of the canary, which was done');
        const last = await runWithEvents(['run', PLAYBOOK, ...fleet(directory, -30)]).ended;
        const [code, changes = []] = cameTo(last);
        equal([code, changes.filter((count) => count > 0)], [0, []], `the last run: ${troubleOf(last)}`);
        holds(changes.length === NODES.length + 1, `hosts of the last run: ${changes.length}`);
      } finally {
        await lab.down(FLEET);
      }
    },
  },
];
