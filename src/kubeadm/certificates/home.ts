import type { Certificate } from '../../pki/certificate.ts';
import { imageVersion } from '../cluster/endpoints.ts';
import { NEWEST_MINOR } from '../driver/dialect.ts';
import { signedBy } from '../host/credential-state.ts';
import { leafOf } from '../host/interpret.ts';
import type { KubeconfigUser, ReadKubeconfig } from '../host/kubeconfig.ts';
import { haveCommonAuthority } from '../host/kubeconfig-trust.ts';
import { type Credential, clusterAuthority, type FileState, type KubeadmHost } from '../host/model.ts';
import { patternOf } from '../pattern.ts';
import { organizationsBy } from '../table.ts';
import { parseVersion, type Version } from '../version.ts';
import { assess, type DueRule } from './due.ts';

/** The `~/.kube/config` of a user of the host. */
export interface HomeKubeconfig {
  readonly user: string;
  readonly path: string;
  readonly file: FileState;
  /** Undefined if it is not an intelligible kubeconfig. */
  readonly read: ReadKubeconfig | undefined;
  /** It is too long to be read along with the others: `file` has no digest, and it is neither saved nor changed. */
  readonly isPassedOver?: true;
  /** The entries whose private key is admin.conf's, or is proven to match their certificate. */
  readonly keyHolders: ReadonlySet<string>;
}

/** An entry of a user's kubeconfig that is a copy of one of the host's own. */
export interface HomeEntry {
  readonly home: HomeKubeconfig;
  readonly entry: KubeconfigUser;
  readonly source: Credential;
  /** Who has signed the copy, which may be an older one. */
  readonly signed: ReturnType<typeof signedBy>;
}

const ADMINISTRATORS = ['admin.conf', 'super-admin.conf'] as const;

/**
 * The entries of a user's kubeconfig that were copied from this host's admin.conf or super-admin.conf. The user will get the
 * new key of the original: so the certificate has to be signed by the CA for the same name and groups, and the user has to
 * have its key. A certificate alone is no secret, and anybody can sign one for kubernetes-admin.
 */
export function homeEntries(host: KubeadmHost, home: HomeKubeconfig): readonly HomeEntry[] {
  return classify(host, home).flatMap((entry) => ('source' in entry ? [entry] : []));
}

/** An entry for this cluster that is not a copy of one of the host's own. */
export interface ForeignEntry {
  readonly home: HomeKubeconfig;
  readonly entry: KubeconfigUser;
  readonly certificate: Certificate;
  /** A clause, with `it` for the certificate. */
  readonly why: string;
}

/** The entries of a user's kubeconfig for this cluster that are no copies, and why not. Like `homeEntries` none on a worker. */
export function foreignEntries(host: KubeadmHost, home: HomeKubeconfig): readonly ForeignEntry[] {
  return classify(host, home).flatMap((entry) => ('why' in entry ? [entry] : []));
}

function classify(host: KubeadmHost, home: HomeKubeconfig): readonly (HomeEntry | ForeignEntry)[] {
  const authority = clusterAuthority(host);
  if (host.role !== 'control-plane' || !authority?.certificate) return [];
  return (home.read?.users ?? []).flatMap((entry): readonly (HomeEntry | ForeignEntry)[] => {
    const { holding } = entry;
    const isOfCluster = haveCommonAuthority(entry.authorities, authority.bundle);
    if (holding.state !== 'present' || !isOfCluster) return [];
    const { certificate } = holding;
    const signed = signedBy(host.authorities, 'ca', holding);
    const foreign = (why: string) => [{ home, entry, certificate, why }];
    if (!signed.signedByAuthority) return foreign('the CA has not signed it');
    const source = ADMINISTRATORS.map((name) => host.credentials.find((credential) => credential.name === name)).find(
      (credential) => credential && isCopyOf(credential, certificate, host),
    );
    if (!source) return foreign('it is for another user, or for other groups');
    if (!home.keyHolders.has(entry.name)) return foreign('it could not be proven that its key is there');
    return [{ home, entry, source, signed }];
  });
}

/** Whether it has the same name and no fewer groups: the old copy may be from a version whose administrators had other groups. */
function isCopyOf(source: Credential, { subject }: Certificate, host: KubeadmHost): boolean {
  if (subject.commonName !== commonNameOf(source)) return false;
  if (subject.organizations.includes('system:masters')) return true;
  const groups = patternOf(source)?.subject.organizations ?? organizationsBy(source.name, versionOf(host));
  return groups.every((group) => subject.organizations.includes(group));
}

/** The version of the cluster; an unknown one counts as the newest. */
function versionOf(host: KubeadmHost): Version {
  return parseVersion(imageVersion(host) ?? '') ?? { major: 1, minor: NEWEST_MINOR, patch: 0 };
}

/** The copy is due by the same rule as its original, if the original is, or will be, another certificate. */
export function homeEntryIsDue({ entry, source, signed }: HomeEntry, rule: DueRule): boolean {
  const copied = leafOf(entry.holding);
  if (!copied) return false;
  const current = leafOf(source.holding);
  const isNewer =
    source.holding.state === 'planned' || (current !== undefined && current.fingerprint !== copied.fingerprint);
  if (!isNewer) return false;
  return rule.renewBefore.all || assess(asCredential(copied, source, signed), rule).due;
}

/** The copied certificate in place of the original's, for the rule that decides what is due. */
function asCredential(certificate: Certificate, source: Credential, signed: HomeEntry['signed']): Credential {
  return { ...source, holding: { state: 'present', certificate, chain: [] }, key: 'match', ...signed };
}

function commonNameOf(credential: Credential): string {
  return (
    patternOf(credential)?.subject.commonName ??
    (credential.name === 'super-admin.conf' ? 'kubernetes-super-admin' : 'kubernetes-admin')
  );
}
