import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rejectionOf } from '../../../src/kubeadm/certificates/lacking.ts';
import { readCertificates } from '../../../src/pki/certificate.ts';
import { needing } from '../../support/programs.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kplay-unsupported-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const P256 = ['EC', 'ec_paramgen_curve:P-256'] as const;
const USUAL = ['basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature,keyEncipherment'];

/** What Kubernetes does not like of a certificate that openssl makes. */
function conditionOf([algorithm, ...options]: readonly string[], extensions: readonly string[]): string | undefined {
  const at = (name: string) => join(directory, name);
  const openssl = (...words: readonly string[]) => execFileSync('openssl', words, { stdio: 'pipe' });
  const parameters = options.flatMap((option) => ['-pkeyopt', option]);
  openssl('genpkey', '-algorithm', algorithm ?? '', ...parameters, '-out', at('key'));
  writeFileSync(at('cnf'), ['[req]', 'distinguished_name=dn', '[dn]', '[v3]', ...USUAL, ...extensions, ''].join('\n'));
  const made = ['-config', at('cnf'), '-extensions', 'v3', '-subj', '/CN=x', '-out', at('crt')];
  openssl('req', '-x509', '-new', '-key', at('key'), ...made);
  const [certificate] = readCertificates(readFileSync(at('crt'), 'utf8'));
  // These keys sign in ways of their own, which is told elsewhere.
  return certificate && rejectionOf('admin.conf', certificate, undefined)?.condition;
}

// What crypto/x509 and crypto/tls of Go 1.26 say of each: none of those without a condition is rejected.
test.each<[key: readonly string[], extensions: readonly string[], condition: string | undefined]>([
  [['RSA', 'rsa_keygen_bits:2048'], [], undefined],
  [P256, [], undefined],
  [['EC', 'ec_paramgen_curve:P-384'], [], undefined],
  [['EC', 'ec_paramgen_curve:P-521'], [], undefined],
  [['ED25519'], [], undefined],
  // x509: unsupported elliptic curve
  [['EC', 'ec_paramgen_curve:secp256k1'], [], 'unsupported key'],
  [['EC', 'ec_paramgen_curve:brainpoolP256r1'], [], 'unsupported key'],
  // x509: invalid ECDSA parameters
  [['EC', 'ec_paramgen_curve:P-256', 'ec_param_enc:explicit'], [], 'unsupported key'],
  // tls: failed to parse private key
  [['RSA-PSS', 'rsa_keygen_bits:2048'], [], 'unsupported key'],
  [['ED448'], [], 'unsupported key'],
  // x509: unhandled critical extension
  [P256, ['1.2.3.4=critical,DER:0500'], 'unsupported extension'],
  [P256, ['tlsfeature=critical,status_request'], 'unsupported extension'],
  [P256, ['1.2.3.4=DER:0500', 'tlsfeature=status_request'], undefined],
  [P256, ['extendedKeyUsage=critical,clientAuth', 'subjectAltName=critical,DNS:a'], undefined],
  [P256, ['certificatePolicies=critical,1.3.6.1.4.1.311.21', 'inhibitAnyPolicy=critical,0'], undefined],
  [P256, ['crlDistributionPoints=critical,URI:http://x/crl', 'authorityInfoAccess=OCSP;URI:http://x/'], undefined],
])('a certificate for %j with %j: %s', needing('openssl'), (key, extensions, condition) => {
  expect(conditionOf(key, extensions)).toBe(condition);
});
