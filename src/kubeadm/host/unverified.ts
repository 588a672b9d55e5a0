import type { Certificate } from '../../pki/certificate.ts';
import type { CredentialName } from '../table.ts';
import { compareVersions, parseVersion, type Version } from '../version.ts';
import type { Authority, Sha1Support, StaticPod } from './model.ts';

const SHA1 = 'SHA-1';

/**
 * What a leaf, or a CA on its way to the one that is trusted, is signed with that is not verified; that one may be signed in any way.
 * @param path from the leaf to what is trusted
 * @param leaf whose certificate it is, if it is one of kubeadm's
 */
export function unverifiedAlong(
  path: readonly Certificate[],
  authority: Authority,
  leaf: CredentialName | undefined,
): string | undefined {
  const found = path.slice(0, -1).flatMap(({ unverified }) => unverified ?? []);
  return found.find((algorithm) => algorithm !== SHA1) ?? (found.length > 0 ? sha1Fault(authority, leaf) : undefined);
}

/** API servers verify the certificate that etcd serves, and etcd all others of its CA. */
function sha1Fault({ name, sha1 }: Authority, leaf: CredentialName | undefined): string | undefined {
  const isByEtcd = name === 'etcd-ca' && (leaf !== 'etcd-server' || sha1.kubernetes === undefined);
  // An etcd elsewhere may be of any age.
  if (isByEtcd) return sha1.etcd === false ? SHA1 : undefined;
  // On a worker nothing tells which version the masters have.
  if (sha1.kubernetes === undefined) return `${SHA1}, which only Kubernetes before 1.24 verifies`;
  return sha1.kubernetes ? undefined : SHA1;
}

/** Go 1.18 was the first to reject SHA-1: Kubernetes is made with that from here on … */
const KUBERNETES: Version = { major: 1, minor: 24, patch: 0 };
/** … and etcd with 1.19, instead of 1.17, from here on, or in its older line of releases from there. */
const ETCD: Version = { major: 3, minor: 5, patch: 8 };
const ETCD_3_4: Version = { major: 3, minor: 4, patch: 25 };

/** Which of the components of a host accept signatures with SHA-1, by the versions of their images. */
export function sha1SupportOf(staticPods: readonly StaticPod[]): Sha1Support {
  const versionOf = (isEtcd: boolean): Version | undefined =>
    staticPods.flatMap(({ component, version = '' }) =>
      (component === 'etcd') === isEtcd ? (parseVersion(version) ?? []) : [],
    )[0];
  const [kubernetes, etcd] = [versionOf(false), versionOf(true)];
  return {
    ...(kubernetes && { kubernetes: compareVersions(kubernetes, KUBERNETES) < 0 }),
    ...(etcd && { etcd: compareVersions(etcd, etcd.minor === ETCD_3_4.minor ? ETCD_3_4 : ETCD) < 0 }),
  };
}
