import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { issueAuthority } from '../../src/pki/authority.ts';
import { type Certificate, publicKeyOf, readCertificate, readCertificates } from '../../src/pki/certificate.ts';
import { contextTag, oid, primitive, sequence, setOf, TAG } from '../../src/pki/der.ts';
import { EXTENSION } from '../../src/pki/extensions.ts';
import { copyOf } from '../../src/pki/identity.ts';
import { type Authority, issueCertificate, type LeafRequest } from '../../src/pki/issue.ts';
import { encodePem } from '../../src/pki/pem.ts';
import { PkiError } from '../../src/pki/pki-error.ts';
import { generateKey, type KeyPair, keyMatches, readPrivateKey } from '../../src/pki/private-key.ts';
import { isSignedBy } from '../../src/pki/verify.ts';
import { needing } from '../support/programs.ts';
import { fc } from '../support/random-cases.ts';
import { identities, serials, times } from './support/arbitrary.ts';
import { attribute, craft, extension } from './support/craft.ts';
import { Workbench } from './support/openssl.ts';
import * as peculiar from './support/peculiar.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 24, 12);
const ISSUERS = ['RSA-2048', 'ECDSA-P256', 'ECDSA-P384'] as const;
const SUBJECTS = ['RSA-2048', 'ECDSA-P256', 'ECDSA-P384'] as const;
const API_SERVER = {
  subject: { commonName: 'kube-apiserver' },
  dnsNames: ['kubernetes', 'kubernetes.default.svc.cluster.local', 'master-1'],
  ipAddresses: ['10.96.0.1', 'fd00::1'],
  extendedKeyUsages: ['serverAuth'],
};

const bench = new Workbench();
const authorities = new Map<string, Authority>();
const keys = new Map<string, KeyPair>();
beforeAll(async () => {
  for (const algorithm of ISSUERS) authorities.set(algorithm, await newAuthority(await generateKey(algorithm)));
  for (const algorithm of SUBJECTS) keys.set(algorithm, await generateKey(algorithm));
});
afterAll(() => bench.remove());

describe.each(ISSUERS)('an authority with %s', (issuer) => {
  test.each(SUBJECTS)('issues for %s what openssl verifies', needing('openssl'), (subject) => {
    const authority = get(authorities, issuer);
    const key = get(keys, subject);
    const pem = issueCertificate(terms({ ...API_SERVER, authority, publicKey: key.publicKey }));
    const certificate = readOne(pem);
    expect(certificate.key).toBe(subject);
    expect(isSignedBy(certificate, authority.certificate)).toBe(true);
    expect(keyMatches(certificate, readPrivateKey(key.privatePem))).toBe(true);
    bench.write('ca', pemOf(authority.certificate));
    bench.write('leaf', pem);
    const strict = ['-x509_strict', '-check_ss_sig', '-attime', String(NOW / 1000)];
    expect(bench.openssl('verify', ...strict, '-CAfile', 'ca', 'leaf')).toBe('leaf: OK\n');
    const server = ['-purpose', 'sslserver', '-verify_hostname', 'kubernetes', '-attime', String(NOW / 1000)];
    expect(bench.openssl('verify', ...server, '-CAfile', 'ca', 'leaf')).toBe('leaf: OK\n');
    for (const other of ISSUERS) {
      expect(isSignedBy(certificate, get(authorities, other).certificate)).toBe(other === issuer);
    }
  });

  test('signs itself', needing('openssl'), () => {
    const { certificate } = get(authorities, issuer);
    expect(certificate).toMatchObject({
      subject: { commonName: 'kubernetes', organizations: [], text: 'CN=kubernetes' },
      dnsNames: ['kubernetes'],
      isAuthority: true,
      issuerHash: certificate.subjectHash,
      keyUsages: ['digitalSignature', 'keyEncipherment', 'keyCertSign'],
    });
    expect(certificate).not.toHaveProperty('authorityKeyId');
    expect(isSignedBy(certificate, certificate)).toBe(true);
    bench.write('ca', pemOf(certificate));
    expect(bench.openssl('verify', '-x509_strict', '-check_ss_sig', '-no_check_time', '-CAfile', 'ca', 'ca')).toBe(
      'ca: OK\n',
    );
  });

  test('has the key identifier that openssl would give it', needing('openssl'), () => {
    const { certificate, privateKey } = get(authorities, issuer);
    bench.write('key', privateKey.export({ type: 'pkcs8', format: 'pem' }));
    bench.openssl('req', '-x509', '-key', 'key', '-subj', '/CN=same key', '-out', 'same-key');
    expect(certificate.subjectKeyId).toBe(readOne(bench.read('same-key')).subjectKeyId);
  });
});

