import { beforeAll, describe, expect, test } from 'vitest';
import { type DueRule, parseRenewBefore } from '../../../src/kubeadm/certificates/due.ts';
import type { HomeKubeconfig } from '../../../src/kubeadm/certificates/home.ts';
import {
  backupItems,
  isNothingPending,
  notBackedUp,
  pendingOf,
  placesToEmpty,
} from '../../../src/kubeadm/certificates/pending.ts';
import { movedAside, plannedFile, renewed } from '../../../src/kubeadm/certificates/transition.ts';
import { readKubeconfig } from '../../../src/kubeadm/host/kubeconfig.ts';
import type { HostDescription } from '../support/host-files.ts';
import { DAY, NOW, newAuthority, newLeaf, RSA_KEY } from '../support/keys.ts';
import { kubeconfigText } from '../support/kubeconfig-text.ts';
import { describedHost } from '../support/raw-files.ts';

const PKI = '/etc/kubernetes/pki';
const ASIDE = '/etc/kubernetes/.kplay-aside';

let home: HomeKubeconfig;
beforeAll(() => {
  home = copyOfAdmin(5);
});

/** What is pending, by name. */
function pending(description: HostDescription, renewBefore = '30d', homes: readonly HomeKubeconfig[] = []) {
  const {
    pairs,
    kubeconfigs,
    kubelet,
    homes: copies,
  } = pendingOf(describedHost(description), homes, rule(renewBefore));
  return [...pairs, ...kubeconfigs, ...(kubelet ? [kubelet] : [])]
    .map(({ name }) => name as string)
    .concat(copies.map(({ home: { user } }) => `~${user}`));
}

describe('what is to be made anew on a host', () => {
  test.each<[what: string, host: HostDescription, renewBefore: string, names: readonly string[]]>([
    ['nothing while all is good', {}, '30d', []],
    [
      'pairs and kubeconfigs that end soon',
      { leaves: { 'etcd-peer': '1d', 'scheduler.conf': '1d' } },
      '30d',
      ['etcd-peer', 'scheduler.conf'],
    ],
    ['kubelet’s certificate when it has expired', { leaves: { 'kubelet-client': '-1d' } }, '30d', ['kubelet-client']],
    ['not kubelet’s certificate while kubelet can renew it', { leaves: { 'kubelet-client': '1d' } }, '30d', []],
    [
      'kubelet’s certificate that stands in kubelet.conf, though it is good',
      { kubelet: { conf: 'embedded' } },
      '0s',
      ['kubelet-client'],
    ],
    [
      'not the one that stands in kubelet.conf of a kubelet that does not rotate',
      { kubelet: { conf: 'embedded', rotates: false } },
      '0s',
      [],
    ],
    ['never kubelet’s serving certificate', { leaves: { 'kubelet-server': '-1d' } }, '0s', []],
    ['what was moved aside', { aside: ['apiserver'] }, '0s', ['apiserver']],
    ['a worker’s kubelet', { role: 'worker', leaves: { 'kubelet-client': '-1d' } }, '30d', ['kubelet-client']],
  ])('%s', (_what, host, renewBefore, names) => {
    expect(pending(host, renewBefore)).toEqual(names);
    expect(isNothingPending(pendingOf(describedHost(host), [], rule(renewBefore)))).toBe(names.length === 0);
  });

  test('everything, under all', () => {
    expect(pending({}, 'all')).toHaveLength(11);
  });

  test('nothing of what a planned task makes', () => {
    const host = describedHost({ leaves: { apiserver: '-1d' }, kubelet: { conf: 'embedded' } });
    const after = renewed(
      host,
      new Map([
        ['apiserver', NOW.getTime()],
        ['kubelet-client', NOW.getTime()],
      ]),
    );
    expect(isNothingPending(pendingOf(after, [], rule('30d')))).toBe(true);
  });

  test('users’ copies of an admin.conf that is due, or that is newer than they', () => {
    expect(pending({ leaves: { 'admin.conf': '5d' } }, '30d', [home])).toEqual(['admin.conf', '~root']);
    expect(pending({}, '30d', [home])).toEqual(['~root']);
    expect(pending({}, '0s', [home])).toEqual([]);
  });

  test('no copy whose certificate has no line to itself', () => {
    const read = home.read && { ...home.read, users: home.read.users.map((user) => ({ ...user, lines: undefined })) };
    expect(pending({ leaves: { 'admin.conf': '5d' } }, '30d', [{ ...home, read }])).toEqual(['admin.conf']);
  });
});

