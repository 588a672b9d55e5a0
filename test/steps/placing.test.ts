import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ShellScript } from '../../src/core/shell.ts';
import { quoteWord, sh } from '../../src/core/shell.ts';
import type { WriteContext } from '../../src/core/step.ts';
import { homeKubeconfigs } from '../../src/facts/certificates/home-kubeconfigs.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { homeEntries } from '../../src/kubeadm/certificates/home.ts';
import { ASIDE_DIRECTORY, STAGING_DIRECTORY } from '../../src/kubeadm/host/raw-files.ts';
import { COMPOSE_FUNCTIONS } from '../../src/steps/kubeconfig/compose-kubeconfig.ts';
import { placeHomes } from '../../src/steps/kubeconfig/place-homes.ts';
import { placeFunctions } from '../../src/steps/placing/place-functions.ts';
import { placeLeaves } from '../../src/steps/placing/placing.ts';
import { restoreFromBackup } from '../../src/steps/placing/restore-from-backup.ts';
import { enterStage } from '../../src/steps/placing/staging.ts';
import { beginChange, unlessRepaired } from '../../src/steps/placing/when-lost.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { ask, describeInShells, type TestShell, without } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { newKey } from '../kubeadm/support/keys.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const KUBELET_PKI = '/var/lib/kubelet/pki';
const CONF = '/etc/kubernetes/controller-manager.conf';

function run(script: ShellScript, rootfs: string, { command: [program, ...parameters], path }: TestShell) {
  const input = `${prelude(rootfs)}(eval ${quoteWord(script.reveal())}) 2>&3\n`;
  return spawnSync(program, parameters, { input, encoding: 'utf8', env: { PATH: path } });
}

const UNTOUCHABLE = describedHost().untouchable;

const PLACE = sh`set -eu
${placeFunctions(UNTOUCHABLE)}
place "$R"/new ${CONF} 0600 0 0 -
cat "$R"${CONF}
`;

/** Notes what is renamed, removed, and written to the disk. */
const WATCHED = sh`note() { echo "$*" >>"$R"/noted; }
sync() { note sync "$@"; }
mv() { note mv "$@"; command mv "$@"; }
rm() { note rm "$@"; command rm "$@"; }
`;

function noted({ root }: Tree): readonly string[] {
  return readFileSync(join(root, 'noted'), 'utf8').replaceAll(root, '').trimEnd().split('\n');
}

const BACKUP = { id: 'a', host: 'm1', createdAt: '', directory: '/backup', files: [], damaged: [] };

/** What a container runtime makes of a file that a container mounts and that is away when it starts. */
function directoryAt(tree: Tree, path: string): void {
  mkdirSync(join(tree.root, path), { recursive: true });
}

