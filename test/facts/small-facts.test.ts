import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FactError } from '../../src/core/fact.ts';
import { clientAnswer } from '../../src/facts/client-answer.ts';
import { fileStates } from '../../src/facts/file-states.ts';
import { kubeadmBinary } from '../../src/facts/kubeadm-binary.ts';
import { nodes, ownNode } from '../../src/facts/nodes.ts';
import { type ComponentProcess, processes } from '../../src/facts/processes.ts';
import { remoteFile } from '../../src/facts/remote-file.ts';
import { serviceState } from '../../src/facts/service-state.ts';
import { ask, SHELLS } from './support/shells.ts';
import { Tree } from './support/trees.ts';

describe.each(SHELLS)('in $name', (shell) => {
  describe('the processes of a host', () => {
    const ID = 'c'.repeat(64);
    const BOOT = 1_763_000_000;

    function process(tree: Tree, pid: number, comm: string, state: string, started: number, cgroup: string): Tree {
      const fields = [
        state,
        '1',
        ...Array.from({ length: 17 }, (_, index) => String(index)),
        String(started),
        '99',
        '98',
      ];
      return tree
        .write(`/proc/${pid}/comm`, `${comm}\n`)
        .write(`/proc/${pid}/stat`, `${pid} (${comm}) ${fields.join(' ')}\n`)
        .write(`/proc/${pid}/cgroup`, cgroup);
    }

    test('are those of the control plane and kubelet, with their start and container', () => {
      const tree = Tree.forTest().write('/proc/stat', `cpu 1 2\nbtime ${BOOT}\n`);
      process(tree, 100, 'etcd', 'S', 1_000, `0::/kubepods/burstable/pod1/${ID}\n`);
      process(tree, 101, 'kube-apiserver', 'S', 2_050, `12:cpu:/docker/${ID}\n11:memory:/docker/${ID}\n`);
      process(tree, 102, 'kube-controller', 'R', 3_000, `0::/system.slice/crio-${ID}.scope\n`);
      process(tree, 103, 'kube-scheduler', 'S', 4_000, `0::/kubepods.slice/cri-containerd-${ID}.scope\n`);
      process(tree, 104, 'kubelet', 'S', 500, '0::/system.slice/kubelet.service\n');
      process(tree, 105, 'etcd', 'S', 1_000, '0::/system.slice/etcd.service\n');
      process(tree, 106, 'etcd', 'Z', 1_000, `0::/kubepods/${ID}\n`);
      process(tree, 107, 'etcdctl', 'S', 1_000, `0::/kubepods/${ID}\n`);
      process(tree, 108, 'bash', 'S', 1_000, '0::/\n');
      tree.write('/proc/self/comm', 'etcd\n');
      const before = tree.state();
      expect([...ask(processes, tree.root, shell)].sort((a, b) => a.pid - b.pid)).toEqual([
        { component: 'etcd', pid: 100, startedAt: BOOT + 10, within: 1, age: expect.any(Number), containerId: ID },
        {
          component: 'kube-apiserver',
          pid: 101,
          startedAt: BOOT + 20.5,
          within: 1,
          age: expect.any(Number),
          containerId: ID,
        },
        {
          component: 'kube-controller-manager',
          pid: 102,
          startedAt: BOOT + 30,
          within: 1,
          age: expect.any(Number),
          containerId: ID,
        },
        {
          component: 'kube-scheduler',
          pid: 103,
          startedAt: BOOT + 40,
          within: 1,
          age: expect.any(Number),
          containerId: ID,
        },
        {
          component: 'kubelet',
          pid: 104,
          startedAt: BOOT + 5,
          within: 1,
          age: expect.any(Number),
          containerId: undefined,
        },
      ]);
      expect(tree.state()).toEqual(before);
    });

    test('may have names that look like the end of a name', () => {
      const tree = Tree.forTest().write('/proc/stat', `btime ${BOOT}\n`);
      tree
        .write('/proc/7/comm', 'kubelet\n')
        .write('/proc/7/stat', `7 (kube) let) S 1 ${Array(17).fill(0).join(' ')} 700 1\n`)
        .write('/proc/7/cgroup', '0::/\n');
      expect(ask(processes, tree.root, shell)).toEqual([
        {
          component: 'kubelet',
          pid: 7,
          startedAt: BOOT + 7,
          within: 1,
          age: expect.any(Number),
          containerId: undefined,
        },
      ]);
    });

    test('start to a fraction of a second where clock and uptime tell it', () => {
      const tree = Tree.forTest().write('/proc/stat', `btime ${BOOT}\n`).write('/proc/uptime', '100.00 1.00\n');
      process(tree, 9, 'kubelet', 'S', 9_975, '0::/\n');
      const [found] = ask(processes, tree.root, shell);
      // A busybox without nanoseconds tells whole ones; then the boot time has to do.
      if (found?.within === 1) expect(found.startedAt).toBe(BOOT + 99.75);
      else expect(Math.abs((found?.startedAt ?? 0) + 0.25 - Date.now() / 1000)).toBeLessThan(30);
    });

    test.each<[what: string, uptime: string | undefined]>([
      ['with an uptime', '100.00 1.00\n'],
      ['without one', undefined],
    ])('are as old as it is since they started, %s', (_what, uptime) => {
      const tree = Tree.forTest().write('/proc/stat', `btime ${Math.floor(Date.now() / 1000) - 100}\n`);
      if (uptime !== undefined) tree.write('/proc/uptime', uptime);
      process(tree, 9, 'kubelet', 'S', 4_000, '0::/\n');
      const [{ age }] = ask(processes, tree.root, shell) as readonly [ComponentProcess];
      expect(Math.abs(age - 60)).toBeLessThan(30);
    });

    test('are none where none can be seen', () => {
      expect(ask(processes, Tree.forTest().root, shell)).toEqual([]);
    });
  });

  describe('the kubeadm of a host', () => {
    test.each<[what: string, script: string, expected: object]>([
      ['of today', 'echo v1.33.13', { version: { major: 1, minor: 33, patch: 13 }, problem: undefined }],
      [
        'that does not know -o',
        'case "$*" in *-o*) echo "unknown shorthand flag" >&2; exit 1;; esac\necho \'kubeadm version: &version.Info{Major:"1", Minor:"8", GitVersion:"v1.8.15"}\'',
        { version: { major: 1, minor: 8, patch: 15 } },
      ],
      ['that warns first', 'echo "W1124 something" >&2; echo v1.20.0', { version: { major: 1, minor: 20, patch: 0 } }],
      [
        'that cannot be run',
        'echo "exec format error" >&2; exit 126',
        { version: undefined, problem: 'kubeadm does not say its version: exec format error' },
      ],
      ['that says nothing', 'exit 0', { version: undefined, problem: 'kubeadm does not say its version: ' }],
    ])('%s', (_what, script, expected) => {
      expect(ask(kubeadmBinary, Tree.forTest().program('kubeadm', script).root, shell)).toMatchObject(expected);
    });

    test('may be missing, or not be a program', () => {
      const none = { version: undefined, problem: 'there is no kubeadm on the host' };
      expect(ask(kubeadmBinary, Tree.forTest().root, shell)).toEqual(none);
      expect(ask(kubeadmBinary, Tree.forTest().write('/usr/bin/kubeadm', 'x').root, shell)).toEqual(none);
    });
  });

  describe('what kubectl says', () => {
    const NODES =
      'master-1   Ready                      control-plane   300d   v1.33.13\nworker-1   NotReady                   <none>          300d   v1.33.13\nworker-2   Ready,SchedulingDisabled   <none>          300d   v1.33.13\n';

    function host(script: string): Tree {
      return Tree.forTest()
        .program('kubectl', script)
        .write('/etc/kubernetes/admin.conf', 'x')
        .write('/etc/kubernetes/controller-manager.conf', 'clusters:\n- cluster:\n    server: https://10.0.0.1:6443\n');
    }

    test('of the nodes', () => {
      expect(ask(nodes, host(`printf '%s' '${NODES}'`).root, shell)).toEqual({
        state: 'answered',
        nodes: [
          { name: 'master-1', status: 'Ready', ready: true, isMaster: true, version: 'v1.33.13' },
          { name: 'worker-1', status: 'NotReady', ready: false, isMaster: false, version: 'v1.33.13' },
          { name: 'worker-2', status: 'Ready,SchedulingDisabled', ready: true, isMaster: false, version: 'v1.33.13' },
        ],
      });
    });

    test('of a worker about its own node, in one request', () => {
      const node = {
        metadata: { name: 'worker-1', labels: { 'kubernetes.io/os': 'linux' } },
        spec: { unschedulable: true },
        status: {
          conditions: [
            { type: 'MemoryPressure', status: 'False' },
            { type: 'Ready', status: 'True' },
          ],
          nodeInfo: { kubeletVersion: 'v1.33.13' },
        },
      };
      const script = `case "$*" in *"get --raw /api/v1/nodes/worker-1") printf '%s' '${JSON.stringify(node)}' ;; *) exit 1 ;; esac`;
      expect(ask(ownNode('worker-1'), host(script).root, shell)).toEqual({
        state: 'answered',
        nodes: [
          { name: 'worker-1', status: 'Ready,SchedulingDisabled', ready: true, isMaster: false, version: 'v1.33.13' },
        ],
      });
      expect(ask(ownNode('worker-1'), host('echo "<html>"').root, shell)).toEqual({
        state: 'no answer',
        reason: 'what it answers is no node',
      });
    });

    test('is asked of the host’s own API server, with its own kubeconfig, for five seconds, and reads nothing', () => {
      const tree = host('echo "$* $(cat)" >&2; exit 1');
      expect(ask(nodes, tree.root, shell)).toEqual({
        state: 'no answer',
        reason: `--kubeconfig ${tree.root}/etc/kubernetes/admin.conf --cache-dir=/dev/null --server https://10.0.0.1:6443 --request-timeout=5s get nodes --no-headers`,
      });
    });

    test.each<[what: string, script: string, reason: string]>([
      [
        'in its last line',
        'echo "E1124 memcache.go" >&2; echo "Unable to connect to the server: EOF" >&2; exit 1',
        'Unable to connect to the server: EOF',
      ],
      ['by its exit status alone', 'exit 3', 'kubectl ended with 3'],
    ])('when the API is down: %s', (_what, script, reason) => {
      expect(ask(nodes, host(script).root, shell)).toEqual({ state: 'no answer', reason });
    });

    test('is nothing where there is no kubectl, or no administrator', () => {
      expect(ask(nodes, Tree.forTest().write('/etc/kubernetes/admin.conf', 'x').root, shell)).toEqual({
        state: 'cannot ask',
        reason: 'there is no kubectl on the host',
      });
      expect(ask(nodes, Tree.forTest().program('kubectl', 'exit 0').root, shell)).toEqual({
        state: 'cannot ask',
        reason: 'there is no admin.conf on the host',
      });
    });

    test.each<[what: string, script: string, expected: object]>([
      ['accepted', 'echo "$*" | grep -q "get --raw /version"', { state: 'accepted' }],
      [
        'rejected',
        'echo "error: You must be logged in to the server (Unauthorized)" >&2; exit 1',
        { state: 'rejected', reason: 'error: You must be logged in to the server (Unauthorized)' },
      ],
    ])('of a client certificate: %s', (_what, script, expected) => {
      expect(ask(clientAnswer('/etc/kubernetes/scheduler.conf'), host(script).root, shell)).toEqual(expected);
    });

    test('of a client certificate is nothing where there is no kubectl', () => {
      expect(ask(clientAnswer('/etc/kubernetes/scheduler.conf'), Tree.forTest().root, shell)).toEqual({
        state: 'cannot ask',
        reason: 'there is no kubectl on the host',
      });
    });
  });

  describe('a service', () => {
    test.each<[what: string, shown: string, expected: object]>([
      [
        'that runs and is enabled',
        'LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n',
        { exists: true, running: true, enabled: true },
      ],
      [
        'that is stopped and disabled',
        'LoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\n',
        { exists: true, running: false, enabled: false },
      ],
      [
        'that is about to run',
        'UnitFileState=enabled-runtime\nActiveState=activating\nLoadState=loaded\n',
        { exists: true, running: true, enabled: true },
      ],
      [
        'that has failed',
        'LoadState=loaded\nActiveState=failed\nUnitFileState=static\n',
        { exists: true, running: false, enabled: false },
      ],
      [
        'that is not there',
        'LoadState=not-found\nActiveState=inactive\nUnitFileState=\n',
        { exists: false, running: false, enabled: false },
      ],
    ])('%s', (_what, shown, expected) => {
      const tree = Tree.forTest().program(
        'systemctl',
        `[ "$*" = 'show --property=LoadState,ActiveState,UnitFileState kubelet' ] && printf '${shown}'`,
      );
      expect(ask(serviceState('kubelet'), tree.root, shell)).toEqual(expected);
    });

    test('cannot be told without systemd', () => {
      expect(() => ask(serviceState('kubelet'), Tree.forTest().root, shell)).toThrow(
        new FactError('the host has no systemctl', 'the service step needs systemd'),
      );
      const broken = Tree.forTest().program('systemctl', 'echo "System has not been booted with systemd" >&2; exit 1');
      expect(() => ask(serviceState('kubelet'), broken.root, shell)).toThrow('System has not been booted with systemd');
    });
  });

  describe('a file', () => {
    test.each<[what: string, content: string]>([
      ['a text', 'one\ntwo\n'],
      ['a text without a last line break', 'one\ntwo'],
      ['a text with empty lines at its end', 'one\n\n\n'],
      ['an empty one', ''],
      ['one that looks like an answer', '600 0 root 0 root 3\nnone\n'],
    ])('%s is read as it is', (_what, content) => {
      const tree = Tree.forTest().write("/etc/it's here", content, '0640');
      const file = ask(remoteFile("/etc/it's here"), tree.root, shell);
      expect(file).toMatchObject({
        exists: true,
        content,
        mode: '0640',
        sha256: createHash('sha256').update(content).digest('hex'),
        owner: { id: String(process.getuid?.()) },
      });
    });

    test('that is large is known by its digest alone', () => {
      const content = 'x'.repeat(65_537);
      expect(ask(remoteFile('/a'), Tree.forTest().write('/a', content).root, shell)).toMatchObject({
        exists: true,
        content: undefined,
        sha256: createHash('sha256').update(content).digest('hex'),
      });
      expect(ask(remoteFile('/a'), Tree.forTest().write('/a', content.slice(1)).root, shell).content).toHaveLength(
        65_536,
      );
    });

    test('that is not there, or is a directory, does not exist', () => {
      const tree = Tree.forTest().write('/etc/x', '');
      expect(ask(remoteFile('/etc/y'), tree.root, shell)).toMatchObject({ exists: false, content: undefined });
      expect(ask(remoteFile('/etc'), tree.root, shell).exists).toBe(false);
    });
  });

  test('states of files are those of the files that are there', () => {
    const tree = Tree.forTest()
      .write('/etc/a', 'a', '0600')
      .write('/etc/b c', 'b')
      .write('/etc/d/x', '')
      .link('/etc/l', '/etc/a');
    const states = ask(fileStates(['/etc/a', '/etc/b c', '/etc/d', '/etc/l', '/etc/none', '']), tree.root, shell);
    expect([...states.keys()].sort()).toEqual(['/etc/a', '/etc/b c', '/etc/l']);
    expect(states.get('/etc/l')).toMatchObject({
      path: '/etc/l',
      mode: '0600',
      size: 1,
      link: '/etc/a',
      sha256: createHash('sha256').update('a').digest('hex'),
    });
  });
});
