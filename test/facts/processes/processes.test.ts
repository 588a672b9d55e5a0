import { expect, test } from 'vitest';
import { processes } from '../../../src/facts/processes/processes.ts';
import { interpretHost } from '../../../src/kubeadm/host/interpret.ts';
import type { KubeadmHost } from '../../../src/kubeadm/host/model.ts';
import { impostorOf, type NamedProcess, processesOf } from '../../../src/kubeadm/restarts/reader-process.ts';
import type { Reader } from '../../../src/kubeadm/restarts/restart.ts';
import { describedHost } from '../../kubeadm/support/raw-files.ts';
import { ask, describeInShells, probe } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

const ID = 'c'.repeat(64);
const POD = '0123456789abcdef0123456789abcdef';
const UUID = '01234567-89ab-cdef-0123-456789abcdef';
const IN_POD = `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD}.slice/cri-containerd-${ID}.scope\n`;
/** Of a host that is a container in a pod. */
const OUTER = `/kubepods/besteffort/pod${UUID}/${'e'.repeat(64)}`;
const OUTER_SLICE = `/kubepods.slice/kubepods-besteffort-pod${UUID.replaceAll('-', '_')}.slice/cri-containerd-${'e'.repeat(64)}.scope`;
const BOOT = 1_763_000_000;
const HOST = describedHost({});
const KUBELET = ['/usr/bin/kubelet', '--kubeconfig=/etc/kubernetes/kubelet.conf'];

interface Described {
  readonly comm?: string;
  readonly state?: string;
  readonly started?: number;
  readonly cgroup?: string;
  readonly uid?: number;
  /** The real uid, where that is another. */
  readonly real?: number;
  readonly words?: readonly string[];
  readonly network?: 'other';
  /** Its program is setuid. */
  readonly setuid?: true;
}

/** A host whose processes can be seen, and for whose pods kubelet keeps a container of each name. */
function host(): Tree {
  const tree = Tree.forTest().write('/proc/stat', `cpu 1 2\nbtime ${BOOT}\n`);
  for (const { container } of HOST.staticPods) tree.write(`/var/lib/kubelet/pods/${POD}/containers/${container}/a`, '');
  return tree.write('/proc/1/ns/net', '').write('/proc/1/cgroup', '0::/init.scope\n');
}

/** The process of a component as kubeadm's host has it, unless it is said otherwise. */
function run(tree: Tree, pid: number, component: Reader, described: Described = {}): Tree {
  const own = HOST.staticPods.find((pod) => pod.component === component)?.command ?? KUBELET;
  const group = component === 'kubelet' ? '0::/system.slice/kubelet.service\n' : IN_POD;
  const {
    comm = component.slice(0, 15),
    state = 'S',
    started = 1_000,
    cgroup = group,
    uid = 0,
    real = uid,
    words = own,
  } = described;
  const fields = [state, '1', ...Array.from({ length: 17 }, (_, index) => String(index)), String(started), '99', '98'];
  tree
    .write(`/proc/${pid}/comm`, `${comm}\n`)
    .write(`/proc/${pid}/stat`, `${pid} (${comm}) ${fields.join(' ')}\n`)
    .write(`/proc/${pid}/status`, `Name:\t${comm}\nUid:\t${real}\t${uid}\t${uid}\t${uid}\n`)
    .write(`/proc/${pid}/cmdline`, words.map((word) => `${word}\0`).join(''))
    .write(`/proc/${pid}/cgroup`, cgroup);
  if (described.setuid) tree.write(`/proc/${pid}/exe`, '', '4755');
  if (described.network === 'other') return tree.write(`/proc/${pid}/ns/net`, '');
  return tree.link(`/proc/${pid}/ns/net`, '/proc/1/ns/net');
}

function pids(found: readonly NamedProcess[]): readonly number[] {
  return found.map(({ pid }) => pid);
}

