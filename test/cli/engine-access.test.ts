import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineAccess } from '../../src/cli/temporal/access.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import { issueAuthority } from '../../src/pki/authority.ts';
import { generateKey, readPrivateKey } from '../../src/pki/private-key.ts';
import { Controller } from './support/controller.ts';

let controller: Controller;
let certificate: string;
let der: string;
let key: string;
let otherKey: string;
beforeAll(async () => {
  controller = new Controller();
  const [own, other] = await Promise.all([generateKey('ECDSA-P256'), generateKey('ECDSA-P256')]);
  const period = { notBefore: 0, notAfter: Date.parse('2040-01-01') };
  const subject = { commonName: 'worker' };
  const privateKey = readPrivateKey(own.privatePem);
  certificate = controller.file('own.crt', issueAuthority({ subject, privateKey, ...period, serial: Buffer.of(1) }));
  der = controller.file('own.der', new X509Certificate(readFileSync(certificate)).raw);
  key = controller.file('own.key', own.privatePem.reveal(), 0o600);
  otherKey = controller.file('other.key', other.privatePem.reveal(), 0o600);
});
afterAll(() => controller.close());

function read(variables: Readonly<Record<string, string>>) {
  const problems = new Problems();
  const access = engineAccess(variables, problems);
  return { access, said: problems.all.map(({ message, hint }) => `${message}: ${hint}`) };
}

describe('the connection to a Temporal server', () => {
  it('is in the clear where nothing is said of it, and by what the system trusts where only that is said', () => {
    expect(read({})).toEqual({ access: {}, said: [] });
    expect(read({ TEMPORAL_TLS: 'false', TEMPORAL_API_KEY: '' })).toEqual({ access: {}, said: [] });
    expect(read({ TEMPORAL_TLS: 'true' })).toEqual({ access: { tls: {} }, said: [] });
  });

  it('is encrypted whenever a key goes through it', () => {
    const { access, said } = read({ TEMPORAL_API_KEY: 'a.b-c' });
    expect(said).toEqual([]);
    expect(access.tls).toEqual({});
    expect(access.apiKey?.reveal()).toBe('a.b-c');
    expect(JSON.stringify(access)).not.toContain('a.b-c');
    expect(read({ TEMPORAL_API_KEY: 'a.b-c', TEMPORAL_TLS: '0' }).said.join()).toContain('remove one of them');
  });

  it('has a certificate with its key, a CA and a name', () => {
    const { access, said } = read({
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificate,
      TEMPORAL_TLS_SERVER_NAME: 'temporal.test',
      TEMPORAL_TLS_CLIENT_CERT_PATH: certificate,
      TEMPORAL_TLS_CLIENT_KEY_PATH: key,
    });
    expect(said).toEqual([]);
    expect(access.tls).toMatchObject({ serverNameOverride: 'temporal.test', clientCertPair: {} });
    expect(String(access.tls?.serverRootCACertificate)).toContain('BEGIN CERTIFICATE');
  });

  it.each<readonly [string, () => Readonly<Record<string, string>>, string]>([
    [
      'a certificate without its key',
      () => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: certificate }),
      'given without TEMPORAL_TLS_CLIENT_KEY_PATH',
    ],
    [
      'a key without its certificate',
      () => ({ TEMPORAL_TLS_CLIENT_KEY_PATH: key }),
      'given without TEMPORAL_TLS_CLIENT_CERT_PATH',
    ],
    [
      'a key of another certificate',
      () => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: certificate, TEMPORAL_TLS_CLIENT_KEY_PATH: otherKey }),
      'does not belong to the certificate',
    ],
    [
      'a certificate where a key should be',
      () => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: certificate, TEMPORAL_TLS_CLIENT_KEY_PATH: certificate }),
      'holds no private key without a passphrase',
    ],
    ['a CA that is none', () => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: key }), 'holds no certificate'],
    [
      'a CA in DER',
      () => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: der }),
      'holds no certificate in PEM: name a file in PEM',
    ],
    [
      'a certificate in DER',
      () => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: der, TEMPORAL_TLS_CLIENT_KEY_PATH: key }),
      'holds no certificate in PEM: name a file in PEM',
    ],
    ['a file that is not there', () => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: `${key}x` }), 'cannot read'],
    ['neither true nor false', () => ({ TEMPORAL_TLS: 'perhaps' }), 'is neither true nor false'],
    ['two API keys', () => ({ TEMPORAL_API_KEY: 'a', TEMPORAL_API_KEY_FILE: key }), 'both give a key'],
    ['a file that holds more than a key', () => ({ TEMPORAL_API_KEY_FILE: key }), 'contains no API key'],
    [
      'a server that is not verified',
      () => ({ TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' }),
      'kplay always verifies the server',
    ],
    ['a key in a variable', () => ({ TEMPORAL_TLS_CLIENT_KEY_DATA: 'x' }), 'write it to a file'],
  ])('is refused with %s', (_, variables, says) => {
    const { said } = read(variables());
    expect(said.join('\n')).toContain(says);
    expect(said.join('\n')).not.toContain('BEGIN');
  });

  it('warns of a key that others may read', () => {
    const open = controller.file('open.key', 'token', 0o644);
    expect(read({ TEMPORAL_API_KEY_FILE: open }).said).toEqual([
      `other users may read the API key in ${open} (mode 0644): chmod 600 ${open}`,
    ]);
  });
});
