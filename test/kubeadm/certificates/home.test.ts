import { beforeAll, describe, expect, test } from 'vitest';
import { type DueRule, parseRenewBefore } from '../../../src/kubeadm/certificates/due.ts';
import { type HomeKubeconfig, homeEntries, homeEntryIsDue } from '../../../src/kubeadm/certificates/home.ts';
import { plannedFile, renewed } from '../../../src/kubeadm/certificates/transition.ts';
import { readKubeconfig } from '../../../src/kubeadm/host/kubeconfig.ts';
import type { HostDescription } from '../support/host-files.ts';
import { DAY, NOW, newAuthority, newLeaf, RSA_KEY, type TestAuthority } from '../support/keys.ts';
import { kubeconfigText, type TestUser } from '../support/kubeconfig-text.ts';
import { describedHost } from '../support/raw-files.ts';

let ca: TestAuthority;
let stranger: TestAuthority;
beforeAll(() => {
  ca = newAuthority('ca', NOW.getTime() + 3_000 * DAY);
  stranger = newAuthority('stranger', NOW.getTime() + 3_000 * DAY);
});

describe('which entries of a user’s kubeconfig are copies of the host’s', () => {
  test.each<[what: string, home: () => HomeKubeconfig, copies: readonly string[]]>([
    ['one by the same CA for the same user', () => home(ca, [admin(10)]), ['kubernetes-admin of admin.conf']],
    [
      'one beside the CA as it was before it was made anew for the same key',
      () => home(newAuthority('ca', NOW.getTime() + 20 * DAY), [admin(10)]),
      ['kubernetes-admin of admin.conf'],
    ],
    [
      'one beside two CAs, as while one is replaced',
      () => home({ ...ca, pem: `${stranger.pem}${ca.pem}` }, [admin(10)]),
      ['kubernetes-admin of admin.conf'],
    ],
    ['whatever the entry is called', () => home(ca, [{ ...admin(10), name: 'me@prod' }]), ['me@prod of admin.conf']],
    [
      'one of super-admin.conf',
      () => home(ca, [{ name: 'root', certificate: client('kubernetes-super-admin', 10) }]),
      ['root of super-admin.conf'],
    ],
    ['none for another user of the same CA', () => home(ca, [{ name: 'dev', certificate: client('dev', 10) }]), []],
    [
      'none of another cluster with the same names',
      () => home(stranger, [{ name: 'kubernetes-admin', certificate: client('kubernetes-admin', 10, stranger) }]),
      [],
    ],
    [
      'none with its certificate in a file',
      () => home(ca, [{ name: 'kubernetes-admin', certificate: { certificateFile: '/x', keyFile: '/y' } }]),
      [],
    ],
    [
      'several',
      () => home(ca, [admin(10), { name: 'dev', certificate: client('dev', 10) }, { ...admin(9), name: 'again' }]),
      ['kubernetes-admin of admin.conf', 'again of admin.conf'],
    ],
    [
      'none that its user, or anybody, has signed for the same name, beside the right CA',
      () => home(ca, [{ name: 'kubernetes-admin', certificate: client('kubernetes-admin', 10, stranger) }]),
      [],
    ],
    ['none whose key its user has not', () => home(ca, [admin(10)], []), []],
    [
      'none of the same name without the groups',
      () => home(ca, [{ name: 'kubernetes-admin', certificate: client('kubernetes-admin', 10, ca, ['view']) }]),
      [],
    ],
    [
      'one of before 1.29, when administrators were masters',
      () => home(ca, [{ name: 'a', certificate: client('kubernetes-admin', 10, ca, ['system:masters']) }]),
      ['a of admin.conf'],
    ],
    ['none of a file that cannot be read', () => ({ ...home(ca, []), read: undefined }), []],
  ])('%s', (_what, make, copies) => {
    const host = describedHost({ superAdmin: true });
    expect(homeEntries(host, make()).map(({ entry, source }) => `${entry.name} of ${source.name}`)).toEqual(copies);
  });

  test('those of a master that has no super-admin.conf: none', () => {
    expect(
      homeEntries(describedHost(), home(ca, [{ name: 'root', certificate: client('kubernetes-super-admin', 10) }])),
    ).toEqual([]);
  });

  test('also where admin.conf itself is gone or moved aside', () => {
    for (const host of [
      { aside: ['admin.conf'] },
      { leaves: { 'admin.conf': 'missing' } },
    ] satisfies readonly HostDescription[]) {
      expect(homeEntries(describedHost(host), home(ca, [admin(10)]))).toHaveLength(1);
    }
  });

  test('also those that know only the old one of two CAs, while it is replaced', () => {
    const host = describedHost({ files: { '/etc/kubernetes/pki/ca.crt': `${stranger.pem}${ca.pem}` } });
    expect(homeEntries(host, home(ca, [admin(10)]))).toHaveLength(1);
  });

  test('none where the CA is gone', () => {
    expect(homeEntries(describedHost({ authorities: { ca: 'missing' } }), home(ca, [admin(10)]))).toEqual([]);
  });
});

