import { type Certificate, certificateNodes } from './certificate.ts';
import { type DerNode, decodeDer, encodeDer } from './der.ts';
import { extendedKeyUsageExtension, subjectAltNameExtension } from './extension-encoding.ts';
import { EXTENSION } from './extensions.ts';
import { encodeName } from './name.ts';

/** The identity of a certificate, and its purposes. */
export interface Identity {
  /** May be a `Name`, of which only the common name and the organizations are used. */
  readonly subject: { readonly commonName?: string; readonly organizations?: readonly string[] };
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** `serverAuth`, `clientAuth` …, or object identifiers. */
  readonly extendedKeyUsages?: readonly string[];
}

/** An exact copy of an existing certificate's identity, including other parts and kinds of names. Plain data. */
export interface IdentityCopy {
  /** DER in base64: the subject, and the complete extensions if present. */
  readonly copied: {
    readonly subject: string;
    readonly subjectAltName?: string;
    readonly extendedKeyUsage?: string;
  };
}

/** The parts of a certificate or request that encode an identity. */
export interface EncodedIdentity {
  readonly subject: DerNode;
  readonly subjectAltName: DerNode | undefined;
  readonly extendedKeyUsage: DerNode | undefined;
}

/**
 * The identity for a renewed certificate: `issueCertificate({ ...copyOf(old), publicKey, … })`. Of the wanted names, those that it lacks
 * are added; other usages, if any are given, take the place of its own.
 * @throws {PkiError} for names that cannot be encoded
 */
export function copyOf(
  certificate: Certificate,
  wanted: Required<Pick<Identity, 'dnsNames' | 'ipAddresses'>> & Pick<Identity, 'extendedKeyUsages'> = {
    dnsNames: [],
    ipAddresses: [],
  },
): IdentityCopy {
  const { subject, extensions } = certificateNodes(certificate);
  const subjectAltName = subjectAltNameExtension(
    wanted.dnsNames.filter((name) => !certificate.dnsNames.includes(name)),
    wanted.ipAddresses.filter((address) => !certificate.ipAddresses.includes(address)),
    extensions.get(EXTENSION.subjectAltName),
  );
  const { extendedKeyUsages: usages = certificate.extendedKeyUsages } = wanted;
  const extendedKeyUsage =
    usages.join() === certificate.extendedKeyUsages.join()
      ? extensions.get(EXTENSION.extendedKeyUsage)
      : extendedKeyUsageExtension(usages);
  return {
    copied: {
      subject: toBase64(subject),
      ...(subjectAltName && { subjectAltName: toBase64(subjectAltName) }),
      ...(extendedKeyUsage && { extendedKeyUsage: toBase64(extendedKeyUsage) }),
    },
  };
}

/** @throws {PkiError} for an empty subject, and for names and purposes that cannot be encoded */
export function encodeIdentity(identity: Identity | IdentityCopy): EncodedIdentity {
  if ('copied' in identity) {
    const { subject, subjectAltName, extendedKeyUsage } = identity.copied;
    return {
      subject: fromBase64(subject),
      subjectAltName: subjectAltName === undefined ? undefined : fromBase64(subjectAltName),
      extendedKeyUsage: extendedKeyUsage === undefined ? undefined : fromBase64(extendedKeyUsage),
    };
  }
  return {
    subject: encodeName(identity.subject),
    subjectAltName: subjectAltNameExtension(identity.dnsNames ?? [], identity.ipAddresses ?? []),
    extendedKeyUsage: extendedKeyUsageExtension(identity.extendedKeyUsages ?? []),
  };
}

function toBase64(node: DerNode): string {
  return encodeDer(node).toString('base64');
}

function fromBase64(text: string): DerNode {
  return decodeDer(Buffer.from(text, 'base64'), 'the copied identity');
}
