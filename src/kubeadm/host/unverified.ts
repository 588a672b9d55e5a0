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

/**
 * The first releases made with a Go that rejects SHA-1, 1.18, unless `GODEBUG=x509sha1=1` is in its environment, and with one that always
 * does, 1.24. etcd has several lines of releases.
 */
const KUBERNETES = { rejects: ['1.24.0'], always: ['1.33.0'] };
const ETCD = { rejects: ['3.4.25', '3.5.8'], always: ['3.4.38', '3.5.23', '3.6.5'] };

/** Which of the components of a host accept signatures with SHA-1, by their images and environments. */
export function sha1SupportOf(staticPods: readonly StaticPod[]): Sha1Support {
  const isEtcd = ({ component }: StaticPod): boolean => component === 'etcd';
  const etcd = acceptsSha1(staticPods.filter(isEtcd), ETCD);
  const kubernetes = acceptsSha1(
    staticPods.filter((pod) => !isEtcd(pod)),
    KUBERNETES,
  );
  return { ...(kubernetes !== undefined && { kubernetes }), ...(etcd !== undefined && { etcd }) };
}

function acceptsSha1(pods: readonly StaticPod[], { rejects, always }: typeof ETCD): boolean | undefined {
  const [version] = pods.flatMap((pod) => parseVersion(pod.version ?? '') ?? []);
  const isTold = pods.some(({ isToldSha1 }) => isToldSha1);
  return version && !isSince(version, isTold ? always : rejects);
}

function isSince(version: Version, releases: readonly string[]): boolean {
  const firsts = releases.flatMap((release) => parseVersion(release) ?? []);
  const first = firsts.find(({ major, minor }) => major === version.major && minor === version.minor) ?? firsts.at(-1);
  return first !== undefined && compareVersions(version, first) >= 0;
}
