import { $ } from 'zx';
import { equal, holds } from './expect.ts';
import { eventually, isDead, lab, readyNodes } from './lab.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'ha';
const NEEDS = 'three masters and a worker, everything expired';
const COMMAND = ['run', 'playbooks/renew-certs.yml', '-i', lab.inventory(CLUSTER)];
/** How much longer than an expert's script, which verifies nothing, kplay may take. */
const MAX_RATIO = 1.2;

export const speed: readonly Scenario[] = [
  {
    name: 'three masters and a worker, everything expired: as soon as by hand',
    cluster: CLUSTER,
    ci: false,
    needs: NEEDS,
    async run() {
      const byHand = await revived(() => $({ quiet: true })`test/lab/by-hand ${CLUSTER}`, 3);
      const kplay = await revived(async () => equal((await lab.kplay(COMMAND)).code, 0, 'kplay run'), 4);
      const ratio = kplay / byHand;
      process.stdout.write(`  by hand ${byHand.toFixed(1)} s, kplay ${kplay.toFixed(1)} s: ${ratio.toFixed(2)}\n`);
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

/** Seconds from the start of what revives the expired cluster until so many nodes are Ready. The worker waits for nobody by hand. */
async function revived(revive: () => Promise<unknown>, nodes: number): Promise<number> {
  await lab.restore(CLUSTER, 'expired');
  await eventually('the API to be dead', 60, () => isDead(`${CLUSTER}-m1`));
  const started = Date.now();
  await revive();
  await areReady(nodes, 180);
  return (Date.now() - started) / 1000;
}

async function areReady(nodes: number, seconds: number): Promise<void> {
  await eventually(
    `${nodes} nodes to be Ready`,
    seconds,
    async () => (await readyNodes(`${CLUSTER}-m1`)).length >= nodes,
  );
}
