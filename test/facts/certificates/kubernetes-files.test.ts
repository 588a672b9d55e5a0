import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { FactError } from '../../../src/core/fact.ts';
import { quoteWord, sh } from '../../../src/core/shell.ts';
import { givenKubeconfigs } from '../../../src/facts/certificates/given-kubeconfigs.ts';
import { homeKubeconfigs } from '../../../src/facts/certificates/home-kubeconfigs.ts';
import { kubernetesFiles } from '../../../src/facts/certificates/kubernetes-files.ts';
import { interpretHost } from '../../../src/kubeadm/host/interpret.ts';
import type { FileState, KubeadmHost } from '../../../src/kubeadm/host/model.ts';
import { untouchableAt } from '../../../src/kubeadm/host/untouchable.ts';
import { EMBEDDED } from '../../../src/steps/placing/staging.ts';
import { type HostDescription, type HostKeys, hostFiles } from '../../kubeadm/support/host-files.ts';
import { type LeafKey, newKey } from '../../kubeadm/support/keys.ts';
import { rawFiles } from '../../kubeadm/support/raw-files.ts';
import { leakedPieces, privateLines, privatePieces } from '../support/private-material.ts';
import { ask, describeInShells, ORDINARY, ORDINARY_USER, probe, withProgram } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

let keys: HostKeys;
let leafKeys: readonly LeafKey[];

beforeAll(async () => {
  const [rsa, ec, serviceAccount] = await Promise.all([newKey('RSA-2048'), newKey(), newKey()]);
  leafKeys = [rsa, ec];
  keys = {
    of: (name) => (name === 'apiserver' || name === 'admin.conf' ? rsa : ec),
    serviceAccount: serviceAccount.text,
  };
});

const LEAVES = {
  'etcd-peer': 'unreadable',
  'admin.conf': 'missing',
  'front-proxy-client': 'no key',
  'etcd-server': 'bundle',
};

/** The manifest of a pod that reads what is at one path of its host. */
function mounting(
  name: string,
  path: string,
  flag = '--kubeconfig=/srv/kubeconfig',
  mountPath = '/srv/kubeconfig',
): string {
  const container = { name, command: [name, flag], volumeMounts: [{ name: 'mounted', mountPath }] };
  const spec = { containers: [container], volumes: [{ name: 'mounted', hostPath: { path } }] };
  return JSON.stringify({ kind: 'Pod', metadata: { name }, spec });
}

