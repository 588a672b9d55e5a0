import { equal, holds, matches } from './expect.ts';
import { eventually, isDead, lab, readyNodes, sacredFiles } from './lab.ts';
import { describeLoad, loadDuring } from './load.ts';
import { changedNothing, PLAYBOOK, renew } from './revival.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'ha';
const MASTERS = ['ha-m1', 'ha-m2', 'ha-m3'] as const;
const ETCD = 'etcd-peer,etcd-server';
const NODES = [...MASTERS, 'ha-w1'];

async function run(...words: string[]): Promise<{ readonly code: number; readonly output: string }> {
  return lab.kplay(['run', PLAYBOOK, '-i', lab.inventory(CLUSTER), ...words]);
}

async function allReady(seconds: number): Promise<void> {
  await eventually('all nodes to be Ready', seconds, async () => (await readyNodes('ha-m1')).length === NODES.length);
}

async function isRepaired(sacred: readonly string[], ...words: string[]): Promise<void> {
  const { code, output } = await run(...words);
  equal(code, 0, `kplay run\n${output.slice(-4000)}`);
  await allReady(60);
  equal(await Promise.all(MASTERS.map(sacredFiles)), sacred, 'CA and service account files');
  changedNothing(await renew(CLUSTER), NODES.length, 'the second run');
}

/** systemd starts each again and again. */
async function kubeletsCrash(): Promise<boolean> {
  const states = await Promise.all(NODES.map((node) => lab.inside(node, 'systemctl is-active kubelet || :')));
  return states.every((state) => state.trim() !== 'active');
}

/** Workload pods keep their containers through a renewal. */
async function workloads(): Promise<string> {
  return lab.kubectl(
    'ha-m1',
    'get',
    'pods',
    '-n',
    'default',
    '-o',
    'jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[*].containerID}{"\\n"}{end}',
  );
}

export const highlyAvailable: readonly Scenario[] = [
  {
    name: 'three masters and a worker, everything expired: recovery order',
    cluster: CLUSTER,
    ci: true,
    async run({ version, reuse }) {
      if (reuse && lab.has(CLUSTER, 'expired')) return;
      await lab.up(CLUSTER, ['--masters', '3', '--workers', '1', '--kube', version]);
      await lab.save(CLUSTER, 'fresh');
      await allReady(60);
      await lab.expire(CLUSTER, '-end', '-24h');
      await eventually('the API to die', 60, () => isDead('ha-m1'));
      await lab.save(CLUSTER, 'expired');
      const sacred = await Promise.all(MASTERS.map(sacredFiles));
      const plan = await lab.kplay(['plan', PLAYBOOK, '-i', lab.inventory(CLUSTER)]);
      matches(plan.output, /recovery order.*etcd's certificates have expired on 3 of 3 masters/, 'the plan');
      // Its manifest names itself alone, and its etcd does not run: only the database knows that there are others.
      const alone = await lab.kplay(['plan', PLAYBOOK, '-i', lab.inventory(CLUSTER), '-l', 'ha-m1']);
      equal(alone.code, 3, `kplay plan of one master alone: ${alone.output}`);
      matches(alone.output, /etcd has 3 members, of which 2 must agree, and ha-m1 is the only one/, 'its plan');
      await isRepaired(sacred);
    },
  },
  {
    name: 'three masters, ending in 72 h: planned under load',
    cluster: CLUSTER,
    ci: true,
    needs: 'three masters and a worker, everything expired',
    async run() {
      await lab.restore(CLUSTER, 'fresh');
      await allReady(120);
      await lab.expire(CLUSTER, '-end', '72h');
      await allReady(120);
      const sacred = await Promise.all(MASTERS.map(sacredFiles));
      let before = '';
      // An API server that has just started knows no roles for a moment, and forbids everything.
      await eventually('pods to be listed', 30, async () => {
        before = await workloads();
        return true;
      });
      const load = await loadDuring(MASTERS, () => isRepaired(sacred));
      process.stdout.write(describeLoad(load));
      for (const { client, writes, failures, unexplained, longestGapMs } of load.writers) {
        holds(writes > 100, `${client}: ${writes} writes`);
        // An API server that is asked to end leaves connections that it has accepted and not yet served.
        const unserved = failures.filter((why) => !why.includes('etcdserver'));
        holds(
          unserved.length <= MASTERS.length,
          `${client}: ${unserved.length} were not served: ${unserved.join('; ')}`,
        );
        equal(
          unexplained,
          [],
          `writes of ${client} that failed while no API server ended and etcd's leadership did not go over`,
        );
        holds(longestGapMs < 10_000, `${client}: longest gap between answered writes ${longestGapMs} ms`);
      }
      equal(load.lost, [], 'writes that were answered with success and are not there');
      equal(load.watch.unseen, [], 'writes that the watch was never told of');
      // The leader's master comes last, so it hands on once; another election may be owed to a machine that is busy.
      holds(load.elections <= 2, `etcd's leadership went over ${load.elections} times`);
      holds(load.etcdDown <= 1, `${load.etcdDown} etcd members were down at once`);
      equal(await workloads(), before, 'containers of workload pods');
    },
  },
  ...[
    { name: 'only etcd’s certificates expired', only: ETCD, isBroken: () => isDead('ha-m1'), words: [] },
    {
      // The worker's kubelet is restarted although it has not expired, while no API server answers.
      name: 'only etcd’s certificates expired, all renewed',
      only: ETCD,
      isBroken: () => isDead('ha-m1'),
      words: ['-e', 'renew_before=all'],
    },
    { name: 'only kubelets’ certificates expired', only: 'kubelet-client', isBroken: kubeletsCrash, words: [] },
  ].map(
    ({ name, only, isBroken, words }): Scenario => ({
      name: `three masters, ${name}`,
      cluster: CLUSTER,
      ci: false,
      needs: 'three masters and a worker, everything expired',
      async run() {
        await lab.restore(CLUSTER, 'fresh');
        await allReady(120);
        await lab.expire(CLUSTER, '-end', '-24h', '-only', only);
        await eventually('the cluster to break', 60, isBroken);
        await isRepaired(await Promise.all(MASTERS.map(sacredFiles)), ...words);
      },
    }),
  ),
  {
    name: 'three masters, one of them expired: the others serve on',
    cluster: CLUSTER,
    ci: false,
    needs: 'three masters and a worker, everything expired',
    async run() {
      await lab.restore(CLUSTER, 'fresh');
      await allReady(120);
      await lab.expire('ha-m2', '-end', '-24h');
      await eventually('ha-m2 to be NotReady', 120, async () => !(await readyNodes('ha-m1')).includes('ha-m2'));
      const plan = await lab.kplay(['plan', PLAYBOOK, '-i', lab.inventory(CLUSTER)]);
      matches(plan.output, /planned order/, 'the plan');
      await isRepaired(await Promise.all(MASTERS.map(sacredFiles)));
    },
  },
];
