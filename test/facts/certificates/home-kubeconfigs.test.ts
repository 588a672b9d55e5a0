import { createPrivateKey } from 'node:crypto';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { normalPath } from '../../../src/core/host-path.ts';
import { homeKubeconfigs } from '../../../src/facts/certificates/home-kubeconfigs.ts';
import { DAY, type LeafKey, NOW, newAuthority, newKey, newLeaf } from '../../kubeadm/support/keys.ts';
import { kubeconfigText } from '../../kubeadm/support/kubeconfig-text.ts';
import { needing } from '../../support/programs.ts';
import { leakedPieces, privatePieces } from '../support/private-material.ts';
import { ask, describeInShells, probe, type TestShell, without } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

const PASSWD =
  'root:x:0:0:root:/root:/bin/sh\nops:x:1000:1000::/srv/homes/ops:/bin/sh\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\nhomeless:x:1001:1001:::/bin/sh\nodd.name:x:1002:1002::/home/odd name:/bin/sh\n';

let text: string;
let key: LeafKey;
/** In base64, another certificate of the same CA, whose key nobody has. */
let foreign: string;
beforeAll(async () => {
  key = await newKey();
  const ca = newAuthority('ca', NOW.getTime() + 3_000 * DAY);
  const certificate = newLeaf(ca, {
    subject: { commonName: 'kubernetes-admin' },
    notAfter: NOW.getTime() + DAY,
    publicKey: key.publicKey,
  });
  const other = newLeaf(ca, {
    subject: { commonName: 'kubernetes-super-admin', organizations: ['system:masters'] },
    notAfter: NOW.getTime() + DAY,
    publicKey: (await newKey()).publicKey,
  });
  foreign = Buffer.from(other).toString('base64');
  text = kubeconfigText({
    server: 'https://10.0.0.1:6443',
    authority: ca.pem,
    users: [{ name: 'kubernetes-admin', certificate, key: key.text }],
  });
});

/** The kubeconfig of somebody with a certificate that is not a secret, and some key. */
function withKey(other: string): string {
  return text.replace(/client-key-data: .*/, `client-key-data: ${Buffer.from(other).toString('base64')}`);
}

describeInShells('whoever has the key of a certificate, in $name', (shell) => {
  const holders = (home: string, admin = '', on: TestShell = shell): readonly string[] => {
    const tree = Tree.forTest().write('/etc/passwd', PASSWD).write('/root/.kube/config', home);
    if (admin !== '') tree.write('/etc/kubernetes/admin.conf', admin, '0600');
    return ask(homeKubeconfigs(['root']), tree.root, on).flatMap(({ keyHolders }) => [...keyHolders]);
  };
  /** With somebody else before the user of the current context, or behind all. */
  const withBob = (data: string, isFirst = true): string => {
    const bob = `- name: bob\n  user:\n    ${data}\n`;
    return isFirst ? text.replace('users:\n', `users:\n${bob}`) : text + bob;
  };

  test('has it in a copy of admin.conf as it is', () => {
    expect(holders(text, text)).toEqual(['kubernetes-admin']);
  });

  test('has it in such a copy wherever others are in either, also where there is no openssl', async () => {
    const bare = without('openssl', shell);
    const own = /client-key-data: .*/.exec(text)?.[0] ?? '';
    const other = `client-key-data: ${Buffer.from((await newKey()).text).toString('base64')}`;
    for (const data of [other, own, 'client-key: /bob.key', 'token: x']) {
      for (const admin of [withBob(data), withBob(data, false)]) {
        expect(holders(admin, admin, bare)).toEqual(['kubernetes-admin']);
        expect(holders(text, admin, bare)).toEqual(['kubernetes-admin']);
        expect(holders(admin, text, bare)).toEqual(['kubernetes-admin']);
      }
    }
  });

  test('does not have it with a key that is in admin.conf for somebody else', () => {
    const looksLike = Buffer.from(hollow(key.text)).toString('base64');
    expect(holders(withKey(hollow(key.text)), withBob(`client-key-data: ${looksLike}`))).toEqual([]);
  });

  test('has signed with it', needing('openssl'), () => {
    expect(holders(text)).toEqual(['kubernetes-admin']);
    const [data = ''] = /client-key-data: .*/.exec(text) ?? [];
    const others = withKey('nonsense').replace('users:\n', `users:\n- name: bob\n  user:\n    ${data}\n`);
    expect(holders(text, others)).toEqual(['kubernetes-admin']);
  });

  test('does not have another key, one of the same public half with nothing behind it, or none', async () => {
    expect(holders(withKey((await newKey()).text))).toEqual([]);
    expect(holders(withKey(hollow(key.text)))).toEqual([]);
    expect(holders(withKey(''))).toEqual([]);
    expect(holders(withKey('nonsense'), withKey((await newKey()).text))).toEqual([]);
    expect(holders(withKey(''), withKey(''))).toEqual([]);
  });

  test('has not proven it for another certificate', () => {
    const [certificate = ''] = /client-certificate-data: .*/.exec(text) ?? [];
    expect(holders(text.replace(certificate, `client-certificate-data: ${foreign}`), text)).toEqual([]);
    // A line that a reader of YAML does not see as a key is none of those that are counted.
    const other = `- name: super\n  user:\n    client-certificate-data: ${foreign}\n    client-key-data: bm9uZQ==\n`;
    const unseen = '    - - client-key-data: bm9uZQ==\n';
    expect(holders(text.replace(/users:\n/, `users:\n${unseen}`) + other, text)).toEqual(['kubernetes-admin']);
  });
});

