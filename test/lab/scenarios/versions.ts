import { eventually, isDead, lab } from './lab.ts';
import { isRevived } from './revival.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'version';
const MASTER = `${CLUSTER}-m1`;

/** The oldest that can be built, the one that everything else runs on, and those after the configuration became v1beta4. */
const VERSIONS = ['1.30.14', '1.33.13', '1.35.4', '1.36.3', '1.37.2'] as const;

/** The one of them that is tried each time: the farthest from what everything else runs on. */
const EACH_TIME = '1.37.2';

/** On each version: brought back by each method, and like what that version's kubeadm makes itself. */
export const versions: readonly Scenario[] = VERSIONS.flatMap((version): readonly Scenario[] => {
  const base = `Kubernetes ${version}: one master, everything expired`;
  return [
    {
      name: base,
      cluster: CLUSTER,
      ci: version === EACH_TIME,
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
        ci: version === EACH_TIME && method !== 'native',
        needs: base,
        version,
        async run() {
          await lab.restore(CLUSTER, 'expired');
          await isRevived(MASTER, method);
        },
      }),
    ),
  ];
});
