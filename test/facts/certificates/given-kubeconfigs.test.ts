import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { givenKubeconfigs } from '../../../src/facts/certificates/given-kubeconfigs.ts';
import { DAY, NOW, newAuthority, newKey, newLeaf } from '../../kubeadm/support/keys.ts';
import { kubeconfigText } from '../../kubeadm/support/kubeconfig-text.ts';
import { leakedPieces, privatePieces } from '../support/private-material.ts';
import { ask, describeInShells, ORDINARY_USER, probe } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

let text: string;
let secrets: ReadonlySet<string>;
beforeAll(async () => {
  const key = await newKey();
  const ca = newAuthority('ca', NOW.getTime() + 3_000 * DAY);
  const subject = { commonName: 'ci' };
  const certificate = newLeaf(ca, { subject, notAfter: NOW.getTime() + DAY, publicKey: key.publicKey });
  const users = [{ name: 'ci', certificate, key: key.text }];
  text = kubeconfigText({ server: 'https://10.0.0.1:6443', authority: ca.pem, users });
  secrets = privatePieces(key.text);
});

describeInShells('kubeconfigs at given paths, in $name', (shell) => {
  test('are read without their secrets, wherever they are', () => {
    const tree = Tree.forTest().write('/srv/a b/config', text).write('/srv/broken', 'no: [kubeconfig');
    const paths = ['/srv/a b/config', '/srv/broken', '/srv/absent', '/nowhere/at/all'];
    const found = ask(givenKubeconfigs(paths), tree.root, shell);
    expect(found).toMatchObject([
      { path: '/srv/a b/config', state: 'read', users: [{ name: 'ci', holding: { state: 'present' } }] },
      { path: '/srv/broken', state: 'unreadable', reason: 'it is not a kubeconfig' },
      { path: '/srv/absent', state: 'absent' },
      { path: '/nowhere/at/all', state: 'absent' },
    ]);
    expect(secrets.size).toBeGreaterThan(0);
    expect(leakedPieces(probe(givenKubeconfigs(paths), tree.root, shell).stdout, secrets)).toEqual([]);
  });

  test('that are no files are unreadable, whoever looks', () => {
    const tree = Tree.forTest().write('/srv/there/config', text);
    expect(ask(givenKubeconfigs(['/srv/there']), tree.root, shell)).toEqual([
      { path: '/srv/there', state: 'unreadable', reason: 'it is not a file' },
    ]);
  });

  test('that this user may not read, or not get to, are not absent', () => {
    const tree = Tree.forTest().write('/srv/config', text, '0000').write('/home/ops/.kube/config', text);
    const home = join(tree.root, 'home/ops');
    chmodSync(home, 0o000);
    const paths = ['/srv/config', '/home/ops/.kube/config'];
    const found = ask(givenKubeconfigs(paths), tree.root, shell, ORDINARY_USER);
    chmodSync(home, 0o755);
    const user = expect.stringMatching(/^\w/);
    expect(found).toEqual(paths.map((path) => ({ path, state: 'not readable', user })));
  });
});
