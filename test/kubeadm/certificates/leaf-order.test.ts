import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../src/core/duration.ts';
import { authorityRefusal } from '../../../src/kubeadm/certificates/authority-refusal.ts';
import { type Method, type OrderRequest, orderLeaves } from '../../../src/kubeadm/certificates/leaf-order.ts';
import { movedAside } from '../../../src/kubeadm/certificates/transition.ts';
import type { Credential } from '../../../src/kubeadm/host/model.ts';
import { parseVersion } from '../../../src/kubeadm/version.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { type HostDescription, hostFiles, type LeafDescription } from '../support/host-files.ts';
import { DAY, NOW, newAuthority, newIssuing, newLeaf, RSA_KEY } from '../support/keys.ts';
import { kubeconfigText } from '../support/kubeconfig-text.ts';
import { describedHost } from '../support/raw-files.ts';

interface Case extends HostDescription {
  readonly due?: readonly string[];
  readonly method?: Method;
  readonly kubeadm?: string;
  readonly validity?: string;
  readonly extra?: readonly string[];
  readonly moved?: boolean;
  readonly nodeName?: string;
  /** What is in the old certificates, as somebody else has made them. */
  readonly old?: Partial<Certificate>;
}

function order({
  due = ['apiserver'],
  method = 'auto',
  kubeadm,
  validity,
  extra = [],
  moved = false,
  nodeName,
  old,
  ...host
}: Case) {
  const described = describedHost(host);
  const names = new Set(due as ReadonlyArray<(typeof described.credentials)[number]['name']>);
  const known = moved ? movedAside(described, names) : described;
  const request: OrderRequest = {
    host: known,
    credentials: known.credentials.filter(({ name }) => names.has(name)).map((one) => withOld(one, old)),
    method,
    validity: validity === undefined ? undefined : parseDuration(validity),
    renewBefore: { all: true },
    extraNames: extra,
    kubeadm: { version: parseVersion(kubeadm ?? host.version ?? '1.33.13'), problem: undefined },
    now: NOW,
    ...(nodeName !== undefined && { nodeName }),
  };
  return orderLeaves(request);
}

function withOld(credential: Credential, old: Partial<Certificate> | undefined): Credential {
  const { holding } = credential;
  if (!old || holding.state !== 'present') return credential;
  return { ...credential, holding: { ...holding, certificate: { ...holding.certificate, ...old } } };
}

/** `apiserver renew RSA-2048 365d`, and remarks. */
function ordered(wanted: Case): readonly string[] {
  const result = order(wanted);
  if ('action' in result)
    return [`refused: ${result.reason}`, ...(result.details ?? []).map((detail) => detail.join(' ')), result.remedy];
  return result.orders.map(({ credential, maker, keyAlgorithm, notAfter, remarks }) =>
    [`${credential.name} ${maker} ${keyAlgorithm} ${formatDuration(notAfter - NOW.getTime())}`, ...remarks].join('; '),
  );
}

