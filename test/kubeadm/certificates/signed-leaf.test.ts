import { describe, expect, test } from 'vitest';
import {
  isInPlace,
  type SignedLeaf,
  signedFaults,
  signedRemarks,
} from '../../../src/kubeadm/certificates/signed-leaf.ts';
import type { CredentialName } from '../../../src/kubeadm/table.ts';
import { readCertificates } from '../../../src/pki/certificate.ts';
import { encodeDer, octetString, oid, primitive, sequence, TAG, unsignedInteger } from '../../../src/pki/der.ts';
import { basicConstraintsExtension, extendedKeyUsageExtension } from '../../../src/pki/extension-encoding.ts';
import { type HostDescription, hostFiles } from '../support/host-files.ts';
import {
  DAY,
  first,
  type LeafTerms,
  NOW,
  newAuthority,
  newIssuing,
  newLeaf,
  RSA_KEY,
  signedAgain,
  type TestAuthority,
} from '../support/keys.ts';
import { describedHost } from '../support/raw-files.ts';

const { authorities } = hostFiles();
const HOST: HostDescription = { leaves: { '*': '5d' }, version: '1.33.11' };
const TERMS: LeafTerms = {
  subject: { commonName: 'kube-apiserver-kubelet-client', organizations: ['kubeadm:cluster-admins'] },
  extendedKeyUsages: ['clientAuth'],
  notAfter: NOW.getTime() + 300 * DAY,
  publicKey: RSA_KEY.publicKey,
};

function signedBy(pem: string, name: CredentialName = 'apiserver-kubelet-client'): SignedLeaf {
  const [certificate = first(pem), ...chain] = readCertificates(pem);
  return { name, certificate, chain };
}

function faults(signed: SignedLeaf, description: HostDescription = HOST): readonly string[] {
  const host = describedHost(description);
  const credential = host.credentials.find(({ name }) => name === signed.name);
  if (!credential) throw new Error(`there is no ${signed.name}`);
  const keyFile = { path: '/k', mode: '0600', uid: 0, gid: 0, size: 1, modifiedAt: 0, sha256: '' };
  const waiting = [{ name: signed.name, request: 'planned' as const, pem: '', publicHalf: RSA_KEY.half, keyFile }];
  return signedFaults(signed, credential, host, waiting, NOW.getTime());
}

/** An intermediate CA that is for these uses alone. */
function issuingFor(...usages: readonly string[]): TestAuthority {
  const extensions = [basicConstraintsExtension({ isAuthority: true }), extendedKeyUsageExtension(usages)];
  const end = NOW.getTime() + 1_000 * DAY;
  return newIssuing(
    authorities.ca,
    'issuing',
    end,
    extensions.flatMap((one) => one ?? []),
  );
}