/** The key with zeros for its private part: its public half is still that of the certificate. */
function hollow(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  const at = der.indexOf(Buffer.from(d, 'base64url'));
  der.fill(1, at, at + 32);
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`.replaceAll(
    'PRIVATE KEY',
    /-----BEGIN ([A-Z ]+)-----/.exec(pem)?.[1] ?? '',
  );
}

describeInShells('in $name', (shell) => {
  function tree(): Tree {
    return Tree.forTest()
      .write('/etc/passwd', PASSWD)
      .write('/root/.kube/config', text, '0600')
      .write('/srv/homes/ops/.kube/config', 'nonsense', '0640')
      .write('/home/odd name/.kube/config', text);
  }

  test('the kubeconfigs of those users who have one are found in their homes', () => {
    const homes = ask(
      homeKubeconfigs(['root', 'ops', 'nobody', 'homeless', 'stranger', 'odd.name', 'roo']),
      tree().root,
      shell,
    );
    expect(homes.map(({ user, path, file, read }) => [user, path, file.path, file.mode, read?.shape.user])).toEqual([
      ['root', '/root/.kube/config', '/root/.kube/config', '0600', 'kubernetes-admin'],
      ['ops', '/srv/homes/ops/.kube/config', '/srv/homes/ops/.kube/config', '0640', undefined],
      ['odd.name', '/home/odd name/.kube/config', '/home/odd name/.kube/config', '0644', 'kubernetes-admin'],
    ]);
    expect(homes[0]?.read?.users).toMatchObject([
      { name: 'kubernetes-admin', holding: { state: 'present' }, lines: { certificate: 18, key: 19 } },
    ]);
  });

  test('a link to the original is none: it follows by itself; a link to another file is', () => {
    const linked = Tree.forTest()
      .write('/etc/passwd', PASSWD)
      .write('/etc/kubernetes/admin.conf', text, '0600')
      .write('/srv/admin.conf', text, '0600')
      .link('/root/.kube/config', '/etc/kubernetes/admin.conf')
      .link('/srv/homes/ops/.kube/config', '/srv/admin.conf');
    expect(ask(homeKubeconfigs(['root', 'ops']), linked.root, shell).map(({ user }) => user)).toEqual(['ops']);
  });

  test('what a link is called says nothing of other files', () => {
    const other = '/srv/homes/ops/other';
    const told = [
      '/srv/x',
      `=U ops\t${other}`,
      '=P  own:0',
      `=F 600 1000 1000 5 1700000000 2023-11-14 22:13:20.250000000 +0000 ${other}`,
      `=S ${'a'.repeat(64)}  ${other}`,
      `=T ${other}`,
      // No name of a directory is longer than 255 characters, so a slash stands on lines between, which say nothing.
      ...text
        .split('\n')
        .flatMap((line) => (line.match(/.{1,180}/g) ?? []).map((part, at) => `|${at > 0 ? '      ' : ''}${part}\n/`)),
      '=X ',
    ].join('\n');
    const planted = Tree.forTest()
      .write('/etc/passwd', PASSWD)
      .write(told, 'anything')
      .link('/srv/homes/ops/.kube/config', told);
    expect(ask(homeKubeconfigs(['ops']), planted.root, shell)).toMatchObject([
      { path: '/srv/homes/ops/.kube/config', file: { link: normalPath(told) }, read: undefined, keyHolders: new Set() },
    ]);
  });

  test('a user cannot make the look at a host too long', () => {
    const many = text + '    client-key-data: bm9uZQ==\n'.repeat(5_000);
    const long = withKey('x'.repeat(100_000));
    const hostile = Tree.forTest()
      .write('/etc/passwd', PASSWD)
      .write('/root/.kube/config', many)
      .write('/srv/homes/ops/.kube/config', '', '0600')
      .write('/home/odd name/.kube/config', text);
    truncateSync(join(hostile.root, '/srv/homes/ops/.kube/config'), 4_000_000_000);
    const { stdout } = probe(homeKubeconfigs(['ops', 'root', 'odd.name']), hostile.root, shell);
    // Each costs a program, and a digest the reading of the whole file.
    expect(stdout.match(/^=P/gm)?.length).toBeLessThan(60);
    expect(stdout.match(/^=S .*/gm)).toEqual([expect.stringMatching(/odd name/), expect.stringMatching(/root/)]);
    hostile.write('/home/odd name/.kube/config', long);
    expect(probe(homeKubeconfigs(['odd.name']), hostile.root, shell).stdout).toMatch(/^=P $/m);
  });

  test('nor the answer, however much longer lines are when their values are hidden', () => {
    const short = Tree.forTest().write('/etc/passwd', PASSWD).write('/root/.kube/config', 'a:\n'.repeat(87_000));
    const { stdout, exitCode } = probe(homeKubeconfigs(['root']), short.root, shell);
    expect(stdout.length).toBeLessThan(1_048_576);
    expect(exitCode).toBe(0);
  });

  test('nor keep the kubeconfigs of others out: who has most is passed over, and told of', () => {
    const others = `# ${'x'.repeat(520_000)}`;
    const crowded = tree().write('/srv/homes/ops/.kube/config', `${text}${others}`, '0640');
    const homes = ask(homeKubeconfigs(['ops', 'root', 'odd.name']), crowded.root, shell);
    expect(
      homes.map(({ user, file, read, isPassedOver }) => [user, file.size, read?.shape.user, isPassedOver]),
    ).toEqual([
      ['ops', text.length + others.length, undefined, true],
      ['root', text.length, 'kubernetes-admin', undefined],
      ['odd.name', text.length, 'kubernetes-admin', undefined],
    ]);
    expect(ask(homeKubeconfigs(['ops']), crowded.root, shell)).toMatchObject([
      { read: { shape: { user: 'kubernetes-admin' } } },
    ]);
  });

  test('nothing of their keys leaves the host, and nothing is changed', () => {
    const home = tree();
    const before = home.state();
    const { stdout, stderr } = probe(homeKubeconfigs(['root', 'ops']), home.root, shell);
    expect(leakedPieces(stdout + stderr, privatePieces(key.text))).toEqual([]);
    expect(stdout).not.toMatch(/nonsense/);
    expect(home.state()).toEqual(before);
  });

  test('a host without /etc/passwd, and a user whose config is a directory, have none', () => {
    expect(ask(homeKubeconfigs(['root']), Tree.forTest().root, shell)).toEqual([]);
    const odd = Tree.forTest().write('/etc/passwd', PASSWD).write('/root/.kube/config/x', '');
    expect(ask(homeKubeconfigs(['root']), odd.root, shell)).toEqual([]);
  });

  test('the name of a user is only a name', () => {
    const home = tree();
    expect(ask(homeKubeconfigs(['$(touch /tmp/x)', '-v', 'root:x', '.*', '']), home.root, shell)).toEqual([]);
  });
});