describeInShells('in $name', (shell) => {
  test.each<[what: string, host: HostDescription]>([
    ['a master', { superAdmin: true }],
    [
      'a master in the middle of a run, with damaged files',
      {
        aside: ['apiserver', 'etcd-healthcheck-client', 'scheduler.conf'],
        leaves: LEAVES,
        kubelet: { conf: 'embedded' },
        files: { '/etc/kubernetes/.kplay-aside/manifest': 'kind: Pod' },
      },
    ],
    ['a worker', { role: 'worker' }],
    [
      "a worker whose kubelet's certificate and key are in two files",
      { role: 'worker', kubelet: { conf: 'two files' } },
    ],
    ['another machine', { role: 'none' }],
    [
      'a master on which kubelet has made an empty file for a pod that mounts one',
      { superAdmin: true, leaves: { 'super-admin.conf': 'empty' } },
    ],
  ])('%s is understood from its files as they are, and not touched', (_what, description) => {
    const { files } = hostFiles(description, keys);
    const tree = Tree.forTest().host(files);
    const before = tree.state();
    const host = ask(kubernetesFiles, tree.root, shell);
    expect(owned(host)).toEqual(owned(interpretHost(rawFiles(files))));
    expect(tree.state()).toEqual(before);
  });

  test.each([
    ['in one word', '    - --tls-sni-cert-key=/opt/a,/opt/a.key;/opt/b,/opt/b.key:b.example.org,c.example.org'],
    ['in quotes', '    - "--tls-sni-cert-key=/opt/a,/opt/a.key;/opt/b,/opt/b.key:*.example.org"'],
    ['in two words', '    - --tls-sni-cert-key\n    - /opt/a,/opt/a.key;/opt/b,/opt/b.key:b.example.org'],
    [
      'in two words, with the line ends of Windows',
      '    - --tls-sni-cert-key\n    - /opt/a,/opt/a.key;/opt/b,/opt/b.key:b.example.org',
      '\r\n',
    ],
    ['twice', '    - --tls-sni-cert-key=/opt/a,/opt/a.key\n    - --tls-sni-cert-key=/opt/b,/opt/b.key:b.example.org'],
  ])('what the API server serves under other names is found where its flag says: %s', (_what, flag, end = '\n') => {
    const { files } = hostFiles({}, keys);
    const path = '/etc/kubernetes/manifests/kube-apiserver.yaml';
    const manifest = files.get(path)?.content ?? '';
    const leaf = files.get('/etc/kubernetes/pki/apiserver.crt')?.content ?? '';
    const edited = manifest.replace(
      /^( *)- --tls-cert-file/m,
      (line, indent: string) => `${flag.replaceAll(/^ */gm, indent)}\n${line}`,
    );
    const tree = Tree.forTest().host(
      hostFiles({ files: { [path]: edited.replaceAll('\n', end), '/opt/a': leaf, '/opt/b': leaf } }, keys).files,
    );
    const { sniCertificates } = ask(kubernetesFiles, tree.root, shell);
    expect(sniCertificates.map(({ path: at, holding, authority }) => [at, holding.state, authority])).toEqual([
      ['/opt/a', 'present', 'ca'],
      ['/opt/b', 'present', 'ca'],
    ]);
  });

  test('manifests and kubeconfigs are understood with the line ends of Windows', () => {
    const certificate = hostFiles({}, keys).files.get('/etc/kubernetes/pki/apiserver.crt')?.content ?? '';
    const { files } = hostFiles(
      {
        flags: { 'kube-apiserver': { '--tls-cert-file': '/opt/api.crt' } },
        files: { '/opt/api.crt': certificate },
      },
      keys,
    );
    const tree = Tree.forTest().host(files);
    const plain = ask(kubernetesFiles, tree.root, shell);
    for (const { path, content, mode } of files.values()) {
      // The last line of a manifest of kubeadm's.
      const whole = path.startsWith('/etc/kubernetes/manifests/') ? `${content}status: {}\n` : content;
      if (/\.(yaml|conf)$/.test(path)) tree.write(path, whole.replaceAll('\n', '\r\n'), mode);
    }
    const host = ask(kubernetesFiles, tree.root, shell);
    const told = ({ staticPods, credentials }: KubeadmHost) => [
      staticPods.map(({ component, flags }) => [component, [...flags]]),
      credentials.map(({ name, holding, key, kubeconfig }) => [name, holding, key, kubeconfig]),
    ];
    expect(told(host)).toEqual(told(plain));
  });

  test.each([
    ['a block', /(client-(?:certificate|key)-data): (\S+)/g, '$1: |\n      $2'],
    ['the next line', /(client-(?:certificate|key)-data): (\S+)/g, '$1:\n      $2'],
    ['keys in quotes', /(client-(?:certificate|key)-data|current-context)(?=:)/g, '"$1"'],
  ])('a certificate in a kubeconfig with %s is not understood, and not taken for none', (_what, form, written) => {
    const path = '/etc/kubernetes/scheduler.conf';
    const { files } = hostFiles({}, keys);
    const text = (files.get(path)?.content ?? '').replace(form, written);
    const tree = Tree.forTest().host(hostFiles({ files: { [path]: text } }, keys).files);
    const scheduler = ask(kubernetesFiles, tree.root, shell).credentials.find(({ name }) => name === 'scheduler.conf');
    expect(scheduler?.holding.state).toBe('unreadable');
    expect(scheduler?.kubeconfig).not.toHaveProperty('lines');
    const [given] = ask(givenKubeconfigs([path]), tree.root, shell);
    const told = given?.state === 'read' ? given.users.map(({ holding }) => holding.state) : [given?.state];
    expect(told).toEqual(['unreadable']);
  });

  test('a private key in a kubeconfig can only be replaced where it is on the line of its name', () => {
    const path = '/etc/kubernetes/scheduler.conf';
    const text = (hostFiles({}, keys).files.get(path)?.content ?? '').replace(
      /(client-key-data): (\S+)/,
      '$1:\n      $2',
    );
    const tree = Tree.forTest().host(hostFiles({ files: { [path]: text } }, keys).files);
    const scheduler = ask(kubernetesFiles, tree.root, shell).credentials.find(({ name }) => name === 'scheduler.conf');
    expect(scheduler).toMatchObject({ holding: { state: 'present' }, key: 'absent' });
    expect(scheduler?.kubeconfig).not.toHaveProperty('lines');
  });

  test('what mounts files by where a link leads that takes the place of /etc/kubernetes reads them', () => {
    const real = '/data/kubernetes';
    const { files } = hostFiles(
      {
        files: {
          '/etc/kubernetes/manifests/kube-scheduler.yaml': mounting('kube-scheduler', `${real}/scheduler.conf`),
          '/etc/kubernetes/manifests/kube-vip.yaml': mounting('kube-vip', `${real}/admin.conf`),
        },
      },
      keys,
    );
    const tree = Tree.forTest().host(files);
    const seen = () => {
      const { staticPods, otherManifests } = ask(kubernetesFiles, tree.root, shell);
      const scheduler = staticPods.find(({ component }) => component === 'kube-scheduler');
      return [scheduler?.kubeconfig, otherManifests.map(({ reads }) => reads)];
    };
    expect(seen()).toEqual([`${real}/scheduler.conf`, [[]]]);
    mkdirSync(join(tree.root, 'data'));
    renameSync(join(tree.root, 'etc/kubernetes'), join(tree.root, real));
    symlinkSync('../data/kubernetes', join(tree.root, 'etc/kubernetes'));
    expect(seen()).toEqual(['/etc/kubernetes/scheduler.conf', [['admin.conf']]]);
  });

  test('what the API server serves under other names is found there, too', () => {
    const [real, own, flag] = ['/data/kubernetes', '/etc/kubernetes', '--tls-sni-cert-key'];
    const pair = ['crt', 'key'].map((ending) => `${own}/pki/apiserver-kubelet-client.${ending}`).join();
    const server = mounting(
      'kube-apiserver',
      `${real}/vip`,
      `${flag}=${own}/vip/vip.crt,${own}/vip/vip.key`,
      `${own}/vip`,
    );
    const { files } = hostFiles({ files: { [`${own}/manifests/kube-apiserver.yaml`]: server } }, keys);
    const tree = Tree.forTest().host(files);
    mkdirSync(join(tree.root, 'data'));
    mkdirSync(join(tree.root, own, 'vip'));
    for (const [index, path] of pair.split(',').entries())
      linkSync(join(tree.root, path), join(tree.root, own, 'vip', index === 0 ? 'vip.crt' : 'vip.key'));
    renameSync(join(tree.root, own), join(tree.root, real));
    symlinkSync('../data/kubernetes', join(tree.root, own));
    expect(ask(kubernetesFiles, tree.root, shell).sniCertificates).toMatchObject([
      { path: `${own}/vip/vip.crt`, holding: { state: 'present' }, authority: 'ca' },
    ]);
  });

  test('a file that a run moves while the host is read is missing, and hides no other', () => {
    const tree = Tree.forTest().host(hostFiles({}, keys).files);
    const sort = shell.name === 'busybox' ? `${quoteWord(shell.command[0])} sort` : '/usr/bin/sort';
    const script = `rm -f ${quoteWord(join(tree.root, 'etc/kubernetes/admin.conf'))}\nexec ${sort} "$@"`;
    const host = ask(kubernetesFiles, tree.root, withProgram('sort', script, shell));
    expect(host.hidden).toBeUndefined();
    const states = host.credentials.map(({ name, holding, key }) => [name, `${holding.state}, key ${key}`]);
    expect(Object.fromEntries(states)).toMatchObject({
      'admin.conf': 'absent, key absent',
      'controller-manager.conf': 'present, key match',
      'scheduler.conf': 'present, key match',
    });
  });

  test('what an ordinary user may not read is hidden, never missing', () => {
    const { files } = hostFiles({}, keys);
    const tree = Tree.forTest().host(files);
    chmodSync(tree.root, 0o755);
    for (const path of files.keys()) if (/\.(key|conf|pem|yaml)$/.test(path)) chmodSync(join(tree.root, path), 0);
    chmodSync(join(tree.root, '/etc/kubernetes/pki/etcd'), 0);
    try {
      const host = ask(kubernetesFiles, tree.root, shell, ORDINARY_USER);
      expect(host.role).toBe('control-plane');
      const states = host.credentials.map(({ name, holding, key }) => [name, `${holding.state}, key ${key}`]);
      expect(Object.fromEntries(states)).toEqual({
        apiserver: 'present, key hidden',
        'apiserver-kubelet-client': 'present, key hidden',
        'front-proxy-client': 'present, key hidden',
        'apiserver-etcd-client': 'present, key hidden',
        'etcd-server': 'hidden, key hidden',
        'etcd-peer': 'hidden, key hidden',
        'etcd-healthcheck-client': 'hidden, key hidden',
        'admin.conf': 'hidden, key hidden',
        'controller-manager.conf': 'hidden, key hidden',
        'scheduler.conf': 'hidden, key hidden',
        'kubelet-client': 'hidden, key hidden',
        'kubelet-server': 'present, key hidden',
      });
      expect(host.otherManifests).toEqual([]);
      expect(host.hidden?.user).toMatch(/^\S+$/);
      expect(host.hidden?.paths).toEqual(
        expect.arrayContaining([
          '/etc/kubernetes/pki/etcd',
          '/etc/kubernetes/admin.conf',
          '/etc/kubernetes/pki/ca.key',
        ]),
      );
    } finally {
      chmodSync(join(tree.root, '/etc/kubernetes/pki/etcd'), 0o755);
    }
  });

  test('a directory in which no file can be made is told', () => {
    const tree = Tree.forTest().host(hostFiles({}, keys).files);
    chmodSync(tree.root, 0o755);
    const place = (path: string): string => join(tree.root, '/etc/kubernetes', path);
    for (const path of ['', 'pki', 'manifests', '../../var/lib/kubelet/pki']) chmodSync(place(path), 0o777);
    chmodSync(place('pki/etcd'), 0o555);
    try {
      const { closed } = ask(kubernetesFiles, tree.root, shell, ORDINARY_USER);
      expect(closed.filter((path) => statSync(join(tree.root, path)).isDirectory())).toEqual([
        '/etc/kubernetes/pki/etcd',
      ]);
    } finally {
      chmodSync(place('pki/etcd'), 0o755);
    }
  });

  test('a file that cannot be written is told', () => {
    const tree = Tree.forTest().host(hostFiles({}, keys).files);
    chmodSync(tree.root, 0o755);
    chmodSync(join(tree.root, '/etc/kubernetes/admin.conf'), 0o666);
    chmodSync(join(tree.root, '/etc/kubernetes/scheduler.conf'), 0o444);
    const { closed } = ask(kubernetesFiles, tree.root, shell, ORDINARY_USER);
    expect(closed.filter((path) => /\/(admin|scheduler)\.conf$/.test(path))).toEqual([
      '/etc/kubernetes/scheduler.conf',
    ]);
  });

  test('of a directory that is closed to an ordinary user nothing is known, and that is said', () => {
    const tree = Tree.forTest().host(hostFiles({}, keys).files);
    chmodSync(tree.root, 0o755);
    const places = ['/etc/kubernetes', '/var/lib/kubelet'].map((path) => join(tree.root, path));
    for (const place of places) chmodSync(place, 0);
    try {
      const host = ask(kubernetesFiles, tree.root, shell, ORDINARY_USER);
      expect(host).toMatchObject({ role: 'none', hidden: { paths: ['/etc/kubernetes', '/var/lib/kubelet'] } });
    } finally {
      for (const place of places) chmodSync(place, 0o755);
    }
  });

  test('no byte of any private key leaves the host', () => {
    const description: HostDescription = {
      superAdmin: true,
      kubelet: { conf: 'embedded' },
      aside: ['scheduler.conf', 'etcd-peer'],
      files: secretFiles(),
    };
    const { files, authorities } = hostFiles(description, keys);
    const { stdout, stderr } = probe(kubernetesFiles, Tree.forTest().host(files).root, shell);
    const output = stdout + stderr;
    const privateKeys = [
      keys.serviceAccount,
      ...[...leafKeys, ...Object.values(authorities).map(({ key }) => key)].map(({ text }) => text),
    ];
    expect(stdout).toContain('=K ');
    for (const pem of privateKeys) {
      const lines = privateLines(pem);
      const pieces = privatePieces(pem);
      expect(lines.filter((line) => output.includes(line))).toEqual([]);
      expect(leakedPieces(output, pieces)).toEqual([]);
      // The pieces are looked for in the right form: the key itself holds all of them.
      expect(leakedPieces(`${pem.replaceAll('\n', '')} ${Buffer.from(pem).toString('base64')}`, pieces)).toHaveLength(
        pieces.size,
      );
    }
    expect(stdout).not.toMatch(/hunter2|PRIVATE KEY|sesame/);
  });

  test.each([
    ['https://[fd77::1]:6443'],
    ['https://[::1]:6443'],
    ['https://[fd77::]'],
    ['https://[fe80::1%25eth0]:6443'],
    ['https://[::ffff:10.0.0.1]:6443'],
    ['https://api.example:6443'],
  ])('the address %s of an API server is known, however it is written', (server) => {
    const { files } = hostFiles({}, keys);
    const config = files.get('/etc/kubernetes/admin.conf')?.content ?? '';
    for (const written of [server, `"${server}"`, `'${server}'`]) {
      const tree = Tree.forTest().host(files);
      tree.write('/etc/kubernetes/admin.conf', config.replace(/server: .*/, `server: ${written}`));
      const { credentials } = ask(kubernetesFiles, tree.root, shell);
      expect(credentials.find(({ name }) => name === 'admin.conf')?.kubeconfig?.server).toBe(server);
    }
  });

  test('the certificate of a kubeconfig is read from the file that it names, wherever that is', () => {
    const { files } = hostFiles({}, keys);
    const tree = Tree.forTest().host(files);
    const certificate = files.get('/etc/kubernetes/pki/apiserver-kubelet-client.crt')?.content ?? '';
    tree.write('/opt/scheduler.pem', certificate);
    tree.write('/etc/kubernetes/manager.crt', certificate);
    const config = files.get('/etc/kubernetes/scheduler.conf')?.content ?? '';
    tree.write('/opt/my pki/s.pem', certificate);
    const naming = (path: string) => config.replace(/client-certificate-data: .*/, `client-certificate: ${path}`);
    tree.write('/etc/kubernetes/controller-manager.conf', naming('manager.crt'));
    for (const [written, path] of [
      ['/opt/scheduler.pem', '/opt/scheduler.pem'],
      ['"/opt/scheduler.pem"', '/opt/scheduler.pem'],
      [`'/opt/scheduler.pem'`, '/opt/scheduler.pem'],
      ['/opt/scheduler.pem # by the vault', '/opt/scheduler.pem'],
      ['/opt/my pki/s.pem', '/opt/my pki/s.pem'],
    ]) {
      tree.write('/etc/kubernetes/scheduler.conf', naming(written ?? ''));
      const { credentials } = ask(kubernetesFiles, tree.root, shell);
      const named = credentials.flatMap(({ name, named }) => (named ? [[name, named.path, named.holding.state]] : []));
      expect(named).toEqual([
        ['controller-manager.conf', '/etc/kubernetes/manager.crt', 'present'],
        ['scheduler.conf', path, 'present'],
      ]);
    }
    tree.write('/etc/kubernetes/scheduler.conf', naming('/opt/scheduler.pem').replaceAll('\n', '\r\n'));
    const ofWindows = ask(kubernetesFiles, tree.root, shell).credentials.find(({ name }) => name === 'scheduler.conf');
    expect(ofWindows?.named?.holding.state).toBe('present');
  });

  test('the key of a kubeconfig is that of the user of its current context, wherever others have put theirs', () => {
    const { files } = hostFiles({}, keys);
    const path = '/etc/kubernetes/admin.conf';
    const config = files.get(path)?.content ?? '';
    const [key = ''] = /client-key-data: .*\n/.exec(config) ?? [];
    const other = `client-key-data: ${Buffer.from(leafKeys[1]?.text ?? '').toString('base64')}\n`;
    const withOther = (text: string, data: string) =>
      text.replace('users:\n', `users:\n- name: bob\n  user:\n    client-certificate-data: eA==\n    ${data}`);
    const tree = Tree.forTest().host(files);
    const keyOf = (text: string) => {
      tree.write(path, text, '0600');
      return ask(kubernetesFiles, tree.root, shell).credentials.find(({ name }) => name === 'admin.conf')?.key;
    };
    expect(keyOf(withOther(config, other))).toBe('match');
    expect(keyOf(`${config}- name: zoe\n  user:\n    ${other}`)).toBe('match');
    expect(keyOf(withOther(config.replace(key, other), key))).toBe('mismatch');
    expect(keyOf(withOther(config.replace(key, 'client-key: /elsewhere.key\n'), key))).toBe('absent');
    expect(keyOf(config.replace(key, `client-key: /old.key\n    ${key}`))).toBe('match');
  });

  test.each<[how: string, write: (value: string) => string]>([
    ['in double quotes', (value) => `"${value}"`],
    ['in single quotes', (value) => `'${value}'`],
    ['with blanks behind it', (value) => `${value} \t`],
    ['on a line that ends in CR LF', (value) => `${value}\r`],
  ])('what a kubeconfig embeds is understood and can be replaced %s', (_how, write) => {
    const { files } = hostFiles({}, keys);
    const path = '/etc/kubernetes/admin.conf';
    const written = (files.get(path)?.content ?? '').replace(
      /(client-\w+-data: )(.*)/g,
      (_, name: string, value: string) => name + write(value),
    );
    const tree = Tree.forTest()
      .host(files)
      .write(path, written, '0600')
      .write('/etc/passwd', 'root:x:0:0::/root:/bin/sh');
    tree.write('/root/.kube/config', written, '0600');
    const admin = ask(kubernetesFiles, tree.root, shell).credentials.find(({ name }) => name === 'admin.conf');
    expect(admin).toMatchObject({
      holding: { state: 'present' },
      key: 'match',
      kubeconfig: { lines: { certificate: 18, key: 19 } },
    });
    const [home] = ask(homeKubeconfigs(['root']), tree.root, shell);
    expect([...(home?.keyHolders ?? [])]).toEqual(['kubernetes-admin']);
    const script = sh`${EMBEDDED}
embedded "$R"${path} "$R/c" "$R/k"
`;
    const [program, ...parameters] = shell.command;
    const input = `R=${quoteWord(tree.root)}\n${script.reveal()}`;
    spawnSync(program, parameters, { input, env: { PATH: shell.path } });
    const decoded = Buffer.from(readFileSync(join(tree.root, 'k'), 'latin1').trim(), 'base64').toString();
    expect(decoded).toBe(keys.of('admin.conf').text);
    expect(readFileSync(join(tree.root, 'c'), 'latin1')).toMatch(/^[A-Za-z0-9+/=]+\n$/);
  });

  test('an address that brings a login is not known, and not taken for another one', () => {
    const { files } = hostFiles({}, keys);
    const config = files.get('/etc/kubernetes/admin.conf')?.content ?? '';
    const tree = Tree.forTest().host(files);
    tree.write('/etc/kubernetes/admin.conf', config.replace(/server: .*/, 'server: https://ops:hunter2@api:6443'));
    const { credentials } = ask(kubernetesFiles, tree.root, shell);
    const admin = credentials.find(({ name }) => name === 'admin.conf')?.kubeconfig;
    expect(admin).toMatchObject({ user: expect.any(String), server: undefined });
  });

  test('odd names do no harm, and what looks like an answer in a file is none', () => {
    const { files } = hostFiles({}, keys);
    const certificate = files.get('/etc/kubernetes/pki/apiserver-kubelet-client.crt')?.content ?? '';
    const tree = Tree.forTest().host(files);
    for (const name of [
      'with space.crt',
      '-n.crt',
      '$(touch x).crt',
      '*.crt',
      "it's.crt",
      '`id`.crt',
      'line\nbreak.crt',
      'ö.crt',
      '=F 1.crt',
    ])
      tree.write(`/etc/kubernetes/pki/${name}`, certificate);
    tree.write('/etc/kubernetes/manifests/odd name.yaml', '=K x\n|x\n=F 600 0 0 1 1 /etc/kubernetes/pki/ca.key\n');
    const host = ask(kubernetesFiles, tree.root, shell);
    expect(host.otherManifests.map(({ path }) => path)).toEqual(['/etc/kubernetes/manifests/odd name.yaml']);
    expect(owned({ ...host, otherManifests: [] })).toEqual(owned(interpretHost(rawFiles(files))));
  });
});