describe('a leaf is made as kubeadm and Go make it', needing('openssl'), () => {
  test('extensions, their order and what is critical', () => {
    const authority = get(authorities, 'ECDSA-P256');
    bench.write('leaf', issueCertificate(terms({ ...API_SERVER, authority })));
    const keyId = authority.certificate.subjectKeyId?.toUpperCase().replace(/..(?=.)/g, '$&:');
    const printed = bench.openssl('x509', '-in', 'leaf', '-noout', '-text');
    expect(printed.slice(printed.indexOf('X509v3 extensions'), printed.lastIndexOf('Signature Algorithm'))).toBe(
      `X509v3 extensions:
            X509v3 Key Usage: critical
                Digital Signature, Key Encipherment
            X509v3 Extended Key Usage: 
                TLS Web Server Authentication
            X509v3 Basic Constraints: critical
                CA:FALSE
            X509v3 Authority Key Identifier: 
                ${keyId}
            X509v3 Subject Alternative Name: 
                DNS:kubernetes, DNS:kubernetes.default.svc.cluster.local, DNS:master-1, IP Address:10.96.0.1, IP Address:FD00:0:0:0:0:0:0:1
    `,
    );
    expect(printed).toContain('Version: 3 (0x2)');
  });

  test.each([
    ['RSA-2048', 'sha256WithRSAEncryption'],
    ['ECDSA-P256', 'ecdsa-with-SHA256'],
    ['ECDSA-P384', 'ecdsa-with-SHA384'],
  ])('%s signs with %s', (issuer, algorithm) => {
    bench.write('leaf', issueCertificate(terms({ ...API_SERVER, authority: get(authorities, issuer) })));
    const printed = bench.openssl('x509', '-in', 'leaf', '-noout', '-text');
    expect(printed.match(/Signature Algorithm: .*/g)).toEqual(Array(2).fill(`Signature Algorithm: ${algorithm}`));
  });

  // pkix.Name.ToRDNSequence: O before CN, all organizations in one SET, which DER sorts by its encoding.
  test('names have the order and the string types of Go', () => {
    const subject = { commonName: 'system:node:a', organizations: ['system:nodes', 'b*', 'ä'] };
    bench.write('leaf', issueCertificate(terms({ ...API_SERVER, subject, authority: get(authorities, 'ECDSA-P256') })));
    const options = ['-subject', '-nameopt', 'RFC2253,-dn_rev,-esc_msb,utf8,show_type'];
    expect(bench.openssl('x509', '-in', 'leaf', '-noout', ...options)).toBe(
      'subject=O=UTF8STRING:b*+O=UTF8STRING:ä+O=PRINTABLESTRING:system:nodes,CN=PRINTABLESTRING:system:node:a\n',
    );
  });

  test("the issuer's name is copied to the byte, whatever its string types", () => {
    bench.write('names', '[req]\nstring_mask=MASK:0x4\ndistinguished_name=none\n[none]\n');
    const ca = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'teletex-key'];
    bench.openssl(
      'req',
      '-x509',
      ...ca,
      '-subj',
      '/CN=own/OU=unit/O=org',
      '-days',
      '9999',
      '-config',
      'names',
      '-addext',
      'basicConstraints=CA:TRUE',
      '-out',
      'ca',
    );
    const authority = {
      certificate: readOne(bench.read('ca')),
      privateKey: readPrivateKey(new Secret(bench.read('teletex-key'))),
    };
    bench.write('leaf', issueCertificate(terms({ ...API_SERVER, authority })));
    expect(bench.openssl('verify', '-no_check_time', '-CAfile', 'ca', 'leaf')).toBe('leaf: OK\n');
    const type = ['-noout', '-nameopt', 'oneline,show_type'];
    expect(bench.openssl('x509', '-in', 'leaf', '-issuer', ...type).slice('issuer='.length)).toBe(
      bench.openssl('x509', '-in', 'ca', '-subject', ...type).slice('subject='.length),
    );
  });

  test('an authority without a key identifier gets none named', () => {
    bench.write(
      'plain',
      '[req]\ndistinguished_name=none\nx509_extensions=v3\n[none]\n[v3]\nbasicConstraints=CA:TRUE\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none\n',
    );
    const ca = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'plain-key'];
    bench.openssl('req', '-x509', ...ca, '-subj', '/CN=old', '-days', '9999', '-config', 'plain', '-out', 'ca');
    const certificate = readOne(bench.read('ca'));
    expect(certificate).not.toHaveProperty('subjectKeyId');
    const authority = { certificate, privateKey: readPrivateKey(new Secret(bench.read('plain-key'))) };
    const pem = issueCertificate(terms({ ...API_SERVER, authority }));
    expect(readOne(pem)).not.toHaveProperty('authorityKeyId');
  });

  test('random identities are read back by us, by openssl and by @peculiar/x509 as they were given', () => {
    const authority = get(authorities, 'ECDSA-P256');
    fc.assert(
      fc.property(identities, times, times, serials, (identity, one, other, serial) => {
        const [notBefore, notAfter] = [Math.min(one, other), Math.max(one, other)];
        const pem = issueCertificate(terms({ ...identity, notBefore, notAfter, serial, authority }));
        const expected = {
          commonName: identity.subject.commonName,
          // DER sorts them by their encoding.
          organizations: [...identity.subject.organizations].sort(),
        };
        const read = readOne(pem);
        expect({ ...read.subject, organizations: [...read.subject.organizations].sort() }).toMatchObject(expected);
        const { dnsNames, ipAddresses, extendedKeyUsages } = identity;
        expect(read).toMatchObject({ notBefore, notAfter, dnsNames, ipAddresses, extendedKeyUsages });

        const second = new peculiar.X509Certificate(pem);
        expect(second.subjectName.getField('CN')).toEqual([expected.commonName]);
        expect([...second.subjectName.getField('O')].sort()).toEqual(expected.organizations);
        expect(second.serialNumber.toUpperCase()).toBe(read.serial);
        expect([second.notBefore.getTime(), second.notAfter.getTime()]).toEqual([notBefore, notAfter]);
        const names = second.getExtension(peculiar.SubjectAlternativeNameExtension)?.names.items ?? [];
        expect(names.filter(({ type }) => type === 'dns').map(({ value }) => value)).toEqual(dnsNames);
        expect(names).toHaveLength(dnsNames.length + ipAddresses.length);

        bench.write('leaf', pem);
        const printed = bench.openssl('x509', '-in', 'leaf', '-noout', '-serial', '-dates', '-dateopt', 'iso_8601');
        const iso = (time: number) => new Date(time).toISOString().replace('T', ' ').replace('.000', '');
        expect(printed).toBe(`serial=${read.serial}\nnotBefore=${iso(notBefore)}\nnotAfter=${iso(notAfter)}\n`);
      }),
      { numRuns: 20 },
    );
  });

  test('dates are UTCTime through 2049, GeneralizedTime after', () => {
    const authority = get(authorities, 'ECDSA-P256');
    const [notBefore, notAfter] = [Date.UTC(2050, 0, 1) - 1, Date.UTC(2050, 0, 1)];
    const pem = issueCertificate(terms({ ...API_SERVER, notBefore, notAfter, authority }));
    bench.write('leaf', pem);
    const structure = bench.openssl('asn1parse', '-in', 'leaf');
    expect(structure).toMatch(/UTCTIME +:491231235959Z\n.*GENERALIZEDTIME +:20500101000000Z\n/);
  });
});

