import type { Certificate } from '../../pki/certificate.ts';
import { isNamedAlong, trustPath } from '../../pki/chain.ts';
import { matchPublicHalf } from '../../pki/public-half.ts';
import type { AuthorityName } from '../table.ts';
import { compareVersions, parseVersion, type Version } from '../version.ts';
import type { Authority, Credential, Holding, KeyState, StaticPod } from './model.ts';

/** The relation of a certificate to the private key beside it, and to its host's CA. Pure. */

/** Whether a private key, of which only the public half is known, belongs to a certificate. */
export function keyState(publicHalf: string | undefined, certificate: Certificate | undefined): KeyState {
  if (publicHalf === undefined || publicHalf === 'none') return 'absent';
  if (publicHalf === 'encrypted') return 'encrypted';
  return certificate ? matchPublicHalf(certificate, publicHalf) : 'unknown';
}

/**
 * By signature, never by name alone: CAs of one cluster may have the same CN. Of several with one key and one name, as of a CA and what
 * replaces it, that counts which ends last: clients accept a leaf if any of them is valid.
 */
export function signedBy(
  authorities: readonly Authority[],
  name: AuthorityName,
  holding: Holding,
): Pick<Credential, 'signedByAuthority' | 'authorityEnd' | 'signerEnd' | 'isMisnamed' | 'unverified'> {
  const authority = authorities.find((candidate) => candidate.name === name);
  if (!authority?.certificate) return {};
  const authorityEnd = authority.certificate.notAfter;
  if (holding.state !== 'present') return { authorityEnd };
  const lastingFirst = [...authority.bundle].sort((one, other) => other.notAfter - one.notAfter);
  const path = trustPath(holding.certificate, holding.chain, lastingFirst);
  if (!path) return { signedByAuthority: false, authorityEnd };
  return {
    signedByAuthority: true,
    authorityEnd,
    signerEnd: Math.min(...path.map(({ notAfter }) => notAfter)),
    isMisnamed: !isNamedAlong(holding.certificate, path),
    unverified: unverifiedAlong(holding.certificate, path, authority),
  };
}

/** What a leaf, or a CA on its way to the one that is trusted, is signed with that is not verified; that one may be signed in any way. */
export function unverifiedAlong(
  leaf: Certificate,
  path: readonly Certificate[],
  { verifiesSha1 }: Authority,
): string | undefined {
  return [leaf, ...path.slice(0, -1)]
    .flatMap(({ unverified }) => unverified ?? [])
    .find((algorithm) => algorithm !== SHA1 || !verifiesSha1);
}

/** Go 1.18 was the first to reject it: Kubernetes is made with that from here on … */
const SHA1 = 'SHA-1';
const WITHOUT_SHA1: Version = { major: 1, minor: 24, patch: 0 };
/** … and etcd, a later Go, from here on. */
const ETCD_WITHOUT_SHA1: Version = { major: 3, minor: 5, patch: 9 };

/** Whether what verifies the certificates of a CA still accepts signatures with SHA-1. An etcd elsewhere may be of any age. */
export function verifiesSha1(name: AuthorityName, staticPods: readonly StaticPod[]): boolean {
  const isEtcds = name === 'etcd-ca';
  const version = staticPods.flatMap((pod) =>
    (pod.component === 'etcd') === isEtcds ? (parseVersion(pod.version ?? '') ?? []) : [],
  )[0];
  if (!version) return isEtcds;
  return compareVersions(version, isEtcds ? ETCD_WITHOUT_SHA1 : WITHOUT_SHA1) < 0;
}
