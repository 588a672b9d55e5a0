import type { RefusePlan } from '../../core/plan.ts';
import { withoutAddresses } from '../../pki/alternative-name.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { type Identified, identityDifference } from '../../pki/difference.ts';
import type { ClusterSettings } from '../cluster/cluster-settings.ts';
import type { KubeadmDriver } from '../driver/kubeadm-driver.ts';
import type { Credential } from '../host/model.ts';
import { organizationsBy, PAIRS } from '../table.ts';
import { formatVersion } from '../version.ts';
import { identityByRule, type LeafIdentity } from './leaf-identity.ts';
import { sameWords } from './pending-request.ts';

interface Likeness {
  readonly credential: Credential;
  /** The old certificate, whose identity is copied. */
  readonly pattern: Certificate;
  readonly identity: LeafIdentity;
  readonly driver: KubeadmDriver;
  readonly settings: ClusterSettings;
  /** The command of kubeadm that makes the leaf. */
  readonly maker: 'renew' | 'phase' | 'user';
  /** Whether `renew` could make it as well. */
  readonly isRenewable: boolean;
}

/**
 * Refuses a leaf that kubeadm would not make like the old one: what it makes is compared with the order before it is put into
 * place, so the run would fail.
 */
export function kubeadmRefusal(wanted: Likeness): RefusePlan | undefined {
  return groupsRefusal(wanted) ?? identityRefusal(wanted);
}

/**
 * `phase` writes the groups of this kubeadm release, which may differ from those of the certificate; so does `renew` where it
 * removes a group.
 */
function groupsRefusal({ credential, pattern, driver, maker, isRenewable }: Likeness): RefusePlan | undefined {
  if (maker === 'user') return undefined;
  const oldGroups = pattern.subject.organizations;
  const isKept = maker === 'renew' && !(driver.dialect.renewTakesMasters && oldGroups.includes('system:masters'));
  const newGroups = isKept ? oldGroups : organizationsBy(credential.name, driver.version);
  if (sameWords(newGroups, oldGroups)) return undefined;
  const show = (organizations: readonly string[]): string => organizations.join(', ') || 'none';
  return {
    action: 'refuse',
    code: 'kubeadm-cannot',
    reason: `kubeadm ${formatVersion(driver.version)} would give ${credential.name} other groups than it has`,
    remedy:
      isRenewable && maker === 'phase'
        ? 'choose method: renew or method: native, which keep them'
        : 'choose method: native, which keeps them',
    details: [
      ['has', show(oldGroups)],
      ['would get', show(newGroups)],
    ],
  };
}

/** Certificates that somebody has made by hand, or with another tool, may have what no command of kubeadm can repeat. */
function identityRefusal(wanted: Likeness): RefusePlan | undefined {
  const [first, ...rest] = faultsOf(wanted);
  if (first === undefined) return undefined;
  const { credential, driver, maker, isRenewable } = wanted;
  const keepers =
    maker === 'phase' && isRenewable && faultsOf({ ...wanted, maker: 'renew' }).length === 0
      ? 'method: renew or method: native, which keep'
      : 'method: native, which keeps';
  return {
    action: 'refuse',
    code: 'kubeadm-cannot',
    reason: `kubeadm ${formatVersion(driver.version)} cannot make ${credential.name} like the old one: ${[first, ...rest].join(', ')}`,
    remedy: `choose ${keepers} its names and usages`,
  };
}

function faultsOf(wanted: Likeness): readonly string[] {
  const { identity, maker } = wanted;
  const key = '';
  const subject = subjectOf(identity.commonName, identity.organizations);
  const differences = identityDifference(
    { ...identity, subject, extendedKeyUsages: identity.usages, key },
    { ...madeBy(wanted), key },
  );
  return [
    ...(identity.commonName === '' && maker !== 'phase' ? ['it makes none without a CN'] : []),
    ...(identity.usages.length === 0 && maker === 'renew' ? ['it makes none without an extended key usage'] : []),
    // `phase` may add names, and the run accepts that.
    ...differences.filter((text) => maker !== 'phase' || !/^(DNS name|IP address) .* added$/.test(text)),
  ];
}

/** What the command makes of an ordered leaf; its groups are compared elsewhere. */
function madeBy({ credential, identity, driver, settings, maker }: Likeness): Omit<Identified, 'key'> {
  const otherNames: readonly string[] = [];
  const subject = subjectOf(identity.commonName, identity.organizations);
  if (maker === 'renew') {
    // certToConfig takes along the usages that Go knows by name.
    const extendedKeyUsages = identity.usages.filter((usage) => !/^[\d.]+$/.test(usage));
    return { ...identity, subject, otherNames, extendedKeyUsages };
  }
  if (maker === 'user')
    return { subject, dnsNames: [], ipAddresses: [], otherNames, extendedKeyUsages: ['clientAuth'] };
  // Before 1.12 `phase` had other names and usages for etcd, such as CN=kube-etcd: the run sees what it makes.
  if (!driver.dialect.renew) return { ...identity, subject, otherNames, extendedKeyUsages: identity.usages };
  const own = identityByRule(credential, settings, [], driver.version);
  const takesNames = PAIRS.some(({ name, names }) => name === credential.name && names !== 'none');
  return {
    ...(takesNames ? { ...identity, dnsNames: withoutAddresses(identity.dnsNames) } : own),
    subject: subjectOf(own.commonName, identity.organizations),
    otherNames,
    extendedKeyUsages: own.usages,
  };
}

function subjectOf(commonName: string, organizations: readonly string[]): Identified['subject'] {
  return { organizations, ...(commonName !== '' && { commonName }) };
}