describe('how a leaf is made', () => {
  test('an address that is wanted is added, though it is there as a DNS name already', () => {
    const wanted: Case = { extra: ['192.0.2.1'], old: { dnsNames: ['192.0.2.1'] } };
    const made = (method: Method) => ordered({ ...wanted, method });
    expect(made('native')).toEqual(['apiserver native RSA-2048 365d; name 192.0.2.1 added']);
    // kubeadm makes an address of it.
    expect(made('auto')).toEqual(['apiserver phase RSA-2048 365d; name 192.0.2.1 added']);
    expect(made('phase')).toEqual(made('auto'));
  });

  test.each<[what: string, wanted: Case, expected: string]>([
    // auto prefers to renew
    ['auto', {}, 'apiserver renew RSA-2048 365d'],
    [
      'auto, with the kubeadm of 1.12',
      { version: '1.12.10', authorityKeys: 'RSA-2048' },
      'apiserver renew RSA-2048 365d',
    ],
    [
      'auto, with a kubeadm that cannot renew',
      { version: '1.11.10', authorityKeys: 'RSA-2048' },
      'apiserver phase RSA-2048 365d',
    ],
    [
      'auto, with the oldest kubeadm',
      { version: '1.8.15', authorityKeys: 'RSA-2048' },
      'apiserver phase RSA-2048 365d',
    ],
    [
      'phase of a kubeadm that had other names and usages for etcd',
      {
        version: '1.11.10',
        authorityKeys: 'RSA-2048',
        due: ['etcd-server'],
        leaves: { 'etcd-server': { commonName: 'kube-etcd' } },
        old: { extendedKeyUsages: ['serverAuth'] },
      },
      'etcd-server phase RSA-2048 365d',
    ],
    ['renew', { method: 'renew' }, 'apiserver renew RSA-2048 365d'],
    [
      'auto, of one with a key for which kubeadm cannot read it',
      { old: { key: 'ECDSA-1.3.132.0.10' } },
      'apiserver phase RSA-2048 365d; key ECDSA-1.3.132.0.10 → RSA-2048',
    ],
    [
      'renew, with a kubeadm that cannot',
      { method: 'renew', version: '1.11.10', authorityKeys: 'RSA-2048' },
      'apiserver phase RSA-2048 365d',
    ],
    ['phase', { method: 'phase' }, 'apiserver phase RSA-2048 365d'],
    ['native', { method: 'native' }, 'apiserver native RSA-2048 365d'],
    [
      'native, with what kubeadm could not copy',
      { method: 'native', old: { otherNames: ['email:ops@example.org'], extendedKeyUsages: [] } },
      'apiserver native RSA-2048 365d',
    ],
    [
      'renew, with the usages and names of another tool',
      { old: { extendedKeyUsages: ['serverAuth', 'clientAuth'] }, leaves: { apiserver: { commonName: 'api' } } },
      'apiserver renew RSA-2048 365d',
    ],
    ['native, without any kubeadm', { method: 'native', kubeadm: 'none' }, 'apiserver native RSA-2048 365d'],
    // what renew cannot do
    [
      'one that may not be used for what it is for, whose names are kept',
      { due: ['etcd-peer'], leaves: { 'etcd-peer': { usages: ['serverAuth'], names: ['old.example.org'] } } },
      'etcd-peer phase RSA-2048 365d; for serverAuth, clientAuth, not serverAuth',
    ],
    [
      'one that is missing',
      { leaves: { apiserver: 'missing' } },
      'apiserver phase RSA-2048 365d; the old one could not be read: the default names of kubeadm are used',
    ],
    [
      'one that cannot be read',
      { leaves: { apiserver: 'unreadable' } },
      'apiserver phase RSA-2048 365d; the old one could not be read: the default names of kubeadm are used',
    ],
    [
      'one in a bundle',
      { leaves: { apiserver: 'bundle' } },
      'apiserver phase RSA-2048 365d; 1 certificate after it kept',
    ],
    [
      'one in a bundle with its CA, which has another name since: that is not the one that the new leaf names',
      {
        leaves: { apiserver: 'bundle' },
        files: { '/etc/kubernetes/pki/ca.crt': newAuthority('ca', NOW.getTime() + 900 * DAY, 'kubernetes-ca').pem },
      },
      'apiserver phase RSA-2048 365d',
    ],
    [
      'one in a bundle, moved aside',
      { leaves: { apiserver: 'bundle' }, moved: true },
      'apiserver phase RSA-2048 365d; 1 certificate after it kept',
    ],
    [
      'one that lacks a name',
      { extra: ['api.example.org'] },
      'apiserver phase RSA-2048 365d; name api.example.org added',
    ],
    ['one that has the name already', { extra: ['kubernetes'] }, 'apiserver renew RSA-2048 365d'],
    ['one that was moved aside', { moved: true }, 'apiserver renew RSA-2048 365d'],
    [
      'one that was moved aside and lacks a name',
      { moved: true, extra: ['10.9.9.9'] },
      'apiserver phase RSA-2048 365d; name 10.9.9.9 added',
    ],
    ['one without its key', { leaves: { apiserver: 'no key' } }, 'apiserver renew RSA-2048 365d'],
    ['one that has expired', { leaves: { apiserver: '-300d' } }, 'apiserver renew RSA-2048 365d'],
    [
      'one by another CA, which is no pattern',
      { leaves: { apiserver: { state: 'foreign signer', names: ['old.example.org'] } } },
      'apiserver phase RSA-2048 365d; the old one is not signed by ca, and not copied: the default names and groups of kubeadm are used; without old.example.org: extra_sans adds names for the API server',
    ],
    [
      'one over which the CA was copied, or before which it is in the file: that is no pattern',
      { files: { '/etc/kubernetes/pki/apiserver.crt': newAuthority('ca', NOW.getTime() + 900 * DAY).pem } },
      'apiserver phase ECDSA-P256 365d; the old one is a CA’s, and not copied: the default names and groups of kubeadm are used',
    ],
    [
      'one that openssl req -x509 -CA has made, which marks a leaf as a CA’s: its names are kept',
      { old: { isAuthority: true, keyUsages: [], dnsNames: ['kubernetes', 'lb.example.org'] }, method: 'renew' },
      'apiserver renew RSA-2048 365d',
    ],
    [
      'one by another CA that was moved aside',
      { leaves: { apiserver: 'foreign signer' }, moved: true },
      'apiserver phase RSA-2048 365d; the old one is not signed by ca, and not copied: the default names and groups of kubeadm are used',
    ],
    // kubeconfigs get their certificate by `kubeconfig user`, which touches no file
    ['a kubeconfig', { due: ['admin.conf'] }, 'admin.conf user RSA-2048 365d'],
    ['a kubeconfig, by phase', { due: ['admin.conf'], method: 'phase' }, 'admin.conf user RSA-2048 365d'],
    ['a kubeconfig, natively', { due: ['admin.conf'], method: 'native' }, 'admin.conf native RSA-2048 365d'],
    [
      'a kubeconfig that is missing',
      { due: ['scheduler.conf'], leaves: { 'scheduler.conf': 'missing' } },
      'scheduler.conf user RSA-2048 365d; the old one could not be read: the default names of kubeadm are used',
    ],
    ['the kubelet’s', { due: ['kubelet-client'] }, 'kubelet-client user RSA-2048 365d'],
    // how long
    ['for two years', { validity: '2y' }, 'apiserver renew RSA-2048 730d'],
    [
      'for two years, natively',
      { validity: '2y', method: 'native', version: '1.20.0' },
      'apiserver native RSA-2048 730d',
    ],
    ['for a day', { validity: '1d' }, 'apiserver renew RSA-2048 1d'],
    [
      'natively under a CA that ends first',
      { method: 'native', authorities: { ca: '100d' } },
      'apiserver native RSA-2048 100d; expires with ca',
    ],
    ['for less than its CA has left', { validity: '90d', authorities: { ca: '100d' } }, 'apiserver renew RSA-2048 90d'],
  ])('%s', (_what, wanted, expected) => {
    expect(ordered(wanted)).toEqual([expected]);
  });
});

