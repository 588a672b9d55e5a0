import { createHash } from 'node:crypto';
import {
  contents,
  contextTag,
  DerFields,
  type DerNode,
  decodeDer,
  elements,
  encodeDer,
  malformed,
  TAG,
} from './der.ts';
import { extensionNodes, readExtensions, unhandledExtension } from './extensions.ts';
import { type Name, readName } from './name.ts';
import { completePemBlocks, decodePemBody, encodePem, pemBlocks } from './pem.ts';
import { PkiError } from './pki-error.ts';
import { readPublicKeyInfo } from './public-key.ts';
import { unverifiedAlgorithm } from './signature-algorithm.ts';
import { readTime } from './time.ts';

/**
 * The contents of an X.509 certificate: plain data that survives JSON. Names come from a host and may contain any character;
 * only `Name.text` is safe to print.
 */
export interface Certificate {
  readonly subject: Name;
  readonly issuer: Name;
  /** Upper-case hex of whole octets, as openssl prints it: `0A3F`; with a leading `-` if negative. */
  readonly serial: string;
  /** Milliseconds since 1970; the certificate is valid from here … */
  readonly notBefore: number;
  /** … to here, both included. */
  readonly notAfter: number;
  readonly dnsNames: readonly string[];
  /** In the form of `canonicalIp`. */
  readonly ipAddresses: readonly string[];
  /** Alternative names of other kinds: `URI:spiffe://…`, `email:…`, `DirName:…`, `GeneralName:` and hex. */
  readonly otherNames: readonly string[];
  /** CA:TRUE in its basic constraints. */
  readonly isAuthority: boolean;
  /** `digitalSignature`, `keyEncipherment`, `keyCertSign` … in the order of their bits. */
  readonly keyUsages: readonly string[];
  /** `serverAuth`, `clientAuth` …; the object identifier if it has no name. */
  readonly extendedKeyUsages: readonly string[];
  /** A `KeyAlgorithm`, or another algorithm: `RSA-1024`, `Ed25519`. */
  readonly key: string;
  /** SHA-256 of the SubjectPublicKeyInfo in lower-case hex: the value of `--discovery-token-ca-cert-hash sha256:…` for a CA. */
  readonly publicKeyHash: string;
  /**
   * SHA-256 of the names' encodings in lower-case hex. Go finds an issuer by its encoding: the same text as PrintableString (kubeadm) and
   * as UTF8String (openssl) is two names.
   */
  readonly subjectHash: string;
  readonly issuerHash: string;
  /** How it is signed if Kubernetes does not verify such a signature: `SHA-1`, `MD5`… It verifies none of what it trusts itself. */
  readonly unverified?: string;
  /** The object identifier of a critical extension for which Kubernetes rejects it. */
  readonly unhandled?: string;
  /** SHA-256 of the whole certificate in lower-case hex. */
  readonly fingerprint: string;
  /** Lower-case hex. */
  readonly subjectKeyId?: string;
  /** Lower-case hex. */
  readonly authorityKeyId?: string;
  /** The certificate itself, in base64. */
  readonly der: string;
}

/** The parts of a certificate that can be copied into others. */
export interface CertificateNodes {
  readonly issuer: DerNode;
  readonly subject: DerNode;
  readonly publicKey: DerNode;
  /** By object identifier, each as its whole `Extension` element. */
  readonly extensions: ReadonlyMap<string, DerNode>;
}

/**
 * Every CERTIFICATE block of a PEM text, in order; other blocks and surrounding text are ignored.
 * @throws {PkiError} if there is none, or one that cannot be read
 */
export function readCertificates(pem: string): readonly Certificate[] {
  const blocks = pemBlocks(pem, (label) => label === 'CERTIFICATE');
  if (blocks.length === 0) throw new PkiError(pem.trim() === '' ? 'it is empty' : 'there is no PEM certificate in it');
  return blocks.map((block) => readCertificate(decodePemBody(block)));
}

/** Those certificates of a PEM text that can be read: what is damaged, or cut off, is passed over. */
export function readableCertificates(pem: string): readonly Certificate[] {
  return completePemBlocks(pem, (label) => label === 'CERTIFICATE').flatMap((block) => {
    try {
      return [readCertificate(decodePemBody(block))];
    } catch {
      return [];
    }
  });
}

