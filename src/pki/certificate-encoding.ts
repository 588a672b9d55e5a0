import { constructed, contextTag, type DerNode, decodeDer, primitive, sequence, TAG, unsignedInteger } from './der.ts';
import { extensionList } from './extension-encoding.ts';
import { encodePem } from './pem.ts';
import { PkiError } from './pki-error.ts';
import type { PrivateKey } from './private-key.ts';
import { readPublicKeyInfo } from './public-key.ts';
import { signatureAlgorithm, signStructure } from './signing.ts';
import { encodeTime } from './time.ts';

/** Fields of every new certificate. They are parameters because pki has neither a clock nor randomness of its own. */
export interface CertificateTerms {
  /** Milliseconds since 1970, rounded down to seconds. */
  readonly notBefore: number;
  /** Milliseconds since 1970, rounded down to seconds. */
  readonly notAfter: number;
  /** Random bytes of a positive number: 1 to 19, or 20 if the first is below 128 (RFC 5280 section 4.1.2.2). */
  readonly serial: Uint8Array;
}

export interface CertificateContents extends CertificateTerms {
  readonly issuer: DerNode;
  readonly subject: DerNode;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  /** Undefined ones are omitted. */
  readonly extensions: readonly (DerNode | undefined)[];
}

const MAX_SERIAL_OCTETS = 20;
const VERSION_3 = Uint8Array.of(2);

/** Signs a version 3 certificate and returns it in PEM. */
export function signCertificate(contents: CertificateContents, key: PrivateKey): string {
  if (!(contents.notBefore <= contents.notAfter)) throw new PkiError('it would expire before it is valid');
  const tbsCertificate = sequence(
    constructed(contextTag(0, 'constructed'), [primitive(TAG.integer, VERSION_3)]),
    serialNumber(contents.serial),
    signatureAlgorithm(key).identifier,
    contents.issuer,
    sequence(encodeTime(contents.notBefore), encodeTime(contents.notAfter)),
    contents.subject,
    publicKeyNode(contents.publicKey),
    constructed(contextTag(3, 'constructed'), [extensionList(contents.extensions)]),
  );
  return encodePem('CERTIFICATE', signStructure(tbsCertificate, key));
}

/** A SubjectPublicKeyInfo as an element. @throws {PkiError} for other bytes */
export function publicKeyNode(der: Uint8Array): DerNode {
  const node = decodeDer(der, 'the public key');
  readPublicKeyInfo(node);
  return node;
}

function serialNumber(random: Uint8Array): DerNode {
  const node = unsignedInteger(random);
  if (random.every((octet) => octet === 0) || node.value.length > MAX_SERIAL_OCTETS) {
    throw new PkiError('a serial number is a positive number of at most 20 bytes');
  }
  return node;
}