describeInShells('in $name, a file is placed', (shell) => {
  test('where a container has got a directory instead of it', () => {
    const tree = Tree.forTest().write('/new', 'new');
    directoryAt(tree, CONF);
    expect(run(PLACE, tree.root, shell)).toMatchObject({ stdout: 'new', stderr: '', status: 0 });
  });

  test('but never over a directory in which something is', () => {
    const tree = Tree.forTest().write('/new', 'new').write(`${CONF}/somebody's`, 'x');
    const { status, stderr } = run(PLACE, tree.root, shell);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/not empty/i);
  });

  test('together with the others of its directory, whatever an earlier attempt has left beside them', () => {
    const pki = '/etc/kubernetes/pki';
    const { credentials } = describedHost();
    const moved = { certificatePath: '/srv/web.crt', keyPath: '/srv/web.key', files: [] };
    const leaves = (['apiserver', 'etcd-server', 'front-proxy-client'] as const).flatMap((name) => {
      const credential = credentials.find((candidate) => candidate.name === name);
      if (!credential) return [];
      return [
        { identity: { commonName: '' }, credential: name === 'apiserver' ? { ...credential, ...moved } : credential },
      ];
    });
    const tree = Tree.forTest().write(`${pki}/.kplay-new/lost.key`, 'lost').write(`${pki}/etcd/server.crt`, 'old');
    directoryAt(tree, `${pki}/front-proxy-client.crt`);
    for (const base of ['apiserver', 'etcd/server', 'front-proxy-client'])
      for (const end of ['crt', 'key']) tree.write(`${STAGING_DIRECTORY}/new/${base}.${end}`, `${base} ${end}`, '0600');
    const script = sh`set -eu
${enterStage()}
${placeFunctions(UNTOUCHABLE)}
${COMPOSE_FUNCTIONS}
${placeLeaves(leaves, describedHost(), undefined)}
`;
    mkdirSync(join(tree.root, '/srv'));
    expect(run(script, tree.root, shell)).toMatchObject({ stderr: '', status: 0 });
    const placed = [`/srv/web`, `${pki}/etcd/server`, `${pki}/front-proxy-client`].map((path) =>
      ['crt', 'key'].map((end) => {
        const place = join(tree.root, `${path}.${end}`);
        return `${readFileSync(place, 'utf8')} ${(statSync(place).mode & 0o777).toString(8)}`;
      }),
    );
    expect(placed).toEqual([
      ['apiserver crt 644', 'apiserver key 600'],
      ['etcd/server crt 644', 'etcd/server key 600'],
      ['front-proxy-client crt 644', 'front-proxy-client key 600'],
    ]);
    expect(readdirSync(join(tree.root, pki)).sort()).toEqual([
      'etcd',
      'front-proxy-client.crt',
      'front-proxy-client.key',
    ]);
  });

  test('with a mode of its own where nothing but an empty file was, which anybody may read', () => {
    const credential = describedHost().credentials.find(({ name }) => name === 'front-proxy-client');
    if (!credential) throw new Error('unreachable');
    const { keyPath, certificatePath } = credential;
    const files = credential.files.map((file) => ({
      ...file,
      mode: '0644',
      ...(file.path === keyPath && { size: 0 }),
    }));
    const tree = Tree.forTest().write(keyPath, '', '0644').write(certificatePath, 'old', '0644');
    for (const end of ['crt', 'key'])
      tree.write(`${STAGING_DIRECTORY}/new/front-proxy-client.${end}`, `new ${end}`, '0600');
    const script = sh`set -eu
${enterStage()}
${placeFunctions(UNTOUCHABLE)}
${placeLeaves([{ identity: { commonName: '' }, credential: { ...credential, files } }], describedHost(), undefined)}
`;
    expect(run(script, tree.root, shell)).toMatchObject({ stderr: '', status: 0 });
    expect(readFileSync(join(tree.root, keyPath), 'utf8')).toBe('new key');
    expect([keyPath, certificatePath].map((path) => statSync(join(tree.root, path)).mode & 0o777)).toEqual([
      0o600, 0o644,
    ]);
  });

  test("in a user's kubeconfig with what the original holds for its own user, and not for others", async () => {
    const [own, other] = await Promise.all([newKey(), newKey()]);
    const { files } = hostFiles({}, { of: () => own, serviceAccount: '' });
    const tree = Tree.forTest().host(files).write('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n');
    const admin = files.get('/etc/kubernetes/admin.conf')?.content ?? '';
    const data = `    client-certificate-data: eA==\n    client-key-data: ${Buffer.from(other.text).toString('base64')}\n`;
    tree.write(
      '/etc/kubernetes/admin.conf',
      admin.replace('users:\n', `users:\n- name: bob\n  user:\n${data}`),
      '0600',
    );
    tree.write('/root/.kube/config', admin, '0600');
    const host = ask(kubernetesFiles, tree.root, shell);
    const homes = ask(homeKubeconfigs(['root']), tree.root, without('openssl', shell));
    const entries = homes.flatMap((home) => homeEntries(host, home));
    expect(entries).toHaveLength(1);
    const script = sh`set -eu
${enterStage()}
mkdir "$S"
${placeFunctions(host.untouchable)}
${COMPOSE_FUNCTIONS}
${placeHomes(entries)}
`;
    expect(run(script, tree.root, shell)).toMatchObject({ stderr: '', status: 0 });
    expect(readFileSync(join(tree.root, '/root/.kube/config'), 'utf8')).toBe(admin);
  });

  test('but never over a file that was not seen, and so is in no backup', () => {
    const credential = describedHost().credentials.find(({ name }) => name === 'apiserver');
    if (!credential) throw new Error('there is no such credential');
    const places = { certificatePath: '/srv/web.crt', keyPath: '/srv/web.key', files: [] };
    const leaf = { identity: { commonName: '' }, credential: { ...credential, ...places } };
    const tree = Tree.forTest().write('/srv/web.crt', 'theirs');
    for (const end of ['crt', 'key']) tree.write(`${STAGING_DIRECTORY}/new/apiserver.${end}`, `new ${end}`, '0600');
    const script = sh`set -eu
${enterStage()}
${placeFunctions(UNTOUCHABLE)}
${COMPOSE_FUNCTIONS}
${placeLeaves([leaf], describedHost(), undefined)}
`;
    const { status, stderr } = run(script, tree.root, shell);
    expect(status).not.toBe(0);
    expect(stderr).toContain('/srv/web.crt has appeared since the host was read');
    expect(readFileSync(join(tree.root, 'srv/web.crt'), 'utf8')).toBe('theirs');
    expect(readdirSync(join(tree.root, 'srv'))).toEqual(['web.crt']);
  });

  test('when it is put back from where it was moved aside', () => {
    const tree = Tree.forTest().write(`/etc/kubernetes/.kplay-aside${CONF}`, 'old');
    directoryAt(tree, CONF);
    const script = sh`${restoreFromBackup(describedHost(), BACKUP, [])}
cat "$R"${CONF}
`;
    expect(run(script, tree.root, shell)).toMatchObject({ stdout: 'old', stderr: '', status: 0 });
  });

  test('with its content on the disk before its name, and its name before anything else is done', () => {
    const tree = Tree.forTest().write('/new', 'new');
    expect(run(sh`${WATCHED}${PLACE}`, tree.root, shell)).toMatchObject({ stdout: 'new', stderr: '' });
    const name = './controller-manager.conf';
    expect(noted(tree)).toEqual([`sync ${name}`, `mv -f ${name} ..`, 'sync ..']);
  });

  test('from where it was moved aside, with its name on the disk before that place is removed', () => {
    const sha256 = createHash('sha256').update('old').digest('hex');
    const files = [{ path: CONF, sha256, mode: '0600', uid: 0, gid: 0 }];
    const tree = Tree.forTest().write(`/etc/kubernetes/.kplay-aside${CONF}`, 'old');
    const script = sh`${WATCHED}${restoreFromBackup(describedHost(), { ...BACKUP, files }, files)}`;
    expect(run(script, tree.root, shell)).toMatchObject({ stderr: '', status: 0 });
    expect(noted(tree)).toEqual([
      `mv -f ${ASIDE_DIRECTORY}${CONF} .`,
      'sync /etc/kubernetes',
      `rm -rf ${ASIDE_DIRECTORY} ${STAGING_DIRECTORY}`,
    ]);
  });

  test.each<[what: string, now: string, isToBeRestored: boolean, then: string]>([
    ['over what the run has made', 'new', true, 'saved'],
    ['but never when that was an older run, over what is as it was', 'saved', true, 'saved'],
    ['but never when that was an older run, over what is not restored', 'good', false, 'good'],
  ])('when it is put back from where it was moved aside, %s', (_what, now, isToBeRestored, then) => {
    const sha256 = createHash('sha256').update('saved').digest('hex');
    const own = { mode: '0600', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const tree = Tree.forTest()
      .write(CONF, now)
      .write(`/etc/kubernetes/.kplay-aside${CONF}`, now === 'new' ? 'saved' : 'expired');
    const files = isToBeRestored ? [{ path: CONF, sha256, ...own }] : [];
    expect(run(restoreFromBackup(describedHost(), { ...BACKUP, files }, files), tree.root, shell)).toMatchObject({
      stderr: '',
      status: 0,
    });
    expect(readFileSync(join(tree.root, CONF), 'utf8')).toBe(then);
    expect(readdirSync(join(tree.root, '/etc/kubernetes'))).toEqual(['controller-manager.conf']);
  });

  test('and what lay beside it, for the moment in which it was replaced, is gone', () => {
    const sha256 = createHash('sha256').update('old').digest('hex');
    const file = { path: CONF, sha256, mode: '0600', uid: 0, gid: 0 };
    const tree = Tree.forTest().write(CONF, 'old').write('/etc/kubernetes/.kplay-new/controller-manager.conf', 'new');
    expect(
      run(restoreFromBackup(describedHost(), { ...BACKUP, files: [file] }, [file]), tree.root, shell),
    ).toMatchObject({
      stderr: '',
      status: 0,
    });
    expect(readdirSync(join(tree.root, '/etc/kubernetes'))).toEqual(['controller-manager.conf']);
  });

  test('with the link that names it, though an earlier attempt was cut short before that link had its name', () => {
    const [link, target] = [`${KUBELET_PKI}/kubelet-client-current.pem`, `${KUBELET_PKI}/kubelet-client-2026.pem`];
    const tree = Tree.forTest()
      .write(`/backup/files${link}`, 'old')
      .write(target, 'old')
      .link(`${KUBELET_PKI}/.kplay-new/kubelet-client-current.pem`, target);
    const sha256 = createHash('sha256').update('old').digest('hex');
    const file = { path: link, link: target, sha256, mode: '0600', uid: 0, gid: 0 };
    const script = sh`${restoreFromBackup(describedHost(), BACKUP, [file])}
cat "$R"${link}
`;
    expect(run(script, tree.root, shell)).toMatchObject({ stdout: 'old', stderr: '', status: 0 });
    expect(readlinkSync(join(tree.root, link))).toBe(join(tree.root, target));
  });

  describe('with links that are told from their own directory', () => {
    const PKI = '/etc/kubernetes/pki';
    const [KEY, CERTIFICATE] = [`${PKI}/apiserver.key`, `${PKI}/apiserver.crt`];
    const sum = (text: string): string => createHash('sha256').update(text).digest('hex');
    const own = { mode: '0600', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const files = [
      { ...own, path: KEY, link: 'private/apiserver.key', sha256: sum('old key') },
      { ...own, path: CERTIFICATE, sha256: sum('old certificate') },
    ];
    const backup = { ...BACKUP, files };

    function host(): Tree {
      const tree = Tree.forTest()
        .write(`/backup/files${KEY}`, 'old key')
        .write(`/backup/files${CERTIFICATE}`, 'old certificate')
        .write(CERTIFICATE, 'new certificate')
        .write(KEY, 'new key')
        .write(`${PKI}/private/apiserver.key`, 'old key');
      return tree;
    }

    function expectAsBefore(tree: Tree): void {
      expect(readlinkSync(join(tree.root, KEY))).toBe('private/apiserver.key');
      expect([KEY, CERTIFICATE].map((path) => readFileSync(join(tree.root, path), 'utf8'))).toEqual([
        'old key',
        'old certificate',
      ]);
      expect(readdirSync(join(tree.root, PKI)).sort()).toEqual(['apiserver.crt', 'apiserver.key', 'private']);
      expect(readdirSync(join(tree.root, `${PKI}/private`))).toEqual(['apiserver.key']);
    }

    test.each<[what: string, change: (tree: Tree) => void]>([
      ['when new files have taken their place', () => undefined],
      ['when nothing is in their place', (tree) => rmSync(join(tree.root, KEY))],
      [
        'when the file that they lead to is gone',
        (tree) => rmSync(join(tree.root, `${PKI}/private`), { recursive: true }),
      ],
      ['when that has another content', (tree) => tree.write(`${PKI}/private/apiserver.key`, 'a third')],
    ])('is put back, pair by pair, %s', (_what, change) => {
      const tree = host();
      change(tree);
      expect(run(restoreFromBackup(describedHost(), backup, files), tree.root, shell)).toMatchObject({
        stderr: '',
        status: 0,
      });
      expectAsBefore(tree);
    });

    test('never through one that has become a link to a CA', () => {
      const tree = host().write(`${PKI}/ca.key`, 'the key of the CA');
      rmSync(join(tree.root, `${PKI}/private/apiserver.key`));
      symlinkSync('../ca.key', join(tree.root, `${PKI}/private/apiserver.key`));
      const { status, stderr } = run(restoreFromBackup(describedHost(), backup, files), tree.root, shell);
      expect(status).toBe(1);
      expect(stderr).toContain('/etc/kubernetes/pki/ca.key, which kplay does not write');
      expect(readFileSync(join(tree.root, `${PKI}/ca.key`), 'utf8')).toBe('the key of the CA');
    });
  });

  test.each<[what: string, plant: (tree: Tree) => void]>([
    ['a link to a CA', (tree) => tree.link(CONF, '/etc/kubernetes/pki/ca.crt')],
    ['a second name of a CA', (tree) => linkSync(join(tree.root, '/etc/kubernetes/pki/ca.crt'), join(tree.root, CONF))],
  ])('never in the place of %s', (_what, plant) => {
    const tree = Tree.forTest().write('/new', 'new').write('/etc/kubernetes/pki/ca.crt', 'the CA');
    plant(tree);
    const { status, stderr } = run(PLACE, tree.root, shell);
    expect(status).not.toBe(0);
    expect(stderr).toContain('which kplay does not write');
    expect(readFileSync(join(tree.root, '/etc/kubernetes/pki/ca.crt'), 'utf8')).toBe('the CA');
    expect(readdirSync(join(tree.root, '/etc/kubernetes')).sort()).toEqual(['controller-manager.conf', 'pki']);
  });

  test('never where a CA belongs that is not there, also through a linked directory', () => {
    const tree = Tree.forTest()
      .write('/new', 'new')
      .write('/etc/kubernetes/pki/x', '')
      .link('/srv/pki', '/etc/kubernetes/pki');
    const script = sh`set -eu
${placeFunctions(UNTOUCHABLE)}
place "$R"/new /srv/pki/ca.key 0600 0 0 -
`;
    expect(run(script, tree.root, shell).stderr).toContain('/etc/kubernetes/pki/ca.key, which kplay does not write');
    expect(readdirSync(join(tree.root, '/etc/kubernetes/pki'))).toEqual(['x']);
  });
});

describeInShells('in $name, at the start of a host that has lost its run', (shell) => {
  const FILE = { path: CONF, sha256: '', mode: '0600', uid: 0, gid: 0 };
  const start = (tree: Tree) =>
    run(
      sh`set -- at-start
${unlessRepaired({ ...BACKUP, files: [FILE] }, sh`echo put back`)}`,
      tree.root,
      shell,
    );
  const lostAgo = (tree: Tree, minutes: number): void => {
    const then = new Date(Date.now() - minutes * 60_000);
    utimesSync(join(tree.root, '/var/lib/kplay/when-lost'), then, then);
  };

  test('what was changed by the run is put back', () => {
    const tree = Tree.forTest().write(CONF, 'half').write('/var/lib/kplay/when-lost', '');
    lostAgo(tree, 1);
    expect(start(tree)).toMatchObject({ stdout: 'put back\n', status: 0 });
  });

  test('what somebody has mended since is left alone', () => {
    const tree = Tree.forTest().write(CONF, 'mended').write('/var/lib/kplay/when-lost', '');
    lostAgo(tree, 60);
    const { stdout, stderr, status } = start(tree);
    expect([stdout, status]).toEqual(['', 1]);
    expect(stderr).toContain(`${CONF} was changed after the run was lost`);
  });
});

describeInShells('in $name, a run that is lost', (shell) => {
  const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';
  const host = describedHost({ leaves: { apiserver: 'expired' }, aside: ['front-proxy-client'] });
  const leaf = (name: string) => host.credentials.find((credential) => credential.name === name);
  const [due, aside] = [leaf('apiserver'), leaf('front-proxy-client')];
  if (!due || !aside?.aside) throw new Error('there are no such credentials');
  const pending = { pairs: [due], kubeconfigs: [], kubelet: undefined, homes: [] };
  const sum = (text: string): string => createHash('sha256').update(text).digest('hex');

  /** What is at the places after the host has put itself back from a backup of this name. */
  async function after(backupId: string): Promise<readonly string[]> {
    const saved = host.credentials.flatMap(({ files }) => files).concat(host.staticPods.map(({ file }) => file));
    const tree = Tree.forTest();
    // The copies hold their own paths, and each file of the run the digest that the host has told.
    const known = new Map(saved.map(({ path, sha256 }) => [path, sha256]));
    const movedAside =
      aside?.aside?.files.map((file) => ({ ...file, path: file.path.replace(ASIDE_DIRECTORY, '') })) ?? [];
    const files = [...saved, ...movedAside].map(({ path, sha256, mode, uid, gid }) => ({
      path,
      // A manifest was edited since the backup was made.
      sha256: path === MANIFEST ? sum('before') : (known.get(path) ?? sha256),
      mode,
      uid: process.getuid?.() ?? uid,
      gid: process.getgid?.() ?? gid,
    }));
    for (const { path } of files) tree.write(`/backup/files${path}`, `saved ${path}`).write(path, `now ${path}`);
    let script: ShellScript | undefined;
    const context = {
      runId: 'run',
      whenLost: async (given: ShellScript | undefined) => {
        script = given;
      },
    } as unknown as WriteContext;
    await beginChange(context, host, [{ ...BACKUP, id: backupId, files }], pending);
    if (!script) throw new Error('the host was told nothing');
    expect(run(script, tree.root, shell)).toMatchObject({ stderr: '', status: 0 });
    return files
      .map(({ path }) => path)
      .filter((path) => readFileSync(join(tree.root, path), 'utf8').startsWith('saved'));
  }

  test('puts back all that it has saved itself', async () => {
    expect(await after('run')).toContain(MANIFEST);
    expect(await after('run-2')).toContain('/etc/kubernetes/admin.conf');
  });

  test('puts back of what another has saved only what it changes', async () => {
    const pki = '/etc/kubernetes/pki';
    expect([...(await after('older'))].sort()).toEqual(
      ['apiserver', 'front-proxy-client'].flatMap((base) => [`${pki}/${base}.crt`, `${pki}/${base}.key`]),
    );
  });
});
