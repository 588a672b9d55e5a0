import { contains, equal } from './expect.ts';
import { addressOf, eventually, isDead, lab, pkiOf, readyNodes, sacredFiles } from './lab.ts';
import { changedNothing, renew, troubleOf } from './revival.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'vip';
const MASTER = `${CLUSTER}-m1`;
const WORKER = `${CLUSTER}-w1`;
const PORT = 8443;
const MANIFEST = '/etc/kubernetes/manifests/stand-in.yaml';

/** What the stand-in does: it reads admin.conf once, and has the API's address as long as the API accepts what it has read. */
const STAND_IN = `cp /etc/kubernetes/admin.conf /tmp/read-once.conf
forward=
while :; do
  if kubectl --kubeconfig /tmp/read-once.conf --request-timeout 5s get --raw /api >/dev/null 2>&1; then
    [ -n "$forward" ] && kill -0 $forward || { socat TCP-LISTEN:${PORT},fork,reuseaddr TCP:127.0.0.1:6443 & forward=$!; }
  else [ -z "$forward" ] || kill $forward; forward=
  fi
  sleep 1
done 2>/dev/null`;

/** As kube-vip's own: the file itself is mounted, and is another one for the host after a renewal. Programs are the host's. */
const POD = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'stand-in', namespace: 'kube-system' },
  spec: {
    hostNetwork: true,
    containers: [
      {
        name: 'stand-in',
        image: 'registry.k8s.io/pause:lab',
        command: ['/bin/sh', '-c', STAND_IN],
        env: [{ name: 'PATH', value: '/usr/bin:/bin' }],
        volumeMounts: [
          { name: 'kubeconfig', mountPath: '/etc/kubernetes/admin.conf' },
          ...['usr', 'bin', 'lib', 'lib64', 'opt'].map((name) => ({ name, mountPath: `/${name}`, readOnly: true })),
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      { name: 'kubeconfig', hostPath: { path: '/etc/kubernetes/admin.conf', type: 'File' } },
      { name: 'usr', hostPath: { path: '/usr' } },
      { name: 'bin', hostPath: { path: '/usr/bin' } },
      { name: 'lib', hostPath: { path: '/usr/lib' } },
      { name: 'lib64', hostPath: { path: '/usr/lib64' } },
      { name: 'opt', hostPath: { path: '/opt' } },
      { name: 'tmp', emptyDir: {} },
    ],
  },
});

/** The container of the stand-in that runs. */
async function standIn(): Promise<string> {
  return (await lab.inside(MASTER, 'crictl ps -q --name stand-in')).trim();
}

async function isForwarding(): Promise<boolean> {
  return (await lab.inside(MASTER, `ss -Htln 'sport = :${PORT}'`)).includes(`:${PORT}`);
}

/** A worker reaches the API only by what a static pod of somebody else's does, as by the address that kube-vip holds. */
export const virtualAddress: readonly Scenario[] = [
  {
    name: 'a static pod holds the address of the API with the admin.conf that it has read: everything expires, and one run revives it',
    cluster: CLUSTER,
    ci: false,
    async run({ version }) {
      await lab.up(CLUSTER, ['--workers', '1', '--kube', version]);
      await lab.inside(MASTER, `printf '%s' '${POD.replaceAll("'", "'\\''")}' >${MANIFEST}`);
      await eventually('the stand-in to forward', 120, isForwarding);
      await lab.inside(
        WORKER,
        `sed -i 's|server: .*|server: https://${addressOf(MASTER)}:${PORT}|' /etc/kubernetes/kubelet.conf && systemctl restart kubelet`,
      );
      await eventually('both nodes to be Ready', 120, async () => (await readyNodes(MASTER)).length === 2);
      // It has read what is about to end, as what was started long ago has.
      await lab.expire(CLUSTER, '-end', '240s');
      await lab.inside(MASTER, 'crictl stop $(crictl ps -q --name stand-in) >/dev/null');
      await eventually('the stand-in to have read that', 120, isForwarding);
      const before = await standIn();
      await eventually('all that to have ended', 400, async () => {
        const left = await lab.inside(
          MASTER,
          `openssl x509 -checkend 0 -noout -in ${pkiOf(MASTER)}/apiserver.crt || :`,
        );
        return left.includes('will expire');
      });
      await eventually('the API to die', 60, () => isDead(MASTER));
      await eventually('the stand-in to forward no more', 120, async () => !(await isForwarding()));
      equal(await standIn(), before, 'the stand-in, which runs with what it has read');
      const sacred = await sacredFiles(MASTER);
      // kubelet has made its own certificate anew in time, as it does.
      const plan = await lab.kplay(['plan', 'playbooks/renew-certs.yml', '-i', lab.inventory(CLUSTER)]);
      contains(plan.output, 'kube-system/stand-in', 'what the plan restarts');
      const revived = await renew(CLUSTER);
      equal(revived.code, 0, `kplay run: ${troubleOf(revived)}`);
      equal((await standIn()) === before, false, 'whether the stand-in is the same as before');
      await eventually('both nodes to be Ready again', 60, async () => (await readyNodes(MASTER)).length === 2);
      equal(await sacredFiles(MASTER), sacred, 'CA and service account files');
      changedNothing(await renew(CLUSTER), 2, 'another run');
    },
  },
];
