import { afterAll, describe, expect, test } from 'vitest';
import { readCertificate } from '../../src/pki/certificate.ts';
import { contextTag, primitive, sequence, setOf, TAG } from '../../src/pki/der.ts';
import { EXTENSION } from '../../src/pki/extensions.ts';
import { copyOf } from '../../src/pki/identity.ts';
import { generateKey, publicHalfOf, readPrivateKey } from '../../src/pki/private-key.ts';
import { createCsr } from '../../src/pki/request.ts';
import { readRequest } from '../../src/pki/request-reading.ts';
import { needing } from '../support/programs.ts';
import { attribute, craft, extension } from './support/craft.ts';
import { Workbench } from './support/openssl.ts';

const bench = new Workbench();
afterAll(() => bench.remove());

describe('a request for a certificate', () => {
  test.each(['RSA-2048', 'ECDSA-P256', 'ECDSA-P384'] as const)(
    'with a key of %s is verified by openssl and says for whom it is',
    needing('openssl'),
    async (algorithm) => {
      const { privatePem } = await generateKey(algorithm);
      const pem = createCsr({
        subject: { commonName: 'kube-etcd', organizations: ['system:masters'] },
        dnsNames: ['localhost'],
        ipAddresses: ['127.0.0.1', '::1'],
        extendedKeyUsages: ['serverAuth'],
        privateKey: readPrivateKey(privatePem),
      });
      bench.write('csr', pem);
      bench.openssl('req', '-in', 'csr', '-verify', '-noout');
      const printed = bench.openssl('req', '-in', 'csr', '-noout', '-text');
      expect(printed).toContain('Subject: O = system:masters, CN = kube-etcd\n');
      expect(printed).toMatch(
        /Subject Alternative Name: \n +DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1\n/,
      );
      expect(printed).not.toContain('Key Usage');
    },
  );

  test('carries a copied identity, and may have no names', needing('openssl'), async () => {
    const privateKey = readPrivateKey((await generateKey('ECDSA-P256')).privatePem);
    const names = sequence(primitive(contextTag(6, 'primitive'), Buffer.from('spiffe://cluster')));
    const subject = sequence(setOf([attribute('2.5.4.11', TAG.utf8String, 'unit')]));
    const old = readCertificate(craft({ subject, extensions: [extension(EXTENSION.subjectAltName, names)] }));
    bench.write('csr', createCsr({ ...copyOf(old), privateKey }));
    const printed = bench.openssl('req', '-in', 'csr', '-noout', '-text', '-verify');
    expect(printed).toContain('Subject: OU = unit\n');
    expect(printed).toContain('URI:spiffe://cluster\n');

    bench.write('plain', createCsr({ subject: { commonName: 'admin' }, privateKey }));
    expect(bench.openssl('req', '-in', 'plain', '-noout', '-text', '-verify')).not.toContain('Alternative Name');
  });
});

describe('a request is read', () => {
  test('that openssl has made', needing('openssl'), () => {
    bench.write('names', 'subjectAltName = DNS:localhost, IP:::1, URI:spiffe://cluster\nkeyUsage = digitalSignature\n');
    bench.write('config', '[req]\ndistinguished_name = dn\nreq_extensions = wanted\n[dn]\n[wanted]\n.include names\n');
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'own.key'];
    bench.openssl('req', '-new', ...key, '-config', 'config', '-subj', '/O=a/O=b/CN=kube', '-out', 'own.csr');
    const read = readRequest(bench.read('own.csr'));
    expect(read).toMatchObject({
      subject: { commonName: 'kube', organizations: ['a', 'b'] },
      dnsNames: ['localhost'],
      ipAddresses: ['::1'],
      otherNames: ['URI:spiffe://cluster'],
      key: 'RSA-2048',
    });
    bench.openssl('pkey', '-in', 'own.key', '-pubout', '-outform', 'DER', '-out', 'own.der');
    bench.write('read.der', Buffer.from(read.publicKey, 'base64'));
    expect(bench.openssl('pkey', '-pubin', '-inform', 'DER', '-in', 'read.der', '-text')).toBe(
      bench.openssl('pkey', '-pubin', '-inform', 'DER', '-in', 'own.der', '-text'),
    );
  });

  test('that asks for no names', async () => {
    const privateKey = readPrivateKey((await generateKey('ECDSA-P256')).privatePem);
    expect(readRequest(createCsr({ subject: { commonName: 'admin' }, privateKey }))).toEqual({
      subject: { commonName: 'admin', organizations: [], text: 'CN=admin' },
      dnsNames: [],
      ipAddresses: [],
      otherNames: [],
      extendedKeyUsages: [],
      extensions: [],
      attributes: [],
      key: 'ECDSA-P256',
      publicKey: Buffer.from(publicHalfOf(privateKey)).toString('base64'),
    });
  });

  test.each([
    ['', 'there is no PEM certificate request in it'],
    ['-----BEGIN CERTIFICATE REQUEST-----\nTm90\n', 'its CERTIFICATE REQUEST block has no end: the file is truncated'],
    ['-----BEGIN CERTIFICATE REQUEST-----\nTm90\n-----END CERTIFICATE REQUEST-----\n', /the request/],
  ])('not from %j', (text, says) => {
    expect(() => readRequest(text)).toThrow(says);
  });
});