describeInShells('in $name, a file', (shell) => {
  test('that is dated before 1970 is there', () => {
    const tree = Tree.forTest().host(hostFiles({}, keys).files);
    const path = '/etc/kubernetes/pki/apiserver.crt';
    utimesSync(join(tree.root, path), new Date(-1_000_000), new Date(-1_000_000));
    const files = ask(kubernetesFiles, tree.root, shell).credentials.flatMap((credential) => credential.files);
    expect(files).toContainEqual(expect.objectContaining({ path, modifiedAt: -1_000 }));
  });
});

describe('a host whose stat is another', () => {
  const withStat = (script: string) => {
    const tools = Tree.forTest().write('/stat', `#!/bin/sh\n${script}\n`, '0755');
    return { ...ORDINARY, path: `${tools.root}:${ORDINARY.path}` };
  };

  test('is understood if that prints times without a zone, as busybox before 1.32', () => {
    const tree = Tree.forTest().host(hostFiles({}, keys).files);
    const older = withStat(`/usr/bin/stat "$@" | sed 's/[.][0-9]* [+-][0-9]* /.000000000 /'`);
    expect(probe(kubernetesFiles, tree.root, older).stdout).not.toMatch(/^=F .* \+0000 /m);
    const { role, credentials } = ask(kubernetesFiles, tree.root, ORDINARY);
    expect(ask(kubernetesFiles, tree.root, older)).toMatchObject({ role, credentials: { length: credentials.length } });
  });

  test('is refused if that tells nothing: it is not taken for a machine without such files', () => {
    const tree = Tree.forTest().host(hostFiles({}, keys).files);
    const none = withStat('exit 1');
    expect(() => ask(kubernetesFiles, tree.root, none)).toThrow(FactError);
    expect(ask(kubernetesFiles, Tree.forTest().root, none).role).toBe('none');
  });
});

