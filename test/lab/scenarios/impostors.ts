import { contains, equal } from './expect.ts';
import { eventually, lab } from './lab.ts';
import { changedNothing, PLAYBOOK, renew, troubleOf } from './revival.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'solo';
const MASTER = `${CLUSTER}-m1`;

/** An etcd at other ports. */
const etcd = (name: string, directory: string, port: number): string =>
  `--name=${name} --data-dir=${directory} --listen-client-urls=http://127.0.0.1:${port} --advertise-client-urls=http://127.0.0.1:${port} --listen-peer-urls=http://127.0.0.1:${port + 1} --initial-advertise-peer-urls=http://127.0.0.1:${port + 1} --initial-cluster=${name}=http://127.0.0.1:${port + 1}`;

/** An etcd of systemd's, one in a container that kubelet knows nothing of, and something with the name of a component. */
const START = `set -e
mkdir -p /run/strangers
ln -sf /opt/kube/kubebox /run/strangers/etcd
systemd-run --quiet --unit=stranger-etcd /run/strangers/etcd ${etcd('other', '/run/strangers/data', 12379)}
ctr -n strangers images import /opt/kube/images.tar >/dev/null
ctr -n strangers run -d --net-host registry.k8s.io/pause:lab stranger-etcd etcd ${etcd('third', '/tmp/data', 13379)}
cp /bin/sleep /run/strangers/kube-controller-manager
systemd-run --quiet --unit=stranger-controller /run/strangers/kube-controller-manager 100000
group=kubepods/$(printf 'c%.0s' $(seq 64))
pid=$(systemctl show -P MainPID stranger-controller)
for c in /sys/fs/cgroup/*/; do
  [ ! -e "$c/cgroup.procs" ] || { mkdir -p "$c$group" && echo "$pid" >"$c$group/cgroup.procs"; } 2>/dev/null || :
done`;

const STOP = `systemctl stop stranger-etcd stranger-controller
ctr -n strangers task kill -s KILL stranger-etcd
sleep 1
ctr -n strangers container rm stranger-etcd`;

/** The strangers that run: pid and start of each. */
function strangers(): Promise<string> {
  return lab.inside(
    MASTER,
    `for p in $(systemctl show -P MainPID stranger-etcd stranger-controller | grep .) $(ctr -n strangers task ls -q | grep -q . && ctr -n strangers task ls | awk 'NR > 1 { print $2 }'); do
  echo "$p $(awk '{ print $22 }' /proc/$p/stat)"
done`,
  );
}

export const impostors: readonly Scenario[] = [
  {
    name: 'one master, everything expired: others that are called etcd and kube-controller-manager are let be, and prove nothing',
    cluster: CLUSTER,
    ci: true,
    needs: 'one master, everything expired',
    async run() {
      await lab.restore(CLUSTER, 'fresh');
      await eventually('the API', 60, async () => (await lab.kubectl(MASTER, 'get', '--raw', '/readyz')) === 'ok');
      await lab.inside(MASTER, START);
      const before = await strangers();
      equal(before.trim().split('\n').length, 3, `strangers: ${before}`);
      const manifest = '/etc/kubernetes/manifests/kube-controller-manager.yaml';
      await lab.inside(MASTER, `mv ${manifest} /root/`);
      await eventually('the controller-manager to end', 60, async () => {
        const running = await lab.inside(MASTER, 'pgrep -c kube-controller');
        return running.trim() === '1';
      });
      await lab.inside(MASTER, `systemctl stop kubelet && mv /root/kube-controller-manager.yaml ${manifest}`);
      const plan = await lab.kplay(['plan', PLAYBOOK, '-i', lab.inventory(CLUSTER)]);
      contains(plan.output, 'has that name, but its container is in no pod of kubelet', 'kplay plan');
      const first = await renew(CLUSTER, '-e', 'renew_before=all');
      equal(first.code, 0, `kplay run: ${troubleOf(first)}`);
      equal(await strangers(), before, 'strangers after the run');
      changedNothing(await renew(CLUSTER), 1, 'the second run');
      await lab.inside(MASTER, STOP);
    },
  },
];
