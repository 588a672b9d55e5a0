import { describe, expect, test } from 'vitest';
import { plannedFile } from '../../../src/kubeadm/certificates/transition.ts';
import { interpretHost } from '../../../src/kubeadm/host/interpret.ts';
import type { KubeadmHost } from '../../../src/kubeadm/host/model.ts';
import type { RawFile } from '../../../src/kubeadm/host/raw-files.ts';
import { readersOf } from '../../../src/kubeadm/restarts/restart.ts';
import { fc } from '../../support/random-cases.ts';
import { type HostDescription, hostFiles } from '../support/host-files.ts';
import { DAY, NOW, newIssuing, newLeaf, pemOf, RSA_KEY } from '../support/keys.ts';
import { describedHost, rawFiles } from '../support/raw-files.ts';

const MANIFESTS = '/etc/kubernetes/manifests';
const ALL_MANIFESTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(
  (name) => `${MANIFESTS}/${name}.yaml`,
);

/** As in kubeadm's instructions for an etcd of its own: only what etcd needs is there, and no kubelet.conf. */
const ETCD_ALONE = {
  without: [
    ...ALL_MANIFESTS.filter((path) => !path.endsWith('etcd.yaml')),
    ...['ca.crt', 'ca.key', 'front-proxy-ca.crt', 'front-proxy-ca.key', 'sa.key', 'sa.pub'].map(
      (name) => `/etc/kubernetes/pki/${name}`,
    ),
  ],
  leaves: Object.fromEntries(
    [
      'apiserver',
      'apiserver-kubelet-client',
      'front-proxy-client',
      'admin.conf',
      'controller-manager.conf',
      'scheduler.conf',
    ].map((name) => [name, 'missing']),
  ),
  kubelet: { conf: 'missing' },
} as const satisfies HostDescription;

/** `apiserver present match ca`: state, key, and by whom it is signed. */
function summary(host: KubeadmHost): readonly string[] {
  return host.credentials.map(({ name, holding, key, signedByAuthority }) =>
    [name, holding.state, key, signedByAuthority === undefined ? '?' : signedByAuthority ? 'signed' : 'foreign'].join(
      ' ',
    ),
  );
}

function one(host: HostDescription, name: string): string | undefined {
  return summary(describedHost(host))
    .find((line) => line.startsWith(`${name} `))
    ?.slice(name.length + 1);
}

const CURRENT_PEM = '/var/lib/kubelet/pki/kubelet-client-current.pem';