test('kubelet’s flags are read from where the owner of a host adds some, too', () => {
  const added = (text: string) => Tree.forTest().host(hostFiles({}, keys).files).write('/etc/default/kubelet', text);
  const serving = (text: string) =>
    ask(kubernetesFiles, added(text).root, ORDINARY).credentials.filter(({ name }) => name === 'kubelet-server').length;
  expect(serving('KUBELET_EXTRA_ARGS=\n')).toBe(1);
  expect(serving('KUBELET_EXTRA_ARGS=--tls-cert-file=/etc/kubelet/serving.crt\n')).toBe(0);
});

describe('what is no file', () => {
  test.each([
    '/etc/kubernetes/pki/apiserver.crt',
    '/etc/kubernetes/pki/ca.key',
    '/etc/kubernetes/admin.conf',
    '/etc/kubernetes/kubelet.conf',
    '/etc/kubernetes/manifests/etcd.yaml',
    '/etc/kubernetes/.kplay-aside/etc/kubernetes/manifests/etcd.yaml',
    '/var/lib/kubelet/config.yaml',
    '/var/lib/kubelet/kubeadm-flags.env',
    '/var/lib/kubelet/pki/kubelet-client-current.pem',
  ])('is not waited for: a named pipe at %s', (path) => {
    const tree = Tree.forTest().host(hostFiles({ without: [path] }, keys).files);
    mkdirSync(dirname(join(tree.root, path)), { recursive: true });
    expect(spawnSync('sh', ['-c', 'mkfifo "$0"', join(tree.root, path)]).status).toBe(0);
    const { role, odd } = ask(kubernetesFiles, tree.root, ORDINARY);
    expect(role).toBe('control-plane');
    expect(odd).toEqual(/\.(crt|pem)$|\/admin\.conf$/.test(path) ? [path] : []);
  });

  test('is told of keys and kubeconfigs, and a certificate there is unreadable', () => {
    const paths = [
      '/etc/kubernetes/pki/etcd/peer.crt',
      '/etc/kubernetes/pki/etcd/peer.key',
      '/etc/kubernetes/admin.conf',
    ];
    const tree = Tree.forTest().host(hostFiles({ without: paths }, keys).files);
    for (const path of paths) spawnSync('sh', ['-c', 'mkfifo "$0"', join(tree.root, path)]);
    const { odd, credentials } = ask(kubernetesFiles, tree.root, ORDINARY);
    expect(odd).toEqual(paths);
    for (const name of ['etcd-peer', 'admin.conf'])
      expect(credentials.find((one) => one.name === name)?.holding).toEqual({
        state: 'unreadable',
        reason: 'it is not a file',
      });
  });

  test('is a directory in which something is; an empty one in the place of a file counts as nothing', () => {
    const [full, empty] = ['/etc/kubernetes/pki/apiserver.crt', '/etc/kubernetes/admin.conf'];
    const tree = Tree.forTest().host(hostFiles({ without: [full, empty] }, keys).files);
    tree.write(`${full}/somebody's`, 'x');
    mkdirSync(join(tree.root, empty));
    const { odd, credentials } = ask(kubernetesFiles, tree.root, ORDINARY);
    expect(odd).toEqual([full]);
    const holdingOf = (wanted: string) => credentials.find(({ name }) => name === wanted)?.holding.state;
    expect([holdingOf('apiserver'), holdingOf('admin.conf')]).toEqual(['unreadable', 'absent']);
  });
});

