import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quoteWord, type ShellScript, sh } from '../../src/core/shell.ts';
import { homeKubeconfigs } from '../../src/facts/certificates/home-kubeconfigs.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { homeEntries } from '../../src/kubeadm/certificates/home.ts';
import { asidePath, STAGING_DIRECTORY } from '../../src/kubeadm/host/raw-files.ts';
import { COMPOSE_FUNCTIONS } from '../../src/steps/kubeconfig/compose-kubeconfig.ts';
import { placeHomes } from '../../src/steps/kubeconfig/place-homes.ts';
import { placeFunctions } from '../../src/steps/placing/place-functions.ts';
import { placeLeaves } from '../../src/steps/placing/placing.ts';
import { restoreFromBackup } from '../../src/steps/placing/restore-from-backup.ts';
import { enterStage } from '../../src/steps/placing/staging.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { ask, ORDINARY, without, withProgram } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { newKey } from '../kubeadm/support/keys.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';
import { needing } from '../support/programs.ts';

const OWN = { mode: '0640', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
/** Another user may read the file, its group may not: the mode alone, 0640, would say the opposite. */
const LIST = ['user::rw-', 'user:4242:r--', 'group::---', 'mask::r--', 'other::---'];

function allowReading(tree: Tree, path: string): void {
  const { stderr, status } = spawnSync('setfacl', ['-m', 'u:4242:r,g::-', join(tree.root, path)], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
}

function listOf(tree: Tree, path: string): readonly string[] {
  const { stdout } = spawnSync('getfacl', ['--omit-header', '--numeric', '--absolute-names', join(tree.root, path)], {
    encoding: 'utf8',
  });
  return stdout.trim().split('\n');
}

function run(script: ShellScript, { root }: Tree, { command: [program, ...parameters], path } = ORDINARY) {
  const input = `${prelude(root)}(eval ${quoteWord(script.reveal())}) 2>&3\n`;
  return spawnSync(program, parameters, { input, encoding: 'utf8', env: { PATH: path } });
}

describe('an access control list of a file', needing('setfacl'), () => {
  const credential = describedHost().credentials.find(({ name }) => name === 'front-proxy-client');
  if (!credential) throw new Error('there is no such credential');
  const { keyPath, certificatePath } = credential;

  /** The certificate is in its place, its key has been moved aside. */
  function due(): Tree {
    const tree = Tree.forTest().write(certificatePath, 'old', '0640').write(asidePath(keyPath), 'old', '0640');
    for (const end of ['crt', 'key'])
      tree.write(`${STAGING_DIRECTORY}/new/front-proxy-client.${end}`, `new ${end}`, '0600');
    for (const path of [certificatePath, asidePath(keyPath)]) allowReading(tree, path);
    return tree;
  }

  const files = credential.files.map((file) => ({ ...file, ...OWN }));
  const place = sh`set -eu
${enterStage()}
${placeFunctions(describedHost().untouchable)}
${placeLeaves([{ identity: { commonName: '' }, credential: { ...credential, files } }], describedHost(), undefined)}
`;

  it('is that of the file which replaces it: whoever may read the old certificate or key may read the new one', () => {
    const tree = due();
    expect(run(place, tree)).toMatchObject({ stderr: '', status: 0 });
    expect(readFileSync(join(tree.root, keyPath), 'utf8')).toBe('new key');
    expect([certificatePath, keyPath].map((path) => listOf(tree, path))).toEqual([LIST, LIST]);
  });

  it.each([
    ['fails', 'case $1 in --*) exit 1 ;; esac'],
    ['copies everything else', 'case $1 in --*) exit 0 ;; esac'],
  ])('is kept by setfacl where cp %s', (_what, instead) => {
    const tree = due();
    const shell = withProgram('cp', `${instead}\nexec /bin/cp "$@"`, ORDINARY);
    expect(run(place, tree, shell)).toMatchObject({ stderr: '', status: 0 });
    expect([certificatePath, keyPath].map((path) => listOf(tree, path))).toEqual([LIST, LIST]);
  });

  it('is never lost without a word: where it cannot be kept, nothing is replaced', () => {
    const tree = due();
    const withoutLists = withProgram('cp', 'case $1 in --*) exit 0 ;; esac\nexec /bin/cp "$@"', ORDINARY);
    const { status, stderr } = run(place, tree, without('setfacl', withoutLists));
    expect(status).not.toBe(0);
    expect(stderr).toContain(
      `${keyPath}: its access control list cannot be kept, which needs setfacl of the package acl`,
    );
    expect(readFileSync(join(tree.root, certificatePath), 'utf8')).toBe('old');
    expect(readdirSync(join(tree.root, '/etc/kubernetes/pki'))).toEqual(['front-proxy-client.crt']);
  });

  it('is that of a user’s kubeconfig, too', async () => {
    const key = await newKey();
    const { files: hostsOwn } = hostFiles({}, { of: () => key, serviceAccount: '' });
    const admin = hostsOwn.get('/etc/kubernetes/admin.conf')?.content ?? '';
    const home = '/root/.kube/config';
    const tree = Tree.forTest()
      .host(hostsOwn)
      .write('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n')
      .write('/etc/kubernetes/admin.conf', admin, '0600')
      .write(home, admin, '0640');
    allowReading(tree, home);
    const host = ask(kubernetesFiles, tree.root, ORDINARY);
    const entries = ask(homeKubeconfigs(['root']), tree.root, ORDINARY).flatMap((each) => homeEntries(host, each));
    expect(entries).toHaveLength(1);
    const script = sh`set -eu
${enterStage()}
mkdir "$S"
${placeFunctions(host.untouchable)}
${COMPOSE_FUNCTIONS}
${placeHomes(entries)}
`;
    expect(run(script, tree)).toMatchObject({ stderr: '', status: 0 });
    expect(listOf(tree, home)).toEqual(LIST);
    expect(readdirSync(join(tree.root, '/root/.kube'))).toEqual(['config']);
  });

  it('comes back from a backup, though the file is gone', () => {
    const sha256 = createHash('sha256').update('saved').digest('hex');
    const file = { ...OWN, path: keyPath, sha256 };
    const backup = { id: 'a', host: 'm1', createdAt: '', directory: '/backup', files: [file], damaged: [] };
    const tree = Tree.forTest().write(`/backup/files${keyPath}`, 'saved', '0640');
    allowReading(tree, `/backup/files${keyPath}`);
    expect(run(restoreFromBackup(describedHost(), backup, [file]), tree)).toMatchObject({ stderr: '', status: 0 });
    expect(readFileSync(join(tree.root, keyPath), 'utf8')).toBe('saved');
    expect(listOf(tree, keyPath)).toEqual(LIST);
  });
});