describe('what a host is', () => {
  test.each<[what: string, host: HostDescription, expected: Partial<KubeadmHost>]>([
    ['a master with its own etcd', {}, { role: 'control-plane', etcd: 'stacked', nodeName: 'master-1' }],
    ['a master with an etcd elsewhere', { etcd: 'external' }, { role: 'control-plane', etcd: 'external' }],
    [
      'a worker',
      { role: 'worker', node: 'worker-1' },
      { role: 'worker', etcd: 'none', nodeName: 'worker-1', staticPods: [] },
    ],
    ['no member of a cluster', { role: 'none' }, { role: 'none', etcd: 'none', nodeName: undefined, credentials: [] }],
    ['a member of an etcd for other masters', ETCD_ALONE, { role: 'etcd', etcd: 'stacked', nodeName: 'master-1' }],
    [
      'a member of an etcd for other masters, which has joined as a worker',
      { ...ETCD_ALONE, kubelet: {} },
      { role: 'etcd' },
    ],
    [
      'a master that has lost all but etcd, and the key of service accounts',
      { ...ETCD_ALONE, without: ETCD_ALONE.without.filter((path) => !path.endsWith('sa.key')) },
      { role: 'control-plane' },
    ],
    [
      'a master of which not everything may be read',
      { ...ETCD_ALONE, hidden: ['/etc/kubernetes/pki/sa.key'] },
      { role: 'control-plane' },
    ],
    [
      'a master that has lost its manifests',
      { without: ALL_MANIFESTS },
      { role: 'control-plane', etcd: 'stacked', staticPods: [] },
    ],
    [
      'a master whose API server’s certificate is gone',
      { leaves: { apiserver: 'missing' } },
      { role: 'control-plane' },
    ],
  ])('%s', (_what, host, expected) => {
    expect(describedHost(host)).toMatchObject(expected);
  });

  test('the certificates directory is where the manifests say', () => {
    const at = (host: HostDescription) => describedHost(host).certificatesDirectory;
    expect(at({})).toBe('/etc/kubernetes/pki');
    expect(at({ certificatesDirectory: '/etc/kubernetes/ssl' })).toBe('/etc/kubernetes/ssl');
    expect(
      at({ certificatesDirectory: '/etc/kubernetes/ssl', flags: { 'kube-apiserver': { '--client-ca-file': null } } }),
    ).toBe('/etc/kubernetes/ssl');
    expect(at({ certificatesDirectory: '/etc/kubernetes/ssl', without: [`${MANIFESTS}/kube-apiserver.yaml`] })).toBe(
      '/etc/kubernetes/ssl',
    );
    expect(at({ certificatesDirectory: '/etc/kubernetes/ssl', without: ALL_MANIFESTS })).toBe('/etc/kubernetes/pki');
    expect(at({ flags: { 'kube-apiserver': { '--client-ca-file': 'relative.crt' } } })).toBe('/etc/kubernetes/pki');
  });

  test('files that kubelet runs though kubeadm did not put them there are told', () => {
    const others = (files: Readonly<Record<string, string>>) =>
      describedHost({ files }).otherManifests.map(({ path }) => path);
    expect(others({ [`${MANIFESTS}/kube-vip.yaml`]: 'kind: Pod', [`${MANIFESTS}/etcd.yaml.bak`]: 'x' })).toEqual([
      `${MANIFESTS}/kube-vip.yaml`,
      `${MANIFESTS}/etcd.yaml.bak`,
    ]);
    expect(others({ [`${MANIFESTS}/.hidden.yaml`]: 'x', [`${MANIFESTS}/sub/deep.yaml`]: 'x' })).toEqual([]);
  });

  test('a hidden copy of a manifest is no static pod', () => {
    const text = hostFiles().files.get(`${MANIFESTS}/etcd.yaml`)?.content ?? '';
    const host = describedHost({ without: [`${MANIFESTS}/etcd.yaml`], files: { [`${MANIFESTS}/.etcd.yaml`]: text } });
    expect(host.staticPods.map(({ component }) => component)).not.toContain('etcd');
  });

  test('what signs service account tokens is seen, and no leaf', () => {
    const host = describedHost();
    expect(host.serviceAccountFiles.map(({ path }) => path)).toEqual([
      '/etc/kubernetes/pki/sa.key',
      '/etc/kubernetes/pki/sa.pub',
    ]);
    expect(
      host.credentials.flatMap(({ files }) => files.map(({ path }) => path)).filter((path) => path.includes('/sa.')),
    ).toEqual([]);
  });
});