describe('a copied identity', () => {
  test('is the same to the byte: other parts of the name, other kinds of names, unknown purposes', () => {
    const subject = sequence(
      setOf([attribute('2.5.4.3', TAG.teletexString, 'name first')]),
      setOf([attribute('2.5.4.11', TAG.ia5String, 'unit')]),
      setOf([attribute('2.5.4.10', TAG.utf8String, 'ascii in UTF-8')]),
    );
    const altNames = sequence(
      primitive(contextTag(6, 'primitive'), Buffer.from('spiffe://cluster')),
      primitive(contextTag(2, 'primitive'), Buffer.from('MASTER.example.org')),
      primitive(contextTag(8, 'primitive'), Uint8Array.of(0x2a)),
    );
    const old = readCertificate(
      craft({
        subject,
        extensions: [
          extension(EXTENSION.subjectAltName, altNames),
          extension(EXTENSION.extendedKeyUsage, sequence(oid('1.2.3.4'), oid('1.3.6.1.5.5.7.3.2'))),
        ],
      }),
    );
    const authority = get(authorities, 'ECDSA-P256');
    const copy = JSON.parse(JSON.stringify(copyOf(old))) as ReturnType<typeof copyOf>;
    const renewed = readOne(issueCertificate(terms({ ...copy, authority })));
    expect(copyOf(renewed)).toEqual(copyOf(old));
    expect(renewed).toMatchObject({
      subject: old.subject,
      dnsNames: ['MASTER.example.org'],
      otherNames: old.otherNames,
      extendedKeyUsages: ['1.2.3.4', 'clientAuth'],
      keyUsages: ['digitalSignature', 'keyEncipherment'],
    });
  });

  test('keeps names of other kinds, and odd ones, where names are added', () => {
    const altNames = sequence(
      primitive(contextTag(6, 'primitive'), Buffer.from('spiffe://cluster')),
      primitive(contextTag(2, 'primitive'), Buffer.from('bad name')),
    );
    const old = readCertificate(craft({ extensions: [extension(EXTENSION.subjectAltName, altNames)] }));
    const wanted = { dnsNames: [...old.dnsNames, 'api.example.org'], ipAddresses: ['10.0.0.9'] };
    const authority = get(authorities, 'ECDSA-P256');
    const renewed = readOne(issueCertificate(terms({ ...copyOf(old, wanted), authority })));
    expect(renewed).toMatchObject({ ...wanted, otherNames: ['URI:spiffe://cluster'] });
  });

  test('has other usages in place of its own where these are wanted, and the names all the same', () => {
    const authority = get(authorities, 'ECDSA-P256');
    const old = { dnsNames: ['etcd'], ipAddresses: [], extendedKeyUsages: ['serverAuth'] };
    const first = readOne(issueCertificate(terms({ subject: { commonName: 'etcd' }, ...old, authority })));
    const wanted = { ...old, extendedKeyUsages: ['serverAuth', 'clientAuth'] };
    expect(readOne(issueCertificate(terms({ ...copyOf(first, wanted), authority })))).toMatchObject(wanted);
  });

  test('of a certificate without names gets those that are added', () => {
    const wanted = { dnsNames: ['api.example.org'], ipAddresses: [] };
    const authority = get(authorities, 'ECDSA-P256');
    const renewed = readOne(issueCertificate(terms({ ...copyOf(readCertificate(craft()), wanted), authority })));
    expect(renewed).toMatchObject(wanted);
  });

  test('of a certificate without names and purposes has none either', () => {
    const authority = get(authorities, 'ECDSA-P256');
    const renewed = readOne(issueCertificate(terms({ ...copyOf(readCertificate(craft())), authority })));
    expect(renewed).toMatchObject({ dnsNames: [], extendedKeyUsages: [] });
  });

  test('can go with the same key', () => {
    const authority = get(authorities, 'ECDSA-P256');
    const old = readOne(issueCertificate(terms({ ...API_SERVER, authority })));
    const renewed = readOne(issueCertificate(terms({ ...copyOf(old), publicKey: publicKeyOf(old), authority })));
    expect(renewed.publicKeyHash).toBe(old.publicKeyHash);
  });
});

