import { randomBytes } from 'node:crypto';
import { DAY_MS } from '../core/duration.ts';
import { apiServerNamesOf, etcdNamesOf } from '../kubeadm/cluster/cluster-settings.ts';
import { type AuthorityName, type CredentialName, KUBECONFIGS, PAIRS } from '../kubeadm/table.ts';
import type { Identity } from '../pki/identity.ts';
import { canonicalIp } from '../pki/ip-address.ts';
import { type Authority, issueCertificate } from '../pki/issue.ts';
import { generateKey } from '../pki/private-key.ts';
import type { KeyAlgorithm } from '../pki/public-key.ts';
import { groupsOf } from './groups.ts';
import { DNS_DOMAIN, type HostProfile, SERVICE_SUBNET } from './profile.ts';
import type { LeafCondition } from './tree-state.ts';

/** A leaf certificate and its key, in PEM. */
export interface Leaf {
  readonly certificate: string;
  readonly key: string;
}

/** The validity of a leaf, in milliseconds since 1970. */
export interface Period {
  readonly notBefore: number;
  readonly notAfter: number;
}

const YEAR_MS = 365 * DAY_MS;

/** The identity of a leaf by kubeadm's rules. */
export function identityByKubeadm(
  name: CredentialName,
  { name: nodeName, address, cluster }: HostProfile,
  extraNames: readonly string[] = [],
): Identity {
  const pair = PAIRS.find((candidate) => candidate.name === name);
  const settings = {
    nodeName,
    advertiseAddress: address,
    serviceSubnet: SERVICE_SUBNET,
    dnsDomain: DNS_DOMAIN,
    controlPlaneEndpoint: `${cluster.endpoint.address}:${cluster.endpoint.port}`,
  };
  const rule = pair?.names ?? 'none';
  const standard = rule === 'apiserver' ? apiServerNamesOf(settings) : rule === 'etcd' ? etcdNamesOf(settings) : [];
  return {
    subject: {
      commonName: commonNameOf(name, nodeName),
      organizations: groupsOf(name, cluster.version),
    },
    ...splitNames([...standard, ...extraNames]),
    extendedKeyUsages: pair?.usages ?? ['clientAuth'],
  };
}

/** DNS names and addresses, without duplicates. */
export function splitNames(names: readonly string[]): {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
} {
  const unique = [...new Set(names.map((name) => canonicalIp(name) ?? name))];
  return {
    dnsNames: unique.filter((name) => canonicalIp(name) === undefined),
    ipAddresses: unique.flatMap((name) => canonicalIp(name) ?? []),
  };
}

export function authorityOf(name: CredentialName): AuthorityName {
  return [...PAIRS, ...KUBECONFIGS].find((row) => row.name === name)?.authority ?? 'ca';
}

/** The validity of a leaf in this condition. */
export function periodOf(condition: LeafCondition, now: Date): Period {
  const end = now.getTime() + daysLeft(condition) * DAY_MS;
  return { notBefore: end - YEAR_MS, notAfter: end };
}

/** Signs a leaf with a new key. Like kubeadm's, it ends no later than its CA. */
export async function makeLeaf(
  identity: Identity,
  authority: Authority,
  keyAlgorithm: KeyAlgorithm,
  { notBefore, notAfter }: Period,
  serial: Uint8Array = randomBytes(8),
): Promise<Leaf> {
  const { privatePem, publicKey } = await generateKey(keyAlgorithm);
  const end = Math.min(notAfter, authority.certificate.notAfter);
  const certificate = issueCertificate({
    ...identity,
    publicKey,
    authority,
    notBefore: Math.min(notBefore, end - DAY_MS),
    notAfter: end,
    serial,
  });
  return { certificate, key: privatePem.reveal() };
}

function commonNameOf(name: CredentialName, nodeName: string): string {
  if (name === 'kubelet-client') return `system:node:${nodeName}`;
  const commonName = [...PAIRS, ...KUBECONFIGS].find((row) => row.name === name)?.commonName ?? nodeName;
  return commonName === 'node' ? nodeName : commonName;
}

function daysLeft(condition: LeafCondition): number {
  switch (condition) {
    case 'due':
      return 10;
    case 'expired':
      return -1;
    case 'not-yet-valid':
      return 366;
    default:
      return 200;
  }
}
