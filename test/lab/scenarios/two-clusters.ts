import { contains, equal, holds, matches } from './expect.ts';
import { diskOf, eventually, isDead, lab, readyNodes, sacredFiles } from './lab.ts';
import { cameTo, changedNothing, PLAYBOOK, troubleOf } from './revival.ts';
import { runWithEvents } from './running.ts';
import type { Scenario } from './scenario.ts';

const DEAD = 'dead';
const WELL = 'well';

/** Both inventories as one: which cluster a host is of is told by what it holds. */
const BOTH = [
  ...[DEAD, WELL].flatMap((cluster) => ['-i', lab.inventory(cluster)]),
  '-e',
  // Each inventory names its own file, for all hosts.
  JSON.stringify({
    ansible_ssh_common_args: `-o 'UserKnownHostsFile=${[DEAD, WELL].map((cluster) => lab.knownHosts(cluster)).join(' ')}'`,
  }),
];

/** The containers of a host, by their ids: one that was restarted has another. */
const containersOf = (host: string): Promise<string> => lab.inside(host, 'crictl ps -q | sort');

export const twoClusters: readonly Scenario[] = [
  {
    name: 'two clusters in one inventory, one expired: it is revived, the other untouched',
    cluster: DEAD,
    ci: false,
    async run({ version }) {
      try {
        for (const cluster of [DEAD, WELL]) await lab.up(cluster, ['--kube', version]);
        await lab.expire(DEAD, '-end', '-24h');
        await eventually('the API to die', 60, () => isDead(`${DEAD}-m1`));
        const [disk, containers] = [diskOf(WELL, `${WELL}-m1`), await containersOf(`${WELL}-m1`)];
        const sacred = await sacredFiles(`${DEAD}-m1`);
        const plan = await lab.kplay(['plan', PLAYBOOK, ...BOTH, '-v']);
        matches(plan.output, /Plan for the cluster of dead-m1, .* in recovery order/, 'the plan of the one');
        matches(plan.output, /Plan for the cluster of well-m1, .* in planned order/, 'the plan of the other');

        const first = await runWithEvents(['run', PLAYBOOK, ...BOTH]).ended;
        equal(first.code, 0, `kplay run: ${troubleOf(first)}`);
        const [, changes = []] = cameTo(first);
        holds((changes[0] ?? 0) > 0 && changes[1] === 0, `changes of the two masters: ${changes.join(', ')}`);
        await eventually('the node to be Ready', 60, async () => (await readyNodes(`${DEAD}-m1`)).length === 1);
        equal(await sacredFiles(`${DEAD}-m1`), sacred, 'CA and service account files');
        equal(diskOf(WELL, `${WELL}-m1`), disk, 'the disk of the other cluster');
        equal(await containersOf(`${WELL}-m1`), containers, 'the containers of the other cluster');
        changedNothing(await runWithEvents(['run', PLAYBOOK, ...BOTH]).ended, 2, 'the second run');
        contains((await lab.kplay(['check', ...BOTH])).output, 'well-m1', 'kplay check');
      } finally {
        await lab.down(WELL);
      }
    },
  },
];