describe('what came back signed', () => {
  test('is good when it is for the same, by the CA of the host', () => {
    expect(faults(signedBy(newLeaf(authorities.ca, TERMS)))).toEqual([]);
  });

  test('is good through an intermediate that follows it, and not without it', () => {
    const issuing = newIssuing(authorities.ca);
    const leaf = newLeaf(issuing, TERMS);
    expect(faults(signedBy(leaf + issuing.pem))).toEqual([]);
    expect(faults(signedBy(leaf + authorities.ca.pem + issuing.pem))).toEqual([]);
    expect(faults(signedBy(leaf))).toEqual(['it does not lead to /etc/kubernetes/pki/ca.crt, the ca of the host']);
  });

  test('is not good through an intermediate that has expired', () => {
    const issuing = newIssuing(authorities.ca, 'old', NOW.getTime() - DAY / 2);
    const valid = newIssuing(authorities.ca, 'old');
    const leaf = newLeaf({ ...issuing, signer: valid.signer }, TERMS);
    expect(faults(signedBy(leaf + issuing.pem))).toEqual(["the authority 'CN=old' expired 2026-11-24"]);
  });

  test('is good only through an intermediate that is for clients, where it is', () => {
    const signed = (...usages: readonly string[]) => {
      const issuing = issuingFor(...usages);
      return signedBy(newLeaf(issuing, TERMS) + issuing.pem);
    };
    expect(faults(signed('serverAuth', 'clientAuth'))).toEqual([]);
    expect(faults(signed('serverAuth'))).toEqual([
      "Kubernetes would reject it: the authority 'CN=issuing' is not for clientAuth",
    ]);
  });

  test('is good through any of several certificates of one intermediate', () => {
    const [narrow, wide] = [issuingFor('serverAuth'), newIssuing(authorities.ca)];
    const leaf = newLeaf(wide, TERMS);
    expect(faults(signedBy(leaf + narrow.pem + wide.pem))).toEqual([]);
    expect(faults(signedBy(leaf + wide.pem + narrow.pem))).toEqual([]);
  });

  test.each([
    [
      0,
      ["the authority 'CN=root' is too far above it: its path length constraint allows fewer authorities between them"],
    ],
    [1, []],
  ])('is good through an intermediate below a CA with a path length of %d: %j', (length, expected) => {
    const constraints = sequence(primitive(TAG.boolean, Uint8Array.of(0xff)), unsignedInteger(Uint8Array.of(length)));
    const extension = sequence(oid('2.5.29.19'), octetString(encodeDer(constraints)));
    const root = newIssuing(authorities.ca, 'root', NOW.getTime() + 1_000 * DAY, [extension]);
    const issuing = newIssuing(root);
    const files = { '/etc/kubernetes/pki/ca.crt': root.pem };
    expect(faults(signedBy(newLeaf(issuing, TERMS) + issuing.pem), { ...HOST, files })).toEqual(expected);
    expect(faults(signedBy(newLeaf(root, TERMS)), { ...HOST, files })).toEqual([]);
  });

  test('is good by any CA of a bundle', () => {
    const other = newAuthority('stranger', NOW.getTime() + 3_000 * DAY, 'kubernetes');
    const files = { '/etc/kubernetes/pki/ca.crt': authorities.ca.pem + other.pem };
    expect(faults(signedBy(newLeaf(other, TERMS)), { ...HOST, files })).toEqual([]);
    expect(faults(signedBy(newLeaf(other, TERMS)))).toHaveLength(1);
  });

  test.each<[what: string, terms: Partial<LeafTerms>, fault: readonly string[]]>([
    ['without the usage that it had', { extendedKeyUsages: ['serverAuth'] }, ['it has lost the usage clientAuth']],
    ['with another usage besides', { extendedKeyUsages: ['serverAuth', 'clientAuth'] }, []],
    ['for all usages', { extendedKeyUsages: [] }, []],
    [
      'without its group',
      { subject: { commonName: 'kube-apiserver-kubelet-client' } },
      ['it has lost the group (O) kubeadm:cluster-admins'],
    ],
    ['that begins in an hour', { notBefore: NOW.getTime() + DAY / 24 }, ['it is not valid before 2026-11-24T13:00Z']],
    ['that begins at once, by another clock', { notBefore: NOW.getTime() + 30_000 }, []],
  ])('%s', (_what, terms, fault) => {
    expect(faults(signedBy(newLeaf(authorities.ca, { ...TERMS, ...terms })))).toEqual(fault);
  });

  test('is not good with SHA-1, unless everything is old enough to accept it', () => {
    const signed = signedBy(signedAgain(newLeaf(authorities.ca, TERMS), authorities.ca));
    expect(faults(signed)).toEqual([
      'Kubernetes would reject it: it, or a CA behind it in its file, is signed with SHA-1',
    ]);
    const older = { ...HOST, version: '1.23.17' };
    expect(faults(signed, older).join()).not.toContain('SHA-1');
    const ofEtcd = (name: CredentialName): string => {
      const ca = authorities['etcd-ca'];
      return faults(signedBy(signedAgain(newLeaf(ca, TERMS), ca), name), older).join();
    };
    expect(ofEtcd('etcd-peer')).toContain('SHA-1');
    expect(ofEtcd('etcd-server')).not.toContain('SHA-1');
  });

  test('need not be for servers because the one that is rejected for it was', () => {
    const leaves = { 'apiserver-kubelet-client': { usages: ['serverAuth'] } };
    expect(faults(signedBy(newLeaf(authorities.ca, TERMS)), { ...HOST, leaves })).toEqual([]);
  });

  test('is not an authority', () => {
    expect(faults(signedBy(authorities.ca.pem))).toContain(
      'its first certificate is a CA’s: the leaf certificate must come first',
    );
  });

  test('is in place when certificate, chain and key are', () => {
    const there = describedHost({ leaves: { apiserver: 'bundle' } }).credentials[0];
    if (there?.holding.state !== 'present') throw new Error('no certificate');
    const signed: SignedLeaf = { name: 'apiserver', ...there.holding };
    expect(isInPlace(there, signed)).toBe(true);
    expect(isInPlace(there, { ...signed, chain: [] })).toBe(false);
    expect(isInPlace({ ...there, key: 'mismatch' }, signed)).toBe(false);
    expect(isInPlace({ ...there, holding: { state: 'absent' } }, signed)).toBe(false);
  });

  test('has a word said about what differs and does no harm', () => {
    const [credential] = describedHost({ leaves: { apiserver: '5d' }, authorities: { ca: '100d' } }).credentials;
    if (!credential) throw new Error('no credential');
    const old = credential.holding.state === 'present' ? credential.holding.certificate : undefined;
    const issuing = newIssuing(authorities.ca);
    const leaf = newLeaf(issuing, {
      ...TERMS,
      dnsNames: [...(old?.dnsNames ?? []), 'api.example.org'],
      ipAddresses: old?.ipAddresses ?? [],
    });
    expect(signedRemarks(signedBy(leaf + issuing.pem, 'apiserver'), credential)).toEqual([
      '1 certificate after it kept',
      'name api.example.org added',
      'ca expires 2027-03-04, before it does',
    ]);
  });
});
