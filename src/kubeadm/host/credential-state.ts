import type { Certificate } from '../../pki/certificate.ts';
import { isNamedAlong, trustPath } from '../../pki/chain.ts';
import { matchPublicHalf } from '../../pki/public-half.ts';
import type { AuthorityName, CredentialName } from '../table.ts';
import type { Authority, Credential, Holding, KeyState } from './model.ts';
import { unverifiedAlong } from './unverified.ts';

/** The relation of a certificate to the private key beside it, and to its host's CA. Pure. */

/** Whether a private key, of which only the public half is known, belongs to a certificate. */
export function keyState(publicHalf: string | undefined, certificate: Certificate | undefined): KeyState {
  if (publicHalf === undefined || publicHalf === 'none') return 'absent';
  if (publicHalf === 'encrypted') return 'encrypted';
  return certificate ? matchPublicHalf(certificate, publicHalf) : 'unknown';
}

/**
 * Whether a CA of kubeadm's has signed a leaf, by signature and never by CN alone: the CAs of a cluster may have the same CN. If its file has
 * several with the same CN and key, as a CA and its successor, the one that ends last counts: clients accept a leaf if any of them is valid.
 * @param leaf whose certificate it is, if it is one of kubeadm's
 */
export function signedBy(
  authorities: readonly Authority[],
  name: AuthorityName,
  holding: Holding,
  leaf?: CredentialName,
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
    unverified: unverifiedAlong([holding.certificate, ...path], authority, leaf),
  };
}
