import { acceptedNames, canonicalName } from '../../pki/alternative-name.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { lostNames } from '../../pki/difference.ts';
import { canonicalIp } from '../../pki/ip-address.ts';
import { nameText } from '../../pki/name.ts';
import { apiServerNamesOf, type ClusterSettings, etcdNamesOf } from '../cluster/cluster-settings.ts';
import type { Credential } from '../host/model.ts';
import { isAuthoritys, oldLeafOf, patternOf } from '../pattern.ts';
import { type CredentialName, KUBECONFIGS, organizationsBy, PAIRS, type Usage } from '../table.ts';
import type { Version } from '../version.ts';
import { usagesByRule, usagesLike } from './lacking.ts';

/** The identity of a new leaf. */
export interface LeafIdentity {
  /** The whole subject, in printable form: `O=system:nodes, CN=system:node:worker-1`. */
  readonly subject: string;
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Names of other kinds, as in a certificate. */
  readonly otherNames: readonly string[];
  readonly usages: readonly string[];
  readonly remarks: readonly string[];
}

/**
 * The identity of the old certificate, if the CA has signed it, plus the extra names; kubeadm's rule if there is no such
 * certificate, and always for a kubelet: `O=system:nodes, CN=system:node:NODE`, no names, clientAuth.
 */
export function identityOf(
  credential: Credential,
  settings: ClusterSettings,
  wanted: readonly string[],
  version: Version,
): LeafIdentity {
  if (credential.kind === 'kubelet') return kubeletIdentity(credential, settings.nodeName);
  const pattern = patternOf(credential);
  return pattern
    ? identityLike(credential.name, pattern, wanted)
    : identityByRule(credential, settings, wanted, version);
}

/** The identity of a kubelet to the API, whatever its old certificate says. */
export function kubeletIdentity(credential: Credential, nodeName: string): LeafIdentity {
  const commonName = `system:node:${nodeName}`;
  const organizations = ['system:nodes'];
  const subject = nameText({ commonName, organizations });
  const old = oldLeafOf(credential);
  const names = old ? [...old.dnsNames, ...old.ipAddresses, ...old.otherNames] : [];
  const isCopy = !old || (old.subject.text === subject && names.length === 0);
  return {
    subject,
    commonName,
    organizations,
    dnsNames: [],
    ipAddresses: [],
    otherNames: [],
    usages: ['clientAuth'] satisfies Usage[],
    remarks: isCopy ? [] : [`not copied from the old one: ${[old.subject.text, ...names].join(', ')}`],
  };
}

/** A certificate's identity, plus the extra names, with kubeadm's usages if it would be rejected with its own. */
export function identityLike(name: CredentialName, pattern: Certificate, wanted: readonly string[]): LeafIdentity {
  const usages = usagesLike(name, pattern);
  const present = acceptedNames(pattern);
  const added = [...new Set(wanted.map(canonicalName))].filter((name) => !present.has(name));
  const { dnsNames, ipAddresses } = sortNames(added);
  return {
    subject: pattern.subject.text,
    commonName: pattern.subject.commonName ?? '',
    organizations: pattern.subject.organizations,
    dnsNames: [...pattern.dnsNames, ...dnsNames],
    ipAddresses: [...pattern.ipAddresses, ...ipAddresses],
    otherNames: pattern.otherNames,
    usages,
    remarks: [
      ...added.map((name) => `name ${name} added`),
      ...(usages === pattern.extendedKeyUsages
        ? []
        : [`for ${usages.join(', ')}, not ${pattern.extendedKeyUsages.join(', ')}`]),
    ],
  };
}

/** The identity that kubeadm uses by default. */
export function identityByRule(
  credential: Credential,
  settings: ClusterSettings,
  wanted: readonly string[],
  version: Version,
): LeafIdentity {
  const pair = PAIRS.find(({ name }) => name === credential.name);
  const rule = pair?.names ?? 'none';
  const standard = rule === 'apiserver' ? apiServerNamesOf(settings) : rule === 'etcd' ? etcdNamesOf(settings) : [];
  const names = [...new Set([...standard, ...wanted].map(canonicalName))];
  const commonName = commonNameOf(credential, settings);
  const organizations = organizationsBy(credential.name, version);
  const identity = {
    subject: nameText({ commonName, organizations }),
    commonName,
    organizations,
    ...sortNames(names),
    otherNames: [],
    usages: usagesByRule(credential.name),
  };
  return { ...identity, remarks: ruleRemarks(credential, identity) };
}

/** Remarks about an old certificate that is no pattern. */
function ruleRemarks(credential: Credential, identity: Omit<LeafIdentity, 'remarks'>): readonly string[] {
  const old = oldLeafOf(credential);
  if (!old) return ['the old one could not be read: the default names of kubeadm are used'];
  const missing = lostNames(old, { ...identity, otherNames: [] });
  return [
    `the old one is ${isAuthoritys(old) ? 'a CA’s' : `not signed by ${credential.authority}`}, and not copied: the default names and groups of kubeadm are used`,
    ...(missing.length > 0 ? [`without ${missing.join(', ')}: extra_sans adds names for the API server`] : []),
  ];
}

function commonNameOf({ name }: Credential, settings: ClusterSettings): string {
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