describe('a copy is due', () => {
  test.each<[what: string, days: number, host: HostDescription, under: Readonly<Record<string, boolean>>]>([
    ['when it has expired and its original is new', -1, {}, { '0s': true, '30d': true, all: true }],
    ['when it ends soon and its original is new', 5, {}, { '0s': false, '30d': true, all: true }],
    ['not while it is good, but under all', 100, {}, { '0s': false, '30d': false, all: true }],
    [
      'never while its original is the same',
      -1,
      { leaves: { 'admin.conf': '-1d' } },
      { '0s': false, '30d': false, all: false },
    ],
    [
      'never while its original is gone',
      -1,
      { leaves: { 'admin.conf': 'missing' } },
      { '0s': false, '30d': false, all: false },
    ],
  ])('%s', (_what, days, description, under) => {
    const host = describedHost(description);
    const [entry] = homeEntries(host, home(ca, [admin(days)]));
    if (!entry) throw new Error('no copy');
    for (const [renewBefore, due] of Object.entries(under))
      expect([renewBefore, homeEntryIsDue(entry, rule(renewBefore))]).toEqual([renewBefore, due]);
  });

  test('when its original will be made by this run', () => {
    const host = renewed(
      describedHost({ leaves: { 'admin.conf': '-1d' } }),
      new Map([['admin.conf', NOW.getTime() + 365 * DAY]]),
    );
    const [entry] = homeEntries(host, home(ca, [admin(-1)]));
    expect(entry && homeEntryIsDue(entry, rule('30d'))).toBe(true);
  });

  test('when the older CA that has signed it has ended, or is no longer in ca.crt by its name, while its original is new', () => {
    const ended = newAuthority('ca', NOW.getTime() - DAY).pem;
    const named = newAuthority('ca', NOW.getTime() + 3_000 * DAY, 'kubernetes-ca').pem;
    for (const bundle of [`${stranger.pem}${ended}`, named]) {
      const host = renewed(
        describedHost({ files: { '/etc/kubernetes/pki/ca.crt': bundle } }),
        new Map([['admin.conf', NOW.getTime() + 365 * DAY]]),
      );
      const [entry] = homeEntries(host, home({ ...ca, pem: bundle }, [admin(100)]));
      expect(entry && homeEntryIsDue(entry, rule('0s'))).toBe(true);
    }
  });
});

function rule(renewBefore: string): DueRule {
  return { renewBefore: parseRenewBefore(renewBefore), now: NOW, extraNames: [], renewed: new Set() };
}

/** A copy of admin.conf that ends in so many days. */
function admin(days: number): TestUser {
  return { name: 'kubernetes-admin', certificate: client('kubernetes-admin', days) };
}

function client(
  commonName: string,
  days: number,
  authority = ca,
  organizations = [commonName === 'kubernetes-super-admin' ? 'system:masters' : 'kubeadm:cluster-admins'],
): string {
  return newLeaf(authority, {
    subject: { commonName, organizations },
    dnsNames: [],
    ipAddresses: [],
    extendedKeyUsages: ['clientAuth'],
    notAfter: NOW.getTime() + days * DAY,
    publicKey: RSA_KEY.publicKey,
  });
}

/** Whose keys are said to be there; all that are not said to be otherwise. */
function home(
  authority: TestAuthority,
  users: readonly TestUser[],
  keyHolders = users.map(({ name }) => name),
): HomeKubeconfig {
  const path = '/root/.kube/config';
  const read = readKubeconfig(kubeconfigText({ server: 'https://10.0.0.1:6443', authority: authority.pem, users }));
  return {
    user: 'root',
    path,
    file: plannedFile(path),
    read: 'shape' in read ? read : undefined,
    keyHolders: new Set(keyHolders),
  };
}
