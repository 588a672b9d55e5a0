import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { issueAuthority } from '../../../src/pki/authority.ts';
import { type Certificate, certificateNodes, readCertificates } from '../../../src/pki/certificate.ts';
import { signCertificate } from '../../../src/pki/certificate-encoding.ts';
import { bitString, type DerNode, decodeDer, elements, encodeDer, oid, sequence, TAG } from '../../../src/pki/der.ts';
import { basicConstraintsExtension, keyUsageExtension } from '../../../src/pki/extension-encoding.ts';
import type { Identity } from '../../../src/pki/identity.ts';
import { type Authority, issueCertificate } from '../../../src/pki/issue.ts';
import { encodeName } from '../../../src/pki/name.ts';
import { encodePem } from '../../../src/pki/pem.ts';
import { generateKey, readPrivateKey } from '../../../src/pki/private-key.ts';

export const DAY = 86_400_000;
/** When everything in these tests happens. */
export const NOW = new Date('2026-11-24T12:00:00Z');

/** The key of a leaf: what a certificate needs of it, and what the host tells of it. */
export interface LeafKey {
  readonly publicKey: Uint8Array;
  /** The text of the key's file. */
  readonly text: string;
  /** What the public-half program says of that file. */
  readonly half: string;
}

export interface TestAuthority {
  readonly pem: string;
  readonly certificate: Certificate;
  readonly key: LeafKey;
  /** What signs: the same CA with a later end, since kubeadm lets leaves outlive their CA and our signer does not. */
  readonly signer: Authority;
}

/** The public half of some RSA-2048 key: leaves of kubeadm's own kind, without a key having to be made. */
const RSA_2048 = Buffer.from(
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxAAikPywHw6tB26uViDzRpU+tuZcILR8hGtMnF4c7ZEcqo5WiLLkvvEujJHgeJs4piktUDre' +
    'I1TJBSaH2ja4kcdtZtqdzGsB9rTUlpjaKr05UHz7jezMyWF9I/IrNNF59dpgIvcWwfjClMg50gshanWUnGwgC0NzgT8efVcYGSGJ2OgDV1Yg+ZgJAz+c' +
    'S99i9tCiT9aaRp+YqelpYZ2qHj/sI7rWI4kpdfglE5F9s7h2hWE7p6cv8v8FtMhH8RbcRKYwMwMqbJ4g44Xef9O5seyXp/3vDtzouPO4mJj4ap7Jmj9o' +
    'IwtULNNHzE1b4MSXlfFj3d21TTgmMC+xCCCpmwIDAQAB',
  'base64',
);

export const RSA_KEY: LeafKey = {
  publicKey: RSA_2048,
  text: 'the RSA key',
  half: `rsa-pkcs1 1592 ${rsaHalf(RSA_2048)}`,
};
/** Belongs to no certificate of these tests. */
export const FOREIGN_KEY: LeafKey = {
  publicKey: RSA_2048,
  text: 'a foreign key',
  half: `rsa-pkcs1 1592 ${Buffer.alloc(255, 7).toString('base64')}`,
};

/** A new EC key, its private part included: for trees that are written to a disk. */
export async function newKey(algorithm: 'ECDSA-P256' | 'RSA-2048' = 'ECDSA-P256'): Promise<LeafKey> {
  const { publicKey, privatePem } = await generateKey(algorithm);
  const half = algorithm === 'RSA-2048' ? `rsa-pkcs1 1592 ${rsaHalf(publicKey)}` : ecHalf(publicKey);
  return { publicKey, text: privatePem.reveal(), half };
}

/** The point of a P-256 key but its last two bytes. */
function ecHalf(spki: Uint8Array): string {
  return `ec-sec1 164 ${Buffer.from(spki.slice(-65, -2)).toString('base64')}`;
}

/** An RSA modulus as far as whole groups of base64 reach. */
function rsaHalf(spki: Uint8Array): string {
  const { n = '' } = createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' }).export({ format: 'jwk' });
  return Buffer.from(n, 'base64url').subarray(0, 255).toString('base64');
}

let serials = 0;

/** Another serial number each time. */
function nextSerial(): Uint8Array {
  serials += 1;
  return createHash('sha256')
    .update(String(serials))
    .digest()
    .subarray(0, 8)
    .map((byte, index) => (index === 0 ? byte | 1 : byte) & 0x7f);
}

const keys = new Map<string, LeafKey & { readonly privateKey: KeyObject }>();

/** The EC key of an authority: made once for each name. */
async function authorityKey(name: string): Promise<LeafKey & { readonly privateKey: KeyObject }> {
  const known = keys.get(name);
  if (known) return known;
  const { publicKey, privatePem } = await generateKey('ECDSA-P256');
  const key = { publicKey, text: privatePem.reveal(), half: ecHalf(publicKey), privateKey: readPrivateKey(privatePem) };
  keys.set(name, key);
  return key;
}