describe('why none is made', () => {
  const NATIVE = 'or choose method: native, which needs no kubeadm and reads the CA key into kplay’s memory to sign';
  test.each<[what: string, wanted: Case, refusal: readonly string[]]>([
    [
      'there is no kubeadm',
      { kubeadm: 'none' },
      ['refused: there is no kubeadm', `install the kubeadm of the cluster's version, ${NATIVE}`],
    ],
    [
      'kubeadm is too old to be known',
      { kubeadm: '1.7.3', version: '1.7.3' },
      ['refused: kubeadm v1.7.3 is older than 1.8', `upgrade it, ${NATIVE}`],
    ],
    [
      'kubeadm is older than the cluster',
      { kubeadm: '1.32.9' },
      ['refused: kubeadm v1.32.9 is older than the cluster, v1.33.13', `install kubeadm v1.33.13, ${NATIVE}`],
    ],
    [
      'kubeadm cannot make them last as wanted',
      { version: '1.30.9', validity: '2y' },
      [
        'refused: kubeadm v1.30.9 cannot make certificates that last longer or shorter than a year',
        'leave validity out, or choose method: native',
      ],
    ],
    [
      'the CA is missing',
      { authorities: { ca: 'missing' } },
      [
        'refused: /etc/kubernetes/pki/ca.crt is missing or unreadable',
        'restore ca from a backup of this host, or from a master with the same sa.pub; kplay never makes a CA',
      ],
    ],
    [
      'the CA has expired',
      { authorities: { ca: '-1d' }, method: 'native' },
      [
        'refused: ca itself expired 2026-11-23',
        'nothing signed by it would be valid: the CA has to be replaced by hand (kubernetes.io: manual rotation of CA certificates)',
      ],
    ],
    [
      'the CA’s key is elsewhere',
      { authorities: { ca: 'no key' } },
      [
        'refused: /etc/kubernetes/pki/ca.key is not on this host: the CA is external',
        'copy the key to that path from a master that has it (owner root, mode 600), or have the certificates signed where it is kept: kplay certs csr, with the same -i and -l, writes the requests',
      ],
    ],
    [
      'the CA’s key is another’s',
      { authorities: { ca: 'other key' } },
      [
        'refused: /etc/kubernetes/pki/ca.key is not the key of /etc/kubernetes/pki/ca.crt',
        'restore the pair from a backup of this host, or from a master whose ca.crt is the same',
      ],
    ],
    [
      'the CA’s key is encrypted, and kubeadm has no password for it',
      { authorities: { ca: 'encrypted key' } },
      [
        'refused: /etc/kubernetes/pki/ca.key is encrypted: neither kubeadm nor kplay can sign with it',
        'decrypt it (on the host: cd /etc/kubernetes/pki && (umask 077; openssl pkey -in ca.key -out plain.key) && mv plain.key ca.key), or have the certificates signed where that is done: kplay certs csr, with the same -i and -l, writes the requests',
      ],
    ],
    [
      'a leaf of kubeadm’s would outlive its CA',
      { authorities: { ca: '100d' } },
      [
        'refused: ca expires 2027-03-04, before the new apiserver would',
        'choose method: native (its certificates expire with the CA at the latest) or a shorter validity, and plan to replace the CA, because no certificate can outlive it',
      ],
    ],
    [
      'kubeadm would change the groups',
      {
        method: 'phase',
        due: ['apiserver-etcd-client'],
        leaves: { 'apiserver-etcd-client': { organizations: ['system:masters'] } },
      },
      [
        'refused: kubeadm v1.33.13 would give apiserver-etcd-client other groups than it has',
        'has system:masters',
        'would get none',
        'choose method: renew or method: native, which keep them',
      ],
    ],
    [
      'this release of kubeadm would leave the group out',
      {
        method: 'phase',
        due: ['apiserver-kubelet-client'],
        leaves: { 'apiserver-kubelet-client': { organizations: ['kubeadm:cluster-admins'] } },
      },
      [
        'refused: kubeadm v1.33.13 would give apiserver-kubelet-client other groups than it has',
        'has kubeadm:cluster-admins',
        'would get none',
        'choose method: renew or method: native, which keep them',
      ],
    ],
    [
      'kubeadm would write the group in another case, in which the API grants other rights',
      {
        version: '1.33.11',
        kubeadm: '1.33.11',
        method: 'phase',
        due: ['apiserver-kubelet-client'],
        leaves: { 'apiserver-kubelet-client': { organizations: ['Kubeadm:Cluster-Admins'] } },
      },
      [
        'refused: kubeadm v1.33.11 would give apiserver-kubelet-client other groups than it has',
        'has Kubeadm:Cluster-Admins',
        'would get kubeadm:cluster-admins',
        'choose method: renew or method: native, which keep them',
      ],
    ],
    [
      'this release of kubeadm would add the group again',
      {
        version: '1.33.11',
        kubeadm: '1.33.11',
        method: 'phase',
        due: ['apiserver-kubelet-client'],
        leaves: { 'apiserver-kubelet-client': { organizations: [] } },
      },
      [
        'refused: kubeadm v1.33.11 would give apiserver-kubelet-client other groups than it has',
        'has none',
        'would get kubeadm:cluster-admins',
        'choose method: renew or method: native, which keep them',
      ],
    ],
    [
      'kubeadm would change the groups, and cannot renew',
      {
        due: ['apiserver-kubelet-client'],
        leaves: { 'apiserver-kubelet-client': { organizations: ['kubeadm:cluster-admins'], state: 'bundle' } },
      },
      [
        'refused: kubeadm v1.33.13 would give apiserver-kubelet-client other groups than it has',
        'has kubeadm:cluster-admins',
        'would get none',
        'choose method: native, which keeps them',
      ],
    ],
    [
      'names of other kinds, which kubeadm does not copy',
      { old: { otherNames: ['email:ops@example.org', 'URI:spiffe://example/api'] } },
      [
        'refused: kubeadm v1.33.13 cannot make apiserver like the old one: name email:ops@example.org lost, name URI:spiffe://example/api lost',
        'choose method: native, which keeps its names and usages',
      ],
    ],
    [
      'an address among the DNS names, which phase would not put there',
      { method: 'phase', old: { dnsNames: ['192.0.2.1'] } },
      [
        'refused: kubeadm v1.33.13 cannot make apiserver like the old one: DNS name 192.0.2.1 lost',
        'choose method: renew or method: native, which keep its names and usages',
      ],
    ],
    [
      'no extended key usage, without which kubeadm does not renew',
      { old: { extendedKeyUsages: [] } },
      [
        'refused: kubeadm v1.33.13 cannot make apiserver like the old one: it makes none without an extended key usage',
        'choose method: native, which keeps its names and usages',
      ],
    ],
    [
      'a usage that has no name in Go',
      { old: { extendedKeyUsages: ['serverAuth', '1.3.6.1.5.5.8.2.2'] } },
      [
        'refused: kubeadm v1.33.13 cannot make apiserver like the old one: usage 1.3.6.1.5.5.8.2.2 lost',
        'choose method: native, which keeps its names and usages',
      ],
    ],
    [
      'no CN',
      { old: { subject: { text: '', organizations: [] } } },
      [
        'refused: kubeadm v1.33.13 cannot make apiserver like the old one: it makes none without a CN',
        'choose method: native, which keeps its names and usages',
      ],
    ],
    [
      'a usage that phase does not give, and renew keeps',
      { method: 'phase', old: { extendedKeyUsages: ['serverAuth', 'clientAuth'] } },
      [
        'refused: kubeadm v1.33.13 cannot make apiserver like the old one: usage clientAuth lost',
        'choose method: renew or method: native, which keep its names and usages',
      ],
    ],
    [
      'another CN, and a new name, for which renew cannot be used',
      { extra: ['api.example.org'], leaves: { apiserver: { commonName: 'api' } } },
      [
        'refused: kubeadm v1.33.13 cannot make apiserver like the old one: CN api → kube-apiserver',
        'choose method: native, which keeps its names and usages',
      ],
    ],
    [
      'a client that is a server as well, as other tools make administrators',
      { due: ['admin.conf'], old: { extendedKeyUsages: ['serverAuth', 'clientAuth'] } },
      [
        'refused: kubeadm v1.33.13 cannot make admin.conf like the old one: usage serverAuth lost',
        'choose method: native, which keeps its names and usages',
      ],
    ],
    [
      'nothing says the address',
      { without: ['/etc/kubernetes/manifests/kube-apiserver.yaml', '/etc/kubernetes/manifests/etcd.yaml'] },
      [
        "refused: the host's files do not contain the advertise address: no kube-apiserver or etcd manifest contains it",
        'restore the static pod manifests (from a backup, or from another master of this cluster, with this host’s address), then run again',
      ],
    ],
  ])('%s', (_what, wanted, refusal) => {
    expect(ordered(wanted)).toEqual(refusal);
  });

  test('a key of the CA that is to come is told from one of another cluster: it is in the file, but not the first', () => {
    const end = NOW.getTime() + 3_000 * DAY;
    const [current, next] = [newAuthority('stranger', end).pem, newAuthority('ca', end).pem];
    const path = '/etc/kubernetes/pki/ca.crt';
    const refusalOf = (...bundle: readonly string[]) => {
      const { authorities } = describedHost({ files: { [path]: bundle.join('') } });
      const ca = authorities.find(({ name }) => name === 'ca');
      return ca && authorityRefusal(ca, { now: NOW })?.reason;
    };
    expect(refusalOf(next, current)).toBeUndefined();
    expect(refusalOf(current)).toBe(`/etc/kubernetes/pki/ca.key is not the key of ${path}`);
    expect(refusalOf(current, next)).toBe(
      `/etc/kubernetes/pki/ca.key is the key of another CA in ${path} than the first, and kubeadm signs in the name of the first`,
    );
  });

  test('a CA is looked at only where one of its leaves is due', () => {
    const broken: Case = { authorities: { 'etcd-ca': 'no key', 'front-proxy-ca': 'other key' } };
    expect(ordered(broken)).toEqual(['apiserver renew RSA-2048 365d']);
    expect(ordered({ ...broken, due: ['etcd-server'] })[0]).toBe(
      'refused: /etc/kubernetes/pki/etcd/ca.key is not on this host: the CA is external',
    );
    expect(ordered({ ...broken, due: ['front-proxy-client'] })[0]).toBe(
      'refused: /etc/kubernetes/pki/front-proxy-ca.key is not the key of /etc/kubernetes/pki/front-proxy-ca.crt',
    );
  });

  test('a kubeconfig in which nothing can be replaced is written from scratch, and the plan says so', () => {
    const path = '/etc/kubernetes/admin.conf';
    const text = hostFiles().files.get(path)?.content ?? '';
    const folded = text.replace(/data: (\S+)\n {4}client-key/, 'data: >-\n      $1\n    client-key');
    const orders = (content: string) => ordered({ due: ['admin.conf'], files: { [path]: content } })[0];
    expect(orders(text)).toBe('admin.conf user RSA-2048 365d');
    expect(orders(folded)).toBe(
      'admin.conf user RSA-2048 365d; the file is written from scratch, with one context: its certificate and key have no lines of their own',
    );
  });

  test.each<[what: string, brings: 'the CA' | 'nothing' | 'the root', rootEnds: number, reason: string | undefined]>([
    ['with its leaf', 'the CA', DAY, undefined],
    ['not by its leaf alone', 'nothing', DAY, 'does not contain /etc/kubernetes/pki/ca.crt'],
    ['not by the root in its place', 'the root', DAY, 'does not contain /etc/kubernetes/pki/ca.crt'],
    ['not by a root that has expired', 'the CA', -DAY, 'does not contain /etc/kubernetes/pki/ca.crt'],
  ])('an intermediate CA is known by its root: %s', (_what, brings, rootEnds, reason) => {
    const root = newAuthority('ca', NOW.getTime() + rootEnds, 'root');
    const issuing = newIssuing(root);
    const leaf = newLeaf(issuing, {
      subject: { commonName: 'kubernetes-admin', organizations: ['kubeadm:cluster-admins'] },
      notAfter: NOW.getTime() + DAY,
      publicKey: RSA_KEY.publicKey,
    });
    const certificate = leaf + { 'the CA': issuing.pem, nothing: '', 'the root': root.pem }[brings];
    const host = describedHost({
      flags: { 'kube-apiserver': { '--client-ca-file': '/etc/clients/root.pem' } },
      files: {
        '/etc/kubernetes/pki/ca.crt': issuing.pem,
        '/etc/clients/root.pem': root.pem,
        '/etc/kubernetes/admin.conf': kubeconfigText({
          server: 'https://10.0.0.1:6443',
          authority: root.pem,
          users: [{ name: 'kubernetes-admin', certificate }],
        }),
      },
    });
    const result = orderLeaves({
      host: { ...host, authorities: host.authorities.map((authority) => ({ ...authority, key: 'match' })) },
      credentials: host.credentials.filter(({ name }) => name === 'admin.conf'),
      method: 'native',
      validity: undefined,
      renewBefore: { all: true },
      extraNames: [],
      kubeadm: { version: undefined, problem: undefined },
      now: NOW,
    });
    if (reason === undefined) expect(result).toMatchObject({ orders: [{ chain: [issuing.certificate] }] });
    else expect(result).toMatchObject({ code: 'another-ca', reason: expect.stringContaining(reason) });
  });

  test('one leaf that cannot be made stops all of them: half a renewal helps nobody', () => {
    expect(ordered({ due: ['apiserver', 'etcd-server'], authorities: { 'etcd-ca': '30d' } })[0]).toBe(
      'refused: etcd-ca expires 2026-12-24, before the new etcd-server would',
    );
  });

  test('a CA that ends on the same day as the leaf is no hindrance', () => {
    expect(ordered({ authorities: { ca: '365d' } })).toEqual(['apiserver renew RSA-2048 365d']);
  });
});

