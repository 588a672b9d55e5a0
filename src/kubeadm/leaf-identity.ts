import type { Certificate } from '../pki/certificate.ts';
import { canonicalIp } from '../pki/ip-address.ts';
import { apiServerNamesOf, type ClusterSettings, etcdNamesOf } from './cluster-settings.ts';
import type { Credential } from './model.ts';
import { KUBECONFIGS, organizationsBy, PAIRS, type Usage } from './table.ts';

/** Whom a new leaf speaks for. */
export interface LeafIdentity {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly usages: readonly string[];
  /** Nothing was added to the old certificate's identity: it can be copied to the byte. */
  readonly sameAsPattern: boolean;
  readonly remarks: readonly string[];
}

/** The old certificate's identity and the names wanted besides; kubeadm's rule where there is no old certificate to read. */
export function identityOf(
  credential: Credential,
  pattern: Certificate | undefined,
  settings: ClusterSettings,
  wanted: readonly string[],
  minor: number,
): LeafIdentity {
  return pattern ? identityLike(pattern, wanted) : identityByRule(credential, settings, wanted, minor);
}

/** A certificate's identity, and the names wanted besides. */
export function identityLike(pattern: Certificate, wanted: readonly string[]): LeafIdentity {
  const held = new Set([...pattern.dnsNames, ...pattern.ipAddresses]);
  const added = wanted.map((name) => canonicalIp(name) ?? name).filter((name) => !held.has(name));
  const { dnsNames, ipAddresses } = sortNames(added);
  return {
    commonName: pattern.subject.commonName ?? '',
    organizations: pattern.subject.organizations,
    dnsNames: [...pattern.dnsNames, ...dnsNames],
    ipAddresses: [...pattern.ipAddresses, ...ipAddresses],
    usages: pattern.extendedKeyUsages,
    sameAsPattern: added.length === 0,
    remarks: added.map((name) => `name ${name} added`),
  };
}

/** The identity that kubeadm gives by itself. */
export function identityByRule(
  credential: Credential,
  settings: ClusterSettings,
  wanted: readonly string[],
  minor: number,
): LeafIdentity {
  const pair = PAIRS.find(({ name }) => name === credential.name);
  const rule = pair?.names ?? 'none';
  const standard = rule === 'apiserver' ? apiServerNamesOf(settings) : rule === 'etcd' ? etcdNamesOf(settings) : [];
  const names = [...new Set([...standard, ...wanted].map((name) => canonicalIp(name) ?? name))];
  return {
    commonName: commonNameOf(credential, settings),
    organizations: organizationsBy(credential.name, minor)[0] ?? [],
    ...sortNames(names),
    usages: pair?.usages ?? (['clientAuth'] satisfies Usage[]),
    sameAsPattern: false,
    remarks: ['the old one could not be read: names are those that kubeadm gives by default'],
  };
}

function commonNameOf({ name }: Credential, settings: ClusterSettings): string {
  if (name === 'kubelet-client') return `system:node:${settings.nodeName}`;
  const commonName = [...PAIRS, ...KUBECONFIGS].find((row) => row.name === name)?.commonName ?? settings.nodeName;
  return commonName === 'node' ? settings.nodeName : commonName;
}

function sortNames(names: readonly string[]): {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
} {
  return {
    dnsNames: names.filter((name) => canonicalIp(name) === undefined),
    ipAddresses: names.flatMap((name) => canonicalIp(name) ?? []),
  };
}