describe('the leaves of a host', () => {
  test('are kubeadm’s, in its order, then the kubelet’s', () => {
    expect(summary(describedHost({ superAdmin: true }))).toEqual([
      'apiserver present match signed',
      'apiserver-kubelet-client present match signed',
      'front-proxy-client present match signed',
      'apiserver-etcd-client present match signed',
      'etcd-server present match signed',
      'etcd-peer present match signed',
      'etcd-healthcheck-client present match signed',
      'admin.conf present match signed',
      'super-admin.conf present match signed',
      'controller-manager.conf present match signed',
      'scheduler.conf present match signed',
      'kubelet-client present match signed',
      'kubelet-server present match ?',
    ]);
  });

  test('of a master with an etcd elsewhere are without etcd’s, but for the pair that its API server shows', () => {
    expect(summary(describedHost({ etcd: 'external' })).map((line) => line.split(' ')[0])).toEqual([
      'apiserver',
      'apiserver-kubelet-client',
      'front-proxy-client',
      'apiserver-etcd-client',
      'admin.conf',
      'controller-manager.conf',
      'scheduler.conf',
      'kubelet-client',
      'kubelet-server',
    ]);
  });

  test.each([
    ['/etc/etcd/client.cert', '-3d', true],
    ['/etc/etcd/client', '-3d', true],
    ['', undefined, false],
    [null, undefined, false],
  ])('of a master with an etcd elsewhere are with the pair in %s, whatever it is called', (path, ends, isThere) => {
    const host = describedHost({
      etcd: 'external',
      flags: { 'kube-apiserver': { '--etcd-certfile': path } },
      ...(path && { links: { [path]: '/etc/etcd/client.crt' } }),
      ...(ends !== undefined && { leaves: { 'apiserver-etcd-client': ends } }),
    });
    const pair = host.credentials.find(({ name }) => name === 'apiserver-etcd-client');
    expect(pair?.holding.state).toBe(isThere ? 'present' : undefined);
  });

  test('of a host that runs only etcd are etcd’s, and of clients those that are there', () => {
    const names = (host: HostDescription) => describedHost(host).credentials.map(({ name }) => name);
    const own = ['etcd-server', 'etcd-peer'];
    const clients = { 'apiserver-etcd-client': 'missing', 'etcd-healthcheck-client': 'missing' };
    expect(names(ETCD_ALONE)).toEqual(['apiserver-etcd-client', ...own, 'etcd-healthcheck-client']);
    expect(names({ ...ETCD_ALONE, leaves: { ...ETCD_ALONE.leaves, ...clients, 'etcd-peer': 'missing' } })).toEqual(own);
  });

  test('of a worker are the kubelet’s', () => {
    expect(summary(describedHost({ role: 'worker' }))).toEqual([
      'kubelet-client present match signed',
      'kubelet-server present match ?',
    ]);
  });

  test.each<[state: string, name: string, expected: string]>([
    ['missing', 'apiserver', 'absent absent ?'],
    ['empty', 'apiserver', 'unreadable unknown ?'],
    ['unreadable', 'apiserver', 'unreadable unknown ?'],
    ['no key', 'apiserver', 'present absent signed'],
    ['other key', 'apiserver', 'present mismatch signed'],
    ['encrypted key', 'apiserver', 'present encrypted signed'],
    ['foreign signer', 'apiserver', 'present match foreign'],
    ['bundle', 'apiserver', 'present match signed'],
    ['missing', 'admin.conf', 'absent absent ?'],
    ['empty', 'admin.conf', 'unreadable absent ?'],
    ['other key', 'admin.conf', 'present mismatch signed'],
    ['foreign signer', 'etcd-peer', 'present match foreign'],
    ['foreign signer', 'front-proxy-client', 'present match foreign'],
    ['missing', 'kubelet-client', 'absent absent ?'],
    ['other key', 'kubelet-client', 'present mismatch signed'],
  ])('%s %s: %s', (state, name, expected) => {
    expect(one({ leaves: { [name]: state } }, name)).toBe(expected);
  });

  test('are told by signature from those of a CA of the same name', () => {
    const { authorities } = hostFiles();
    expect(authorities.ca.certificate.subject.text).toBe('CN=kubernetes');
    const [leaf] = describedHost({ leaves: { apiserver: 'foreign signer' } }).credentials;
    expect(leaf).toMatchObject({
      holding: { certificate: { issuer: { text: 'CN=kubernetes' } } },
      signedByAuthority: false,
    });
  });

  test('may be signed by any CA of a bundle', () => {
    const later = describedHost({ leaves: { apiserver: 'foreign signer' } });
    expect(later.credentials[0]?.signedByAuthority).toBe(false);
    const { authorities } = hostFiles();
    const bundle = `${pemOf(authorities['etcd-ca'].certificate)}${pemOf(authorities.ca.certificate)}`;
    const host = describedHost({ files: { '/etc/kubernetes/pki/ca.crt': bundle } });
    expect(host.credentials[0]?.signedByAuthority).toBe(true);
    expect(host.authorities[0]).toMatchObject({
      key: 'mismatch',
      bundle: [{ subject: { text: 'CN=etcd-ca' } }, { subject: { text: 'CN=kubernetes' } }],
    });
  });

  test('are signed by a CA through what follows them in their file, and not without it', () => {
    const { authorities } = hostFiles();
    const issuing = newIssuing(authorities.ca);
    const terms = {
      subject: { commonName: 'kube-apiserver' },
      notAfter: NOW.getTime() + DAY,
      publicKey: RSA_KEY.publicKey,
    };
    const leaf = newLeaf(issuing, terms);
    const signed = (content: string) => {
      const host = describedHost({ files: { '/etc/kubernetes/pki/apiserver.crt': content } });
      return host.credentials.find(({ name }) => name === 'apiserver')?.signedByAuthority;
    };
    expect([signed(leaf), signed(leaf + issuing.pem), signed(leaf + authorities.ca.pem)]).toEqual([false, true, false]);
  });

  test.each<[what: string, flag: string, links: Readonly<Record<string, string>>, isOthers: boolean]>([
    ['in a place of their own', '/etc/ssl/api.crt', { '/etc/kubernetes/pki/apiserver.crt': '/etc/ssl/api.crt' }, true],
    [
      'where kubeadm’s place is a link to another, by that link',
      '/etc/kubernetes/pki/apiserver.crt',
      { '/etc/kubernetes/pki/apiserver.crt': '/etc/ssl/api.crt' },
      false,
    ],
    ['in kubeadm’s own place', '/etc/kubernetes/pki/apiserver.crt', {}, false],
    [
      'in kubeadm’s own place, with a detour',
      '/etc/kubernetes//pki/./apiserver.crt',
      { '/etc/kubernetes//pki/./apiserver.crt': '/etc/kubernetes/pki/apiserver.crt' },
      false,
    ],
    [
      'in kubeadm’s own place, by another name of it',
      '/srv/pki/apiserver.crt',
      { '/srv/pki/apiserver.crt': '/etc/kubernetes/pki/apiserver.crt' },
      false,
    ],
    [
      'where a detour leads through a link to another place',
      '/etc/kubernetes/link/../pki/apiserver.crt',
      { '/etc/kubernetes/link/../pki/apiserver.crt': '/data/pki/apiserver.crt' },
      true,
    ],
  ])('are others’ where no CA of the host has signed them: %s', (_what, flag, links, isOthers) => {
    const text = newLeaf(newIssuing(hostFiles().authorities.ca), {
      subject: { commonName: 'kube-apiserver' },
      notAfter: NOW.getTime() + DAY,
      publicKey: RSA_KEY.publicKey,
    });
    const host = describedHost({
      leaves: { apiserver: 'foreign signer' },
      flags: { 'kube-apiserver': { '--tls-cert-file': flag } },
      files: { ...(flag.includes('..') && { [flag]: text }) },
      links,
    });
    expect(host.certificatesDirectory).toBe('/etc/kubernetes/pki');
    const apiserver = host.credentials.find(({ name }) => name === 'apiserver');
    expect([apiserver?.signedByAuthority, apiserver?.isOthers ?? false]).toEqual([false, isOthers]);
  });

  test('have no signer that could be told where the CA is missing', () => {
    const host = describedHost({ authorities: { ca: 'missing' } });
    expect(host.credentials.find(({ name }) => name === 'apiserver')).not.toHaveProperty('signedByAuthority');
    expect(host.credentials.find(({ name }) => name === 'apiserver')).not.toHaveProperty('authorityEnd');
    expect(host.credentials.find(({ name }) => name === 'etcd-peer')).toMatchObject({ signedByAuthority: true });
  });

  test('know when their CA ends', () => {
    const host = describedHost({ authorities: { 'etcd-ca': '10d' } });
    expect(host.credentials.find(({ name }) => name === 'etcd-server')?.authorityEnd).toBe(NOW.getTime() + 10 * DAY);
  });

  test('are found where the flags of the manifests say', () => {
    const { files } = hostFiles();
    const moved = files.get('/etc/kubernetes/pki/apiserver.crt')?.content ?? '';
    const host = describedHost({
      flags: {
        'kube-apiserver': { '--tls-cert-file': '/etc/ssl/api.crt', '--tls-private-key-file': '/etc/ssl/api.key' },
      },
      files: { '/etc/ssl/api.crt': moved },
    });
    expect(host.credentials[0]).toMatchObject({
      certificatePath: '/etc/ssl/api.crt',
      keyPath: '/etc/ssl/api.key',
      key: 'absent',
      holding: { state: 'present' },
    });
  });

  test('that another run has moved aside are seen there', () => {
    const host = describedHost({ aside: ['apiserver', 'admin.conf'] });
    const [apiserver] = host.credentials;
    expect(apiserver).toMatchObject({
      holding: { state: 'absent' },
      files: [],
      aside: { holding: { state: 'present' } },
    });
    expect(apiserver?.aside?.files.map(({ path }) => path)).toEqual([
      '/etc/kubernetes/.kplay-aside/etc/kubernetes/pki/apiserver.crt',
      '/etc/kubernetes/.kplay-aside/etc/kubernetes/pki/apiserver.key',
    ]);
    expect(host.credentials.find(({ name }) => name === 'admin.conf')).toMatchObject({
      holding: { state: 'absent' },
      aside: { holding: { state: 'present' } },
      kubeconfig: { user: 'kubernetes-admin', method: 'embedded', server: 'https://10.0.0.1:6443' },
    });
  });

  test.each([
    ['files', [], CURRENT_PEM, 'present'],
    ['files', [CURRENT_PEM], CURRENT_PEM, 'absent'],
    ['embedded', [], '/etc/kubernetes/kubelet.conf', 'absent'],
  ] as const)('kubelet.conf with %s and %j that a bootstrap has left aside', (conf, more, certificatePath, state) => {
    const earlier = '/etc/kubernetes/.kplay-aside/etc/kubernetes/bootstrap-kubelet.conf';
    const files = { '/etc/kubernetes/bootstrap-kubelet.conf': 'token', [earlier]: 'mine' };
    const aside = ['kubelet.conf', ...more];
    const host = describedHost({ role: 'worker', node: 'w1', kubelet: { conf }, aside, files });
    expect(host).toMatchObject({ role: 'worker', nodeName: 'w1' });
    expect(host.kubelet).toMatchObject({ file: undefined, kubeconfig: { method: conf } });
    // What is in its place is the one with the token.
    expect(host.kubelet.bootstrap).toBeUndefined();
    const client = host.credentials.find(({ name }) => name === 'kubelet-client');
    expect(client).toMatchObject({ certificatePath, holding: { state } });
    expect(client?.aside?.files.map(({ path }) => path)).toEqual([
      ...more.map((path) => `/etc/kubernetes/.kplay-aside${path}`),
      '/etc/kubernetes/.kplay-aside/etc/kubernetes/kubelet.conf',
      earlier,
    ]);
  });

  const ASKING_CONF = [
    'current-context: default-context',
    'contexts: [{ name: default-context, context: { cluster: default-cluster, user: default-auth } }]',
    'users:',
    '- name: default-auth',
    '  user:',
    `    client-certificate: ${CURRENT_PEM}`,
    `    client-key: ${CURRENT_PEM}`,
  ].join('\n');

  test.each([
    ['files', [CURRENT_PEM], CURRENT_PEM],
    ['embedded', [], '/etc/kubernetes/kubelet.conf'],
  ] as const)(
    'kubelet.conf with %s counts that a bootstrap has left aside, not that with which kubelet asks',
    (conf, more, certificatePath) => {
      const [aside, files] = [['kubelet.conf', ...more], { '/etc/kubernetes/kubelet.conf': ASKING_CONF }];
      const host = describedHost({ role: 'worker', node: 'w1', kubelet: { conf }, aside, files });
      expect(host).toMatchObject({ role: 'worker', nodeName: 'w1' });
      expect(host.kubelet).toMatchObject({ file: undefined, isAsking: true, kubeconfig: { method: conf } });
      const client = host.credentials.find(({ name }) => name === 'kubelet-client');
      expect(client).toMatchObject({ certificatePath, holding: { state: 'absent' }, files: [] });
      expect(client?.aside?.holding).toMatchObject({ state: 'present' });
    },
  );

  test('that with which kubelet has asked counts when there is its certificate, or the one aside is not understood', () => {
    const files = { '/etc/kubernetes/kubelet.conf': ASKING_CONF };
    const answered = describedHost({ role: 'worker', aside: ['kubelet.conf'], files });
    const damaged = { ...files, '/etc/kubernetes/.kplay-aside/etc/kubernetes/kubelet.conf': '' };
    const alone = describedHost({ role: 'worker', aside: [CURRENT_PEM], files: damaged });
    for (const { kubelet } of [answered, alone]) {
      expect(kubelet).toMatchObject({ kubeconfig: { user: 'default-auth' } });
      expect([kubelet.aside, kubelet.isAsking]).toEqual([undefined, undefined]);
    }
  });

  test('the name of the node comes from kubelet’s certificate also where that alone was left aside', () => {
    const files = { '/etc/kubernetes/kubelet.conf': ASKING_CONF };
    expect(describedHost({ role: 'worker', node: 'w1', aside: [CURRENT_PEM], files }).nodeName).toBe('w1');
  });

  test('super-admin.conf is seen when it waits aside, too', () => {
    const host = describedHost({ superAdmin: true, aside: ['super-admin.conf'] });
    expect(host.credentials.map(({ name }) => name)).toContain('super-admin.conf');
  });
});

