import { X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { type Certificate, derOf, readCertificate, readCertificates } from '../../src/pki/certificate.ts';
import { bitString, oid, sequence, setOf, TAG } from '../../src/pki/der.ts';
import { isForServer, isSignedBy, validityAt } from '../../src/pki/verify.ts';
import { needing } from '../support/programs.ts';
import { attribute, craft } from './support/craft.ts';
import { Workbench } from './support/openssl.ts';

const bench = new Workbench();
afterAll(() => bench.remove());

describe('a signature', () => {
  test.each([
    ['EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
    ['RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:1024'],
    ['ED25519'],
  ])('by %s is told from one by another authority of the same name', needing('openssl'), (algorithm, ...parameters) => {
    const own = newAuthority('own', ['-algorithm', algorithm, ...parameters]);
    const namesake = newAuthority('namesake', ['-algorithm', algorithm, ...parameters]);
    expect(own.subject).toEqual(namesake.subject);
    const leaf = newLeaf('own');
    expect([isSignedBy(leaf, own), isSignedBy(leaf, namesake), isSignedBy(own, leaf)]).toEqual([true, false, false]);
  });

  test('that was tampered with is none', needing('openssl'), () => {
    const own = newAuthority('own', ['-algorithm', 'ED25519']);
    const bytes = Buffer.from(newLeaf('own').der, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(isSignedBy(readCertificate(bytes), own)).toBe(false);
  });

  test('by a key that openssl does not know is none', () => {
    const publicKey = sequence(sequence(oid('1.2.3.4')), bitString(new Uint8Array(32)));
    const strange = readCertificate(craft({ publicKey }));
    expect(isSignedBy(strange, strange)).toBe(false);
  });
});

describe('a certificate for a server', () => {
  test('is for the names and addresses that it lists, and not for its subject', needing('openssl'), () => {
    const names = ['-addext', 'subjectAltName=DNS:kubernetes,DNS:*.example.org,IP:10.0.0.1,IP:fe80::1'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'server.key'];
    bench.openssl('req', '-x509', ...key, '-subj', '/CN=subject', ...names, '-out', 'server.crt');
    const server = readOne('server.crt');
    for (const name of ['kubernetes', 'api.example.org', '10.0.0.1', 'fe80::1'])
      expect(isForServer(server, name), name).toBe(true);
    // An address with a zone, and what is no name at all, are for no certificate: openssl refuses to compare them.
    for (const name of ['subject', '10.0.0.2', 'fe80::1%eth0', 'kubernetes\0evil', '.', '*'])
      expect(isForServer(server, name), name).toBe(false);
  });

  test('that openssl cannot read is for none', () => {
    const isNotUtf8 = attribute('2.5.4.3', TAG.utf8String, Uint8Array.of(0xff));
    const strange = readCertificate(craft({ subject: sequence(setOf([isNotUtf8])) }));
    expect(() => new X509Certificate(derOf(strange))).toThrow();
    expect(isForServer(strange, 'kubernetes')).toBe(false);
  });
});

test('a certificate is valid from its first to its last second', () => {
  const certificate = readCertificate(craft());
  expect(validityAt(certificate, certificate.notBefore - 1)).toBe('not-yet-valid');
  expect(validityAt(certificate, certificate.notBefore)).toBe('valid');
  expect(validityAt(certificate, certificate.notAfter)).toBe('valid');
  expect(validityAt(certificate, certificate.notAfter + 1)).toBe('expired');
});

function newAuthority(name: string, key: readonly string[]): Certificate {
  bench.openssl('genpkey', ...key, '-out', `${name}.key`);
  bench.openssl('req', '-x509', '-key', `${name}.key`, '-subj', '/CN=kubernetes', '-out', `${name}.crt`);
  return readOne(`${name}.crt`);
}

function newLeaf(authority: string): Certificate {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'leaf.key'];
  bench.openssl('req', '-new', ...key, '-subj', '/CN=leaf', '-out', 'leaf.csr');
  const signer = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-set_serial', '1'];
  bench.openssl('x509', '-req', '-in', 'leaf.csr', ...signer, '-out', 'leaf.crt');
  return readOne('leaf.crt');
}

function readOne(file: string): Certificate {
  const [certificate] = readCertificates(bench.read(file));
  if (!certificate) throw new Error(`no certificate in ${file}`);
  return certificate;
}
