import { afterAll, describe, expect, test } from 'vitest';
import { readCertificate, readCertificates } from '../../src/pki/certificate.ts';
import { needing } from '../support/programs.ts';
import { fc } from '../support/random-cases.ts';
import { identities, serials, times } from './support/arbitrary.ts';
import { Workbench } from './support/openssl.ts';

const bench = new Workbench();
afterAll(() => bench.remove());

/** The least that `openssl ca` needs: the only command of openssl 3.0 that sets both dates. */
const CONFIGURATION = `
[ca]
default_ca = default
[default]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = anything
unique_subject = no
[anything]
commonName = optional
[req]
distinguished_name = none
[none]
`;

describe('certificates that openssl makes are read as openssl reads them', needing('openssl'), () => {
  bench.write('ca.cnf', CONFIGURATION);
  bench.openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', 'key');

  test('random subjects, names, purposes, dates and serial numbers', () => {
    fc.assert(
      fc.property(identities, times, times, serials, (identity, one, other, serial) => {
        const [notBefore, notAfter] = [Math.min(one, other), Math.max(one, other)];
        const names = [
          ...identity.dnsNames.map((name) => `DNS:${name}`),
          ...identity.ipAddresses.map((address) => `IP:${address}`),
          'URI:https://example.org/',
          'email:root@example.org',
        ];
        const usages = identity.extendedKeyUsages.join(',');
        bench.write('index', '');
        bench.write('serial', `${hex(serial)}\n`);
        bench.write(
          'extensions',
          `subjectAltName=${names.join(',')}\n${usages && `extendedKeyUsage=${usages}\n`}subjectKeyIdentifier=hash\n`,
        );
        const { commonName, organizations } = identity.subject;
        const subject = [
          ...organizations.map((value) => `/O=${escapeRdn(value)}`),
          `/CN=${escapeRdn(commonName)}`,
        ].join('');
        bench.openssl('req', '-new', '-utf8', '-key', 'key', '-config', 'ca.cnf', '-subj', subject, '-out', 'csr');
        const dates = ['-startdate', digits(notBefore), '-enddate', digits(notAfter)];
        const files = ['-config', 'ca.cnf', '-keyfile', 'key', '-in', 'csr', '-extfile', 'extensions', '-out', 'pem'];
        bench.openssl('ca', '-batch', '-selfsign', '-notext', '-preserveDN', ...dates, ...files);

        const [certificate] = readCertificates(bench.read('pem'));
        expect(certificate).toMatchObject({
          subject: { commonName, organizations },
          notBefore,
          notAfter,
          dnsNames: identity.dnsNames,
          ipAddresses: identity.ipAddresses,
          otherNames: ['URI:https://example.org/', 'email:root@example.org'],
          extendedKeyUsages: identity.extendedKeyUsages,
          isAuthority: false,
          key: 'ECDSA-P256',
          issuerHash: certificate?.subjectHash,
        });
        const options = ['-serial', '-fingerprint', '-sha256', '-ext', 'subjectKeyIdentifier'];
        const said = bench.openssl('x509', '-in', 'pem', '-noout', ...options);
        expect(said).toContain(`serial=${certificate?.serial}\n`);
        const hashes = said.replaceAll(':', '').toLowerCase();
        expect(hashes).toContain(`fingerprint=${certificate?.fingerprint}\n`);
        expect(hashes).toContain(` ${certificate?.subjectKeyId}\n`);
      }),
      { numRuns: 15 },
    );
  });

  test.each([
    ['ECDSA-P256', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']],
    ['ECDSA-P384', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['ECDSA-P521', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521']],
    ['RSA-1024', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024']],
    ['RSA-1023', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1023']],
    ['RSA-PSS-1024', ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:1024']],
    ['Ed25519', ['-algorithm', 'ED25519']],
  ])('a key of %s, and its hash as kubeadm wants it for a join', (key, parameters) => {
    bench.openssl('genpkey', ...parameters, '-out', 'other-key');
    bench.openssl('req', '-x509', '-key', 'other-key', '-subj', '/CN=a', '-out', 'pem');
    const [certificate] = readCertificates(bench.read('pem'));
    expect(certificate?.key).toBe(key);
    bench.openssl('pkey', '-in', 'other-key', '-pubout', '-outform', 'DER', '-out', 'spki');
    expect(bench.openssl('dgst', '-sha256', '-r', 'spki')).toContain(certificate?.publicKeyHash);
  });

  test.each(['MASK:0x4', 'MASK:0x800', 'MASK:0x100', 'MASK:0x2000', 'MASK:0x2'])(
    'names in the strings that string_mask = %s allows',
    (mask) => {
      bench.write('mask.cnf', `[req]\nstring_mask=${mask}\ndistinguished_name=none\n[none]\n`);
      bench.openssl('req', '-x509', '-key', 'key', '-subj', '/O=Some/CN=name', '-config', 'mask.cnf', '-out', 'pem');
      expect(readCertificates(bench.read('pem'))[0]?.subject).toEqual({
        commonName: 'name',
        organizations: ['Some'],
        text: 'O=Some, CN=name',
      });
    },
  );

  test('DER is read like PEM', () => {
    bench.openssl('req', '-x509', '-key', 'key', '-subj', '/CN=a', '-out', 'pem');
    bench.openssl('x509', '-in', 'pem', '-outform', 'DER', '-out', 'der');
    const der = Buffer.from(bench.openssl('base64', '-in', 'der'), 'base64');
    expect([readCertificate(der)]).toEqual(readCertificates(bench.read('pem')));
  });
});

/** Every character of an RDN of `-subj` may stand behind a backslash. */
function escapeRdn(value: string): string {
  return value.replace(/[\\/+=]/g, '\\$&');
}

function digits(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace(/\D/g, '')}Z`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
