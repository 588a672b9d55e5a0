import { expect, test } from 'vitest';
import { staticPodProcesses } from '../../../src/facts/processes/static-pod-processes.ts';
import { otherReadersOf, otherStaleness, processesOfOther } from '../../../src/kubeadm/restarts/other-readers.ts';
import { describedHost } from '../../kubeadm/support/raw-files.ts';
import { ask, describeInShells, probe } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

const BOOT = 1_763_000_000;
const POD = '0123456789abcdef0123456789abcdef';
const UUID = '01234567-89ab-cdef-0123-456789abcdef';
const id = (digit: string): string => digit.repeat(64);
const groupOf = (pod: string, container: string): string =>
  `0::/kubepods.slice/kubepods-pod${pod.replaceAll('-', '_')}.slice/cri-containerd-${container}.scope\n`;

const HOST = describedHost({
  files: {
    '/etc/kubernetes/manifests/vip.yaml': `
kind: Pod
metadata: { name: kube-vip, namespace: kube-system }
spec:
  initContainers: [{ name: prepare }]
  containers: [{ name: vip, volumeMounts: [{ name: conf, mountPath: /etc/kubernetes/admin.conf }] }]
  volumes: [{ name: conf, hostPath: { path: /etc/kubernetes/admin.conf } }]
`,
  },
});
const [READER] = otherReadersOf(HOST);

function host(): Tree {
  return Tree.forTest()
    .write('/proc/stat', `cpu 1 2\nbtime ${BOOT}\n`)
    .write('/proc/1/ns/net', '')
    .write('/proc/1/cgroup', '0::/init.scope\n')
    .write(`/var/lib/kubelet/pods/${POD}/containers/vip/a`, '');
}

function run(tree: Tree, pid: number, comm: string, cgroup: string, started = 1_000): Tree {
  const fields = ['S', '1', ...Array.from({ length: 17 }, (_, index) => String(index)), String(started), '99'];
  return tree
    .write(`/proc/${pid}/comm`, `${comm}\n`)
    .write(`/proc/${pid}/stat`, `${pid} (${comm}) ${fields.join(' ')}\n`)
    .write(`/proc/${pid}/cgroup`, cgroup);
}