describe('what no step may write', () => {
  test('is known by whatever leads to it', () => {
    const { files } = hostFiles({}, keys);
    const tree = Tree.forTest().host(files).link('/srv/tls.key', '/etc/kubernetes/pki/sa.key');
    rmSync(join(tree.root, '/etc/kubernetes/pki/apiserver.crt'));
    symlinkSync('ca.crt', join(tree.root, '/etc/kubernetes/pki/apiserver.crt'));
    rmSync(join(tree.root, '/etc/kubernetes/pki/etcd/peer.crt'));
    linkSync(join(tree.root, '/etc/kubernetes/pki/etcd/ca.crt'), join(tree.root, '/etc/kubernetes/pki/etcd/peer.crt'));
    const { untouchable } = ask(kubernetesFiles, tree.root, ORDINARY);
    expect(untouchableAt(untouchable, '/etc/kubernetes/pki/apiserver.crt')?.path).toBe('/etc/kubernetes/pki/ca.crt');
    expect(untouchableAt(untouchable, '/etc/kubernetes/pki/etcd/peer.crt')?.path).toBe(
      '/etc/kubernetes/pki/etcd/ca.crt',
    );
    const { ino, dev } = statSync(join(tree.root, '/srv/tls.key'));
    expect(untouchableAt(untouchable, '/srv/tls.key', `${dev}:${ino}`)?.path).toBe('/etc/kubernetes/pki/sa.key');
  });
});

