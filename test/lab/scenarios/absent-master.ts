import { equal, holds } from './expect.ts';
import { eventually, isDead, lab, readyNodes, sacredFiles } from './lab.ts';
import { cameTo, changedNothing, renew, troubleOf } from './revival.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'kind';
const MASTERS = ['kind-m1', 'kind-m2', 'kind-m3'] as const;
const [FIRST, , ABSENT] = MASTERS;

const areReady = (count: number) =>
  eventually(`${count} nodes to be Ready`, 120, async () => (await readyNodes(FIRST)).length === count);

/** A cluster that is dead, and one of whose masters cannot be reached. */
export const absentMaster: readonly Scenario[] = [
  {
    name: 'three masters, everything expired and one of them off: the others first, then it',
    cluster: CLUSTER,
    ci: false,
    async run({ version }) {
      await lab.up(CLUSTER, ['--kube', version, '--masters', '3']);
      await lab.expire(CLUSTER, '-end', '-24h');
      await eventually('the API to die', 60, () => isDead(FIRST));
      const sacred = await Promise.all(MASTERS.map(sacredFiles));
      await lab.power(ABSENT, 'off');
      const without = await renew(CLUSTER);
      equal(without.code, 4, `kplay run without ${ABSENT}: ${troubleOf(without)}`);
      await eventually('two nodes to be Ready, and not the one that is off', 120, async () => {
        const ready = await readyNodes(FIRST);
        return ready.length === 2 && !ready.includes(ABSENT);
      });
      const again = await renew(CLUSTER);
      const changed = cameTo(again)[1] ?? [];
      holds(
        again.code === 4 && changed.every((count) => count === 0),
        `once more without it: ${JSON.stringify(cameTo(again))}`,
      );
      await lab.power(ABSENT, 'on');
      const whole = await renew(CLUSTER);
      equal(whole.code, 0, `kplay run with ${ABSENT}: ${troubleOf(whole)}`);
      await areReady(3);
      equal(await Promise.all(MASTERS.map(sacredFiles)), sacred, 'CA and service account files');
      changedNothing(await renew(CLUSTER), 3, 'the last run');
    },
  },
];
