import { verify, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type Certificate, derOf } from './certificate.ts';

/**
 * Whether the certificate is signed with the authority's key. Names are ignored: two kubeadm clusters have CAs of the same
 * name, and so may the old and the new CA of one cluster.
 */
export function isSignedBy(certificate: Certificate, authority: Certificate): boolean {
  try {
    return new X509Certificate(derOf(certificate)).verify(new X509Certificate(derOf(authority)).publicKey);
  } catch {
    // A key or signature algorithm unknown to openssl: not verified.
    return false;
  }
}

export type Validity = 'valid' | 'expired' | 'not-yet-valid';

/** Whether a certificate is valid at a time, in milliseconds since 1970, including both ends of its validity. */
export function validityAt(certificate: Certificate, milliseconds: number): Validity {
  if (milliseconds > certificate.notAfter) return 'expired';
  return milliseconds < certificate.notBefore ? 'not-yet-valid' : 'valid';
}

/** Whether a text was signed, over its SHA-256, with the key of a certificate. `signature` is in base64. */
export function hasSigned(certificate: Certificate, text: string, signature: string): boolean {
  try {
    const { publicKey } = new X509Certificate(derOf(certificate));
    return verify('sha256', Buffer.from(text), publicKey, Buffer.from(signature, 'base64'));
  } catch {
    // As above.
    return false;
  }
}

/** Whether a server with this certificate is the one of this DNS name or IP address (RFC 6125; the subject does not count). */
export function isForServer(certificate: Certificate, name: string): boolean {
  try {
    const x509 = new X509Certificate(derOf(certificate));
    return (isIP(name) ? x509.checkIP(name) : x509.checkHost(name, { subject: 'never' })) !== undefined;
  } catch {
    // A certificate that openssl cannot read, or something that is no name, such as an address with a zone (fe80::1%eth0).
    return false;
  }
}
