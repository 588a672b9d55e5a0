import { contextTag, DerFields, type DerNode, decodeDer, elements, encodeDer, readOid, TAG } from './der.ts';
import { extensionNodes, readExtensions } from './extensions.ts';
import { type Name, readName } from './name.ts';
import { decodePemBody, encodePem, type PemBlock, pemBlocks } from './pem.ts';
import { PkiError } from './pki-error.ts';
import { readPublicKeyInfo } from './public-key.ts';
import { EXTENSION_REQUEST } from './request.ts';

/** The contents of a certificate signing request: plain data without secrets. */
export interface CertificateRequest {
  readonly subject: Name;
  readonly dnsNames: readonly string[];
  /** In the form of `canonicalIp`. */
  readonly ipAddresses: readonly string[];
  /** Alternative names of other kinds, as in a certificate. */
  readonly otherNames: readonly string[];
  /** The requested purposes: usually none, since the authority decides about them. */
  readonly extendedKeyUsages: readonly string[];
  /** Object identifiers of all requested extensions. */
  readonly extensions: readonly string[];
  /** Object identifiers of its attributes. Only PKCS#9's attribute is read for extensions; some authorities also read others. */
  readonly attributes: readonly string[];
  /** A `KeyAlgorithm`, or another algorithm. */
  readonly key: string;
  /** SubjectPublicKeyInfo: DER in base64. */
  readonly publicKey: string;
}

/**
 * Reads the first CERTIFICATE REQUEST block of a PEM text (PKCS#10, RFC 2986). Its signature is not checked: that is the
 * authority's job.
 * @throws {PkiError} if there is none, or it cannot be read
 */
export function readRequest(pem: string): CertificateRequest {
  const block = blockIn(pem);
  const what = 'the request';
  const outer = new DerFields(decodeDer(decodePemBody(block), what), TAG.sequence, what);
  const info = new DerFields(outer.take(TAG.sequence), TAG.sequence, what);
  info.take(TAG.integer);
  const subject = readName(info.take(TAG.sequence));
  const publicKey = info.take(TAG.sequence);
  const attributes = attributesIn(info.takeIf(contextTag(0, 'constructed')));
  const extensions = extensionNodes(extensionsIn(attributes));
  const { dnsNames, ipAddresses, otherNames, extendedKeyUsages } = readExtensions(extensions);
  return {
    subject,
    dnsNames,
    ipAddresses,
    otherNames,
    extendedKeyUsages,
    extensions: [...extensions.keys()],
    attributes: attributes.map(({ id }) => id),
    key: readPublicKeyInfo(publicKey).algorithm,
    publicKey: encodeDer(publicKey).toString('base64'),
  };
}

/** Only that block, encoded again, so that the signer sees exactly what was read. @throws {PkiError} if there is none */
export function requestPem(pem: string): string {
  const block = blockIn(pem);
  return encodePem(block.label, decodePemBody(block));
}

function blockIn(pem: string): PemBlock {
  const [block] = pemBlocks(pem, (label) => label === 'CERTIFICATE REQUEST');
  if (!block) throw new PkiError('there is no PEM certificate request in it');
  return block;
}

interface Attribute {
  readonly id: string;
  readonly values: readonly DerNode[];
}

function attributesIn(set: DerNode | undefined): readonly Attribute[] {
  const what = 'an attribute of the request';
  const nodes = set ? elements(set, contextTag(0, 'constructed'), what) : [];
  return nodes.map((node) => {
    const [type, values] = elements(node, TAG.sequence, what);
    if (!type || !values) throw new PkiError(`${what} is incomplete`);
    return { id: readOid(type, what), values: elements(values, TAG.set, what) };
  });
}

/** The requested extensions. @throws {PkiError} for more than one list, which would be ambiguous */
function extensionsIn(attributes: readonly Attribute[]): DerNode | undefined {
  const lists = attributes.flatMap(({ id, values }) => (id === EXTENSION_REQUEST ? values : []));
  if (lists.length > 1) throw new PkiError('it asks for extensions more than once');
  return lists[0];
}