describe('a backup holds', () => {
  const CREDENTIALS = [
    `${PKI}/apiserver.crt`,
    `${PKI}/apiserver.key`,
    `${PKI}/apiserver-kubelet-client.crt`,
    `${PKI}/apiserver-kubelet-client.key`,
    `${PKI}/front-proxy-client.crt`,
    `${PKI}/front-proxy-client.key`,
    `${PKI}/apiserver-etcd-client.crt`,
    `${PKI}/apiserver-etcd-client.key`,
    `${PKI}/etcd/server.crt`,
    `${PKI}/etcd/server.key`,
    `${PKI}/etcd/peer.crt`,
    `${PKI}/etcd/peer.key`,
    `${PKI}/etcd/healthcheck-client.crt`,
    `${PKI}/etcd/healthcheck-client.key`,
    '/etc/kubernetes/admin.conf',
    '/etc/kubernetes/controller-manager.conf',
    '/etc/kubernetes/scheduler.conf',
    '/var/lib/kubelet/pki/kubelet-client-current.pem',
    '/var/lib/kubelet/pki/kubelet.crt',
    '/var/lib/kubelet/pki/kubelet.key',
  ];
  const REST = [
    '/etc/kubernetes/kubelet.conf',
    ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(
      (name) => `/etc/kubernetes/manifests/${name}.yaml`,
    ),
  ];

  test('every file that a step may change, and no CA and no sa.key', () => {
    const paths = backupItems(describedHost(), [home]).map(({ file }) => file.path);
    expect(paths).toEqual([...CREDENTIALS, ...REST, '/root/.kube/config']);
    expect(paths.filter((path) => /\/(ca|front-proxy-ca|sa)\.(crt|key|pub)$/.test(path))).toEqual([]);
  });

  test('what an interrupted run has left aside, under its own path', () => {
    const items = backupItems(describedHost({ aside: ['apiserver', 'admin.conf'] }), []);
    const moved = items.filter(({ source, file }) => source !== file.path);
    expect(moved.map(({ source, file }) => `${source} as ${file.path}`)).toEqual([
      `${ASIDE}${PKI}/apiserver.crt as ${PKI}/apiserver.crt`,
      `${ASIDE}${PKI}/apiserver.key as ${PKI}/apiserver.key`,
      `${ASIDE}/etc/kubernetes/admin.conf as /etc/kubernetes/admin.conf`,
    ]);
    expect(items.map(({ file }) => file.path)).toEqual([...CREDENTIALS, ...REST]);
  });

  test('not what waits aside when a new one stands in its place', () => {
    const description: HostDescription = { files: { [`${ASIDE}${PKI}/apiserver.crt`]: 'the old one' } };
    const items = backupItems(describedHost(description), []);
    expect(items.filter(({ file }) => file.path === `${PKI}/apiserver.crt`)).toMatchObject([
      { source: `${PKI}/apiserver.crt` },
    ]);
  });

  test('of a pair that was moved half way: one half in place, the other aside', () => {
    const description: HostDescription = {
      leaves: { apiserver: 'no key' },
      files: { [`${ASIDE}${PKI}/apiserver.key`]: 'the old key' },
    };
    const items = backupItems(describedHost(description), []).filter(({ file }) => file.path.includes('/apiserver.'));
    expect(items.map(({ source }) => source)).toEqual([`${PKI}/apiserver.crt`, `${ASIDE}${PKI}/apiserver.key`]);
  });

  test('each file once', () => {
    const paths = backupItems(describedHost({ kubelet: { conf: 'embedded' } }), [home, home]).map(
      ({ file }) => file.path,
    );
    expect(paths).toEqual([...new Set(paths)]);
    expect(paths).toContain('/etc/kubernetes/kubelet.conf');
  });

  test('the pair in kubelet’s store beside the one that kubelet.conf embeds; if there is none, its place is emptied again', () => {
    const store = '/var/lib/kubelet/pki/kubelet-client-current.pem';
    const kubelet = { conf: 'embedded' } as const;
    const of = (description: HostDescription) => {
      const host = describedHost(description);
      const items = backupItems(host, []);
      const isSaved = items.some(({ file }) => file.path === store);
      return { isSaved, emptied: placesToEmpty(host, pendingOf(host, [], rule('all')), items) };
    };
    expect(of({ kubelet, files: { [store]: 'rotated' } })).toEqual({ isSaved: true, emptied: [] });
    expect(of({ kubelet })).toEqual({ isSaved: false, emptied: [store] });
  });

  test('of a worker: kubelet’s', () => {
    expect(backupItems(describedHost({ role: 'worker' }), []).map(({ file }) => file.path)).toEqual([
      '/var/lib/kubelet/pki/kubelet-client-current.pem',
      '/var/lib/kubelet/pki/kubelet.crt',
      '/var/lib/kubelet/pki/kubelet.key',
      '/etc/kubernetes/kubelet.conf',
    ]);
  });
});

