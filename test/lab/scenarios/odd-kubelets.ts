import { contains, equal } from './expect.ts';
import { eventually, isDead, lab, sacredFiles } from './lab.ts';
import { changedNothing, renew, troubleOf } from './revival.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'odd';
const MASTER = `${CLUSTER}-m1`;

/** As on a machine whose data disk is elsewhere; pods that were made before leave no trace in the default place. */
const MOVE_ROOT = `set -e
systemctl stop kubelet
echo 'KUBELET_EXTRA_ARGS=--root-dir=/data/kubelet' >/etc/default/kubelet
crictl stopp $(crictl pods -q) >/dev/null
crictl rmp $(crictl pods -q) >/dev/null
awk '$2 ~ "^/var/lib/kubelet/pods" { print $2 }' /proc/mounts | xargs -r umount
rm -rf /var/lib/kubelet/pods
mkdir -p /data
systemctl start kubelet`;

const LOSE_NETWORK = `mv /etc/cni/net.d /etc/cni/off
systemctl restart containerd kubelet`;

/** A kubelet that keeps its pods elsewhere, on a node that no certificate makes Ready. */
export const oddKubelets: readonly Scenario[] = [
  {
    name: 'one master, whose kubelet keeps its pods elsewhere and has no network plugin: revived, and not put back for its node',
    cluster: CLUSTER,
    ci: false,
    async run({ version }) {
      await lab.up(CLUSTER, ['--kube', version]);
      await lab.inside(MASTER, MOVE_ROOT);
      await eventually('the API, from the other place', 120, async () => {
        const live = await lab.kubectl(MASTER, 'get', '--raw', '/readyz').catch(() => '');
        return live === 'ok';
      });
      await lab.inside(MASTER, LOSE_NETWORK);
      await lab.expire(CLUSTER, '-end', '-24h');
      await eventually('the API to die', 60, () => isDead(MASTER));
      const sacred = await sacredFiles(MASTER);
      const revived = await renew(CLUSTER);
      equal(revived.code, 0, `kplay run: ${troubleOf(revived)}`);
      const said = JSON.stringify(revived.events);
      contains(said, `node ${MASTER} is NotReady, but not because of its certificates`, 'what the run warned of');
      equal(await lab.kubectl(MASTER, 'get', '--raw', '/readyz'), 'ok', 'the API afterwards');
      equal(await sacredFiles(MASTER), sacred, 'CA and service account files');
      changedNothing(await renew(CLUSTER), 1, 'another run');
    },
  },
];
