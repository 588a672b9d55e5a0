import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { readCertificate, readCertificates } from '../../src/pki/certificate.ts';
import { bitString, oid, sequence } from '../../src/pki/der.ts';
import { PkiError } from '../../src/pki/pki-error.ts';
import { generateKey, keyMatches, publicHalfOf, readPrivateKey } from '../../src/pki/private-key.ts';
import { isKeyAlgorithm, KEY_ALGORITHMS } from '../../src/pki/public-key.ts';
import { needing } from '../support/programs.ts';
import { craft } from './support/craft.ts';
import { Workbench } from './support/openssl.ts';

const bench = new Workbench();
afterAll(() => bench.remove());
const secretIn = (file: string) => new Secret(bench.read(file));

describe('fresh keys', () => {
  test.each([
    ['RSA-2048', 'RSA PRIVATE KEY', /^Private-Key: \(2048 bit/],
    ['ECDSA-P256', 'EC PRIVATE KEY', /ASN1 OID: prime256v1/],
    ['ECDSA-P384', 'EC PRIVATE KEY', /ASN1 OID: secp384r1/],
  ] as const)('%s is a PEM block %s that openssl reads', needing('openssl'), async (algorithm, label, description) => {
    const { privatePem, publicKey } = await generateKey(algorithm);
    expect(privatePem.reveal()).toMatch(new RegExp(`^-----BEGIN ${label}-----\n[^]+\n-----END ${label}-----\n$`));
    bench.write('key', privatePem.reveal());
    expect(bench.openssl('pkey', '-in', 'key', '-noout', '-text')).toMatch(description);
    expect(bench.openssl('pkey', '-in', 'key', '-check', '-noout')).toContain('Key is valid');
    expect(publicHalfOf(readPrivateKey(privatePem))).toEqual(publicKey);
  });

  test('an RSA key is made beside the event loop', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await generateKey('RSA-2048');
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });

  test('neither printing nor JSON shows a private key', async () => {
    const pair = await generateKey('ECDSA-P256');
    const privateKey = readPrivateKey(pair.privatePem);
    const shown = [
      inspect(pair),
      JSON.stringify(pair),
      inspect(privateKey),
      JSON.stringify(privateKey),
      `${privateKey}`,
    ];
    const scalar = Buffer.from(String(privateKey.export({ format: 'jwk' })['d']), 'base64url');
    for (const text of shown) {
      expect(text).not.toContain('PRIVATE KEY-----');
      expect(text).not.toContain(scalar.toString('base64').slice(4, 20));
    }
  });

  test('the algorithms are those of kubeadm', () => {
    expect(KEY_ALGORITHMS.every(isKeyAlgorithm)).toBe(true);
    expect(isKeyAlgorithm('RSA-1024')).toBe(false);
  });
});

describe('keys that are read', needing('openssl'), () => {
  bench.openssl('genrsa', '-traditional', '-out', 'rsa.pkcs1', '2048');
  bench.openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'rsa.pkcs1', '-out', 'rsa.pkcs8');
  bench.openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', 'ec.sec1');
  bench.openssl('ecparam', '-genkey', '-name', 'secp384r1', '-out', 'ec-with-parameters.sec1');
  bench.openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'ec.sec1', '-out', 'ec.pkcs8');

  test.each(['rsa.pkcs1', 'rsa.pkcs8', 'ec.sec1', 'ec-with-parameters.sec1', 'ec.pkcs8'])('%s', (file) => {
    bench.openssl('req', '-x509', '-key', file, '-subj', '/CN=own', '-out', 'own');
    bench.openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'x',
      '-subj',
      '/CN=x',
      '-out',
      'foreign',
    );
    const key = readPrivateKey(secretIn(file));
    const own = readCertificates(bench.read('own'));
    const foreign = readCertificates(bench.read('foreign'));
    expect(own.map((certificate) => keyMatches(certificate, key))).toEqual([true]);
    expect(foreign.map((certificate) => keyMatches(certificate, key))).toEqual([false]);
  });

  test('belong to no certificate with a key that openssl does not know', () => {
    const publicKey = sequence(sequence(oid('1.2.3.4')), bitString(new Uint8Array(32)));
    expect(keyMatches(readCertificate(craft({ publicKey })), readPrivateKey(secretIn('ec.sec1')))).toBe(false);
  });

  test('an encrypted key is refused with a remedy', () => {
    const cipher = ['-aes128', '-passout', 'pass:secret'];
    bench.openssl('pkcs8', '-topk8', '-in', 'ec.sec1', '-passout', 'pass:secret', '-out', 'encrypted.pkcs8');
    bench.openssl('ec', '-in', 'ec.sec1', ...cipher, '-out', 'encrypted.sec1');
    bench.openssl('rsa', '-traditional', '-in', 'rsa.pkcs1', ...cipher, '-out', 'encrypted.pkcs1');
    for (const file of ['encrypted.pkcs8', 'encrypted.sec1', 'encrypted.pkcs1']) {
      expect(() => readPrivateKey(secretIn(file))).toThrow(
        expect.objectContaining({
          name: 'PkiError',
          message: 'its private key is encrypted',
          remedy: expect.any(String),
        }),
      );
    }
  });

  test.each([
    ['nothing', '', 'there is no PEM private key in it'],
    [
      'a certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'there is no PEM private key in it',
    ],
    [
      'half a key',
      bench.read('rsa.pkcs1').slice(0, 400),
      'its RSA PRIVATE KEY block has no end: the file is truncated',
    ],
    ['bytes of something else', block('RSA PRIVATE KEY', 'AAAA'), 'its private key is damaged'],
    ['what is not base64', block('PRIVATE KEY', 'A*'), 'its PRIVATE KEY block is not base64: it is damaged'],
    [
      'a key of ssh',
      block('OPENSSH PRIVATE KEY', 'AAAA'),
      'its key is a OPENSSH PRIVATE KEY, which kubeadm does not read',
    ],
    [
      'Ed25519',
      bench.openssl('genpkey', '-algorithm', 'ED25519'),
      'its key is of type ed25519, but kubeadm only supports RSA and EC',
    ],
  ])('%s is refused with its reason', (_, text, reason) => {
    expect(() => readPrivateKey(new Secret(text))).toThrow(new PkiError(reason));
  });
});

function block(label: string, body: string): string {
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}
