import { type Certificate, certificateNodes } from './certificate.ts';
import { encodeDer } from './der.ts';
import { isoDate } from './time.ts';
import { isSignedBy, validityAt } from './verify.ts';

/**
 * Signatures that are checked for one path, besides those of what is trusted: seven authorities in whatever order need no more.
 * Anybody may have written a file with a chain, in which each authority has signed each other.
 */
const MAX_CHECKS = 30;

/**
 * The authorities between a certificate and one that is trusted, which is the last; undefined when there is no such path. By
 * signatures alone, the certificates between in any order, as Go's crypto/x509 takes them, which stops after some checks as well.
 */
export function trustPath(
  certificate: Certificate,
  between: readonly Certificate[],
  trusted: readonly Certificate[],
): readonly Certificate[] | undefined {
  // Whoever holds any leaf of the CA can sign with its key.
  const left = new Set(between.filter(maySign));
  let checks = 0;
  const search = (signed: Certificate): readonly Certificate[] | undefined => {
    const root = trusted.find((candidate) => isSignedBy(signed, candidate));
    if (root) return [root];
    for (const candidate of left) {
      checks += 1;
      if (checks > MAX_CHECKS) return undefined;
      if (!isSignedBy(signed, candidate)) continue;
      // One that leads nowhere now leads nowhere from another one either.
      left.delete(candidate);
      const rest = search(candidate);
      if (rest) return [candidate, ...rest];
    }
    return undefined;
  };
  return search(certificate);
}

/** Why clients would not follow a path from a certificate to what they trust, at a time; undefined when they would. */
export function pathFault(certificate: Certificate, path: readonly Certificate[], now: number): string | undefined {
  let signed = certificate;
  for (const authority of path) {
    const name = `the authority '${authority.subject.text}'`;
    if (!subjectOf(authority).equals(issuerOf(signed)))
      return `it names '${signed.issuer.text}' as its issuer, which is not ${name}`;
    if (!maySign(authority)) return `${name} is not allowed to sign certificates`;
    const validity = validityAt(authority, now);
    if (validity === 'expired') return `${name} expired ${isoDate(authority.notAfter)}`;
    if (validity === 'not-yet-valid') return `${name} is not valid yet`;
    signed = authority;
  }
  return undefined;
}

function maySign({ isAuthority, keyUsages }: Certificate): boolean {
  return isAuthority && (keyUsages.length === 0 || keyUsages.includes('keyCertSign'));
}

function subjectOf(certificate: Certificate): Buffer {
  return encodeDer(certificateNodes(certificate).subject);
}

function issuerOf(certificate: Certificate): Buffer {
  return encodeDer(certificateNodes(certificate).issuer);
}