describe('files are found', () => {
  test('where pki is a link to another directory', () => {
    const tree = Tree.forTest().host(hostFiles({}, keys).files);
    renameSync(join(tree.root, 'etc/kubernetes/pki'), join(tree.root, 'etc/kubernetes/ssl'));
    tree.link('/etc/kubernetes/pki', '/etc/kubernetes/ssl');
    const host = ask(kubernetesFiles, tree.root, ORDINARY);
    expect(host.credentials.map(({ holding, key }) => `${holding.state} ${key}`)).toEqual(
      host.credentials.map(() => 'present match'),
    );
  });

  test.each([
    ['which no other file names', {}],
    ['while a manifest waits aside', { aside: ['apiserver', 'etcd-healthcheck-client'] }],
  ])("in a certificatesDir that is not kubeadm's own, %s", (_what, more) => {
    const { files } = hostFiles({ certificatesDirectory: '/srv/cluster/pki', ...more }, keys);
    const tree = Tree.forTest().host(files);
    const apiServer = 'etc/kubernetes/manifests/kube-apiserver.yaml';
    if ('aside' in more) {
      mkdirSync(join(tree.root, 'etc/kubernetes/.kplay-aside/etc/kubernetes/manifests'), { recursive: true });
      renameSync(join(tree.root, apiServer), join(tree.root, 'etc/kubernetes/.kplay-aside', apiServer));
    }
    const host = ask(kubernetesFiles, tree.root, ORDINARY);
    expect(host.certificatesDirectory).toBe('/srv/cluster/pki');
    expect(host.authorities.map(({ name, key }) => `${name} ${key}`)).toEqual([
      'ca match',
      'etcd-ca match',
      'front-proxy-ca match',
    ]);
    expect(host.serviceAccountFiles).toHaveLength(2);
    const absent = host.credentials.flatMap(({ name, files: [file] }) => (file ? [] : [name]));
    expect(absent).toEqual('aside' in more ? more.aside : []);
  });

  test('where a manifest names them', () => {
    const flags = { '--tls-cert-file': '/srv/tls/api.crt', '--tls-private-key-file': '/srv/tls/api.key' };
    const tree = Tree.forTest().host(hostFiles({ flags: { 'kube-apiserver': flags } }, keys).files);
    mkdirSync(join(tree.root, 'srv/tls'), { recursive: true });
    for (const [from, to] of [
      ['apiserver.crt', 'api.crt'],
      ['apiserver.key', 'api.key'],
    ] as const)
      renameSync(join(tree.root, 'etc/kubernetes/pki', from), join(tree.root, 'srv/tls', to));
    expect(ask(kubernetesFiles, tree.root, ORDINARY).credentials[0]).toMatchObject({
      name: 'apiserver',
      certificatePath: '/srv/tls/api.crt',
      key: 'match',
      holding: { state: 'present' },
    });
  });

  const ENTRY = /^( *- )"?(--tls-[a-z-]*-file)=([^"\n]*)"?$/gm;
  test.each<[how: string, form: (manifest: string) => string]>([
    ['a value in an entry of its own', (text) => text.replace(ENTRY, '$1$2\n$1$3')],
    ['a value in an entry of its own, in quotes', (text) => text.replace(ENTRY, `$1"$2"\n$1'$3'`)],
    ['an entry in single quotes', (text) => text.replace(ENTRY, "$1'$2=$3'")],
    [
      'a list on one line',
      (text) =>
        text.replace(/^( *)- command:\n((?: *- .*\n)+)/m, (_all, indent: string, list: string) => {
          const words = list
            .trim()
            .split('\n')
            .map((line) => line.trim().replace(/^- "?|"$/g, ''));
          return `${indent}- command: [${words.map((word) => JSON.stringify(word)).join(', ')}]\n`;
        }),
    ],
  ])('where a manifest names them in another form: %s', (_how, form) => {
    const flags = { '--tls-cert-file': '/srv/tls/api.cer', '--tls-private-key-file': '/srv/tls/api.pkey' };
    const { files } = hostFiles({ flags: { 'kube-apiserver': flags } }, keys);
    const path = '/etc/kubernetes/manifests/kube-apiserver.yaml';
    const manifest = String(files.get(path)?.content);
    expect(form(manifest)).not.toBe(manifest);
    const tree = Tree.forTest().host(files).write(path, form(manifest));
    mkdirSync(join(tree.root, 'srv/tls'), { recursive: true });
    for (const [from, to] of [
      ['apiserver.crt', 'api.cer'],
      ['apiserver.key', 'api.pkey'],
    ] as const)
      renameSync(join(tree.root, 'etc/kubernetes/pki', from), join(tree.root, 'srv/tls', to));
    expect(ask(kubernetesFiles, tree.root, ORDINARY).credentials[0]).toMatchObject({
      name: 'apiserver',
      certificatePath: '/srv/tls/api.cer',
      keyPath: '/srv/tls/api.pkey',
      key: 'match',
      holding: { state: 'present' },
    });
  });

  test.each(['"/etc/kubelet.d"', "'/etc/kubelet.d'", '/etc/kubelet.d/  # ours'])(
    'where kubelet looks for manifests: %s',
    (path) => {
      const tree = Tree.forTest().host(
        hostFiles(
          { files: { '/var/lib/kubelet/config.yaml': `kind: KubeletConfiguration\nstaticPodPath: ${path}\n` } },
          keys,
        ).files,
      );
      renameSync(join(tree.root, 'etc/kubernetes/manifests'), join(tree.root, 'etc/kubelet.d'));
      const host = ask(kubernetesFiles, tree.root, ORDINARY);
      expect(host.manifestsDirectory).toBe('/etc/kubelet.d');
      expect(host.staticPods).toHaveLength(4);
    },
  );

  test.each([
    ['/srv/trust/ca.crt', '\n'],
    ['/srv/trust/bundle', '\n'],
    ['/srv/trust/bundle', '\r\n'],
  ])("where a kubeconfig names a CA's file: %j, at the end of its line %j", (path, end) => {
    const { files } = hostFiles({}, keys);
    const ca = files.get('/etc/kubernetes/pki/ca.crt')?.content ?? '';
    const config = files.get('/etc/kubernetes/admin.conf')?.content ?? '';
    const named = config.replace(/certificate-authority-data: .*/, `certificate-authority: ${path}`);
    expect(named).not.toBe(config);
    const tree = Tree.forTest()
      .host(files)
      .write('/etc/kubernetes/admin.conf', named.replaceAll('\n', end))
      .write(path, ca);
    const { trust, untouchable } = ask(kubernetesFiles, tree.root, ORDINARY);
    const found = trust.find((one) => one.path === '/etc/kubernetes/admin.conf');
    expect(found?.authorities).toMatchObject({
      state: 'present',
      certificate: { subject: { commonName: 'kubernetes' } },
    });
    expect(untouchable.find((one) => one.path === path)?.inode).toBeDefined();
  });

  test('as those of a worker whose kubelet.conf is not understood', () => {
    const { files } = hostFiles({ role: 'worker' }, keys);
    const path = '/etc/kubernetes/kubelet.conf';
    const conf = files.get(path)?.content ?? '';
    for (const content of [
      '',
      conf.replace(/^users:/m, '"users":'),
      JSON.stringify({ kind: 'Config' }),
      'users:\n- name: "x',
    ])
      expect(ask(kubernetesFiles, Tree.forTest().host(files).write(path, content).root, ORDINARY)).toMatchObject({
        role: 'worker',
        kubelet: { unreadable: expect.any(String) },
        credentials: [{ name: 'kubelet-client', holding: { state: 'unreadable' } }, { name: 'kubelet-server' }],
      });
  });

  test('of all that kubelet has ever had only where it has them now', () => {
    const { files } = hostFiles({ role: 'worker' }, keys);
    const pki = '/var/lib/kubelet/pki';
    const pem = files.get(`${pki}/kubelet-client-current.pem`)?.content ?? '';
    const tree = Tree.forTest().host(files);
    const before = probe(kubernetesFiles, tree.root, ORDINARY).stdout;
    for (let day = 10; day < 30; day++)
      for (const name of ['client', 'server'])
        tree.write(`${pki}/kubelet-${name}-2025-01-${day}-12-00-00${day < 20 ? '' : '-kplay'}.pem`, pem, '0600');
    expect(probe(kubernetesFiles, tree.root, ORDINARY).stdout.length).toBeLessThan(before.length + 1000);
    const named = `${pki}/kubelet-client-2025-01-10-12-00-00.pem`;
    const conf = files
      .get('/etc/kubernetes/kubelet.conf')
      ?.content.replaceAll(`${pki}/kubelet-client-current.pem`, named);
    tree.write('/etc/kubernetes/kubelet.conf', conf ?? '').link(`${pki}/kubelet-server-current.pem`, named);
    // One that was moved aside is waited for, whatever its name.
    tree.write(`/etc/kubernetes/.kplay-aside${pki}/kubelet-server-2025-01-11-12-00-00.pem`, pem);
    expect(ask(kubernetesFiles, tree.root, ORDINARY).credentials).toMatchObject([
      { name: 'kubelet-client', certificatePath: named, holding: { state: 'present' }, key: 'match' },
      { name: 'kubelet-server', certificatePath: `${pki}/kubelet-server-current.pem`, holding: { state: 'present' } },
    ]);
    expect(probe(kubernetesFiles, tree.root, ORDINARY).stdout).toContain(
      '/.kplay-aside/var/lib/kubelet/pki/kubelet-server-2025',
    );
  });

  test('where kubelet.conf names them', () => {
    const { files } = hostFiles({ role: 'worker' }, keys);
    const current = '/var/lib/kubelet/pki/kubelet-client-current.pem';
    const conf =
      files.get('/etc/kubernetes/kubelet.conf')?.content.replaceAll(current, '/srv/kubelet/client.pem') ?? '';
    const tree = Tree.forTest()
      .host(files)
      .write('/etc/kubernetes/kubelet.conf', conf)
      .write('/srv/kubelet/client.pem', files.get(current)?.content ?? '');
    expect(ask(kubernetesFiles, tree.root, ORDINARY).credentials[0]).toMatchObject({
      certificatePath: '/srv/kubelet/client.pem',
      key: 'match',
      holding: { state: 'present' },
    });
  });
});

