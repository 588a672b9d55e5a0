import { type Certificate, certificateNodes } from './certificate.ts';
import { pathLengthOf } from './extensions.ts';
import { isoDate } from './time.ts';
import { isSignedBy, validityAt } from './verify.ts';

/**
 * Limit on signature checks per path, besides those of trusted certificates: enough for seven authorities in any order.
 * Anybody may have written the file with the chain, in which authorities could all have signed each other.
 */
const MAX_CHECKS = 30;

/**
 * The authorities from a certificate to a trusted one, which is the last; undefined if there is no such path. It proves who has signed,
 * so only signatures count. A path on which each certificate names the next one comes before any other: of an authority that was made
 * again with its key, both certificates may be there. Those in between may be in any order, as in Go's crypto/x509, which also limits the
 * number of checks.
 */
export function trustPath(
  certificate: Certificate,
  between: readonly Certificate[],
  trusted: readonly Certificate[],
): readonly Certificate[] | undefined {
  // Whoever has any leaf of the CA can sign with its key.
  const authorities = between.filter(maySign);
  return (
    searchPath(certificate, authorities, trusted, isNamed) ?? searchPath(certificate, authorities, trusted, () => true)
  );
}

function searchPath(
  certificate: Certificate,
  between: readonly Certificate[],
  trusted: readonly Certificate[],
  mayFollow: (signed: Certificate, authority: Certificate) => boolean,
): readonly Certificate[] | undefined {
  const left = new Set(between);
  let checks = 0;
  const search = (signed: Certificate): readonly Certificate[] | undefined => {
    const root = trusted.find((candidate) => mayFollow(signed, candidate) && isSignedBy(signed, candidate));
    if (root) return [root];
    for (const candidate of left) {
      if (!mayFollow(signed, candidate)) continue;
      checks += 1;
      if (checks > MAX_CHECKS) return undefined;
      if (!isSignedBy(signed, candidate)) continue;
      // A dead end stays a dead end on other paths.
      left.delete(candidate);
      const rest = search(candidate);
      if (rest) return [candidate, ...rest];
    }
    return undefined;
  };
  return search(certificate);
}

/** Whether each certificate of a path names the next one as its issuer. Kubernetes accepts no other path, whoever has signed. */
export function isNamedAlong(certificate: Certificate, path: readonly Certificate[]): boolean {
  return path.every((authority, index) => isNamed(path[index - 1] ?? certificate, authority));
}

/** Whether Kubernetes finds a path from a certificate to a trusted one, at times at which all of them are valid. */
export function leadsTo(
  certificate: Certificate,
  between: readonly Certificate[],
  trusted: readonly Certificate[],
): boolean {
  return searchPath(certificate, between.filter(maySign), trusted, isNamed) !== undefined;
}

/**
 * Why clients would reject a path from a certificate to what they trust, at a given time; undefined if they would not.
 * @param now milliseconds since the epoch
 */
export function pathFault(certificate: Certificate, path: readonly Certificate[], now: number): string | undefined {
  let signed = certificate;
  for (const [below, authority] of path.entries()) {
    const name = `the authority '${authority.subject.text}'`;
    if (!isNamed(signed, authority)) return `it names '${signed.issuer.text}' as its issuer, which is not ${name}`;
    if (!maySign(authority)) return `${name} is not allowed to sign certificates`;
    if (below > (pathLengthOf(certificateNodes(authority).extensions) ?? below))
      return `${name} is too far above it: its path length constraint allows fewer authorities between them`;
    const validity = validityAt(authority, now);
    if (validity === 'expired') return `${name} expired ${isoDate(authority.notAfter)}`;
    if (validity === 'not-yet-valid') return `${name} is not valid yet`;
    signed = authority;
  }
  return undefined;
}

/** What a certificate lacks to sign others; undefined if it may. */
export function lackForSigning({ isAuthority, keyUsages }: Certificate): 'CA:TRUE' | 'keyCertSign' | undefined {
  if (!isAuthority) return 'CA:TRUE';
  return keyUsages.length === 0 || keyUsages.includes('keyCertSign') ? undefined : 'keyCertSign';
}

function maySign(certificate: Certificate): boolean {
  return lackForSigning(certificate) === undefined;
}

function isNamed({ issuerHash }: Certificate, { subjectHash }: Certificate): boolean {
  return issuerHash === subjectHash;
}
