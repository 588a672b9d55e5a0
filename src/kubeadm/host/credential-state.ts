import type { Certificate } from '../../pki/certificate.ts';
import { trustPath } from '../../pki/chain.ts';
import { matchPublicHalf } from '../../pki/public-half.ts';
import type { AuthorityName } from '../table.ts';
import type { Authority, Credential, Holding, KeyState } from './model.ts';

/** The relation of a certificate to the private key beside it, and to its host's CA. Pure. */

/** Whether a private key, of which only the public half is known, belongs to a certificate. */
export function keyState(publicHalf: string | undefined, certificate: Certificate | undefined): KeyState {
  if (publicHalf === undefined || publicHalf === 'none') return 'absent';
  if (publicHalf === 'encrypted') return 'encrypted';
  return certificate ? matchPublicHalf(certificate, publicHalf) : 'unknown';
}

/** By signature, never by name: CAs of one cluster may have the same CN. */
export function signedBy(
  authorities: readonly Authority[],
  name: AuthorityName,
  holding: Holding,
): Pick<Credential, 'signedByAuthority' | 'authorityEnd'> {
  const authority = authorities.find((candidate) => candidate.name === name);
  if (!authority?.certificate) return {};
  const authorityEnd = authority.certificate.notAfter;
  if (holding.state !== 'present') return { authorityEnd };
  const path = trustPath(holding.certificate, holding.chain, authority.bundle);
  return { signedByAuthority: path !== undefined, authorityEnd };
}
