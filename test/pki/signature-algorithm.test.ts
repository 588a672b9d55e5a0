import { afterAll, describe, expect, test } from 'vitest';
import { readCertificates } from '../../src/pki/certificate.ts';
import { needing } from '../support/programs.ts';
import { Workbench } from './support/openssl.ts';

const bench = new Workbench();
afterAll(() => bench.remove());

const RSA = ['-newkey', 'rsa:2048'];
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const PSS = [...RSA, '-sigopt', 'rsa_padding_mode:pss', '-sigopt'];
const UNUSUAL = 'RSA-PSS with an unusual hash or salt';

describe('signatures that Go verifies are told from others', needing('openssl'), () => {
  test.each<[what: string, options: readonly string[], unverified: string | undefined]>([
    ['RSA with SHA-256', [...RSA, '-sha256'], undefined],
    ['RSA with SHA-512', [...RSA, '-sha512'], undefined],
    ['RSA with SHA-1', [...RSA, '-sha1'], 'SHA-1'],
    ['RSA with MD5', [...RSA, '-md5'], 'MD5'],
    ['RSA with SHA-224', [...RSA, '-sha224'], 'SHA-224'],
    ['RSA with SHA3-256', [...RSA, '-sha3-256'], '2.16.840.1.101.3.4.3.14'],
    ['ECDSA with SHA-384', [...EC, '-sha384'], undefined],
    ['ECDSA with SHA-1', [...EC, '-sha1'], 'SHA-1'],
    ['ECDSA with SHA-224', [...EC, '-sha224'], 'SHA-224'],
    ['Ed25519', ['-newkey', 'ed25519'], undefined],
    ['Ed448', ['-newkey', 'ed448'], 'Ed448'],
    ['RSA-PSS', [...PSS, 'rsa_pss_saltlen:digest', '-sha384'], undefined],
    ['RSA-PSS with a salt of 20 octets, as in its default', [...PSS, 'rsa_pss_saltlen:20', '-sha256'], UNUSUAL],
    ['RSA-PSS with the longest salt, as openssl 1.1 made it', [...PSS, 'rsa_pss_saltlen:max', '-sha256'], UNUSUAL],
    ['RSA-PSS with SHA-1', [...PSS, 'rsa_pss_saltlen:digest', '-sha1'], UNUSUAL],
    [
      'RSA-PSS with another hash in its mask',
      [...PSS, 'rsa_pss_saltlen:digest', '-sigopt', 'rsa_mgf1_md:sha512', '-sha256'],
      UNUSUAL,
    ],
  ])('%s', (_what, options, unverified) => {
    bench.openssl('req', '-x509', '-nodes', '-keyout', 'key', '-subj', '/CN=x', '-out', 'pem', ...options);
    expect(readCertificates(bench.read('pem'))[0]?.unverified).toBe(unverified);
  });
});
