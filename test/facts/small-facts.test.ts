import { createHash } from 'node:crypto';
import { chmodSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { userScript } from '../../src/core/shell.ts';
import { clientAnswer } from '../../src/facts/api/client-answer.ts';
import { type KubeletLease, kubeletLease } from '../../src/facts/api/kubelet-lease.ts';
import { nodes, ownNode } from '../../src/facts/api/nodes.ts';
import { backupAccess } from '../../src/facts/backups/backup-access.ts';
import { copyPlace } from '../../src/facts/files/copy-place.ts';
import { existingPaths } from '../../src/facts/files/existing-paths.ts';
import { filePart } from '../../src/facts/files/file-part.ts';
import { fileStates } from '../../src/facts/files/file-states.ts';
import { type Owner, remoteFile } from '../../src/facts/files/remote-file.ts';
import { kubeadmBinary } from '../../src/facts/host/kubeadm-binary.ts';
import { lostRunScript } from '../../src/facts/host/lost-run-script.ts';
import { kubeletUnit } from '../../src/facts/processes/kubelet-unit.ts';
import { serviceState } from '../../src/facts/processes/service-state.ts';
import { hasProc, startTicks } from '../support/processes-of-linux.ts';
import { ask, describeInShells, ORDINARY_USER, statOf, withBlanksInNames, withProgram } from './support/shells.ts';
import { Tree } from './support/trees.ts';

describeInShells('in $name', (shell) => {
  describe('the kubeadm of a host', () => {
    test.each<[what: string, script: string, expected: object]>([
      ['of today', 'echo v1.33.13', { version: { major: 1, minor: 33, patch: 13 }, problem: undefined }],
      [
        'that does not know -o',
        'case "$*" in *-o*) echo "unknown shorthand flag" >&2; exit 1;; esac\necho \'kubeadm version: &version.Info{Major:"1", Minor:"8", GitVersion:"v1.8.15"}\'',
        { version: { major: 1, minor: 8, patch: 15 } },
      ],
      [
        'that warns first',
        'echo "W1124 cannot reach 10.0.0.1" >&2; echo v1.20.0',
        { version: { major: 1, minor: 20, patch: 0 } },
      ],
      [
        'that cannot be run',
        'echo "exec format error" >&2; exit 126',
        { version: undefined, problem: 'kubeadm does not print its version: exec format error' },
      ],
      ['that says nothing', 'exit 0', { version: undefined, problem: 'kubeadm does not print its version: ' }],
    ])('%s', (_what, script, expected) => {
      expect(ask(kubeadmBinary, Tree.forTest().program('kubeadm', script).root, shell)).toMatchObject(expected);
    });

    test('may be missing, or not be a program', () => {
      const none = { version: undefined, problem: 'there is no kubeadm on the host' };
      expect(ask(kubeadmBinary, Tree.forTest().root, shell)).toEqual(none);
      expect(ask(kubeadmBinary, Tree.forTest().write('/usr/bin/kubeadm', 'x').root, shell)).toEqual(none);
    });
  });

  test('what has become of the script for lost runs', () => {
    const tree = () => Tree.forTest().write('/run/x', '').write('/var/lib/kplay/when-lost', '');
    expect(ask(lostRunScript, Tree.forTest().root, shell)).toBe('none');
    expect(ask(lostRunScript, tree().root, shell)).toBe('waiting');
    expect(ask(lostRunScript, tree().write('/var/lib/kplay/when-lost.failed', '').root, shell)).toBe('failed');
  });

  test.runIf(hasProc)('nothing has become yet of the script of a run that holds its lock', () => {
    const tree = Tree.forTest().write('/run/x', '').write('/var/lib/kplay/when-lost', '');
    const held = tree.write('/run/kplay.lock/shell', `${process.pid} ${startTicks(process.pid)}\n`);
    expect(ask(lostRunScript, held.root, shell)).toBe('none');
  });

  test('the bytes of a part of a file', () => {
    const { root } = Tree.forTest().write('/var/lib/x', 'abcdefgh\0\nij').write('/var/lib/d/x', '');
    const part = (path: string, block: number, count = 1) =>
      ask(filePart({ path, blockSize: 4, block, count }), root, shell);
    expect(part('/var/lib/x', 1)).toBe('65666768');
    expect(part('/var/lib/x', 0, 9)).toBe('6162636465666768000a696a');
    expect([part('/var/lib/x', 3), part('/var/lib/none', 0), part('/var/lib/d', 0)]).toEqual(['', '', '']);
  });

  describe('the place of a file that is to be written', () => {
    const tree = () => Tree.forTest().write('/etc/motd', 'x', '0644').write('/srv/open/x', '');
    const ALL_WELL = {
      unknownUser: false,
      unknownGroup: false,
      noDirectory: false,
      isMounted: false,
      unwritable: undefined,
    };

    test('lacks nothing', () => {
      const { root } = tree();
      const owned = (owner: Owner | undefined, group = owner) => ({ ...ALL_WELL, owner, group });
      expect(ask(copyPlace('/etc/motd', 'root', '0'), root, shell)).toEqual(owned({ name: 'root', id: '0' }));
      expect(ask(copyPlace('/etc/motd', '0', 'root'), root, shell)).toEqual(owned({ name: 'root', id: '0' }));
      expect(ask(copyPlace('/etc/new', '4711', '4711'), root, shell)).toEqual(owned({ name: 'UNKNOWN', id: '4711' }));
    });

    test('makes it one of the user and his group, or of the group of the directory', () => {
      const { root } = tree();
      const { owner, group } = ask(remoteFile('/etc/motd'), root, shell);
      expect(ask(copyPlace('/etc/new'), root, shell)).toMatchObject({ owner, group });
      expect(ask(copyPlace('/etc/new', '0'), root, shell)).toMatchObject({ owner: { name: 'root', id: '0' }, group });
      chmodSync(join(root, '/etc'), 0o2755);
      expect(ask(copyPlace('/etc/new'), root, shell)).toMatchObject({ owner, group });
    });

    test('lacks a user, a group, or a directory', () => {
      const { root } = tree();
      const lost = { unknownUser: true, unknownGroup: true, noDirectory: true };
      const nobody = { owner: undefined, group: undefined };
      const expected = { ...ALL_WELL, ...lost, ...nobody };
      expect(ask(copyPlace('/none/x', 'no-such-user', 'no-such-group'), root, shell)).toEqual(expected);
    });

    test('is that to which a link leads, if links are followed', () => {
      const { root } = tree();
      const links = { inside: '../srv/open/x', nowhere: '/none/x', loop: 'loop' };
      for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, 'etc', name));
      for (const path of ['', '/etc', '/srv']) chmodSync(join(root, path), 0o755);
      chmodSync(join(root, '/srv/open'), 0o555);
      const place = (name: string, what?: 'follow') =>
        ask(copyPlace(`/etc/${name}`, '', '', what), root, shell, ORDINARY_USER);
      expect(place('inside', 'follow').unwritable).toMatchObject({ isRoot: false });
      expect(place('inside', 'follow').unwritable?.path).toContain('/srv/open');
      expect(place('nowhere', 'follow').noDirectory).toBe(true);
      expect(place('loop', 'follow').noDirectory).toBe(true);
      expect(place('nowhere').noDirectory).toBe(false);
      chmodSync(join(root, '/srv/open'), 0o755);
    });

    test('may have another file mounted over it', () => {
      const { root } = tree();
      const at = realpathSync(root);
      writeFileSync(
        join(root, 'srv/mounts'),
        `none / ext4 rw 0 0\nnone ${at}/etc/motd ext4 rw 0 0\nnone ${at}/srv ext4 rw 0 0\n`,
      );
      const isMounted = (path: string) => {
        const ref = copyPlace(path);
        const script = userScript(ref.probe().script?.reveal().replaceAll('/proc/mounts', '"$R"/srv/mounts') ?? '');
        return ask({ ...ref, parse: ref.parse, probe: () => ({ script }) }, root, shell).isMounted;
      };
      expect([isMounted('/etc/motd'), isMounted('/srv/mounts'), isMounted('/srv/new')]).toEqual([true, false, false]);
    });

    test('may be closed to the user', () => {
      const { root } = tree();
      for (const path of ['', '/etc', '/srv', '/srv/open']) chmodSync(join(root, path), 0o755);
      chmodSync(join(root, '/etc'), 0o555);
      chmodSync(join(root, '/srv/open'), 0o777);
      const { unwritable } = ask(copyPlace('/etc/motd'), root, shell, ORDINARY_USER);
      expect(unwritable).toMatchObject({ path: '/etc', isRoot: false });
      expect(ask(copyPlace('/srv/open/x'), root, shell, ORDINARY_USER).unwritable).toBeUndefined();
      chmodSync(join(root, '/etc'), 0o755);
    });

    test('may stand on a file system that is read-only, whatever its name', () => {
      const { root } = Tree.forTest().write('/srv/old files/x', '').write('/srv/mounts', '');
      const place = join(realpathSync(root), 'srv/old files').replaceAll(' ', '\\040');
      writeFileSync(join(root, 'srv/mounts'), `none / ext4 rw 0 0\nnone ${place} tmpfs ro,relatime 0 0\n`);
      const ref = copyPlace('/srv/old files/new');
      // As root, who may write everything otherwise, on a host with these mounts.
      const asked = ref.probe().script?.reveal().replaceAll('/proc/mounts', '"$R"/srv/mounts') ?? '';
      const script = userScript(`id() { if [ "$1" = -u ]; then echo 0; else echo root; fi; }\n${asked}`);
      const { unwritable } = ask({ ...ref, parse: ref.parse, probe: () => ({ script }) }, root, shell);
      expect(unwritable).toEqual({ path: '/srv/old files', user: 'root', isRoot: true });
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
      const told = { type: 'Ready', status: 'False', message: 'no network', lastHeartbeatTime: '2026-11-24T12:00:00Z' };
      const sick = { ...node, status: { conditions: [told] } };
      expect(
        ask(ownNode('worker-1'), host(script.replace(JSON.stringify(node), JSON.stringify(sick))).root, shell),
      ).toMatchObject({ nodes: [{ ready: false, unreadyBecause: 'no network', reportedAt: '2026-11-24T12:00:00Z' }] });
      expect(ask(ownNode('worker-1'), host('echo "<html>"').root, shell)).toEqual({
        state: 'no answer',
        reason: 'its answer is not a node',
      });
    });

    describe('tells of kubelet’s lease', () => {
      const says = (message: string) => `echo "${message}" >&2; exit 1`;
      const unknown = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
      const isForbidden = 'Error from server (Forbidden): leases is forbidden: User cannot get resource';
      const isStarting = 'Error from server (Forbidden): unknown';

      test.each<[what: string, answer: string, told: KubeletLease]>([
        [
          'when it was renewed',
          `printf '%s' '{"spec":{"renewTime":"2026-11-24T12:00:00.881986Z"}}'`,
          { state: 'renewed', renewTime: '2026-11-24T12:00:00.881986Z' },
        ],
        ['that there is none', says('Error from server (NotFound): leases worker-1 not found'), { state: 'none' }],
        ['that it is forbidden', says(isForbidden), { state: 'forbidden', reason: isForbidden }],
        [
          'not that it is forbidden by an API server that starts',
          says(isStarting),
          { state: 'no answer', reason: isStarting },
        ],
        [
          'why it rejects the certificate',
          says('error: You must be logged in to the server (Unauthorized)'),
          { state: 'no answer', reason: 'error: You must be logged in to the server (Unauthorized)' },
        ],
        ['why it is rejected', says(unknown), { state: 'no answer', reason: unknown }],
        ['that it says something else', 'echo "<html>"', { state: 'no answer', reason: 'its answer is not a lease' }],
      ])('%s', (_what, answer, told) => {
        const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/worker-1';
        const { root } = host(`case "$*" in *"get --raw ${path}") ${answer} ;; *) exit 1 ;; esac`);
        expect(ask(kubeletLease('worker-1'), root, shell)).toEqual(told);
      });
    });

    test('is asked of the host’s own API server, with its own kubeconfig, for five seconds, and reads nothing', () => {
      const tree = host('echo "$* $(cat)" >&2; exit 1');
      expect(ask(nodes, tree.root, shell)).toEqual({
        state: 'no answer',
        reason: `--kubeconfig ${tree.root}/etc/kubernetes/admin.conf --cache-dir=/dev/null --server https://10.0.0.1:6443 --request-timeout=5s get nodes --no-headers`,
      });
    });

    test.each([
      ['- --advertise-address=10.0.0.2', 'https://10.0.0.2:6443'],
      ['- --advertise-address=10.0.0.2\n    - --secure-port=7443', 'https://10.0.0.2:7443'],
      ['- "--advertise-address=fd00::2"', 'https://[fd00::2]:6443'],
      ['- --advertise-address=10.0.0.9\n    - --advertise-address=10.0.0.2', 'https://10.0.0.2:6443'],
      ['- --secure-port=7443', 'https://10.0.0.1:6443'],
    ])('is asked of the address that the own API server advertises: %s', (flags, server) => {
      const tree = host('echo "$*" >&2; exit 1').write(
        '/etc/kubernetes/manifests/kube-apiserver.yaml',
        `spec:\n  containers:\n  - command:\n    - kube-apiserver\n    ${flags}\n    - --tls-cert-file=/x\n`,
      );
      expect(ask(nodes, tree.root, shell)).toMatchObject({
        reason: expect.stringContaining(` --server ${server} --req`),
      });
    });

    test('is asked of it without the proxy of the session’s environment, with which kubelet.conf of a worker is read', () => {
      const { root } = host('echo "proxies except for $NO_PROXY" >&2; exit 1');
      expect(ask(nodes, root, shell)).toMatchObject({ reason: 'proxies except for *' });
      rmSync(join(root, 'etc/kubernetes/controller-manager.conf'));
      expect(ask(ownNode('worker-1'), root, shell)).toMatchObject({ reason: 'proxies except for' });
    });

    test('is asked of the own API server wherever kubelet looks for its manifest', () => {
      const tree = host('echo "$*" >&2; exit 1')
        .write('/var/lib/kubelet/config.yaml', 'staticPodPath: /etc/kubelet.d\n')
        .write('/etc/kubelet.d/kube-apiserver.yaml', '    - --advertise-address=10.0.0.2\n');
      expect(ask(nodes, tree.root, shell)).toMatchObject({
        reason: expect.stringContaining(' --server https://10.0.0.2:6443 --req'),
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
      ['rejected without a word', 'exit 3', { state: 'rejected', reason: 'kubectl ended with 3' }],
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

  describe('the unit of kubelet', () => {
    // As systemd 252 answers.
    const EXEC =
      'ExecStart={ path=/usr/bin/kubelet ; argv[]=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS ; ignore_errors=no ; start_time=[Sat 2026-11-28 23:58:08 UTC] ; stop_time=[n/a] ; pid=1482 ; code=exited ; status=203 }';
    const answering = (text: string) => Tree.forTest().program('systemctl', `cat <<'END'\n${text}\nEND`);

    test.each<[what: string, tree: () => Tree, expected: object]>([
      ['can be started', () => answering(`${EXEC}\nLoadState=loaded`).program('kubelet', ''), { state: 'startable' }],
      [
        'has lost its program',
        () => answering(`${EXEC}\nLoadState=loaded`),
        { state: 'without program', program: '/usr/bin/kubelet' },
      ],
      ['is masked', () => answering('LoadState=masked'), { state: 'masked' }],
      ['does not exist', () => answering('LoadState=not-found'), { state: 'absent' }],
      ['tells no program', () => answering('ExecStart=\nLoadState=loaded'), { state: 'startable' }],
      ['is not asked for where there is no systemd', () => Tree.forTest(), { state: 'startable' }],
      [
        'is not known to a systemd that does not run',
        () => Tree.forTest().program('systemctl', 'echo "System has not been booted with systemd" >&2; exit 1'),
        { state: 'startable' },
      ],
    ])('%s', (_what, tree, expected) => {
      expect(ask(kubeletUnit, tree().root, shell)).toEqual(expected);
    });
  });

  describe('a service', () => {
    test.each<[what: string, shown: string, expected: object, isEnabled?: string]>([
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
        'that is about to run, or to be started again (auto-restart)',
        'UnitFileState=enabled\nActiveState=activating\nLoadState=loaded\n',
        { exists: true, running: true, enabled: true },
      ],
      [
        'that is enabled until the next boot only',
        'UnitFileState=enabled-runtime\nActiveState=active\nLoadState=loaded\n',
        { exists: true, running: true, enabled: false },
      ],
      [
        'that has failed',
        'LoadState=loaded\nActiveState=failed\nUnitFileState=disabled\n',
        { exists: true, running: false, enabled: false },
      ],
      [
        'whose file has changed since systemd read it',
        'LoadState=loaded\nActiveState=active\nUnitFileState=disabled\nNeedDaemonReload=yes\n',
        { exists: true, running: true, enabled: false, isOutdated: true },
      ],
      [
        'that is being stopped',
        'LoadState=loaded\nActiveState=deactivating\nUnitFileState=disabled\n',
        { exists: true, running: false, enabled: false, isStopping: true },
      ],
      [
        'that is masked and still runs',
        'LoadState=masked\nActiveState=active\nUnitFileState=masked\n',
        { exists: true, running: true, enabled: false, isMasked: true },
      ],
      [
        'whose file has an error',
        'LoadState=bad-setting\nLoadError=org.freedesktop.systemd1.BadUnitSetting "Unit x.service has a bad unit file setting."\nActiveState=inactive\nUnitFileState=disabled\n',
        { exists: true, running: false, enabled: false, loadError: 'Unit x.service has a bad unit file setting.' },
      ],
      [
        'that can neither be enabled nor disabled',
        'LoadState=loaded\nActiveState=inactive\nUnitFileState=static\n',
        { exists: true, running: false, enabled: true, isFixed: true },
      ],
      [
        'that enables others in its place',
        'LoadState=loaded\nActiveState=inactive\nUnitFileState=indirect\n',
        { exists: true, running: false, enabled: false, isIndirect: true },
        'indirect',
      ],
      [
        'that has enabled others in its place',
        'LoadState=loaded\nActiveState=inactive\nUnitFileState=indirect\n',
        { exists: true, running: false, enabled: true },
        'indirect\n  /etc/systemd/system/sockets.target.wants/x.socket',
      ],
      [
        'that a generator has made',
        'LoadState=loaded\nActiveState=inactive\nUnitFileState=generated\n',
        { exists: true, running: false, enabled: true, isFixed: true },
        'generated\n  /run/systemd/generator/x.service',
      ],
      [
        'that is a script in /etc/init.d',
        'LoadState=loaded\nActiveState=inactive\nUnitFileState=generated\n',
        { exists: true, running: false, enabled: true },
      ],
      [
        'that has ended when it is started',
        'LoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\nType=oneshot\nRemainAfterExit=no\n',
        { exists: true, running: false, enabled: false, isJob: true },
      ],
      [
        'that stays active although its process ends',
        'LoadState=loaded\nActiveState=active\nUnitFileState=disabled\nType=oneshot\nRemainAfterExit=yes\n',
        { exists: true, running: true, enabled: false },
      ],
      [
        'that others depend on, and that depends on others, by the name that systemd has for it',
        'Id=real.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nRequiredBy=a.service x.target\nConsistsOf=b.service c.socket\nBoundBy=\nWants=d.service\nConflicts=e.service\n',
        {
          id: 'real.service',
          exists: true,
          running: true,
          enabled: true,
          stops: ['a.service', 'x.target', 'b.service', 'c.socket'],
          starts: ['d.service'],
          conflicts: ['e.service'],
        },
      ],
      [
        'that is not there',
        'LoadState=not-found\nActiveState=inactive\nUnitFileState=\n',
        { exists: false, running: false, enabled: false },
      ],
    ])('%s', (_what, shown, expected, isEnabled = 'enabled') => {
      const tree = Tree.forTest().program(
        'systemctl',
        `case "$*" in 'show --property=Id,LoadState,LoadError,ActiveState,UnitFileState,'*' kubelet') printf '${shown}' ;; 'is-enabled -l kubelet') printf '${isEnabled}\\n' ;; esac`,
      );
      expect(ask(serviceState('kubelet'), tree.root, shell)).toEqual(expected);
    });

    test('is not known without systemd', () => {
      const nothing = { exists: false, running: false, enabled: false };
      const bare = ask(serviceState('kubelet'), Tree.forTest().root, shell);
      expect(bare).toEqual({ ...nothing, problem: 'there is no systemctl on the host' });
      const broken = Tree.forTest().program('systemctl', 'echo "System has not been booted with systemd" >&2; exit 1');
      expect(ask(serviceState('kubelet'), broken.root, shell)).toEqual({
        ...nothing,
        problem: 'System has not been booted with systemd',
      });
    });
  });

  describe('a file', () => {
    test.each<[what: string, content: string]>([
      ['a text', 'one\ntwo\n'],
      ['a text without a last line break', 'one\ntwo'],
      ['a text with empty lines at its end', 'one\n\n\n'],
      ['an empty one', ''],
      ['one that looks like an answer', 'kind directory\ncontent\nstate 600 0 root 0 root 3\n'],
    ])('%s is read as it is', (_what, content) => {
      const tree = Tree.forTest().write("/etc/it's here", content, '0640');
      const file = ask(remoteFile("/etc/it's here"), tree.root, shell);
      expect(file).toMatchObject({
        kind: 'file',
        content,
        mode: '0640',
        sha256: createHash('sha256').update(content).digest('hex'),
        owner: { id: String(process.getuid?.()) },
      });
    });

    test('may belong to a user and a group whose names have blanks', () => {
      const tree = Tree.forTest().write('/etc/motd', 'text', '0600');
      chmodSync(join(tree.root, '/etc'), 0o2755);
      const named = withBlanksInNames(shell);
      const owner = { name: 'svc app', id: String(process.getuid?.()) };
      const group = { name: 'domain users', id: String(process.getgid?.()) };
      expect(ask(remoteFile('/etc/motd'), tree.root, named)).toMatchObject({
        kind: 'file',
        mode: '0600',
        owner,
        group,
      });
      expect(ask(copyPlace('/etc/new'), tree.root, named)).toMatchObject({ group });
    });

    test('cannot be written by a user whose name has a blank', () => {
      const answer = { stderr: '', exitCode: 0, truncated: false, dials: [] };
      const stdout = 'writer svc app\nunwritable 1000 /etc\n';
      expect(copyPlace('/etc/x').parse({ ...answer, stdout })).toMatchObject({
        unwritable: { path: '/etc', user: 'svc app', isRoot: false },
      });
      expect(backupAccess('/var/x').parse({ ...answer, stdout: 'user svc app\nhidden /var\n' })).toEqual({
        state: 'hidden',
        path: '/var',
        user: 'svc app',
      });
    });

    test.skipIf(process.getuid?.() !== 0)('that the session cannot read is not taken for none', () => {
      const tree = Tree.forTest().write('/etc/motd', 'text', '0600');
      chmodSync(tree.root, 0o755);
      expect(ask(remoteFile('/etc/motd'), tree.root, shell, ORDINARY_USER)).toMatchObject({
        kind: 'unreadable',
        content: undefined,
      });
    });

    test.skipIf(process.getuid?.() !== 0)('that even root cannot read is told from one that another user can', () => {
      const tree = Tree.forTest().write('/etc/motd', 'text', '0600');
      chmodSync(tree.root, 0o755);
      const asUser = ask(remoteFile('/etc/motd'), tree.root, shell, ORDINARY_USER);
      expect(asUser.deniesRoot).toBeUndefined();
      // As on NFS, where root is nobody.
      const asRoot = ask(remoteFile('/etc/motd'), tree.root, withProgram('id', 'echo 0', shell), ORDINARY_USER);
      expect(asRoot).toMatchObject({ kind: 'unreadable', deniesRoot: true });
    });

    test('that is replaced while it is looked at is read as it is then', () => {
      const tree = Tree.forTest().write('/etc/motd', 'old').write('/etc/new', 'new');
      const path = join(tree.root, 'etc');
      // It has been opened when it is compared with what is there.
      const script = `case "$*" in
  '-c %d:%i '*) [ ! -e ${path}/new ] || mv ${path}/new ${path}/motd ;;
esac
exec ${statOf(shell)} "$@"`;
      const found = ask(remoteFile('/etc/motd'), tree.root, withProgram('stat', script, shell));
      expect(found).toMatchObject({ kind: 'file', content: 'new', mode: '0644' });
    });

    test('that is large is known by its digest alone', () => {
      const content = 'x'.repeat(65_537);
      expect(ask(remoteFile('/a'), Tree.forTest().write('/a', content).root, shell)).toMatchObject({
        kind: 'file',
        content: undefined,
        sha256: createHash('sha256').update(content).digest('hex'),
      });
      expect(ask(remoteFile('/a'), Tree.forTest().write('/a', content.slice(1)).root, shell).content).toHaveLength(
        65_536,
      );
    });

    test('that is not there, is a directory, or something else, is told as that', () => {
      const tree = Tree.forTest().write('/etc/x', '');
      symlinkSync('/dev/null', join(tree.root, '/etc/null'));
      const kinds = ['/etc/y', '/etc', '/etc/null'].map((path) => ask(remoteFile(path), tree.root, shell).kind);
      expect(kinds).toEqual(['absent', 'directory', 'other']);
      expect(ask(remoteFile('/etc/y'), tree.root, shell)).toMatchObject({ content: undefined });
    });

    test('behind a link is read, and the link is told, also one that leads nowhere', () => {
      const tree = Tree.forTest().write('/etc/x', 'text').link('/etc/link', '/etc/x').link('/etc/lost', '/nowhere');
      expect(ask(remoteFile('/etc/link'), tree.root, shell)).toMatchObject({
        kind: 'file',
        content: 'text',
        link: { target: join(tree.root, '/etc/x'), guarded: true },
      });
      expect(ask(remoteFile('/etc/lost'), tree.root, shell)).toMatchObject({ kind: 'absent', link: { guarded: true } });
    });

    test.each(['\n', '\r', '\u2028'])('what a link or a directory is called is no other answer: %j', (end) => {
      const told = ['/srv/x', 'kind file', 'state 4755 0 root 0 root 5', 'inode 1:1', 'sha256 aa'].join(end);
      const tree = Tree.forTest().write(`${told}/y`, 'text', '0640').link('/home/link', `${told}/y`);
      const place = `${told}/z`;
      expect(ask(remoteFile('/home/link'), tree.root, shell)).toMatchObject({
        mode: '0640',
        content: 'text',
        link: { target: join(tree.root, `${told}/y`) },
      });
      expect(ask(remoteFile(place), tree.root, shell)).toMatchObject({ kind: 'absent', place, mode: undefined });
    });

    test('behind a directory that others can make a link is not shown', () => {
      const tree = Tree.forTest().write('/etc/x', 'text').link('/home/u/conf', '/etc');
      const seen = (): unknown => ask(remoteFile('/home/u/conf/x'), tree.root, shell).content;
      expect(seen()).toBe('text');
      chmodSync(join(tree.root, '/home/u'), 0o777);
      expect(seen()).toBe(undefined);
    });

    test('behind a link that others can change is not shown', () => {
      const tree = Tree.forTest().write('/etc/x', 'text').link('/home/link', '/etc/x');
      chmodSync(join(tree.root, '/home'), 0o777);
      expect(ask(remoteFile('/home/link'), tree.root, shell)).toMatchObject({
        content: undefined,
        link: { guarded: false },
      });
    });
  });

  test('whatever is at a path is found, by its name or by a pattern', () => {
    const tree = Tree.forTest()
      .write('/opt/tool-1.2/bin', '')
      .write("/etc/it's here", '')
      .link('/etc/lost', '/nowhere');
    symlinkSync('/dev/null', join(tree.root, '/etc/null'));
    const there = [
      '/opt',
      '/opt/tool-*',
      '/opt/tool-[0-9].?',
      "/etc/it's here",
      "/etc/it's*",
      '/etc/lost',
      '/etc/null',
    ];
    const none = ['/opt/tool', '/opt/*-3', '/etc/[*]', '/etc/it', '/etc/$(touch x)', '/etc/lost/x'];
    expect(ask(existingPaths([...none, ...there]), tree.root, shell)).toEqual(there);
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
