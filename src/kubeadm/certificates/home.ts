import type { Certificate } from '../../pki/certificate.ts';
import { trustPath } from '../../pki/chain.ts';
import { NEWEST_MINOR } from '../driver/dialect.ts';
import { leafOf } from '../host/interpret.ts';
import type { KubeconfigUser, ReadKubeconfig } from '../host/kubeconfig.ts';
import { haveCommonAuthority } from '../host/kubeconfig-trust.ts';
import type { Credential, FileState, KubeadmHost } from '../host/model.ts';
import { patternOf } from '../pattern.ts';
import { organizationsBy } from '../table.ts';
import { parseVersion, type Version } from '../version.ts';
import { assess, type DueRule } from './due.ts';

/** The `~/.kube/config` of a user of the host. */
export interface HomeKubeconfig {
  readonly user: string;
  readonly path: string;
  readonly file: FileState;
  /** Undefined when it is not a kubeconfig that can be understood. */
  readonly read: ReadKubeconfig | undefined;
  /** It is too long to be looked at beside those of the others: of `file` the digest is not known, and it is neither saved nor changed. */
  readonly isPassedOver?: true;
  /** The entries whose private key is that of admin.conf, or proven to be the one of their certificate. */
  readonly keyHolders: ReadonlySet<string>;
}

/** An entry of a user's kubeconfig that is a copy of one of the host's own. */
export interface HomeEntry {
  readonly home: HomeKubeconfig;
  readonly entry: KubeconfigUser;
  readonly source: Credential;
}

const ADMINISTRATORS = ['admin.conf', 'super-admin.conf'] as const;

/**
 * The entries of a user's kubeconfig that were copied from this host's admin.conf or super-admin.conf. The user gets the new
 * key of the original: so the certificate has to be one that the CA has signed for the same name and groups, and the user has
 * to have its key. A certificate alone is no secret, and anybody can sign one for kubernetes-admin.
 */
export function homeEntries(host: KubeadmHost, home: HomeKubeconfig): readonly HomeEntry[] {
  return judged(host, home).flatMap((entry) => ('source' in entry ? [entry] : []));
}

/** An entry for this cluster that is no copy of one of the host's own. */
export interface StrangeEntry {
  readonly home: HomeKubeconfig;
  readonly entry: KubeconfigUser;
  readonly certificate: Certificate;
  /** In a clause, with `it` for the certificate. */
  readonly why: string;
}

export function strangeEntries(host: KubeadmHost, home: HomeKubeconfig): readonly StrangeEntry[] {
  return judged(host, home).flatMap((entry) => ('why' in entry ? [entry] : []));
}

function judged(host: KubeadmHost, home: HomeKubeconfig): readonly (HomeEntry | StrangeEntry)[] {
  const authority = host.authorities.find(({ name }) => name === 'ca');
  if (host.role !== 'control-plane' || !authority?.certificate) return [];
  return (home.read?.users ?? []).flatMap((entry): readonly (HomeEntry | StrangeEntry)[] => {
    const { holding } = entry;
    const isOfCluster = haveCommonAuthority(entry.authorities, authority.bundle);
    if (holding.state !== 'present' || !isOfCluster) return [];
    const { certificate, chain } = holding;
    const strange = (why: string) => [{ home, entry, certificate, why }];
    if (!trustPath(certificate, chain, authority.bundle)) return strange('the CA has not signed it');
    const source = ADMINISTRATORS.map((name) => host.credentials.find((credential) => credential.name === name)).find(
      (credential) => credential && isLike(credential, certificate, host),
    );
    if (!source) return strange('it is for another user, or for other groups');
    if (!home.keyHolders.has(entry.name)) return strange('it could not be proven that its key is there');
    return [{ home, entry, source }];
  });
}

/** Of the same name, and with no fewer rights: the old copy may be from a version whose administrators had other groups. */
function isLike(source: Credential, { subject }: Certificate, host: KubeadmHost): boolean {
  if (subject.commonName !== commonNameOf(source)) return false;
  if (subject.organizations.includes('system:masters')) return true;
  const groups = patternOf(source)?.subject.organizations ?? organizationsBy(source.name, versionOf(host));
  return groups.every((group) => subject.organizations.includes(group));
}

/** Of the cluster; what is not told is the newest. */
function versionOf({ staticPods }: KubeadmHost): Version {
  const version = staticPods.find(({ component }) => component === 'kube-apiserver')?.version;
  return parseVersion(version ?? '') ?? { major: 1, minor: NEWEST_MINOR, patch: 0 };
}

/** The copy is due by the same rule as its original, and the original is, or will be, another certificate. */
export function homeEntryIsDue({ entry, source }: HomeEntry, rule: DueRule): boolean {
  const copied = leafOf(entry.holding);
  if (!copied) return false;
  const current = leafOf(source.holding);
  const isNewer =
    source.holding.state === 'planned' || (current !== undefined && current.fingerprint !== copied.fingerprint);
  if (!isNewer) return false;
  return rule.renewBefore.all || assess(asCredential(copied, source), rule).due;
}

/** The copied certificate, judged as if it were the original's. */
function asCredential(certificate: Certificate, source: Credential): Credential {
  return { ...source, holding: { state: 'present', certificate, chain: [] }, key: 'match', signedByAuthority: true };
}

function commonNameOf(credential: Credential): string {
  return (
    patternOf(credential)?.subject.commonName ??
    (credential.name === 'super-admin.conf' ? 'kubernetes-super-admin' : 'kubernetes-admin')
  );
}