/** Files with secrets of every kind that a host may have, in places that are looked at. */
function secretFiles(): Readonly<Record<string, string>> {
  const [, ec] = leafKeys;
  const encoded = Buffer.from(ec?.text ?? '').toString('base64');
  return {
    '/etc/kubernetes/token.conf':
      'users:\n- name: a\n  user:\n    token: hunter2\n- name: b\n  user: {password: hunter2, username: x}\n',
    '/etc/kubernetes/exec.conf':
      'users:\n- name: a\n  user:\n    exec:\n      command: x\n      args:\n      - --token=hunter2\n      env:\n      - name: A\n        value: hunter2\n    auth-provider:\n      config:\n        client-secret: hunter2\n        id-token: hunter2\n',
    '/etc/kubernetes/flow.conf': `users: [{name: a, user: {client-key-data: ${encoded}}}]\n`,
    '/etc/kubernetes/flow-exec.conf':
      'users: [{name: a, user: {exec: {command: x, env: [{name: A, value: hunter2}], args: [--a, hunter2]}}}]\n',
    '/etc/kubernetes/flow-compact.conf':
      'users: [{"name":"a","user":{"exec":{"env":[{"name":"A","value":"hunter2"}]}}}]\n',
    '/etc/kubernetes/flow-lines.conf':
      'users:\n- name: a\n  user: {auth-provider: {config: {access-key: hunter2}}}\n- name: t\n  user: {exec:{args:[--hunter2]}}\n- name: v\n  user: {exec:[https://[fd77::1]:6443, hunter2]}\n- name: b, user: {"exec": {"env": [{"name":"A","value":"hunter2"}]}}\nclusters:\n- name: c\n  cluster: {server: "https://c", proxy-url: "http://ops:hunter2@proxy"}\n- name: d\n  cluster:\n    server: https://ops:hunter2@d\n    proxy-url: http://ops:hunter2@proxy\n',
    '/etc/kubernetes/json.conf': JSON.stringify({
      users: [{ name: 'a', user: { 'client-key-data': encoded, token: 'hunter2' } }],
    }),
    '/etc/kubernetes/folded.conf': `users:\n- name: a\n  user:\n    client-key-data: >-\n      ${encoded}\n    "client-key-data": ${encoded}\n    ? client-key-data\n    : ${encoded}\n`,
    '/etc/kubernetes/pem.conf': ec?.text ?? '',
    '/etc/kubernetes/comment.conf': `# client-key-data: ${encoded}\n# password hunter2\n`,
    '/etc/kubernetes/pki/combined.crt': `${ec?.text}sesame\n`,
    '/etc/kubernetes/pki/encrypted.key':
      '-----BEGIN ENCRYPTED PRIVATE KEY-----\nsesame\n-----END ENCRYPTED PRIVATE KEY-----\n',
    '/etc/kubernetes/pki/odd.key': 'sesame\n',
    '/etc/kubernetes/pki/sa.pub': 'sesame\n',
    '/var/lib/kubelet/pki/old.pem': `${ec?.text}`,
    '/etc/kubernetes/passwords.csv': 'hunter2\n',
  };
}

/** With the owner that the files of a described host have. */
function owned(host: KubeadmHost): KubeadmHost {
  const own = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(own);
    if (value instanceof Map) return value;
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([key]) => key !== 'inode' && key !== 'directories');
    const fields = Object.fromEntries(entries.map(([key, inner]) => [key, own(inner)]));
    return 'sha256' in fields && 'uid' in fields ? ({ ...fields, uid: 0, gid: 0 } as unknown as FileState) : fields;
  };
  return own(host) as KubeadmHost;
}
