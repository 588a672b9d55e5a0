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

/** Users as `aws eks`, `gcloud` and an administrator leave them: their logins come from programs and providers. */
const LOGINS = `- name: eks
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args:
      - --token
      - hunter2
      command: aws
      env:
      - name: AWS_PROFILE
        value: hunter2
      interactiveMode: IfAvailable
      provideClusterInfo: false
- name: gke
  user:
    exec:
      args: null
      command: gke-gcloud-auth-plugin
      installHint: Install gke-gcloud-auth-plugin for use with kubectl by following
        https://cloud.google.com/kubernetes-engine/docs/how-to/hunter2
- name: oidc
  user:
    auth-provider:
      config:
        client-secret: |
          name: hunter2
        id-token:
          hunter2
      name: oidc
`;

describeInShells('kubeconfigs at given paths, in $name', (shell) => {
  test('are read without their secrets, wherever they are', () => {
    const tree = Tree.forTest().write('/srv/a b/config', text).write('/srv/broken', 'no: [kubeconfig');
    const paths = ['/srv/a b/config', '/srv/broken', '/srv/absent', '/nowhere/at/all'];
    const found = ask(givenKubeconfigs(paths), tree.root, shell);
    expect(found).toMatchObject([
      { path: '/srv/a b/config', state: 'read', users: [{ name: 'ci', holding: { state: 'present' } }] },
      { path: '/srv/broken', state: 'unreadable', reason: 'it is no kubeconfig in the form that kubeadm writes' },
      { path: '/srv/absent', state: 'absent' },
      { path: '/nowhere/at/all', state: 'absent' },
    ]);
    expect(secrets.size).toBeGreaterThan(0);
    expect(leakedPieces(probe(givenKubeconfigs(paths), tree.root, shell).stdout, secrets)).toEqual([]);
  });

  test('are read although the current context has a user that is gone', () => {
    const context = '- name: old\n  context:\n    cluster: kubernetes\n    user: gone\n';
    const edited = text
      .replace(/^contexts:\n/m, (line) => `${line}${context}`)
      .replace(/^current-context: .*/m, 'current-context: old');
    const tree = Tree.forTest().write('/srv/config', edited);
    expect(ask(givenKubeconfigs(['/srv/config']), tree.root, shell)).toMatchObject([
      { state: 'read', users: [{ name: 'ci', holding: { state: 'present' } }] },
    ]);
  });

  test('are read although others in them log in with programs and providers, which stay on the host', () => {
    const tree = Tree.forTest().write('/srv/first', text.replace('users:\n', `users:\n${LOGINS}`));
    tree.write('/srv/last', `${text}${LOGINS}`);
    const paths = ['/srv/first', '/srv/last'];
    const [first, last] = ask(givenKubeconfigs(paths), tree.root, shell);
    for (const file of [first, last])
      expect(file).toMatchObject({ state: 'read', users: [{ name: 'ci', holding: { state: 'present' } }] });
    const { stdout } = probe(givenKubeconfigs(paths), tree.root, shell);
    expect(stdout).not.toContain('hunter2');
    expect(leakedPieces(stdout, secrets)).toEqual([]);
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
