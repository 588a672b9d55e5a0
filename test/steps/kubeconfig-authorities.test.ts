import { describe, expect, test } from 'vitest';
import { readKubeconfig } from '../../src/kubeadm/host/kubeconfig.ts';
import { isSameCluster } from '../../src/kubeadm/host/kubeconfig-trust.ts';
import type { Authority, KubeadmHost } from '../../src/kubeadm/host/model.ts';
import { bundleRows } from '../../src/steps/certs/ca-bundles.ts';
import { givenRows } from '../../src/steps/certs/given-kubeconfigs.ts';
import { trustRows, trustWarnings } from '../../src/steps/certs/kubeconfig-authorities.ts';
import { DAY, NOW, newAuthority, newLeaf, RSA_KEY, type TestAuthority } from '../kubeadm/support/keys.ts';
import { kubeconfigText, type TestKubeconfig } from '../kubeadm/support/kubeconfig-text.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const at = (days: number) => NOW.getTime() + days * DAY;
const ca = newAuthority('ca', at(3_000));
/** The same CA, as it was before it was made anew. */
const older = newAuthority('ca', at(20));
const ended = newAuthority('ca', at(-2));
/** Of the same name, with another key: as every kubeadm cluster has one. */
const stranger = newAuthority('stranger', at(3_000));

const rule = {
  renewBefore: { all: false as const, milliseconds: 30 * DAY },
  now: NOW,
  extraNames: [],
  renewed: new Set<never>(),
};

/** A master with this CA whose admin.conf trusts others. */
function hostWith(own: TestAuthority | undefined, ...trusted: readonly TestAuthority[]): KubeadmHost {
  const [certificate, ...chain] = trusted.map((one) => one.certificate);
  const authority: Authority | undefined = own && {
    name: 'ca',
    certificatePath: '/etc/kubernetes/pki/ca.crt',
    keyPath: '/etc/kubernetes/pki/ca.key',
    certificate: own.certificate,
    bundle: [own.certificate],
    key: 'match',
    files: [],
    sha1: {},
    verifiers: [],
  };
  return {
    ...describedHost(),
    authorities: authority ? [authority] : [],
    trust: certificate
      ? [
          {
            path: '/etc/kubernetes/admin.conf',
            cluster: 'kubernetes',
            authorities: { state: 'present', certificate, chain },
          },
        ]
      : [],
  };
}

test('a CA that is still in ca.crt is said to be there, not to be another cluster’s', () => {
  const host = hostWith(ca, stranger);
  const both = {
    ...host,
    authorities: host.authorities.map((one) => ({ ...one, bundle: [ca.certificate, stranger.certificate] })),
  };
  const messages = [host, both].map((one) =>
    trustWarnings(trustRows({ host: one, homes: [], rule }, []), one).map(({ message }) => message),
  );
  expect(messages).toEqual([
    [expect.stringContaining('is not the CA of this cluster: users')],
    [expect.stringContaining('is in /etc/kubernetes/pki/ca.crt, but the first one there signs: users')],
  ]);
});

test('a CA that was made again under another name, with its key, is told from one of another cluster', () => {
  const host = hostWith(newAuthority('ca', at(3_000), 'kubernetes-ca'), ca);
  const rows = trustRows({ host, homes: [], rule }, []);
  expect(rows.map(({ condition }) => condition)).toEqual(['another CA']);
  expect(trustWarnings(rows, host).map(({ message }) => message)).toEqual([
    expect.stringContaining(
      '(CN=kubernetes) has the key of /etc/kubernetes/pki/ca.crt, but its name is another one, or encoded differently: users',
    ),
  ]);
});