for (const name of ['ca', 'etcd-ca', 'front-proxy-ca', 'stranger']) await authorityKey(name);

const authorities = new Map<string, TestAuthority>();

/** A CA that ends at a time, the same one for the same arguments; of the same name always the same key. */
export function newAuthority(name: string, notAfter: number, commonName = 'kubernetes'): TestAuthority {
  const id = [name, notAfter, commonName].join();
  const known = authorities.get(id);
  if (known) return known;
  const key = keys.get(name);
  if (!key) throw new Error(`no key for ${name}`);
  const pem = authorityPem(key.privateKey, commonName, notAfter);
  const made = {
    pem,
    certificate: first(pem),
    key,
    signer: { certificate: lastingTwin(name, key.privateKey, commonName), privateKey: key.privateKey },
  };
  authorities.set(id, made);
  return made;
}

/** An intermediate CA that another has signed. */
export function newIssuing(
  by: TestAuthority,
  commonName = 'issuing',
  notAfter = NOW.getTime() + 1_000 * DAY,
  extensions: readonly DerNode[] = [basicConstraintsExtension({ isAuthority: true })],
): TestAuthority {
  const key = keys.get('stranger');
  if (!key) throw new Error('no key for an intermediate CA');
  const name = encodeName({ commonName });
  const pem = signCertificate(
    {
      notBefore: NOW.getTime() - DAY,
      notAfter,
      serial: nextSerial(),
      publicKey: key.publicKey,
      issuer: certificateNodes(by.certificate).subject,
      subject: name,
      extensions: [keyUsageExtension(['digitalSignature', 'keyCertSign']), ...extensions],
    },
    by.signer.privateKey,
  );
  return { pem, certificate: first(pem), key, signer: { certificate: first(pem), privateKey: key.privateKey } };
}

const lastingTwins = new Map<string, Certificate>();

function lastingTwin(name: string, privateKey: KeyObject, commonName: string): Certificate {
  const id = `${name} ${commonName}`;
  const twin = lastingTwins.get(id) ?? first(authorityPem(privateKey, commonName, NOW.getTime() + 7_300 * DAY));
  lastingTwins.set(id, twin);
  return twin;
}

function authorityPem(privateKey: KeyObject, commonName: string, notAfter: number): string {
  return issueAuthority({
    subject: { commonName },
    dnsNames: [commonName],
    privateKey,
    notBefore: Math.min(NOW.getTime(), notAfter) - 3_650 * DAY,
    notAfter,
    serial: nextSerial(),
  });
}

export interface LeafTerms extends Identity {
  readonly notAfter: number;
  readonly notBefore?: number;
  readonly publicKey: Uint8Array;
}

const leaves = new Map<string, string>();

/** A leaf; the same one for the same terms. */
export function newLeaf(authority: TestAuthority, terms: LeafTerms): string {
  const { signer } = authority;
  const key = JSON.stringify([
    signer.certificate.fingerprint,
    { ...terms, publicKey: Buffer.from(terms.publicKey).toString('base64') },
  ]);
  const known = leaves.get(key);
  if (known !== undefined) return known;
  const notBefore = Math.min(NOW.getTime(), terms.notAfter) - 365 * DAY;
  const pem = issueCertificate({ notBefore, ...terms, serial: nextSerial(), authority: signer });
  leaves.set(key, pem);
  return pem;
}

/** A certificate as the authority would have signed it with SHA-1, or the digest and algorithm of an ECDSA key that are given. */
export function signedAgain(
  pem: string,
  { signer }: TestAuthority,
  [digest, id]: readonly [digest: string, id: string] = ['sha1', '1.2.840.10045.4.1'],
): string {
  const what = 'the certificate';
  const algorithm = sequence(oid(id));
  const [info] = elements(decodeDer(Buffer.from(first(pem).der, 'base64'), what), TAG.sequence, what);
  if (!info) throw new Error('no certificate');
  const content = sequence(...elements(info, TAG.sequence, what).map((node, at) => (at === 2 ? algorithm : node)));
  const signature = bitString(sign(digest, encodeDer(content), signer.privateKey));
  return encodePem('CERTIFICATE', encodeDer(sequence(content, algorithm, signature)));
}

export function first(pem: string): Certificate {
  const [certificate] = readCertificates(pem);
  if (!certificate) throw new Error('no certificate');
  return certificate;
}

export function pemOf(certificate: Certificate): string {
  return encodePem('CERTIFICATE', Buffer.from(certificate.der, 'base64'));
}
