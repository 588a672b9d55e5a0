import { describe, expect, test } from 'vitest';
import {
  assess,
  assessKubelet,
  type DueRule,
  dueCredentials,
  parseRenewBefore,
} from '../../../src/kubeadm/certificates/due.ts';
import { missingNames } from '../../../src/kubeadm/certificates/lacking.ts';
import { renewed } from '../../../src/kubeadm/certificates/transition.ts';
import type { Credential } from '../../../src/kubeadm/host/model.ts';
import { patternOf } from '../../../src/kubeadm/pattern.ts';
import { type HostDescription, hostFiles } from '../support/host-files.ts';
import { DAY, NOW, newAuthority, newIssuing, newLeaf, RSA_KEY, signedAgain } from '../support/keys.ts';
import { ofOlderAuthority } from '../support/older-authority.ts';
import { describedHost } from '../support/raw-files.ts';

function rule(
  renewBefore: string,
  extraNames: readonly string[] = [],
  renewedNames: DueRule['renewed'] = new Set(),
): DueRule {
  return { renewBefore: parseRenewBefore(renewBefore), now: NOW, extraNames, renewed: renewedNames };
}

function leaf(host: HostDescription, name: string): Credential {
  const found = describedHost(host).credentials.find((credential) => credential.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

/** Condition and whether it is due under 0s, 30d and all: `good --x`. */
function verdict(credential: Credential, judge = assess): string {
  const assessments = ['0s', '30d', 'all'].map((renewBefore) => judge(credential, rule(renewBefore)));
  return `${assessments.map(({ due }) => (due ? 'x' : '-')).join('')} ${[...new Set(assessments.map(({ condition }) => condition))].join(' / ')}`;
}

test('a certificate that begins after the run is none to come: it has begun when it is seen', () => {
  const credential = leaf({ leaves: { apiserver: 'not yet valid' } }, 'apiserver');
  const begins = new Date(NOW.getTime() + 2 * DAY);
  expect(assess(credential, rule('0s'))).toMatchObject({ due: true, reason: 'it is not valid yet' });
  expect(assess(credential, { ...rule('0s'), seenAt: begins })).toMatchObject({ condition: 'good', due: false });
});

describe('what is due under renew_before 0s, 30d and all', () => {
  test.each<[leaf: string | object, verdict: string, reason: string]>([
    ['364d', '--x good / expiring', 'good until 2027-11-23'],
    ['31d', '--x good / expiring', 'good until 2026-12-25'],
    ['30d', '--x good / expiring', 'good until 2026-12-24'],
    ['29d23h', '-xx good / expiring', 'expires 2026-12-24, in 29d'],
    ['5d', '-xx good / expiring', 'expires 2026-11-29, in 5d'],
    ['1h', '-xx good / expiring', 'expires 2026-11-24, in 1h'],
    ['0s', '-xx good / expiring', 'expires 2026-11-24, in 0.0s'],
    ['-1s', 'xxx expired', 'expired 2026-11-24'],
    ['-400d', 'xxx expired', 'expired 2025-10-20'],
    ['missing', 'xxx missing', '/etc/kubernetes/pki/apiserver.crt is missing'],
    ['empty', 'xxx unreadable', '/etc/kubernetes/pki/apiserver.crt: it is empty'],
    [
      'unreadable',
      'xxx unreadable',
      expect.stringContaining('/etc/kubernetes/pki/apiserver.crt: ') as unknown as string,
    ],
    ['no key', 'xxx key missing', '/etc/kubernetes/pki/apiserver.key is missing'],
    ['other key', 'xxx key mismatch', 'its private key belongs to another certificate'],
    ['encrypted key', 'xxx key encrypted', '/etc/kubernetes/pki/apiserver.key is encrypted: Kubernetes cannot read it'],
    ['foreign signer', 'xxx foreign signer', 'it is not signed by ca'],
    ['not yet valid', 'xxx not yet valid', 'it is not valid yet'],
    ['bundle', '--x good / expiring', 'good until 2027-11-23'],
  ])('a certificate %j: %s, because %s', (described, expected, reason) => {
    const credential = leaf({ leaves: { apiserver: described as string } }, 'apiserver');
    expect(verdict(credential)).toBe(expected);
    expect(assess(credential, rule('30d')).reason).toEqual(reason);
  });

  test('the key of a certificate is said to lack in its file when that is there', () => {
    const [kubelet, apiserver] = (['kubelet-client', 'apiserver'] as const).map((name) => leaf({}, name));
    if (!kubelet || !apiserver) throw new Error('unreachable');
    expect(assess({ ...kubelet, key: 'absent' }, rule('30d')).reason).toBe(
      'its private key is not in /var/lib/kubelet/pki/kubelet-client-current.pem',
    );
    expect(assess({ ...apiserver, key: 'absent' }, rule('30d')).reason).toBe(
      'its private key is not in /etc/kubernetes/pki/apiserver.key',
    );
  });

  test('a certificate that cannot be read any better: it ends with its CA', () => {
    const host: HostDescription = {
      authorities: { ca: '10d' },
      leaves: { apiserver: 'with its CA', 'admin.conf': '9d', 'apiserver-kubelet-client': '9d23h30m' },
    };
    expect(verdict(leaf(host, 'apiserver'))).toBe('--x good / expiring');
    expect(assess(leaf(host, 'apiserver'), rule('30d')).reason).toBe(
      'expires 2026-12-04 together with ca: only a new CA would help',
    );
    expect(verdict(leaf(host, 'apiserver-kubelet-client'))).toBe('--x good / expiring');
    expect(verdict(leaf(host, 'admin.conf'))).toBe('-xx good / expiring');
  });

  test.each([
    ['-1d', 'xxx CA expired', 'xxx CA expired', 'an older CA of ca has signed it, which expired 2026-11-23'],
    [
      '10d',
      '-xx good / expiring',
      '-xx good / expiring',
      'an older CA of ca has signed it, which expires 2026-12-04, in 10d',
    ],
    ['100d', '--x good / expiring', '--x good / expiring', 'good until 2027-11-23'],
  ])(
    'a certificate of an older CA, behind the one that signs now, which ends in %s: %s',
    (end, apiserver, kubelet, why) => {
      const host = ofOlderAuthority(end);
      expect(verdict(leaf(host, 'apiserver'))).toBe(apiserver);
      expect(verdict(leaf(host, 'kubelet-client'), assessKubelet)).toBe(kubelet);
      expect(assess(leaf(host, 'apiserver'), rule('30d')).reason).toBe(why);
    },
  );

  test('a certificate of a CA that was only prolonged, with its key, is as good as the longest of these', () => {
    const host = ofOlderAuthority('-1d', 'ca');
    expect(verdict(leaf(host, 'apiserver'))).toBe('--x good / expiring');
  });

  test('a certificate of a CA that was made again with its key, under another name: Kubernetes accepts it no longer', () => {
    const fresh = newAuthority('ca', NOW.getTime() + 3650 * DAY, 'kubernetes-ca').pem;
    const host: HostDescription = { files: { '/etc/kubernetes/pki/ca.crt': fresh } };
    expect(verdict(leaf(host, 'apiserver'))).toBe('xxx foreign signer');
    expect(verdict(leaf(host, 'kubelet-client'), assessKubelet)).toBe('xxx foreign signer');
    expect(verdict(leaf(host, 'etcd-peer'))).toBe('--x good / expiring');
    expect(assess(leaf(host, 'apiserver'), rule('30d')).reason).toMatch(/^it does not name ca as its issuer/);
    expect(patternOf(leaf(host, 'apiserver'))?.dnsNames).toContain('kubernetes.default');
    const made = renewed(describedHost(host), new Map([['apiserver', NOW.getTime() + 365 * DAY]]));
    expect(made.credentials.find(({ name }) => name === 'apiserver')).not.toHaveProperty('isMisnamed');
  });

  test.each<[name: string, usages: readonly string[], verdict: string]>([
    ['apiserver-kubelet-client', ['serverAuth'], 'xxx usage missing'],
    ['apiserver-kubelet-client', ['serverAuth', 'clientAuth'], '--x good / expiring'],
    ['apiserver-kubelet-client', ['anyExtendedKeyUsage'], '--x good / expiring'],
    ['apiserver-kubelet-client', [], '--x good / expiring'],
    ['apiserver', ['clientAuth'], 'xxx usage missing'],
    ['admin.conf', ['serverAuth'], 'xxx usage missing'],
    ['kubelet-client', ['serverAuth'], 'xxx usage missing'],
    ['etcd-peer', ['serverAuth'], 'xxx usage missing'],
    // As kubeadm made it before 1.12.
    ['etcd-server', ['serverAuth'], '--x good / expiring'],
  ])('%s for %j: what Go rejects is due', (name, usages, expected) => {
    expect(verdict(leaf({ leaves: { [name]: { usages } } }, name))).toBe(expected);
  });

  test.each<[name: string, version: string, verdict: string]>([
    ['apiserver', '1.24.0', 'xxx unsupported signature'],
    ['admin.conf', '1.33.13', 'xxx unsupported signature'],
    ['kubelet-client', '1.24.17', 'xxx unsupported signature'],
    ['etcd-peer', '1.28.0', 'xxx unsupported signature'],
    ['apiserver', '1.23.17', '--x good / expiring'],
    // API servers verify it, whatever etcd does with others.
    ['etcd-server', '1.23.17', '--x good / expiring'],
    ['etcd-peer', '1.23.17', 'xxx unsupported signature'],
  ])('%s signed with SHA-1, with Kubernetes %s: what Go rejects is due', (name, version, expected) => {
    expect(verdict(leaf({ version, leaves: { [name]: 'SHA-1' } }, name))).toBe(expected);
  });

  test('only what Kubernetes verifies has to be signed in a way that it supports', () => {
    const { ca } = hostFiles().authorities;
    const terms = { subject: { commonName: 'kube-apiserver' }, publicKey: RSA_KEY.publicKey };
    const issuing = newIssuing(ca);
    const of = (authorities: string, ...certificates: string[]) => {
      const files = {
        '/etc/kubernetes/pki/ca.crt': authorities,
        '/etc/kubernetes/pki/apiserver.crt': certificates.join(''),
      };
      return verdict(leaf({ files }, 'apiserver'));
    };
    const own = newLeaf(ca, { ...terms, notAfter: NOW.getTime() + 300 * DAY });
    const below = newLeaf(issuing, { ...terms, notAfter: NOW.getTime() + 300 * DAY });
    expect(of(signedAgain(ca.pem, ca), own)).toBe('--x good / expiring');
    expect(of(ca.pem, below, issuing.pem)).toBe('--x good / expiring');
    expect(of(ca.pem, below, signedAgain(issuing.pem, ca))).toBe('xxx unsupported signature');
    expect(of(signedAgain(issuing.pem, ca), below, signedAgain(issuing.pem, ca))).toBe('--x good / expiring');
    expect(of(ca.pem, signedAgain(own, ca, ['sha224', '1.2.840.10045.4.3.1']))).toBe('xxx unsupported signature');
  });

  test('a certificate of such a CA behind which the older one still is: it counts until that ends', () => {
    const old = hostFiles({ authorities: { ca: '10d' } }).authorities.ca.pem;
    const fresh = newAuthority('ca', NOW.getTime() + 3650 * DAY, 'kubernetes-ca').pem;
    const host: HostDescription = {
      authorities: { ca: '10d' },
      files: { '/etc/kubernetes/pki/ca.crt': `${fresh}${old}` },
    };
    expect(verdict(leaf(host, 'apiserver'))).toBe('-xx good / expiring');
    expect(assess(leaf(host, 'apiserver'), rule('30d')).reason).toMatch(
      /^an older CA of ca has signed it, which expires/,
    );
  });

  test('an expired certificate is due though its CA has ended with it', () => {
    const host: HostDescription = { authorities: { ca: '-1d' }, leaves: { apiserver: 'with its CA' } };
    expect(verdict(leaf(host, 'apiserver'))).toBe('xxx expired');
  });

  test('what a planned task makes', () => {
    const host = renewed(
      describedHost({ leaves: { apiserver: '-3d' } }),
      new Map([['apiserver', NOW.getTime() + 365 * DAY]]),
    );
    const [credential] = host.credentials;
    expect(credential && verdict(credential)).toBe('--- planned');
  });

  test('what this run has made is not made again under all, unless it is bad', () => {
    const made: DueRule['renewed'] = new Set(['apiserver']);
    expect(assess(leaf({}, 'apiserver'), rule('all', [], made))).toEqual({
      condition: 'good',
      due: false,
      reason: 'made by this run, good until 2027-11-23',
    });
    expect(assess(leaf({ leaves: { apiserver: 'other key' } }, 'apiserver'), rule('all', [], made)).due).toBe(true);
    expect(assess(leaf({}, 'admin.conf'), rule('all', [], made)).due).toBe(true);
  });
});

describe('names that the API server must hold besides', () => {
  test.each<[names: readonly string[], due: boolean, reason: string]>([
    [[], false, 'good until 2027-11-23'],
    [['kubernetes', '10.0.0.1'], false, 'good until 2027-11-23'],
    [['api.example.org'], true, 'it lacks api.example.org'],
    [['api.example.org', 'kubernetes', '192.0.2.1'], true, 'it lacks api.example.org, 192.0.2.1'],
  ])('%j: due %s', (names, due, reason) => {
    expect(assess(leaf({}, 'apiserver'), rule('0s', names))).toEqual({
      condition: due ? 'name missing' : 'good',
      due,
      reason,
    });
  });

  test('are there in whatever spelling: addresses have several, and DNS names may be in capitals', () => {
    const named = leaf({ leaves: { apiserver: { names: ['fd00::9', 'api.example.org'] } } }, 'apiserver');
    expect(missingNames(named, ['FD00:0::9', 'API.example.org', 'KUBERNETES', 'fd00::8'])).toEqual(['fd00::8']);
  });

  test('are not there as an address among the DNS names, where no client looks for it', () => {
    const { ca } = hostFiles().authorities;
    const pem = newLeaf(ca, {
      subject: { commonName: 'kube-apiserver' },
      dnsNames: ['192.0.2.1', 'api.example.org'],
      extendedKeyUsages: ['serverAuth'],
      publicKey: RSA_KEY.publicKey,
      notAfter: NOW.getTime() + 300 * DAY,
    });
    const named = leaf({ files: { '/etc/kubernetes/pki/apiserver.crt': pem } }, 'apiserver');
    expect(assess(named, rule('0s', ['api.example.org', '192.0.2.1'])).reason).toBe('it lacks 192.0.2.1');
  });

  test('are no other certificate’s', () => {
    expect(dueCredentials(describedHost(), rule('0s', ['api.example.org'])).map(({ name }) => name)).toEqual([
      'apiserver',
    ]);
  });

  test('are all missing where there is no certificate', () => {
    expect(missingNames(leaf({ leaves: { apiserver: 'missing' } }, 'apiserver'), ['a', 'kubernetes'])).toEqual([
      'a',
      'kubernetes',
    ]);
    expect(missingNames(leaf({}, 'apiserver'), ['a', 'kubernetes'])).toEqual(['a']);
  });
});

describe('a kubeconfig', () => {
  test.each<[what: string, host: HostDescription, expected: string]>([
    ['that ends soon', { leaves: { 'admin.conf': '5d' } }, '-xx good / expiring'],
    ['that is missing', { leaves: { 'admin.conf': 'missing' } }, 'xxx missing'],
    ['that is empty', { leaves: { 'admin.conf': 'empty' } }, 'xxx unreadable'],
    ['that is none', { files: { '/etc/kubernetes/admin.conf': 'nonsense' } }, 'xxx unreadable'],
    [
      'whose certificate is none',
      { files: { '/etc/kubernetes/admin.conf': userConfig('client-certificate-data: bm9uZQ==') } },
      'xxx unreadable',
    ],
    ['whose user has a token', { files: { '/etc/kubernetes/admin.conf': userConfig('token: x') } }, '--- good'],
    [
      'whose user is a command',
      { files: { '/etc/kubernetes/admin.conf': userConfig('exec: {command: aws}') } },
      '--- good',
    ],
    [
      'whose certificate is a file',
      { files: { '/etc/kubernetes/admin.conf': userConfig('client-certificate: /x.crt') } },
      '--- not readable',
    ],
    ...[
      ['364d', '--- good'],
      ['5d', '--- good / expiring'],
      ['-1d', '--- expired'],
      ['not yet valid', '--- not yet valid'],
      ['empty', '--- unreadable'],
    ].map(([leaf = '', expected = '']): [string, HostDescription, string] => [
      `whose certificate is a file: ${leaf}`,
      {
        leaves: { 'apiserver-kubelet-client': leaf },
        files: {
          '/etc/kubernetes/admin.conf': userConfig('client-certificate: pki/apiserver-kubelet-client.crt'),
        },
      },
      expected,
    ]),
    ['with another’s key', { leaves: { 'admin.conf': 'other key' } }, 'xxx key mismatch'],
    ['from another cluster', { leaves: { 'admin.conf': 'foreign signer' } }, 'xxx foreign signer'],
  ])('%s', (_what, host, expected) => {
    expect(verdict(leaf(host, 'admin.conf'))).toBe(expected);
  });

  test('whose certificate is a file: what is said of it names both', () => {
    const conf = userConfig('client-certificate: /etc/kubernetes/pki/apiserver-kubelet-client.crt');
    const host = { leaves: { 'apiserver-kubelet-client': '-1d' }, files: { '/etc/kubernetes/admin.conf': conf } };
    expect(assess(leaf(host, 'admin.conf'), rule('30d')).reason).toBe(
      '/etc/kubernetes/pki/apiserver-kubelet-client.crt expired 2026-11-23; /etc/kubernetes/admin.conf names that file, and kplay does not renew it',
    );
  });

  test('that only the first master has is due on none of the others', () => {
    expect(describedHost().credentials.map(({ name }) => name)).not.toContain('super-admin.conf');
    expect(verdict(leaf({ superAdmin: true, leaves: { 'super-admin.conf': '-1d' } }, 'super-admin.conf'))).toBe(
      'xxx expired',
    );
  });
});

describe('the kubelet’s own', () => {
  test.each<
    [what: string, host: HostDescription, name: 'kubelet-client' | 'kubelet-server', due: string, reason: string]
  >([
    [
      'client certificate that kubelet would have renewed, were nothing wrong',
      { leaves: { 'kubelet-client': '5d' } },
      'kubelet-client',
      '--x',
      'expires 2026-11-29, in 5d; kubelet should have renewed it by now',
    ],
    [
      'client certificate that kubelet is not configured to renew',
      { leaves: { 'kubelet-client': '5d' }, kubelet: { rotates: false } },
      'kubelet-client',
      '-xx',
      'expires 2026-11-29, in 5d; kubelet does not renew it (rotateCertificates is off)',
    ],
    [
      'client certificate that a flag has kubelet renew',
      {
        leaves: { 'kubelet-client': '5d' },
        kubelet: { rotates: false },
        files: { '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--rotate-certificates=true"' },
      },
      'kubelet-client',
      '--x',
      'expires 2026-11-29, in 5d; kubelet should have renewed it by now',
    ],
    [
      'client certificate of a kubelet without a configuration file, whose flags nobody knows',
      { leaves: { 'kubelet-client': '5d' }, without: ['/var/lib/kubelet/config.yaml'] },
      'kubelet-client',
      '--x',
      'expires 2026-11-29, in 5d; kubelet should have renewed it by now',
    ],
    [
      'client certificate that kubelet can renew no more',
      { leaves: { 'kubelet-client': '-1d' } },
      'kubelet-client',
      'xxx',
      'expired 2026-11-23',
    ],
    [
      'client certificate that is gone',
      { leaves: { 'kubelet-client': 'missing' } },
      'kubelet-client',
      'xxx',
      '/var/lib/kubelet/pki/kubelet-client-current.pem is missing',
    ],
    [
      'client certificate with another’s key',
      { leaves: { 'kubelet-client': 'other key' } },
      'kubelet-client',
      'xxx',
      'its private key belongs to another certificate',
    ],
    [
      'serving certificate that has expired',
      { leaves: { 'kubelet-server': '-1d' } },
      'kubelet-server',
      '---',
      'expired 2026-11-23; kubelet makes a new one when it is deleted',
    ],
    ['serving certificate that is good', {}, 'kubelet-server', '---', 'good until 2027-11-23'],
  ])('%s', (_what, host, name, due, reason) => {
    const credential = leaf(host, name);
    const assessments = ['0s', '30d', 'all'].map((renewBefore) => assessKubelet(credential, rule(renewBefore)));
    expect(assessments.map((assessment) => (assessment.due ? 'x' : '-')).join('')).toBe(due);
    expect(assessments[1]?.reason).toBe(reason);
  });
});

test('a kubelet that has not come to renew its own yet will do so', () => {
  const credential = leaf({ leaves: { 'kubelet-client': '50d' } }, 'kubelet-client');
  expect(assessKubelet(credential, rule('60d')).reason).toContain('kubelet renews it by itself');
});

test('kubelet’s are never among the host’s due leaves, and the order is kubeadm’s', () => {
  const host = describedHost({ leaves: { '*': '-1d' } });
  expect(dueCredentials(host, rule('0s')).map(({ name }) => name)).toEqual([
    'apiserver',
    'apiserver-kubelet-client',
    'front-proxy-client',
    'apiserver-etcd-client',
    'etcd-server',
    'etcd-peer',
    'etcd-healthcheck-client',
    'admin.conf',
    'controller-manager.conf',
    'scheduler.conf',
  ]);
});

test.each([
  ['all', { all: true }],
  ['0s', { all: false, milliseconds: 0 }],
  ['30d', { all: false, milliseconds: 30 * DAY }],
])('renew_before %s is %j', (text, parsed) => {
  expect(parseRenewBefore(text)).toEqual(parsed);
});

test('renew_before must be a duration or all', () => {
  expect(() => parseRenewBefore('soon')).toThrow(RangeError);
});

function userConfig(user: string): string {
  return `contexts: [{name: x, context: {cluster: c, user: u}}]\nusers:\n- name: u\n  user:\n    ${user}\ncurrent-context: x\n`;
}