test('where certificates still give the old name of a CA that was made again, that name is to be kept; else the kubeconfig gets the new one', () => {
  const host = hostWith(newAuthority('ca', at(3_000), 'kubernetes-ca'), ca);
  const remedies = [true, false].map((isMisnamed) => {
    const credentials = host.credentials.map((credential) => ({ ...credential, isMisnamed }));
    const seen = { ...host, credentials };
    return trustWarnings(trustRows({ host: seen, homes: [], rule }, []), seen).map(({ remedy }) => remedy);
  });
  expect(remedies).toEqual([
    [expect.stringMatching(/^make ca\.crt again with the old name.*openssl x509 -in OLD\.crt -signkey ca\.key/)],
    [expect.stringMatching(/^put the cluster's CA there.*kubectl config set-cluster/)],
  ]);
});

function said(host: KubeadmHost) {
  const rows = trustRows({ host, homes: [], rule }, []);
  const warnings = trustWarnings(rows, host);
  return rows.map(({ name, condition, authority }) => [name, condition, authority, warnings.length]);
}

const NAME = 'CA in admin.conf';

describe('the CA in a kubeconfig', () => {
  test.each<[what: string, host: KubeadmHost, rows: readonly (readonly unknown[])[]]>([
    ['is the cluster’s', hostWith(ca, ca), [[NAME, 'good', 'ca', 0]]],
    ['is one among others', hostWith(ca, stranger, ca), [[NAME, 'good', 'ca', 0]]],
    ['is of another cluster, though of the same name', hostWith(ca, stranger), [[NAME, 'another CA', 'kubernetes', 1]]],
    ['is the cluster’s, made anew since: it ends soon', hostWith(ca, older), [[NAME, 'expiring', 'ca', 1]]],
    ['is the cluster’s, made anew since: it has ended', hostWith(ca, ended), [[NAME, 'expired', 'ca', 1]]],
    ['counts by its last end', hostWith(ca, ended, older, ca), [[NAME, 'good', 'ca', 0]]],
    ['ends with the cluster’s own, of which that is told', hostWith(older, older), [[NAME, 'expiring', 'ca', 0]]],
    [
      'is judged by its time where the host has no CA',
      hostWith(undefined, stranger),
      [[NAME, 'good', 'kubernetes', 0]],
    ],
    ['is not told', hostWith(ca), []],
  ])('%s', (_what, host, rows) => {
    expect(said(host)).toEqual(rows);
  });

  test('stands in every kubeconfig that kubeadm writes', () => {
    const names = trustRows({ host: describedHost(), homes: [], rule }, []).map(({ name }) => name);
    expect(names).toEqual(
      ['admin.conf', 'controller-manager.conf', 'scheduler.conf', 'kubelet.conf'].map((name) => `CA in ${name}`),
    );
  });
});

test('hosts are of one cluster while its CA is replaced, and those of several are told apart', () => {
  const of = (...authorities: readonly TestAuthority[]) =>
    describedHost({
      role: 'worker',
      files: { '/etc/kubernetes/pki/ca.crt': authorities.map(({ pem }) => pem).join('') },
      without: ['/etc/kubernetes/kubelet.conf'],
    });
  expect(isSameCluster(of(stranger, ca), of(ca))).toBe(true);
  expect(isSameCluster(of(older), of(stranger, ca))).toBe(true);
  expect(isSameCluster(of(stranger), of(ca))).toBe(false);
  expect(isSameCluster(of(), of(ca))).toBe(true);
});

/** The certificate of a user. */
const client = (by: TestAuthority) =>
  newLeaf(by, {
    subject: { commonName: 'ops', organizations: [] },
    extendedKeyUsages: ['clientAuth'],
    notAfter: at(300),
    publicKey: RSA_KEY.publicKey,
  });

/** A kubeconfig of that user, as it is found in a home and as one that was named. */
function kubeconfigOf(own: Pick<TestKubeconfig, 'authority'> & { readonly certificate: string }) {
  const users = [{ name: 'ops', certificate: own.certificate }];
  const read = readKubeconfig(kubeconfigText({ server: 'https://a:6443', authority: own.authority, users }));
  if ('unreadable' in read) throw new Error(read.unreadable);
  return {
    read,
    given: { path: '/srv/named.conf', state: 'read', users: read.users, clusters: read.clusters } as const,
  };
}

describe('the CA in the kubeconfig of a user', () => {
  const host = hostWith(ca);
  const rowsOf = (own: Parameters<typeof kubeconfigOf>[0]) => {
    const { read, given } = kubeconfigOf(own);
    const path = '/root/.kube/config';
    const file = describedHost().credentials[0]?.files[0];
    if (!file) throw new Error('no file');
    const home = { user: 'root', path, file, read, keyHolders: new Set<string>() };
    return {
      home: trustRows({ host, homes: [home], rule }, []).map(({ condition }) => condition),
      given: trustRows({ host, homes: [], rule }, [given]).map(({ condition }) => condition),
      both: trustRows({ host, homes: [home], rule }, [{ ...given, path }]).map(({ name }) => name),
    };
  };

  test('is the cluster’s, and told once though it was named as well', () => {
    expect(rowsOf({ authority: ca.pem, certificate: client(ca) })).toEqual({
      home: ['good'],
      given: ['good'],
      both: ['CA in /root/.kube/config'],
    });
  });

  test('is another one, though the user’s certificate is this cluster’s', () => {
    const { home, given } = rowsOf({ authority: stranger.pem, certificate: client(ca) });
    expect([home, given]).toEqual([['another CA'], ['another CA']]);
  });

  test('is of another cluster altogether: that is told of a kubeconfig that was named', () => {
    const { home, given } = rowsOf({ authority: stranger.pem, certificate: client(stranger) });
    expect([home, given]).toEqual([[], ['good']]);
  });
});

describe('a CA that was made anew for its key is still the same one', () => {
  test('where a kubeconfig that was named has it as it was before, beside the certificate of a user that another has signed', () => {
    const conditionWith = ({ pem }: TestAuthority) => {
      const { given } = kubeconfigOf({ authority: pem, certificate: client(stranger) });
      return givenRows([given], hostWith(ca), rule).map(({ condition }) => condition);
    };
    expect([conditionWith(older), conditionWith(stranger)]).toEqual([['foreign signer'], ['good']]);
  });

  test('where a webhook knows the API by it as it was before', () => {
    const bundles = [older, stranger].map((one) => ({ object: 'a webhook', authorities: [one.certificate] }));
    const answer = { state: 'answered', bundles, pendingServing: [], incomplete: [] } as const;
    const told = bundleRows(answer, hostWith(ca), rule).map(({ authority }) => authority);
    expect(told).toEqual(['ca', 'kubernetes']);
  });
});

describe('a CA that is to follow and has not begun does not make one bad that is still good', () => {
  const tomorrow = at(1);
  const next = { ...newAuthority('ca', at(4_000)).certificate, notBefore: tomorrow };

  test('in a kubeconfig', () => {
    const host = hostWith(ca, ca);
    const trust = host.trust.map((one) => ({
      ...one,
      authorities: { state: 'present' as const, certificate: next, chain: [ca.certificate] },
    }));
    const rows = trustRows({ host: { ...host, trust }, homes: [], rule }, []);
    expect(rows.map(({ condition }) => condition)).toEqual(['good']);
  });

  test('in a webhook; alone it does', () => {
    const bundles = [[next, ca.certificate], [next]].map((authorities) => ({ object: 'a webhook', authorities }));
    const answer = { state: 'answered', bundles, pendingServing: [], incomplete: [] } as const;
    const told = bundleRows(answer, hostWith(ca), rule).map(({ condition }) => condition);
    expect(told).toEqual(['good', 'not yet valid']);
  });
});