/** One certificate. @throws {PkiError} for any bytes that are not exactly one X.509 certificate. */
export function readCertificate(der: Uint8Array): Certificate {
  const parts = dissect(der);
  const unverified = unverifiedAlgorithm(parts.algorithm);
  const unhandled = unhandledExtension(parts.extensions);
  return {
    subject: readName(parts.subject),
    issuer: readName(parts.issuer),
    serial: formatSerial(contents(parts.serial, TAG.integer, 'its serial number')),
    ...readValidity(parts.validity),
    ...readExtensions(parts.extensions),
    key: readPublicKeyInfo(parts.publicKey).algorithm,
    publicKeyHash: sha256(encodeDer(parts.publicKey)),
    subjectHash: sha256(encodeDer(parts.subject)),
    issuerHash: sha256(encodeDer(parts.issuer)),
    ...(unverified !== undefined && { unverified }),
    ...(unhandled !== undefined && { unhandled }),
    fingerprint: sha256(der),
    der: Buffer.from(der).toString('base64'),
  };
}

/** The elements of a certificate that was parsed before. */
export function certificateNodes(certificate: Certificate): CertificateNodes {
  return dissect(derOf(certificate));
}

/** The SubjectPublicKeyInfo of a certificate in DER: to issue another one for the same key. */
export function publicKeyOf(certificate: Certificate): Uint8Array {
  return encodeDer(certificateNodes(certificate).publicKey);
}

export function derOf(certificate: Certificate): Buffer {
  return Buffer.from(certificate.der, 'base64');
}

/** As a PEM block. */
export function certificatePem(certificate: Certificate): string {
  return encodePem('CERTIFICATE', derOf(certificate));
}

interface Dissected extends CertificateNodes {
  readonly serial: DerNode;
  readonly algorithm: DerNode;
  readonly validity: DerNode;
}

/** `Certificate` of RFC 5280 section 4.1. Versions 1 and 2 only lack some fields. */
function dissect(der: Uint8Array): Dissected {
  const what = 'the certificate';
  const outer = new DerFields(decodeDer(der, what), TAG.sequence, what);
  const fields = new DerFields(outer.take(TAG.sequence), TAG.sequence, what);
  outer.take(TAG.sequence);
  outer.take(TAG.bitString);
  outer.end();

  fields.takeIf(contextTag(0, 'constructed'));
  const serial = fields.take(TAG.integer);
  const algorithm = fields.take(TAG.sequence);
  const issuer = fields.take(TAG.sequence);
  const validity = fields.take(TAG.sequence);
  const subject = fields.take(TAG.sequence);
  const publicKey = fields.take(TAG.sequence);
  fields.takeIf(contextTag(1, 'primitive'));
  fields.takeIf(contextTag(2, 'primitive'));
  const wrapped = fields.takeIf(contextTag(3, 'constructed'));
  fields.end();
  const extensions = extensionNodes(wrapped && unwrap(wrapped));
  return { serial, algorithm, issuer, validity, subject, publicKey, extensions };
}

function unwrap(node: DerNode): DerNode {
  const what = 'its list of extensions';
  const [inner, ...more] = elements(node, contextTag(3, 'constructed'), what);
  if (!inner || more.length > 0) throw malformed(what);
  return inner;
}

function readValidity(node: DerNode): { readonly notBefore: number; readonly notAfter: number } {
  const what = 'its validity';
  const fields = new DerFields(node, TAG.sequence, what);
  const notBefore = readTime(fields.takeAny());
  const notAfter = readTime(fields.takeAny());
  fields.end();
  return { notBefore, notAfter };
}

/** The value of an INTEGER's octets (two's complement), in openssl's format of serial numbers. */
function formatSerial(octets: Buffer): string {
  if (octets.length === 0) throw malformed('its serial number');
  const unsigned = BigInt(`0x${octets.toString('hex')}`);
  const isNegative = ((octets[0] ?? 0) & 0x80) !== 0;
  const magnitude = isNegative ? (1n << BigInt(octets.length * 8)) - unsigned : unsigned;
  const digits = magnitude.toString(16).toUpperCase();
  return `${isNegative ? '-' : ''}${digits.length % 2 === 0 ? '' : '0'}${digits}`;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
