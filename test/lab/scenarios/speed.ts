import { $ } from 'zx';
import { equal, holds } from './expect.ts';
import { eventually, isDead, lab, readyNodes } from './lab.ts';
import { PLAYBOOK } from './revival.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'ha';
const HOSTS = ['m1', 'm2', 'm3', 'w1'].map((name) => `${CLUSTER}-${name}`);
const NEEDS = 'three masters and a worker, everything expired';
const COMMAND = ['run', PLAYBOOK, '-i', lab.inventory(CLUSTER)];
/** How much longer than an expert's script, which verifies nothing, kplay may take. */
const MAX_RATIO = 1.2;
/** One time alone depends on the moment at which a kubelet tries again. */
const TURNS = 3;

export const speed: readonly Scenario[] = [
  {
    name: 'three masters and a worker, everything expired: as soon as by hand',
    cluster: CLUSTER,
    ci: false,
    needs: NEEDS,
    async run() {
      const times: Record<'hand' | 'masters' | 'all', number[]> = { hand: [], masters: [], all: [] };
      for (let turn = 0; turn < TURNS; turn += 1) {
        const [hand = 0] = await revived(() => $({ quiet: true })`test/lab/by-hand ${CLUSTER}`, [3]);
        const run = async () => equal((await lab.kplay(COMMAND)).code, 0, 'kplay run');
        const [masters = 0, all = 0] = await revived(run, [3, 4]);
        times.hand.push(hand);
        times.masters.push(masters);
        times.all.push(all);
      }
      const ratio = median(times.all) / median(times.hand);
      const told = (seconds: readonly number[]) => seconds.map((one) => one.toFixed(1)).join(', ');
      process.stdout.write(
        `  by hand ${told(times.hand)} s (masters only); kplay ${told(times.masters)} s to the masters, ${told(times.all)} s to all; of the medians: ${ratio.toFixed(2)}\n`,
      );
      holds(ratio <= MAX_RATIO, `kplay took ${ratio.toFixed(2)} times as long as by hand`);
    },
  },
  {
    name: 'three masters and a worker, nothing to do: how long it takes',
    cluster: CLUSTER,
    ci: false,
    needs: NEEDS,
    async run() {
      await lab.restore(CLUSTER, 'fresh');
      await areReady(4, 120);
      const times: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        const started = Date.now();
        const { code, output } = await lab.kplay(COMMAND);
        equal(code, 0, `kplay run\n${output.slice(-2000)}`);
        times.push((Date.now() - started) / 1000);
      }
      process.stdout.write(`  ${times.map((seconds) => `${seconds.toFixed(2)} s`).join(', ')}\n`);
    },
  },
];

/** Seconds from the start of what revives the expired cluster until so many nodes are Ready, and have said so since then. */
async function revived(revive: () => Promise<unknown>, counts: readonly number[]): Promise<readonly number[]> {
  await lab.restore(CLUSTER, 'expired');
  await eventually('the API to be dead', 60, () => isDead(`${CLUSTER}-m1`));
  for (const host of HOSTS)
    await $({ quiet: true, nothrow: true })`test/lab/lab in ${host} systemctl is-system-running --wait`;
  const started = Date.now();
  const reviving = revive();
  const seconds: number[] = [];
  for (const count of counts) {
    await eventually(`${count} nodes to be Ready`, 240, async () => (await saidReadySince(started)) >= count);
    seconds.push((Date.now() - started) / 1000);
  }
  await reviving;
  return seconds;
}

/** What the API tells of a node may be from before it died: only one that has renewed its lease since counts. */
async function saidReadySince(time: number): Promise<number> {
  // kubectl, asked in vain again and again, would take the processor from what is measured.
  await $({ quiet: true })`test/lab/lab in ${CLUSTER}-m1 bash -c ${'exec 3<>/dev/tcp/127.0.0.1/6443'}`;
  const [ready, leases] = await Promise.all([
    readyNodes(`${CLUSTER}-m1`),
    lab.kubectl(
      `${CLUSTER}-m1`,
      'get',
      'leases',
      '-n',
      'kube-node-lease',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name} {.spec.renewTime}{"\\n"}{end}',
    ),
  ]);
  const fresh = new Set(
    leases.split('\n').flatMap((line) => {
      const [name = '', renewed = ''] = line.split(' ');
      return Date.parse(renewed) > time ? [name] : [];
    }),
  );
  return ready.filter((name) => fresh.has(name)).length;
}

async function areReady(nodes: number, seconds: number): Promise<void> {
  await eventually(
    `${nodes} nodes to be Ready`,
    seconds,
    async () => (await readyNodes(`${CLUSTER}-m1`)).length >= nodes,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
