import { type Certificate, certificateNodes } from './certificate.ts';
import { type CertificateTerms, signCertificate } from './certificate-encoding.ts';
import { authorityKeyIdExtension, basicConstraintsExtension, keyUsageExtension } from './extension-encoding.ts';
import { encodeIdentity, type Identity, type IdentityCopy } from './identity.ts';
import { PkiError } from './pki-error.ts';
import { keyMatches, type PrivateKey } from './private-key.ts';

/** A certificate and its private key, for signing others. */
export interface Authority {
  readonly certificate: Certificate;
  readonly privateKey: PrivateKey;
}

export type LeafRequest = (Identity | IdentityCopy) &
  CertificateTerms & {
    /** SubjectPublicKeyInfo in DER. */
    readonly publicKey: Uint8Array;
    readonly authority: Authority;
  };

/**
 * Issues a leaf certificate, in PEM, with the extensions of kubeadm's (util/pkiutil `NewSignedCert`) in the order of Go's
 * crypto/x509. The issuer's name is copied byte by byte.
 * @throws {PkiError} if the authority is not a CA, has expired, ends before the certificate would, or does not match its key;
 * and for values that cannot be encoded
 */
export function issueCertificate(request: LeafRequest): string {
  const { authority, publicKey, notBefore, notAfter, serial } = request;
  checkAuthority(authority, request);
  const identity = encodeIdentity(request);
  const { subjectKeyId } = authority.certificate;
  return signCertificate(
    {
      notBefore,
      notAfter,
      serial,
      publicKey,
      issuer: certificateNodes(authority.certificate).subject,
      subject: identity.subject,
      extensions: [
        keyUsageExtension(['digitalSignature', 'keyEncipherment']),
        identity.extendedKeyUsage,
        basicConstraintsExtension({ isAuthority: false }),
        subjectKeyId === undefined ? undefined : authorityKeyIdExtension(Buffer.from(subjectKeyId, 'hex')),
        identity.subjectAltName,
      ],
    },
    authority.privateKey,
  );
}

/** Rejects what openssl and Go would sign without an error, although verification then fails, at once or years later. */
function checkAuthority({ certificate, privateKey }: Authority, { notBefore, notAfter }: CertificateTerms): void {
  const name = `the authority '${certificate.subject.text}'`;
  const { isAuthority, keyUsages } = certificate;
  if (!isAuthority || (keyUsages.length > 0 && !keyUsages.includes('keyCertSign'))) {
    throw new PkiError(`${name} is not allowed to sign certificates`);
  }
  const end = new Date(certificate.notAfter).toISOString();
  if (notBefore > certificate.notAfter) {
    throw new PkiError(`${name} expired ${end}`, 'replace the CA first');
  }
  if (notAfter > certificate.notAfter) {
    throw new PkiError(`it would outlive ${name}, which expires ${end}`, 'ask for a shorter validity');
  }
  if (!keyMatches(certificate, privateKey)) {
    throw new PkiError(`the key is not that of ${name}`, "give the key that belongs to the CA's certificate");
  }
}
