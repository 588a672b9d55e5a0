import { afterAll, describe, expect, test } from 'vitest';
import { type Certificate, readCertificate, readCertificates } from '../../src/pki/certificate.ts';
import { bitString, oid, sequence } from '../../src/pki/der.ts';
import { isSignedBy, validityAt } from '../../src/pki/verify.ts';
import { needing } from '../support/programs.ts';
import { craft } from './support/craft.ts';
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