describe('versions of kubeadm and cluster', () => {
  test.each([
    ['1.33.13', '1.33.13', 'apiserver renew'],
    ['1.33.2', '1.33.13', 'apiserver renew'],
    ['1.33.14', '1.33.13', 'apiserver renew'],
    ['1.34.0', '1.33.13', 'apiserver renew'],
    ['1.40.0', '1.39.1', 'apiserver renew'],
    ['1.35.0', '1.33.13', 'refused'],
    ['1.31.0', '1.33.13', 'refused'],
  ])('kubeadm %s in a cluster of %s: %s', (kubeadm, version, expected) => {
    expect(ordered({ kubeadm, version })[0]).toMatch(new RegExp(`^${expected}`));
  });

  test('a cluster whose version nothing says is no hindrance', () => {
    expect(ordered({ kubeadm: '1.20.0', without: ['/etc/kubernetes/manifests/kube-apiserver.yaml'] })).toEqual([
      'apiserver renew RSA-2048 365d',
    ]);
  });
});

describe('what is kept, and what is made by rule', () => {
  function identity(wanted: Case) {
    const result = order(wanted);
    if ('action' in result) throw new Error(result.reason);
    const [first] = result.orders;
    if (!first) throw new Error('nothing was ordered');
    return first.identity;
  }

  const NAMES = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    'master-1',
  ];

  test('everything of the old certificate, names that somebody has added included', () => {
    expect(
      identity({ leaves: { apiserver: { names: ['old.example.org', '192.0.2.7'], organizations: ['x'] } } }),
    ).toEqual({
      subject: 'O=x, CN=kube-apiserver',
      commonName: 'kube-apiserver',
      organizations: ['x'],
      dnsNames: [...NAMES, 'old.example.org'],
      ipAddresses: ['10.96.0.1', '10.0.0.1', '192.0.2.7'],
      otherNames: [],
      usages: ['serverAuth'],
      remarks: [],
    });
  });

  test.each<[what: string, leaf: LeafDescription]>([
    ['as it is', {}],
    ['of an administrator', { organizations: ['system:masters'], commonName: 'kubernetes-admin' }],
    ['of an administrator besides', { organizations: ['system:nodes', 'system:masters'] }],
    ['of another node', { commonName: 'system:node:master-2' }],
    ['with the names of the API server', { names: ['kubernetes', 'kubernetes.default.svc', '10.96.0.1'] }],
    ['that nobody has signed', { state: 'foreign signer', organizations: ['system:masters'] }],
    ['that is missing', { state: 'missing' }],
    ['that cannot be read', { state: 'unreadable' }],
  ])('a kubelet is its node and nothing else, whatever is said by the old one: one %s', (_what, leaf) => {
    const made = order({ due: ['kubelet-client'], leaves: { 'kubelet-client': leaf }, nodeName: 'worker-7' });
    if ('action' in made) throw new Error(made.reason);
    const { remarks, ...identity } = made.orders[0]?.identity ?? {};
    expect(identity).toEqual({
      subject: 'O=system:nodes, CN=system:node:worker-7',
      commonName: 'system:node:worker-7',
      organizations: ['system:nodes'],
      dnsNames: [],
      ipAddresses: [],
      otherNames: [],
      usages: ['clientAuth'],
    });
    expect(made.orders[0]?.pattern).toBeUndefined();
  });

  test.each<[what: string, name: string]>([
    ['the API server', 'apiserver'],
    ['a client', 'apiserver-kubelet-client'],
    ['etcd', 'etcd-server'],
    ['an administrator', 'admin.conf'],
    ['controller-manager', 'controller-manager.conf'],
  ])('nothing of one that the CA has not signed: %s', (_what, name) => {
    const usual = identity({ due: [name], leaves: { [name]: 'missing' } });
    const forged = { state: 'foreign signer', organizations: ['system:masters', 'x'], commonName: 'x' } as const;
    const made = identity({ due: [name], leaves: { [name]: { ...forged, names: ['evil.example.org'] } } });
    expect({ ...made, remarks: [] }).toEqual({ ...usual, remarks: [] });
  });

  test('with the names that are wanted, each once and as certificates write it', () => {
    const wanted = identity({ extra: ['API.example.org', 'Kubernetes', 'FD00:0::9', '192.0.2.7', 'fd00::9'] });
    expect(wanted.dnsNames).toEqual([...NAMES, 'api.example.org']);
    expect(wanted.ipAddresses).toEqual(['10.96.0.1', '10.0.0.1', 'fd00::9', '192.0.2.7']);
    expect(wanted.remarks).toEqual(['name api.example.org added', 'name fd00::9 added', 'name 192.0.2.7 added']);
  });

  test('a kubeadm that would refuse the cluster, or the key of its CA, is not asked', () => {
    const native = 'or choose method: native, which needs no kubeadm and reads the CA key into kplay’s memory to sign';
    expect(ordered({ version: '1.31.4', kubeadm: '1.33.13' })).toEqual([
      'refused: kubeadm v1.33.13 is more than one minor version newer than the cluster, v1.31.4, and refuses it',
      `install kubeadm v1.31.4, ${native}`,
    ]);
    expect(ordered({ version: '1.32.4', kubeadm: '1.33.13' })).toEqual(['apiserver renew RSA-2048 365d']);
    expect(ordered({ version: '1.14.10' })).toEqual([
      'refused: kubeadm v1.14.10 signs with RSA keys only, and that of ca is ECDSA-P256',
      'choose method: native',
    ]);
    expect(ordered({ version: '1.15.12' })).toEqual(['apiserver renew RSA-2048 365d']);
    expect(ordered({ version: '1.13.12', method: 'native' })).toEqual(['apiserver native RSA-2048 365d']);
  });

  test('names that are wanted are no client certificate’s', () => {
    expect(identity({ due: ['front-proxy-client'], extra: ['api.example.org'] })).toMatchObject({
      dnsNames: [],
    });
  });

  test.each<[name: string, expected: object]>([
    [
      'apiserver',
      {
        commonName: 'kube-apiserver',
        organizations: [],
        dnsNames: ['master-1', ...NAMES.slice(0, 4)],
        ipAddresses: ['10.96.0.1', '10.0.0.1'],
        usages: ['serverAuth'],
      },
    ],
    [
      'etcd-server',
      {
        commonName: 'master-1',
        organizations: [],
        dnsNames: ['master-1', 'localhost'],
        ipAddresses: ['10.0.0.1', '127.0.0.1', '::1'],
        usages: ['serverAuth', 'clientAuth'],
      },
    ],
    [
      'etcd-peer',
      { commonName: 'master-1', dnsNames: ['master-1', 'localhost'], usages: ['serverAuth', 'clientAuth'] },
    ],
    [
      'etcd-healthcheck-client',
      {
        commonName: 'kube-etcd-healthcheck-client',
        organizations: [],
        dnsNames: [],
        ipAddresses: [],
        usages: ['clientAuth'],
      },
    ],
    ['apiserver-kubelet-client', { commonName: 'kube-apiserver-kubelet-client', organizations: [] }],
    ['front-proxy-client', { commonName: 'front-proxy-client', organizations: [] }],
    [
      'admin.conf',
      { commonName: 'kubernetes-admin', organizations: ['kubeadm:cluster-admins'], usages: ['clientAuth'] },
    ],
    ['controller-manager.conf', { commonName: 'system:kube-controller-manager', organizations: [] }],
    ['scheduler.conf', { commonName: 'system:kube-scheduler', organizations: [] }],
    ['kubelet-client', { commonName: 'system:node:master-1', organizations: ['system:nodes'], usages: ['clientAuth'] }],
  ])('by kubeadm’s rule where the old %s cannot be read', (name, expected) => {
    const made = identity({ due: [name], leaves: { [name]: 'missing' } });
    expect(made).toMatchObject({ ...expected });
  });

  test('by the rule of the cluster’s version where kubeadm is not asked', () => {
    expect(
      identity({ due: ['admin.conf'], leaves: { 'admin.conf': 'missing' }, version: '1.28.2', method: 'native' }),
    ).toMatchObject({ organizations: ['system:masters'] });
    expect(
      identity({ due: ['admin.conf'], leaves: { 'admin.conf': 'missing' }, version: '1.29.0', method: 'native' }),
    ).toMatchObject({ organizations: ['kubeadm:cluster-admins'] });
  });

  test('with the shared endpoint as a name of the API server', () => {
    const made = identity({ leaves: { apiserver: 'missing' }, endpoint: 'api.example.org:6443', extra: ['192.0.2.1'] });
    expect(made.dnsNames).toContain('api.example.org');
    expect(made.ipAddresses).toContain('192.0.2.1');
  });
});
