import type { Certificate } from './certificate.ts';
import { canonicalIp } from './ip-address.ts';

/** An alternative name as names are compared, and as kubeadm takes them: addresses in one spelling, DNS names in lower case. */
export function canonicalName(name: string): string {
  return canonicalIp(name) ?? name.toLowerCase();
}

/** The names by which a server with these is accepted, as they are compared: by no address that stands among the DNS names. */
export function acceptedNames({ dnsNames, ipAddresses }: Pick<Certificate, 'dnsNames' | 'ipAddresses'>): Set<string> {
  return new Set([...withoutAddresses(dnsNames), ...ipAddresses].map(canonicalName));
}

/** DNS names but for those that are addresses, which some tools put there, and no client looks for there. */
export function withoutAddresses(dnsNames: readonly string[]): readonly string[] {
  return dnsNames.filter((name) => canonicalIp(name) === undefined);
}
