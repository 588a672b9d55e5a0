import { equal, holds } from './expect.ts';
import { eventually, isDead, lab, readyNodes, sacredFiles } from './lab.ts';
import { kubeadmsOwn, portraitsOf } from './reference.ts';
import { runWithEvents } from './running.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'version';
const MASTER = `${CLUSTER}-m1`;

/** On each version that is built: brought back by each method, and like what that version's kubeadm makes itself. */
export const versions: readonly Scenario[] = lab.builtVersions().flatMap((version): readonly Scenario[] => {
  const base = `Kubernetes ${version}: one master, everything expired`;
  return [
    {
      name: base,
      cluster: CLUSTER,
      ci: false,
      version,
      async run() {
        await lab.up(CLUSTER, ['--kube', version]);
        await lab.expire(CLUSTER, '-end', '-24h');
        await eventually('the API to die', 60, () => isDead(MASTER));
        await lab.save(CLUSTER, 'expired');
      },
    },
    ...['renew', 'phase', 'native'].map(
      (method): Scenario => ({
        name: `Kubernetes ${version}: ${method}, and what kubeadm itself makes`,
        cluster: CLUSTER,
        ci: false,
        needs: base,
        version,
        run: () => revived(method),
      }),
    ),
  ];
});

async function revived(method: string): Promise<void> {
  await lab.restore(CLUSTER, 'expired');
  const sacred = await sacredFiles(MASTER);
  const command = ['run', 'playbooks/renew-certs.yml', '-i', lab.inventory(CLUSTER), '-e', `method=${method}`];
  const { code, events } = await runWithEvents(command).ended;
  equal(
    code,
    0,
    `kplay run: ${JSON.stringify(events.find(({ outcome }) => outcome === 'failed' || outcome === 'refused'))}`,
  );
  await eventually('the node to be Ready', 60, async () => (await readyNodes(MASTER)).includes(MASTER));
  equal(await sacredFiles(MASTER), sacred, 'CA and service account files');
  const [made, own] = [await portraitsOf(MASTER), await kubeadmsOwn(MASTER)];
  holds(Object.keys(own).length >= 10, `kubeadm made only ${Object.keys(own).join(' ')}`);
  for (const name of Object.keys(own)) equal(made[name], own[name], `${name} by ${method}, beside kubeadm's own`);
  const again = await runWithEvents(command).ended;
  const finished = again.events.find(({ type }) => type === 'run-finished');
  equal(
    [again.code, finished?.hosts?.map(({ changed }) => changed)],
    [0, [0]],
    'exit code and changes of the second run',
  );
}