describe('what is refused', () => {
  const refuse = (changes: (authority: Authority) => Partial<LeafRequest>, reason: string | RegExp) => {
    const authority = get(authorities, 'ECDSA-P256');
    const request = terms({ ...API_SERVER, authority, ...changes(authority) });
    expect(() => issueCertificate(request)).toThrow(PkiError);
    expect(() => issueCertificate(request)).toThrow(reason);
  };

  test('an authority that is none', () => {
    refuse((authority) => {
      const { privatePem, publicKey } = get(keys, 'ECDSA-P256');
      const certificate = readOne(issueCertificate(terms({ ...API_SERVER, publicKey, authority })));
      return { authority: { certificate, privateKey: readPrivateKey(privatePem) } };
    }, "the authority 'CN=kube-apiserver' is not allowed to sign certificates");
  });

  test('a key that is not that of the authority', () => {
    refuse(
      ({ certificate }) => ({ authority: { certificate, privateKey: get(authorities, 'RSA-2048').privateKey } }),
      "the key is not that of the authority 'CN=kubernetes'",
    );
  });

  test('an end after that of the authority', () => {
    refuse(
      ({ certificate }) => ({ notAfter: certificate.notAfter + 1000 }),
      "it would outlive the authority 'CN=kubernetes', which expires 9999-12-31T23:59:59.000Z",
    );
  });

  test('an authority that has ended before the certificate begins', () => {
    refuse(
      ({ certificate }) => ({ notBefore: certificate.notAfter + 1000, notAfter: certificate.notAfter + 2000 }),
      "the authority 'CN=kubernetes' expired 9999-12-31T23:59:59.000Z",
    );
  });

  test.each([
    ['an end before the beginning', { notBefore: NOW, notAfter: NOW - 1000 }, 'it would expire before it is valid'],
    ['a date that is none', { notBefore: Number.NaN }, 'it would expire before it is valid'],
    ['a date before 1950', { notBefore: Date.UTC(1949, 11, 31) }, 'dates from 1950 to 9999'],
    ['no serial number', { serial: new Uint8Array() }, 'a positive number of at most 20 bytes'],
    ['the serial number 0', { serial: new Uint8Array(8) }, 'a positive number of at most 20 bytes'],
    ['a serial number of 21 bytes', { serial: new Uint8Array(21).fill(1) }, 'a positive number of at most 20 bytes'],
    ['one of 20 with the sign', { serial: new Uint8Array(20).fill(0x80) }, 'a positive number of at most 20 bytes'],
    ['an empty subject', { subject: { organizations: [] } }, 'neither a common name nor an organization'],
    ['a DNS name in Unicode', { dnsNames: ['köln.de'] }, "'köln.de' is not a DNS name"],
    ['an IP address that is none', { ipAddresses: ['10.0.0.0/8'] }, "'10.0.0.0/8' is not an IP address"],
    ['a purpose that is none', { extendedKeyUsages: ['webServer'] }, "'webServer' is not an object identifier"],
    ['a purpose out of range', { extendedKeyUsages: ['9.1'] }, "'9.1' is not an object identifier that can be encoded"],
    ['a public key that is none', { publicKey: new Uint8Array(8) }, 'the public key is not DER'],
  ])('%s', (_, changes, reason) => {
    refuse(() => changes, reason);
  });

  test('an authority with a key of a curve that Go does not have', needing('openssl'), () => {
    bench.openssl('ecparam', '-genkey', '-name', 'secp256k1', '-noout', '-out', 'koblitz');
    bench.openssl('req', '-x509', '-key', 'koblitz', '-subj', '/CN=koblitz', '-days', '9999', '-out', 'ca');
    const certificate = readOne(bench.read('ca'));
    const privateKey = readPrivateKey(new Secret(bench.read('koblitz')));
    refuse(() => ({ authority: { certificate, privateKey } }), 'a key of type ec secp256k1 cannot sign certificates');
  });

  test('20 bytes without the sign are a serial number', () => {
    const serial = new Uint8Array(20).fill(0x7f);
    const pem = issueCertificate(terms({ ...API_SERVER, serial, authority: get(authorities, 'ECDSA-P256') }));
    expect(readOne(pem).serial).toBe('7F'.repeat(20));
  });
});

async function newAuthority({ privatePem }: KeyPair): Promise<Authority> {
  const privateKey = readPrivateKey(privatePem);
  const pem = issueAuthority({
    subject: { commonName: 'kubernetes' },
    dnsNames: ['kubernetes'],
    privateKey,
    notBefore: NOW - DAY,
    notAfter: Date.UTC(9999, 11, 31, 23, 59, 59),
    serial: randomBytes(16),
  });
  return { certificate: readOne(pem), privateKey };
}

/** A request for a year from now, with a key, unless it says otherwise. */
function terms<Rest extends object>(rest: Rest) {
  const { publicKey } = get(keys, 'ECDSA-P256');
  return { notBefore: NOW, notAfter: NOW + 365 * DAY, serial: randomBytes(16), publicKey, ...rest };
}

function readOne(pem: string): Certificate {
  const [certificate, ...more] = readCertificates(pem);
  if (!certificate || more.length > 0) throw new Error('not one certificate');
  return certificate;
}

function pemOf(certificate: Certificate): string {
  return encodePem('CERTIFICATE', Buffer.from(certificate.der, 'base64'));
}

function get<Value>(map: ReadonlyMap<string, Value>, key: string): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error(`no ${key}`);
  return value;
}
