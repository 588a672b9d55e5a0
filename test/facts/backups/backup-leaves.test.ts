import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { backupLeaves } from '../../../src/facts/backups/backup-leaves.ts';
import type { Backup } from '../../../src/facts/backups/backups.ts';
import { keyState } from '../../../src/kubeadm/host/credential-state.ts';
import { interpretHost, leafOf } from '../../../src/kubeadm/host/interpret.ts';
import { type HostKeys, hostFiles } from '../../kubeadm/support/host-files.ts';
import { newKey } from '../../kubeadm/support/keys.ts';
import { rawFiles } from '../../kubeadm/support/raw-files.ts';
import { leakedPieces, privatePieces } from '../support/private-material.ts';
import { ask, describeInShells, probe } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

const DIRECTORY = "/srv/it's kept/20261124T120000Z-bbbb";
let keys: HostKeys;

beforeAll(async () => {
  const [leaf, serviceAccount] = await Promise.all([newKey(), newKey()]);
  keys = { of: () => leaf, serviceAccount: serviceAccount.text };
});

/** A backup of all files of a master, and the master as it was. */
function backedUp(leaves: Readonly<Record<string, string>>) {
  const { files } = hostFiles({ leaves }, keys);
  const tree = Tree.forTest();
  for (const { path, content } of files.values()) tree.write(`${DIRECTORY}/files${path}`, content);
  const backup: Backup = {
    id: '20261124T120000Z-bbbb',
    host: 'master-1',
    createdAt: '2026-11-24T12:00:00.000Z',
    directory: DIRECTORY,
    files: [...files.keys()].map((path) => ({ path, sha256: '', mode: '0600', uid: 0, gid: 0 })),
    damaged: [],
  };
  return { tree, backup, host: interpretHost(rawFiles(files)) };
}

describeInShells('in $name', (shell) => {
  test('the leaves of a backup are read as those of a host are, and nothing is touched', () => {
    const { tree, backup, host } = backedUp({ 'etcd-peer': '-3d', 'admin.conf': 'unreadable', apiserver: 'no key' });
    const before = tree.state();
    const saved = ask(backupLeaves(backup), tree.root, shell);
    for (const { name, holding, key, certificatePath, keyPath } of host.credentials) {
      const leaf = saved.get(certificatePath);
      expect(leaf?.holding, name).toEqual(holding);
      expect(keyState(saved.get(keyPath)?.publicHalf, leafOf(holding)), name).toBe(key);
    }
    expect(tree.state()).toEqual(before);
  });

  test('whatever the ending of the files that flags name', () => {
    const { tree, backup, host } = backedUp({});
    const { holding } = host.credentials.find(({ name }) => name === 'apiserver') ?? {};
    const moved = backup.files.map((file) => {
      const path = file.path.replace(/^.*\/apiserver[.](crt|key)$/, '/etc/ssl/apiserver-$1.txt');
      const text = readFileSync(join(tree.root, `${DIRECTORY}/files${file.path}`), 'utf8');
      tree.write(`${DIRECTORY}/files${path}`, text);
      return { ...file, path };
    });
    const saved = ask(backupLeaves({ ...backup, files: moved }), tree.root, shell);
    expect(saved.get('/etc/ssl/apiserver-crt.txt')?.holding).toEqual(holding);
    expect(keyState(saved.get('/etc/ssl/apiserver-key.txt')?.publicHalf, leafOf(holding))).toBe('match');
  });

  test("in a kubeconfig of several users, the key is the current user's", async () => {
    const { tree, backup, host } = backedUp({});
    const path = '/etc/kubernetes/admin.conf';
    const place = join(tree.root, `${DIRECTORY}/files${path}`);
    const other = Buffer.from((await newKey()).text).toString('base64');
    writeFileSync(
      place,
      readFileSync(place, 'utf8').replace('users:\n', `users:\n- name: bob\n  user:\n    client-key-data: ${other}\n`),
    );
    const admin = host.credentials.find(({ name }) => name === 'admin.conf');
    const saved = ask(backupLeaves(backup), tree.root, shell).get(path);
    expect(keyState(saved?.publicHalf, leafOf(admin?.holding))).toBe('match');
  });

  test('no byte of any private key leaves the host', () => {
    const { tree, backup } = backedUp({});
    const { stdout } = probe(backupLeaves(backup), tree.root, shell);
    expect(leakedPieces(stdout, privatePieces(keys.of('apiserver').text))).toEqual([]);
  });

  test('a backup that is gone holds nothing', () => {
    const { backup } = backedUp({});
    expect(ask(backupLeaves(backup), Tree.forTest().root, shell).size).toBe(0);
  });
});
