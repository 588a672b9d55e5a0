import { describe, expect, test } from 'vitest';
import { asideFiles, asideRemoved, movedAside, renewed } from '../../../src/kubeadm/certificates/transition.ts';
import type { CredentialName } from '../../../src/kubeadm/table.ts';
import type { HostDescription } from '../support/host-files.ts';
import { DAY, NOW } from '../support/keys.ts';
import { describedHost } from '../support/raw-files.ts';

const END = NOW.getTime() + 365 * DAY;

describe('moving leaves aside', () => {
  test.each<[name: CredentialName, host: HostDescription]>([
    ['apiserver', {}],
    ['etcd-peer', {}],
    ['admin.conf', {}],
    ['scheduler.conf', { leaves: { 'scheduler.conf': '-1d' } }],
    ['apiserver', { leaves: { apiserver: 'no key' } }],
    ['apiserver', { leaves: { apiserver: 'unreadable' } }],
  ])('%s: the host is then as one that is looked at after it was done', (name, host) => {
    expect(movedAside(describedHost(host), new Set([name]))).toEqual(describedHost({ ...host, aside: [name] }));
  });

  test('of those that are named only, and only where there is something to move', () => {
    const host = describedHost({ leaves: { apiserver: 'missing' } });
    expect(movedAside(host, new Set())).toEqual(host);
    expect(movedAside(host, new Set(['apiserver']))).toEqual(host);
  });
});

describe('making leaves anew', () => {
  test('makes them planned, signed and matching, with files newer than every process', () => {
    const after = renewed(
      describedHost({ leaves: { apiserver: 'other key', 'admin.conf': 'foreign signer' } }),
      new Map([
        ['apiserver', END],
        ['admin.conf', END],
      ]),
    );
    expect(after.credentials.filter(({ name }) => name === 'apiserver' || name === 'admin.conf')).toMatchObject([
      {
        holding: { state: 'planned', notAfter: END },
        key: 'match',
        signedByAuthority: true,
        files: [
          { path: '/etc/kubernetes/pki/apiserver.crt', modifiedAt: Number.POSITIVE_INFINITY },
          { path: '/etc/kubernetes/pki/apiserver.key', modifiedAt: Number.POSITIVE_INFINITY },
        ],
      },
      { holding: { state: 'planned' }, files: [{ path: '/etc/kubernetes/admin.conf' }] },
    ]);
  });

  test('leaves the others, the CAs and what waits aside as they are', () => {
    const host = describedHost({ aside: ['apiserver'] });
    const after = renewed(host, new Map([['apiserver', END]]));
    expect(after.authorities).toBe(host.authorities);
    expect(after.credentials.slice(1)).toEqual(host.credentials.slice(1));
    expect(after.credentials[0]?.aside).toEqual(host.credentials[0]?.aside);
  });
});

test('what waits aside can be told and removed', () => {
  const host = describedHost({ aside: ['apiserver', 'admin.conf'] });
  expect(asideFiles(host).map(({ path }) => path.replace('/etc/kubernetes/.kplay-aside', ''))).toEqual([
    '/etc/kubernetes/pki/apiserver.crt',
    '/etc/kubernetes/pki/apiserver.key',
    '/etc/kubernetes/admin.conf',
  ]);
  expect(asideFiles(asideRemoved(host))).toEqual([]);
  expect(asideFiles(describedHost())).toEqual([]);
  expect(asideRemoved(describedHost())).toEqual(describedHost());
});
