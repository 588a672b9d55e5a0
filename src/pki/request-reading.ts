import { contextTag, DerFields, type DerNode, decodeDer, elements, encodeDer, readOid, TAG } from './der.ts';
import { extensionNodes, readExtensions } from './extensions.ts';
import { type Name, readName } from './name.ts';
import { decodePemBody, pemBlocks } from './pem.ts';
import { PkiError } from './pki-error.ts';
import { readPublicKeyInfo } from './public-key.ts';
import { EXTENSION_REQUEST } from './request.ts';

/** What a certificate signing request asks for: plain data, with nothing secret in it. */
export interface CertificateRequest {
  readonly subject: Name;
  readonly dnsNames: readonly string[];
  /** In the one spelling of `canonicalIp`. */
  readonly ipAddresses: readonly string[];
  /** Alternative names of other kinds, as a certificate's. */
  readonly otherNames: readonly string[];
  /** A `KeyAlgorithm`, or what else there is. */
  readonly key: string;
  /** SubjectPublicKeyInfo: DER in base64. */
  readonly publicKey: string;
}

/**
 * Reads the first CERTIFICATE REQUEST block of a PEM text (PKCS#10, RFC 2986). Its signature is not looked at: that is for
 * the authority.
 * @throws {PkiError} when there is none, or it cannot be read.
 */
export function readRequest(pem: string): CertificateRequest {
  const [block] = pemBlocks(pem, (label) => label === 'CERTIFICATE REQUEST');
  if (!block) throw new PkiError('there is no PEM certificate request in it');
  const what = 'the request';
  const outer = new DerFields(decodeDer(decodePemBody(block), what), TAG.sequence, what);
  const info = new DerFields(outer.take(TAG.sequence), TAG.sequence, what);
  info.take(TAG.integer);
  const subject = readName(info.take(TAG.sequence));
  const publicKey = info.take(TAG.sequence);
  const attributes = info.takeIf(contextTag(0, 'constructed'));
  const { dnsNames, ipAddresses, otherNames } = readExtensions(extensionNodes(attributes && extensionsIn(attributes)));
  return {
    subject,
    dnsNames,
    ipAddresses,
    otherNames,
    key: readPublicKeyInfo(publicKey).algorithm,
    publicKey: encodeDer(publicKey).toString('base64'),
  };
}

/** The list of extensions in the attribute that asks for them. */
function extensionsIn(attributes: DerNode): DerNode | undefined {
  const what = 'an attribute of the request';
  for (const attribute of elements(attributes, contextTag(0, 'constructed'), what)) {
    const [type, values] = elements(attribute, TAG.sequence, what);
    if (type && values && readOid(type, what) === EXTENSION_REQUEST) return elements(values, TAG.set, what)[0];
  }
  return undefined;
}