describeInShells('in $name, the processes of static pods', (shell) => {
  const found = (tree: Tree) => {
    if (!READER) throw new Error('no reader');
    return processesOfOther(ask(staticPodProcesses, tree.root, shell), READER).map(({ pid }) => pid);
  };

  test('are the first of each container, without what holds a pod together', () => {
    const tree = run(host(), 20, 'vip', groupOf(POD, id('b')), 1_000);
    run(tree, 30, 'worker', groupOf(POD, id('b')), 2_000);
    run(tree, 40, 'sidecar', groupOf(POD, id('c')), 3_000);
    run(tree, 10, 'pause', groupOf(POD, id('a')), 900);
    run(tree, 50, 'vip', '0::/system.slice/vip.service\n');
    expect(found(tree)).toEqual([20, 40]);
  });

  test('are not those of a pod that the API has made, whatever it calls its containers', () => {
    const tree = run(host(), 20, 'vip', groupOf(UUID, id('b')));
    expect(found(tree.write(`/var/lib/kubelet/pods/${UUID}/containers/vip/a`, ''))).toEqual([]);
  });

  test('are not those of a static pod with another container, or of another name', () => {
    const other = 'f'.repeat(32);
    const tree = run(host(), 20, 'vip', groupOf(other, id('b')));
    expect(found(tree)).toEqual([]);
    tree.write(`/var/lib/kubelet/pods/${other}/containers/proxy/a`, '');
    expect(found(tree)).toEqual([]);
    run(tree, 30, 'vip', groupOf(POD, id('c')));
    expect(found(tree)).toEqual([30]);
    expect(found(tree.write(`/var/log/pods/kube-system_proxy-m1_${POD}/vip/0.log`, ''))).toEqual([]);
    expect(found(tree.write(`/var/log/pods/kube-system_kube-vip-m1_${POD}/vip/0.log`, ''))).toEqual([30]);
  });

  test('are also those of a pod for which kubelet keeps what ran before its containers', () => {
    const tree = run(host(), 20, 'vip', groupOf(POD, id('b')));
    expect(found(tree.write(`/var/lib/kubelet/pods/${POD}/containers/prepare/a`, ''))).toEqual([20]);
  });

  test('are known by their logs where kubelet keeps its pods elsewhere', () => {
    const elsewhere = 'e'.repeat(32);
    const tree = run(host(), 20, 'vip', groupOf(elsewhere, id('b')));
    expect(found(tree.write(`/var/log/pods/kube-system_kube-vip-m1_${elsewhere}/vip/0.log`, ''))).toEqual([20]);
  });

  test('are told from pods with other containers below the --root-dir of kubelet, too', () => {
    const elsewhere = 'e'.repeat(32);
    const tree = run(host(), 20, 'vip', groupOf(elsewhere, id('b')));
    tree.write('/var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS="--root-dir=/data/kubelet"\n');
    tree.write(`/var/log/pods/kube-system_kube-vip-m1_${elsewhere}/vip/0.log`, '');
    expect(found(tree.write(`/data/kubelet/pods/${elsewhere}/containers/proxy/a`, ''))).toEqual([]);
  });

  test('tell by their start whether they have read a file, and cannot be ended in a rootfs', () => {
    const table = ask(staticPodProcesses, run(host(), 20, 'vip', groupOf(POD, id('b'))).root, shell);
    expect(table.visible).toBe(false);
    expect(READER && otherStaleness(HOST, table, READER)).toBe('is older than admin.conf');
  });

  test('are few lines of a host on which pods of the API have thousands of processes', () => {
    const tree = host();
    const all = (pod: string, container: string) =>
      Array.from({ length: 12 }, (_, index) => groupOf(pod, container).replace('0:', `${index + 1}:c${index}`)).join(
        '',
      );
    for (let pid = 100; pid < 120; pid += 1) run(tree, pid, 'php-fpm', all(UUID, id('d')));
    for (let pid = 2_000; pid < 2_020; pid += 1) run(tree, pid, 'vip', all(POD, id('b')), 5_000 - pid);
    const { stdout } = probe(staticPodProcesses, tree.root, shell);
    expect(stdout.length).toBeLessThan(1_024);
    expect(found(tree)).toEqual([2_019]);
  });

  test('are those of a pod whose manifest gives it an id', () => {
    const tree = run(host(), 20, 'vip', groupOf(UUID, id('b')));
    tree.write(`/var/lib/kubelet/pods/${UUID}/containers/vip/a`, '');
    const pids = () => ask(staticPodProcesses, tree.root, shell).processes.map(({ pid }) => pid);
    expect(pids()).toEqual([]);
    tree.write('/etc/kubernetes/manifests/vip.yaml', `metadata: { uid: ${UUID} }\n`);
    expect(pids()).toEqual([20]);
  });

  test.each<[what: string, line: (uid: string) => string]>([
    ['lines of a log', (uid) => `pod ${uid}\n`],
    ['manifests', (uid) => `metadata: { uid: ${uid} }\n`],
  ])('are found among thousands of ids in %s in the directory of the manifests', (_what, line) => {
    const tree = run(host(), 20, 'vip', groupOf(POD, id('b')));
    const uids = Array.from({ length: 4_000 }, (_, index) => UUID.replace('01234567', String(10_000_000 + index)));
    tree.write('/etc/kubernetes/manifests/all', uids.map(line).join(''));
    tree.write('/etc/kubernetes/manifests/vip.yaml', `metadata: { uid: ${UUID} }\n`);
    run(tree, 30, 'vip', groupOf(UUID, id('c')));
    run(tree, 40, 'vip', groupOf(UUID.replace('0', 'f'), id('d')));
    expect(ask(staticPodProcesses, tree.root, shell).processes.map(({ pid }) => pid)).toEqual([20, 30]);
  });

  test('are not those that end or have ended', () => {
    const tree = run(host(), 20, 'vip', groupOf(POD, id('b')), 2_000);
    run(tree, 18, 'vip', groupOf(POD, id('b')), 1_000).write('/proc/18/stat', '');
    run(tree, 19, 'vip', groupOf(POD, id('b')), 1_500);
    tree.write('/proc/19/stat', `19 (vip) Z 1 ${Array(17).fill(0).join(' ')} 1500 1\n`);
    expect(found(tree)).toEqual([20]);
  });
});
