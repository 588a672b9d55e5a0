import { X509Certificate } from 'node:crypto';
import { issueAuthority } from '../../../src/pki/authority.ts';
import { readCertificate } from '../../../src/pki/certificate.ts';
import { issueCertificate } from '../../../src/pki/issue.ts';
import { generateKey, readPrivateKey } from '../../../src/pki/private-key.ts';

export interface ServerIdentity {
  readonly key: string;
  /** PEM of the leaf and of its CA, as a server presents them. */
  readonly cert: string;
  readonly ca: string;
  /** DER of the same. */
  readonly chain: readonly Uint8Array[];
}

const MONTH_MS = 30 * 86_400_000;

/** A CA and a leaf signed by it. */
export async function makeIdentity(): Promise<ServerIdentity> {
  const [authorityKey, leafKey] = [await generateKey('ECDSA-P256'), await generateKey('ECDSA-P256')];
  // Certificates know whole seconds alone.
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const terms = { notBefore: now - 1_000, notAfter: now + MONTH_MS };
  const privateKey = readPrivateKey(authorityKey.privatePem);
  const ca = issueAuthority({
    ...terms,
    subject: { commonName: 'test-ca' },
    privateKey,
    serial: Uint8Array.of(1),
  });
  const leaf = issueCertificate({
    ...terms,
    subject: { commonName: 'test-leaf' },
    ipAddresses: ['127.0.0.1'],
    extendedKeyUsages: ['serverAuth', 'clientAuth'],
    publicKey: leafKey.publicKey,
    authority: { certificate: readCertificate(new X509Certificate(ca).raw), privateKey },
    serial: Uint8Array.of(2),
  });
  const chain = [leaf, ca].map((pem) => Uint8Array.from(new X509Certificate(pem).raw));
  return { key: leafKey.privatePem.reveal(), cert: leaf + ca, ca, chain };
}