describe('the CAs of a host', () => {
  test.each<[state: string, expected: object]>([
    ['3000d', { key: 'match', certificate: expect.anything() }],
    ['missing', { key: 'unknown', certificate: undefined, bundle: [] }],
    ['no key', { key: 'absent', certificate: expect.anything() }],
    ['other key', { key: 'mismatch', certificate: expect.anything() }],
    ['encrypted key', { key: 'encrypted', certificate: expect.anything() }],
  ])('%s', (state, expected) => {
    expect(describedHost({ authorities: { 'etcd-ca': state } }).authorities[1]).toMatchObject({
      name: 'etcd-ca',
      certificatePath: '/etc/kubernetes/pki/etcd/ca.crt',
      keyPath: '/etc/kubernetes/pki/etcd/ca.key',
      ...expected,
    });
  });
});

describe('the kubelet of a host', () => {
  const CURRENT = '/var/lib/kubelet/pki/kubelet-client-current.pem';

  test('keeps its certificate where kubelet.conf says', () => {
    const host = describedHost();
    expect(host.credentials.find(({ name }) => name === 'kubelet-client')).toMatchObject({
      certificatePath: CURRENT,
      keyPath: CURRENT,
      files: [{ path: CURRENT, link: expect.stringContaining('2026-10-25') }],
    });
    expect(host.kubelet).toMatchObject({
      rotatesClientCertificate: true,
      clusterDomain: 'cluster.local',
      containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
      kubeconfig: { method: 'files', certificateFile: CURRENT },
    });
  });

  test.each([
    ['match', {}],
    ['mismatch', { 'kubelet-client': { state: 'other key' } }],
  ] as const)('may keep certificate and key in two files: %s', (key, leaves) => {
    const host = describedHost({ kubelet: { conf: 'two files' }, leaves });
    expect(host.credentials.find(({ name }) => name === 'kubelet-client')).toMatchObject({
      certificatePath: '/etc/kubernetes/kubelet/node.crt',
      keyPath: '/etc/kubernetes/kubelet/node.key',
      holding: { state: 'present' },
      key,
      files: [{ path: '/etc/kubernetes/kubelet/node.crt' }, { path: '/etc/kubernetes/kubelet/node.key' }],
    });
  });

  test('may keep it inside kubelet.conf', () => {
    const host = describedHost({ kubelet: { conf: 'embedded', rotates: false } });
    expect(host.credentials.find(({ name }) => name === 'kubelet-client')).toMatchObject({
      kind: 'kubelet',
      certificatePath: '/etc/kubernetes/kubelet.conf',
      holding: { state: 'present' },
      key: 'match',
    });
    expect(host.kubelet).toMatchObject({
      rotatesClientCertificate: false,
      kubeconfig: { method: 'embedded', lines: { certificate: 18, key: 19 } },
    });
  });

  test('without kubelet.conf has no client certificate, and a host without manifests is then none of a cluster’s', () => {
    expect(one({ kubelet: { conf: 'missing' } }, 'kubelet-client')).toBeUndefined();
    expect(describedHost({ role: 'worker', kubelet: { conf: 'missing' } }).role).toBe('none');
  });

  test.each([
    ['empty', 'it is empty'],
    ['cut off', 'it is no kubeconfig in the form that kubeadm writes'],
    ['no user', 'no user with credentials is found in it (kplay reads the form that kubeadm writes)'],
  ] as const)('is not forgotten when its kubelet.conf is not understood: %s', (conf, reason) => {
    const worker = describedHost({ role: 'worker', kubelet: { conf } });
    expect(worker).toMatchObject({ role: 'worker', kubelet: { unreadable: reason, kubeconfig: undefined } });
    expect(readersOf(worker)).toEqual(['kubelet']);
    for (const host of [worker, describedHost({ kubelet: { conf } })])
      expect(host.credentials.find(({ name }) => name === 'kubelet-client')).toMatchObject({
        certificatePath: '/etc/kubernetes/kubelet.conf',
        holding: { state: 'unreadable', reason },
      });
  });

  test('may log in otherwise than with a certificate, which is then none of kplay’s', () => {
    const files = hostFiles({ role: 'worker' }).files;
    const conf = files.get('/etc/kubernetes/kubelet.conf')?.content ?? '';
    const token = conf.replace(/^ *client-certificate:.*\n *client-key:.*/m, '    token: abc');
    expect(token).not.toBe(conf);
    const host = interpretHost(
      rawFiles(
        new Map(
          [...files].map(([path, file]) => [path, path.endsWith('kubelet.conf') ? { ...file, content: token } : file]),
        ),
      ),
    );
    expect(host).toMatchObject({ role: 'worker', kubelet: { kubeconfig: { method: 'other' } } });
    expect(host.kubelet.unreadable).toBeUndefined();
  });

  test.each<[what: string, files: Readonly<Record<string, string>>, endpoint: string | undefined]>([
    ['the flag', {}, 'unix:///run/containerd/containerd.sock'],
    [
      'the configuration',
      {
        '/var/lib/kubelet/kubeadm-flags.env': '',
        '/var/lib/kubelet/config.yaml': 'containerRuntimeEndpoint: unix:///var/run/crio/crio.sock\n',
      },
      'unix:///var/run/crio/crio.sock',
    ],
    [
      'the first document of the configuration',
      {
        '/var/lib/kubelet/kubeadm-flags.env': '',
        '/var/lib/kubelet/config.yaml': 'containerRuntimeEndpoint: unix:///var/run/crio/crio.sock\n---\nx: 1\n',
      },
      'unix:///var/run/crio/crio.sock',
    ],
    ['nothing', { '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--x=y"' }, undefined],
    [
      'a configuration that is damaged',
      { '/var/lib/kubelet/kubeadm-flags.env': '', '/var/lib/kubelet/config.yaml': 'a: 1\na: 2' },
      undefined,
    ],
  ])('has the runtime that %s says', (_what, files, endpoint) => {
    expect(describedHost({ files }).kubelet.containerRuntimeEndpoint).toBe(endpoint);
  });

  test.each([
    ['in single quotes', "KUBELET_KUBEADM_ARGS='--x=y --container-runtime-endpoint=unix:///run/a.sock'"],
    [
      'behind a line in a comment',
      '# KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/b.sock"\nKUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/a.sock"',
    ],
    [
      'twice',
      'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/b.sock --container-runtime-endpoint=unix:///run/a.sock"',
    ],
    ['as a word of its own', 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint unix:///run/a.sock --x=y"'],
    ['without quotes', 'KUBELET_KUBEADM_ARGS=--container-runtime-endpoint=unix:///run/a.sock --x=y'],
    ['with carriage returns', 'KUBELET_KUBEADM_ARGS="--x=y --container-runtime-endpoint=unix:///run/a.sock"\r\n'],
  ])('has the runtime that a flag says, %s', (_what, text) => {
    const files = { '/var/lib/kubelet/kubeadm-flags.env': `${text}\n` };
    expect(describedHost({ files }).kubelet.containerRuntimeEndpoint).toBe('unix:///run/a.sock');
  });

  test.each(['/etc/default/kubelet', '/etc/sysconfig/kubelet'])(
    'has the runtime that KUBELET_EXTRA_ARGS in %s says, whatever kubeadm has written',
    (path) => {
      const files = { [path]: 'KUBELET_EXTRA_ARGS="--container-runtime-endpoint=unix:///run/own.sock"\n' };
      expect(describedHost({ files }).kubelet.containerRuntimeEndpoint).toBe('unix:///run/own.sock');
      expect(describedHost({ files: { [path]: 'KUBELET_EXTRA_ARGS=\n' } }).kubelet.containerRuntimeEndpoint).toBe(
        'unix:///run/containerd/containerd.sock',
      );
    },
  );

  test.each([
    [
      'was assigned before',
      'KUBELET_EXTRA_ARGS=--container-runtime-endpoint=unix:///run/b.sock\nKUBELET_EXTRA_ARGS=--v=2',
    ],
    ['another variable has', 'KUBELET_EXTRA_ARGS_OLD="--container-runtime-endpoint=unix:///run/b.sock"'],
    ['systemd ignores for its export', 'export KUBELET_EXTRA_ARGS="--container-runtime-endpoint=unix:///run/b.sock"'],
  ])('has not the runtime that %s', (_what, text) => {
    const files = { '/etc/default/kubelet': `${text}\n` };
    expect(describedHost({ files }).kubelet.containerRuntimeEndpoint).toBe('unix:///run/containerd/containerd.sock');
  });

  test('has the runtime of the file that is read last', () => {
    const args = (name: string) =>
      `KUBELET_EXTRA_ARGS="--v=2 \\\n  --container-runtime-endpoint=unix:///run/${name}.sock"\r\n`;
    const files = { '/etc/default/kubelet': args('a'), '/etc/sysconfig/kubelet': args('b') };
    expect(describedHost({ files }).kubelet.containerRuntimeEndpoint).toBe('unix:///run/b.sock');
  });

  test.each([
    ['', 'unix:///run/c.sock', 'unix:///run/c.sock'],
    ['--container-runtime-endpoint=', 'unix:///run/c.sock', undefined],
    ["--container-runtime-endpoint=''", '', undefined],
  ])('with the flag %j and a configuration of %j has the runtime %s', (flag, config, endpoint) => {
    const files = {
      '/var/lib/kubelet/kubeadm-flags.env': `KUBELET_KUBEADM_ARGS="--x=y ${flag}"\n`,
      '/var/lib/kubelet/config.yaml': `containerRuntimeEndpoint: "${config}"\n`,
    };
    expect(describedHost({ files }).kubelet.containerRuntimeEndpoint).toBe(endpoint);
  });

  test.each<[flags: string, config: boolean | 'yes', rotates: boolean]>([
    ['', true, true],
    ['', false, false],
    ['', 'yes', true],
    ['--rotate-certificates', false, true],
    ['--rotate-certificates=true', false, true],
    ['--rotate-certificates=false', true, false],
    ['--rotate-certificates=0 --v=2', true, false],
    ['--rotate-certificates=false --rotate-certificates=true', false, true],
    ['--rotate-certificates --rotate-certificates=False', true, false],
    ['--rotate-certificates-x=false', true, true],
    ['\n# --rotate-certificates=false', true, true],
    ['--rotate-certificates"\nKUBELET_EXTRA_ARGS="false', false, true],
  ])('with the flags %j and a configuration of %s rotates its certificate: %s', (flags, config, rotates) => {
    const files = { '/var/lib/kubelet/kubeadm-flags.env': `KUBELET_KUBEADM_ARGS="--x=y ${flags}"\n` };
    expect(describedHost({ kubelet: { rotates: config }, files }).kubelet.rotatesClientCertificate).toBe(rotates);
  });

  test('that serves what another CA has signed has not signed it itself', () => {
    expect(describedHost().credentials.at(-1)).toMatchObject({ name: 'kubelet-server', selfSigned: true });
    const host = describedHost({ leaves: { 'kubelet-server': 'foreign signer' } });
    expect(host.credentials.at(-1)).toMatchObject({ name: 'kubelet-server' });
    expect(host.credentials.at(-1)).not.toHaveProperty('selfSigned');
  });

  test('that rotates its serving certificate has it in one file', () => {
    const pem = hostFiles().files.get(CURRENT)?.content ?? '';
    const host = describedHost({ files: { '/var/lib/kubelet/pki/kubelet-server-current.pem': pem } });
    expect(host.credentials.at(-1)).toMatchObject({
      name: 'kubelet-server',
      certificatePath: '/var/lib/kubelet/pki/kubelet-server-current.pem',
      signedByAuthority: true,
    });
  });
});

test('whatever stands in the files, a host is understood somehow', () => {
  const paths = [
    ...hostFiles({ superAdmin: true }).files.keys(),
    `${MANIFESTS}/x.yaml`,
    '/etc/kubernetes/.kplay-aside/etc/kubernetes/admin.conf',
  ];
  const good = rawFiles(hostFiles({ superAdmin: true }).files).files;
  const odd = fc.record({
    certificates: fc.constantFrom('', 'x', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
    publicHalves: fc.constantFrom([], ['none'], ['x'], ['rsa-pkcs1 4 AAAA']),
    text: fc.constantFrom(
      undefined,
      '',
      '{',
      'spec: {containers: [{command: [etcd, --cert-file=x]}]}',
      'users: [{name: x}]',
      'a: *a',
    ),
  });
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...paths), odd, { maxKeys: 8 }),
      fc.subarray(paths, { maxLength: 8 }),
      (changed, removed) => {
        const files = new Map<string, RawFile>(good);
        for (const [path, content] of Object.entries(changed))
          files.set(path, { state: { ...plannedFile(path), size: 3 }, ...content });
        for (const path of removed) files.delete(path);
        expect(interpretHost({ manifestsDirectory: MANIFESTS, files }).role).toMatch(/control-plane|worker|none/);
      },
    ),
    { numRuns: 15 },
  );
});
