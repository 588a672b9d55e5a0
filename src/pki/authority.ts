import { createHash } from 'node:crypto';
import { type CertificateTerms, signCertificate } from './certificate-encoding.ts';
import { DerFields, decodeDer, TAG, wholeBitString } from './der.ts';
import {
  basicConstraintsExtension,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdExtension,
} from './extension-encoding.ts';
import type { Identity } from './identity.ts';
import { encodeName } from './name.ts';
import { type PrivateKey, publicHalfOf } from './private-key.ts';

export interface AuthorityRequest extends CertificateTerms {
  readonly subject: Identity['subject'];
  /** Newer kubeadm puts the CA's common name here, older versions nothing. */
  readonly dnsNames?: readonly string[];
  readonly privateKey: PrivateKey;
}

/**
 * Makes a self-signed authority, in PEM, like kubeadm (client-go util/cert `NewSelfSignedCACert`): without an authority key
 * identifier, with the SHA-1 of the key as subject key identifier (RFC 5280 section 4.2.1.2, method 1).
 */
export function issueAuthority(request: AuthorityRequest): string {
  const { subject, dnsNames = [], privateKey, notBefore, notAfter, serial } = request;
  const name = encodeName(subject);
  const publicKey = publicHalfOf(privateKey);
  return signCertificate(
    {
      notBefore,
      notAfter,
      serial,
      publicKey,
      issuer: name,
      subject: name,
      extensions: [
        keyUsageExtension(['digitalSignature', 'keyEncipherment', 'keyCertSign']),
        basicConstraintsExtension({ isAuthority: true }),
        subjectKeyIdExtension(keyId(publicKey)),
        subjectAltNameExtension(dnsNames, []),
      ],
    },
    privateKey,
  );
}

function keyId(publicKey: Uint8Array): Buffer {
  const what = 'the public key';
  const info = new DerFields(decodeDer(publicKey, what), TAG.sequence, what);
  info.take(TAG.sequence);
  return createHash('sha1')
    .update(wholeBitString(info.take(TAG.bitString), what))
    .digest();
}
