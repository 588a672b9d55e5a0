import type { Certificate } from './certificate.ts';
import { canonicalIp } from './ip-address.ts';
import { printable } from './name.ts';

/** The identity of a certificate. */
export interface Identified
  extends Pick<Certificate, 'dnsNames' | 'ipAddresses' | 'otherNames' | 'extendedKeyUsages' | 'key'> {
  readonly subject: Pick<Certificate['subject'], 'commonName' | 'organizations'>;
}

/**
 * The differences of the new certificate's identity from the old one's, one clause each: `CN a → b`, `O system:masters lost`,
 * `DNS name example.org added`, `key RSA-2048 → ECDSA-P256`. Empty if there are none. Order and the case of DNS names are
 * ignored, and an address moves without loss from the DNS names to the addresses, where clients look for it. Safe to print.
 */
export function identityDifference(old: Identified, renewed: Identified): readonly string[] {
  return [
    ...replaced('CN', old.subject.commonName, renewed.subject.commonName),
    ...changed('O', old.subject.organizations, renewed.subject.organizations),
    ...lostDnsNames(old, renewed).map((value) => printable(`DNS name ${value} lost`)),
    ...missing(renewed.dnsNames, old.dnsNames, ignoringCase).map((value) => printable(`DNS name ${value} added`)),
    ...changed('IP address', old.ipAddresses, renewed.ipAddresses),
    ...changed('name', old.otherNames, renewed.otherNames),
    ...changed('usage', old.extendedKeyUsages, renewed.extendedKeyUsages),
    ...replaced('key', old.key, renewed.key),
  ];
}

type Names = Pick<Certificate, 'dnsNames' | 'ipAddresses' | 'otherNames'>;

/** The alternative names of the old certificate, of every kind, that the new one lacks. */
export function lostNames(old: Names, renewed: Names): readonly string[] {
  return [
    ...lostDnsNames(old, renewed),
    ...missing(old.ipAddresses, renewed.ipAddresses),
    ...missing(old.otherNames, renewed.otherNames),
  ];
}

function replaced(what: string, old: string | undefined, renewed: string | undefined): readonly string[] {
  if (old === renewed) return [];
  if (renewed === undefined) return [printable(`${what} ${old} lost`)];
  return [printable(old === undefined ? `${what} ${renewed} added` : `${what} ${old} → ${renewed}`)];
}

function changed(what: string, old: readonly string[], renewed: readonly string[]): readonly string[] {
  return [
    ...missing(old, renewed).map((value) => printable(`${what} ${value} lost`)),
    ...missing(renewed, old).map((value) => printable(`${what} ${value} added`)),
  ];
}

function lostDnsNames(
  old: Pick<Names, 'dnsNames'>,
  { dnsNames, ipAddresses }: Pick<Names, 'dnsNames' | 'ipAddresses'>,
): readonly string[] {
  return missing(old.dnsNames, dnsNames, ignoringCase).filter((name) => {
    const address = canonicalIp(name);
    return address === undefined || !ipAddresses.includes(address);
  });
}

function missing(
  from: readonly string[],
  other: readonly string[],
  normalize: Normalize = unchanged,
): readonly string[] {
  const present = new Set(other.map(normalize));
  return [...new Set(from)].filter((value) => !present.has(normalize(value)));
}

/** Normalises a value for comparison. */
type Normalize = (value: string) => string;
const unchanged: Normalize = (value) => value;
const ignoringCase: Normalize = (value) => value.toLowerCase();