/** The described host, whose manifest of etcd has further lines in its only container and above its specification. */
function withManifest(change: (text: string) => string): KubeadmHost {
  const path = '/etc/kubernetes/manifests/etcd.yaml';
  const plain = describedHost({});
  const etcd = plain.staticPods.find(({ component }) => component === 'etcd');
  if (!etcd) throw new Error('no etcd');
  const words = etcd.command.map((word) => `    - ${JSON.stringify(word)}\n`).join('');
  const text = `metadata:\n  name: etcd\nspec:\n  containers:\n  - name: etcd\n    command:\n${words}`;
  return describedHost({ files: { [path]: change(text) } });
}

describeInShells('in $name, the processes of a host', (shell) => {
  test.each([
    ['/var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.1 --root-dir=/data/kubelet"'],
    ['/etc/default/kubelet', '# --root-dir=/old\nKUBELET_EXTRA_ARGS=--root-dir=/data/kubelet/'],
    [
      '/etc/systemd/system/kubelet.service.d/20-disk.conf',
      "[Service]\nEnvironment='A=--v=2 --root-dir /data/kubelet'\n",
    ],
  ])('are known where kubelet keeps its pods elsewhere, as %s says', (path, text) => {
    const tree = Tree.forTest().write('/proc/stat', `cpu 1 2\nbtime ${BOOT}\n`).write(path, text);
    for (const { container } of HOST.staticPods) tree.write(`/data/kubelet/pods/${POD}/containers/${container}/a`, '');
    tree.write('/proc/1/ns/net', '').write('/proc/1/cgroup', '0::/init.scope\n');
    run(tree, 100, 'etcd');
    expect(pids(processesOf(HOST, ask(processes, tree.root, shell), 'etcd'))).toEqual([100]);
  });

  test('are not known by what a process says of that itself', () => {
    const tree = Tree.forTest().write('/proc/stat', `cpu 1 2\nbtime ${BOOT}\n`);
    for (const { container } of HOST.staticPods) tree.write(`/tmp/mine/pods/${POD}/containers/${container}/a`, '');
    tree.write('/proc/1/ns/net', '').write('/proc/1/cgroup', '0::/init.scope\n');
    run(tree, 100, 'etcd');
    run(tree, 104, 'kubelet', { words: [...KUBELET, '--root-dir=/tmp/mine'] });
    expect(processesOf(HOST, ask(processes, tree.root, shell), 'etcd')).toEqual([]);
  });

  test('are those of the control plane and kubelet, with their start and who they are', () => {
    const tree = host();
    run(tree, 100, 'etcd', { started: 1_000 });
    run(tree, 102, 'kube-controller-manager', { started: 3_000, state: 'R' });
    run(tree, 104, 'kubelet', { started: 500 });
    run(tree, 106, 'etcd', { state: 'Z' });
    run(tree, 107, 'etcd', { comm: 'etcdctl' });
    run(tree, 108, 'etcd', { comm: 'bash' });
    tree.write('/proc/self/comm', 'etcd\n');
    const before = tree.state();
    const { visible, processes: found } = ask(processes, tree.root, shell);
    expect(visible).toBe(true);
    const container = {
      id: ID,
      pod: POD,
      names: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
    };
    const common = { within: 1, age: expect.any(Number) };
    const words = (component: Reader) => HOST.staticPods.find((pod) => pod.component === component)?.command;
    expect([...found].sort((a, b) => a.pid - b.pid)).toEqual([
      {
        ...common,
        component: 'etcd',
        pid: 100,
        startTicks: 1_000,
        startedAt: BOOT + 10,
        identity: { uid: 0, isSetuid: false, inHostNetwork: true, words: words('etcd'), container },
      },
      {
        ...common,
        component: 'kube-controller-manager',
        pid: 102,
        startTicks: 3_000,
        startedAt: BOOT + 30,
        identity: { uid: 0, isSetuid: false, inHostNetwork: true, words: words('kube-controller-manager'), container },
      },
      {
        ...common,
        component: 'kubelet',
        pid: 104,
        startTicks: 500,
        startedAt: BOOT + 5,
        identity: { uid: 0, isSetuid: false, inHostNetwork: true, words: KUBELET, container: undefined },
      },
    ]);
    expect(tree.state()).toEqual(before);
  });

  test.each<[what: string, cgroup: string]>([
    ['containerd, cgroup v2, systemd', IN_POD],
    ['containerd, cgroup v2, cgroupfs', `0::/kubepods/burstable/pod${POD}/${ID}\n`],
    ['a guaranteed pod', `0::/kubepods.slice/kubepods-pod${POD}.slice/cri-containerd-${ID}.scope\n`],
    [
      'CRI-O, systemd',
      `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD}.slice/crio-${ID}.scope\n`,
    ],
    ['CRI-O, with a group below', `0::/kubepods.slice/kubepods-burstable-pod${POD}.slice/crio-${ID}.scope/container\n`],
    ['CRI-O, cgroupfs', `0::/kubepods/burstable/pod${POD}/crio-${ID}\n`],
    ['docker, systemd', `0::/kubepods.slice/kubepods-burstable-pod${POD}.slice/docker-${ID}.scope\n`],
    [
      'docker, cgroup v1',
      ['12:cpu,cpuacct', '11:memory', '1:name=systemd']
        .map((group) => `${group}:/kubepods/burstable/pod${POD}/${ID}\n`)
        .join(''),
    ],
    ['cgroup v1 beside v2', `2:cpu:/kubepods/burstable/pod${POD}/${ID}\n0::/system.slice/containerd.service\n`],
    ['two drivers', `0::/system.slice/containerd.service/kubepods-burstable-pod${POD}.slice:cri-containerd:${ID}\n`],
    [
      'a cgroup root',
      `0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${POD}.slice/cri-containerd-${ID}.scope\n`,
    ],
  ])('are known in their pod: %s', (_what, cgroup) => {
    const tree = run(host(), 100, 'etcd', { cgroup });
    expect(pids(processesOf(HOST, ask(processes, tree.root, shell), 'etcd'))).toEqual([100]);
  });

  test('are known on a host that is itself a container', () => {
    const outer = `/docker/${'e'.repeat(64)}`;
    const tree = host().write('/proc/1/cgroup', `0::${outer}/init.scope\n`);
    run(tree, 100, 'kubelet', { cgroup: `0::${outer}/kubelet.slice/kubelet.service\n` });
    run(tree, 101, 'etcd', {
      cgroup: `0::${outer}/kubelet.slice/kubepods-pod${POD}.slice/cri-containerd-${ID}.scope\n`,
    });
    const table = ask(processes, tree.root, shell);
    expect(pids([...processesOf(HOST, table, 'kubelet'), ...processesOf(HOST, table, 'etcd')])).toEqual([100, 101]);
  });

  test.each<[what: string, groups: (inner: string) => string]>([
    ['cgroup v2', (inner) => `0::${OUTER}${inner}\n`],
    ['systemd’s driver', (inner) => `0::${OUTER_SLICE}${inner}\n`],
    ['cgroup v1', (inner) => `3:memory:${OUTER}${inner}\n2:cpu:${OUTER}${inner}\n1:misc:${OUTER}\n`],
  ])('are known on a host that itself runs in a pod of Kubernetes: %s', (_what, groups) => {
    const tree = host().write('/proc/1/cgroup', groups('/init.scope'));
    run(tree, 100, 'kubelet', { cgroup: groups('/kubelet.slice/kubelet.service') });
    run(tree, 101, 'etcd', { cgroup: groups(`/kubelet/kubepods/burstable/pod${POD}/${ID}`) });
    run(tree, 102, 'kubelet', { cgroup: groups(`/kubelet/kubepods/burstable/pod${POD}/${ID}`) });
    const table = ask(processes, tree.root, shell);
    expect(pids([...processesOf(HOST, table, 'kubelet'), ...processesOf(HOST, table, 'etcd')])).toEqual([100, 101]);
    expect(impostorOf(HOST, table, 'kubelet')).toBe('pid 102 has that name, but it runs in a container');
  });

  test.each<[what: string, component: Reader, described: Described, reason: string]>([
    ['an etcd of systemd’s', 'etcd', { cgroup: '0::/system.slice/etcd.service\n' }, 'it runs in no container'],
    [
      'an etcd of docker’s',
      'etcd',
      { cgroup: `0::/system.slice/docker-${ID}.scope\n` },
      'its container is in no pod of kubelet',
    ],
    [
      'a name in a group of hexadecimal digits',
      'kube-controller-manager',
      { cgroup: `0::/${ID}\n` },
      'its container is in no pod of kubelet',
    ],
    [
      'a pod of the API’s',
      'etcd',
      { cgroup: `0::/kubepods.slice/kubepods-pod${UUID.replaceAll('-', '_')}.slice/cri-containerd-${ID}.scope\n` },
      'its pod is not that of the manifest',
    ],
    [
      'a pod that kubelet does not know',
      'etcd',
      { cgroup: IN_POD.replace(POD, 'f'.repeat(32)) },
      'its pod is not that of the manifest',
    ],
    ['a user’s program', 'kube-scheduler', { uid: 1000 }, 'it runs as uid 1000, and its manifest says 0'],
    ['one in another network', 'kube-apiserver', { network: 'other' }, 'it runs in another network namespace'],
    [
      'an etcd with another directory',
      'etcd',
      { words: ['etcd', '--data-dir=/srv'] },
      'its command line is not that of the manifest',
    ],
    [
      'one with a word more',
      'etcd',
      { words: [...(HOST.staticPods[0]?.command ?? []), '-v'] },
      'its command line is not that of the manifest',
    ],
    [
      'a kubelet that tells its version',
      'kubelet',
      { words: ['kubelet', '--version'] },
      'it was not started with --kubeconfig',
    ],
    ['a kubelet in a container', 'kubelet', { cgroup: `0::/docker/${ID}\n` }, 'it runs in a container'],
    ['a user’s kubelet', 'kubelet', { uid: 1000 }, 'it runs as uid 1000'],
    ['a su that a user has called kubelet', 'kubelet', { real: 1000 }, 'it runs as uid 1000'],
    [
      'a sudo that a user has called kubelet',
      'kubelet',
      { setuid: true },
      'any user can start its program as root (setuid)',
    ],
    ['a kubelet in another network', 'kubelet', { network: 'other' }, 'it runs in another network namespace'],
  ])('have names that anything may have: %s is not the component', (_what, component, described, reason) => {
    const tree = run(run(host(), 100, component, { started: 100 }), 101, component, { ...described, started: 9_000 });
    const table = ask(processes, tree.root, shell);
    expect(pids(processesOf(HOST, table, component))).toEqual([100]);
    expect(impostorOf(HOST, table, component)).toBe(`pid 101 has that name, but ${reason}`);
  });

  test('cannot put lines of their own into the answer', () => {
    const words = ['etcd', `x\nprocess 999 etcd S 1 0 host own ${IN_POD}words etcd\x1f\ncontainer etcd`];
    const tree = run(host(), 100, 'etcd', { words });
    const { processes: found } = ask(processes, tree.root, shell);
    expect(found).toHaveLength(1);
    expect(found[0]?.identity).toMatchObject({
      words: ['etcd', words[1]?.replaceAll('\x1f', '\0').split('\0')[0], expect.any(String)],
    });
  });

  test('are of a static pod that has an id of its own, a user of its own, and variables in its command line', () => {
    const described = withManifest((text) =>
      text
        .replace('name: etcd\n', `name: etcd\n  uid: ${UUID}\n`)
        .replace('- name: etcd\n', '- name: etcd\n    securityContext: {runAsUser: 2001}\n')
        .replace('"--name=master-1"', '"--name=$(NODE)-a$$b"'),
    );
    const words = HOST.staticPods
      .find(({ component }) => component === 'etcd')
      ?.command.map((word) => word.replace('--name=master-1', '--name=master.1-a$b'));
    const cgroup = `0::/kubepods.slice/kubepods-pod${UUID.replaceAll('-', '_')}.slice/cri-containerd-${ID}.scope\n`;
    const tree = run(host(), 100, 'etcd', { uid: 2001, cgroup, ...(words && { words }) });
    tree.write(`/var/lib/kubelet/pods/${UUID}/containers/etcd/a`, '');
    tree.write('/etc/kubernetes/manifests/etcd.yaml', `metadata: { name: etcd, uid: ${UUID} }\n`);
    expect(pids(processesOf(described, ask(processes, tree.root, shell), 'etcd'))).toEqual([100]);
    const other = run(host(), 100, 'etcd', {
      uid: 2001,
      cgroup,
      words: words?.map((word) => word.replace('$b', 'xb')) ?? [],
    });
    expect(processesOf(described, ask(processes, other.root, shell), 'etcd')).toEqual([]);
  });

  test('are not searched for without end in a manifest with many variables', () => {
    const described = withManifest((text) =>
      text.replace('"--name=master-1"', `"--name=${'$(A)'.repeat(40)}$(B)b$(C)"`),
    );
    const named = (name: string) =>
      run(host(), 100, 'etcd', {
        words:
          HOST.staticPods
            .find(({ component }) => component === 'etcd')
            ?.command.map((word) => word.replace('--name=master-1', `--name=${name}`)) ?? [],
      });
    const before = process.cpuUsage();
    const found = (name: string) => pids(processesOf(described, ask(processes, named(name).root, shell), 'etcd'));
    expect(found('a'.repeat(4_000))).toEqual([]);
    expect(found(`${'a'.repeat(4_000)}b`)).toEqual([100]);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(5_000);
  });

  test.each(['/etc/kubernetes/manifests', '/etc/kubernetes/.kplay-aside/srv/pods'])(
    'are of a static pod whose id is told by its manifest in %s',
    (directory) => {
      const cgroup = IN_POD.replace(POD, UUID.replaceAll('-', '_'));
      const tree = run(host(), 100, 'etcd', { cgroup });
      expect(ask(processes, tree.root, shell).processes).toMatchObject([{ identity: { words: [] } }]);
      if (directory.endsWith('/srv/pods')) tree.write('/var/lib/kubelet/config.yaml', 'staticPodPath: /srv/pods\n');
      tree.write(`${directory}/etcd.yaml`, `{"metadata":{"uid":"${UUID}"}}`);
      const words = HOST.staticPods.find(({ component }) => component === 'etcd')?.command;
      expect(ask(processes, tree.root, shell).processes).toMatchObject([{ identity: { words } }]);
    },
  );

  test('are told however many others have their names, which are told of by some', () => {
    const tree = run(run(host(), 31_000, 'etcd'), 32_000, 'kubelet');
    const fake = { uid: 1000, words: ['kubelet', 'x'.repeat(32_768)], network: 'other' as const };
    const cgroup = IN_POD.replace(POD, UUID.replaceAll('-', '_'));
    for (let pid = 20_000; pid < 20_040; pid += 1) run(tree, pid, 'kubelet', { ...fake, cgroup });
    for (const pid of [20_100, 40_000]) run(tree, pid, 'kube-scheduler', { ...fake, cgroup });
    // Whoever may run pods in the host's network, or log in.
    for (let pid = 20_200; pid < 20_220; pid += 1) {
      const { words } = fake;
      run(tree, pid, 'etcd', { words, cgroup });
      run(tree, pid + 100, 'kubelet', { words, uid: 1000, cgroup: '0::/user.slice\n' });
    }
    const { stdout } = probe(processes, tree.root, shell);
    expect(stdout.length).toBeLessThan(32_768);
    const table = processes.parse({ stdout, stderr: '', exitCode: 0, truncated: false, dials: [] });
    expect(pids(processesOf(HOST, table, 'etcd'))).toEqual([31_000]);
    expect(pids(processesOf(HOST, table, 'kubelet'))).toEqual([32_000]);
    expect(impostorOf(HOST, table, 'kubelet')).toMatch(/^pid 20\d\d\d has that name, but it runs as uid 1000$/);
  });

  test('are nobody’s where no manifest starts them', () => {
    const tree = run(host(), 100, 'etcd');
    const table = ask(processes, tree.root, shell);
    const worker = interpretHost({ manifestsDirectory: '/etc/kubernetes/manifests', files: new Map() });
    expect(processesOf(worker, table, 'etcd')).toEqual([]);
  });

  test('may have names that look like the end of a name', () => {
    const tree = run(host(), 7, 'kubelet', { started: 700 });
    tree.write('/proc/7/stat', `7 (kube) let) S 1 ${Array(17).fill(0).join(' ')} 700 1\n`);
    expect(ask(processes, tree.root, shell).processes).toMatchObject([{ pid: 7, startedAt: BOOT + 7 }]);
  });

  test('start to a fraction of a second where clock and uptime tell it', () => {
    const tree = run(host().write('/proc/uptime', '100.00 1.00\n'), 9, 'kubelet', { started: 9_975 });
    const [found] = ask(processes, tree.root, shell).processes;
    // A busybox without nanoseconds tells whole ones; then the boot time has to do.
    if (found?.within === 1) expect(found.startedAt).toBe(BOOT + 99.75);
    else expect(Math.abs((found?.startedAt ?? 0) + 0.25 - Date.now() / 1000)).toBeLessThan(30);
  });

  test.each<[what: string, uptime: string | undefined]>([
    ['with an uptime', '100.00 1.00\n'],
    ['without one', undefined],
  ])('are as old as it is since they started, %s', (_what, uptime) => {
    const tree = host().write('/proc/stat', `btime ${Math.floor(Date.now() / 1000) - 100}\n`);
    if (uptime !== undefined) tree.write('/proc/uptime', uptime);
    run(tree, 9, 'kubelet', { started: 4_000 });
    const [found] = ask(processes, tree.root, shell).processes;
    expect(Math.abs((found?.age ?? 0) - 60)).toBeLessThan(30);
  });

  test.each<[what: string, of: 'kubelet' | 'the probe']>([
    ['by a process of the control plane', 'kubelet'],
    ['by its own process', 'the probe'],
  ])('are not told where lxcfs dates them in the future, which is known %s', (_what, of) => {
    const now = Math.floor(Date.now() / 1000);
    const tree = host()
      .write('/proc/stat', `btime ${now - 500}\n`)
      .write('/proc/uptime', '500.00 1.00\n');
    const tenDays = 86_400_000;
    run(tree, 9, 'kubelet', { started: of === 'kubelet' ? tenDays : 100 });
    if (of === 'the probe') tree.write('/proc/self/stat', `8 (sh) S 1 ${Array(17).fill(0).join(' ')} ${tenDays} 1\n`);
    expect(ask(processes, tree.root, shell)).toEqual({ visible: false, misdated: true, processes: [] });
  });

  test('are told where the probe has started a moment ago', () => {
    const now = Math.floor(Date.now() / 1000);
    const tree = host()
      .write('/proc/stat', `btime ${now - 500}\n`)
      .write('/proc/uptime', '500.00 1.00\n');
    tree.write('/proc/self/stat', `8 (sh) S 1 ${Array(17).fill(0).join(' ')} 50000 1\n`);
    run(tree, 9, 'kubelet', { started: 49_900 });
    expect(ask(processes, tree.root, shell)).toMatchObject({ visible: true, processes: [{ pid: 9 }] });
  });

  test('are none, and none are known not to run, where none can be seen', () => {
    expect(ask(processes, Tree.forTest().root, shell)).toEqual({ visible: false, processes: [] });
  });
});
