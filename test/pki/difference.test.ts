import { describe, expect, test } from 'vitest';
import { type Certificate, readCertificate } from '../../src/pki/certificate.ts';
import { identityDifference, lostNames } from '../../src/pki/difference.ts';
import { craft } from './support/craft.ts';

const OLD: Certificate = {
  ...readCertificate(craft()),
  subject: { commonName: 'admin', organizations: ['system:masters'], text: '' },
  dnsNames: ['kubernetes', 'old.example.org'],
  ipAddresses: ['10.96.0.1', 'fd00::1'],
  otherNames: ['URI:spiffe://cluster'],
  extendedKeyUsages: ['clientAuth'],
  key: 'RSA-2048',
};

describe('the difference of two identities', () => {
  test('is empty for the same, whatever the order, and the case of DNS names', () => {
    const renewed = { ...OLD, dnsNames: ['OLD.example.org', 'kubernetes'], ipAddresses: ['fd00::1', '10.96.0.1'] };
    expect(identityDifference(OLD, renewed)).toEqual([]);
    expect(lostNames(OLD, renewed)).toEqual([]);
  });

  test('loses no address that moves from the DNS names to the addresses, but one that stays nowhere', () => {
    const old = { ...OLD, dnsNames: ['kubernetes', '192.0.2.1', 'FD00:0::7'] };
    const renewed = { ...OLD, dnsNames: ['kubernetes'], ipAddresses: [...OLD.ipAddresses, '192.0.2.1'] };
    expect(lostNames(old, renewed)).toEqual(['FD00:0::7']);
    expect(identityDifference(old, renewed)).toEqual(['DNS name FD00:0::7 lost', 'IP address 192.0.2.1 added']);
    expect(lostNames(renewed, { ...old, ipAddresses: OLD.ipAddresses })).toEqual(['192.0.2.1']);
  });

  test('names what was lost and what was added', () => {
    const renewed: Certificate = {
      ...OLD,
      subject: { commonName: 'kubernetes-admin', organizations: ['kubeadm:cluster-admins'], text: '' },
      dnsNames: ['kubernetes', 'new.example.org'],
      ipAddresses: ['10.96.0.1'],
      otherNames: [],
      extendedKeyUsages: ['clientAuth', 'serverAuth'],
      key: 'ECDSA-P256',
    };
    expect(identityDifference(OLD, renewed)).toEqual([
      'CN admin → kubernetes-admin',
      'O system:masters lost',
      'O kubeadm:cluster-admins added',
      'DNS name old.example.org lost',
      'DNS name new.example.org added',
      'IP address fd00::1 lost',
      'name URI:spiffe://cluster lost',
      'usage serverAuth added',
      'key RSA-2048 → ECDSA-P256',
    ]);
    expect(lostNames(OLD, renewed)).toEqual(['old.example.org', 'fd00::1', 'URI:spiffe://cluster']);
  });

  test('tells of a common name that came or went', () => {
    const nameless = { ...OLD, subject: { organizations: ['system:masters'], text: '' } };
    expect(identityDifference(OLD, nameless)).toEqual(['CN admin lost']);
    expect(identityDifference(nameless, OLD)).toEqual(['CN admin added']);
  });

  test('can be printed, whatever a host put into its names', () => {
    const hostile = { ...OLD, dnsNames: [...OLD.dnsNames, 'a\u001b[2Jb'] };
    expect(identityDifference(OLD, hostile)).toEqual(['DNS name a\\1b[2Jb added']);
    expect(lostNames(hostile, OLD)).toEqual(['a\u001b[2Jb']);
  });
});