describe('what will change and is in no backup', () => {
  test('is everything that is pending when there is none', () => {
    const host = describedHost({ leaves: { apiserver: '5d', 'admin.conf': '5d', 'kubelet-client': '-1d' } });
    expect(missing(host, [])).toEqual([
      `${PKI}/apiserver.crt`,
      `${PKI}/apiserver.key`,
      '/etc/kubernetes/admin.conf',
      '/var/lib/kubelet/pki/kubelet-client-current.pem',
      '/etc/kubernetes/kubelet.conf',
      '/root/.kube/config',
    ]);
  });

  test('is nothing when the backup holds it as it is', () => {
    const host = describedHost({ leaves: { '*': '5d' } });
    const saved = backupItems(host, [home]).map(({ file }) => file);
    expect(missing(host, saved)).toEqual([]);
  });

  test('is what has changed since', () => {
    const host = describedHost({ leaves: { apiserver: '5d' } });
    const saved = backupItems(host, [home]).map(({ file }) =>
      file.path.endsWith('apiserver.crt') ? { ...file, sha256: 'other' } : file,
    );
    expect(missing(host, saved)).toEqual([`${PKI}/apiserver.crt`]);
  });

  test('is still nothing when a run moved it aside after the backup', () => {
    const host = describedHost({ leaves: { apiserver: '5d' } });
    const saved = backupItems(host, [home]).map(({ file }) => file);
    expect(missing(movedAside(host, new Set(['apiserver'])), saved)).toEqual([]);
  });

  test('is nothing of what is missing already', () => {
    expect(missing(describedHost({ leaves: { apiserver: 'missing' } }), [{ ...home.file }])).toEqual([]);
  });

  function missing(host: ReturnType<typeof describedHost>, saved: Parameters<typeof notBackedUp>[2]) {
    return notBackedUp(pendingOf(host, [home], rule('30d')), host, saved).map(({ file }) => file.path);
  }
});

function rule(renewBefore: string): DueRule {
  return { renewBefore: parseRenewBefore(renewBefore), now: NOW, extraNames: [], renewed: new Set() };
}

function copyOfAdmin(days: number): HomeKubeconfig {
  const ca = newAuthority('ca', NOW.getTime() + 3_000 * DAY);
  const certificate = newLeaf(ca, {
    subject: { commonName: 'kubernetes-admin', organizations: ['kubeadm:cluster-admins'] },
    extendedKeyUsages: ['clientAuth'],
    notAfter: NOW.getTime() + days * DAY,
    publicKey: RSA_KEY.publicKey,
  });
  const read = readKubeconfig(
    kubeconfigText({
      server: 'https://10.0.0.1:6443',
      authority: ca.pem,
      users: [{ name: 'kubernetes-admin', certificate }],
    }),
  );
  return {
    user: 'root',
    path: '/root/.kube/config',
    file: { ...plannedFile('/root/.kube/config'), sha256: 'of the copy' },
    read: 'shape' in read ? read : undefined,
    keyHolders: new Set(['kubernetes-admin']),
  };
}
