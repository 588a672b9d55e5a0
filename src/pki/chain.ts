import { type Certificate, certificateNodes } from './certificate.ts';
import { encodeDer } from './der.ts';
import { isoDate } from './time.ts';
import { isSignedBy, validityAt } from './verify.ts';

/**
 * The authorities between a certificate and one that is trusted, which is the last; undefined when there is no such path. By
 * signatures alone, the certificates between in any order, as Go's crypto/x509 takes them.
 */
export function trustPath(
  certificate: Certificate,
  between: readonly Certificate[],
  trusted: readonly Certificate[],
): readonly Certificate[] | undefined {
  const root = trusted.find((candidate) => isSignedBy(certificate, candidate));
  if (root) return [root];
  for (const [index, candidate] of between.entries()) {
    // Whoever holds any leaf of the CA can sign with its key.
    if (!maySign(candidate) || !isSignedBy(certificate, candidate)) continue;
    const rest = trustPath(candidate, between.toSpliced(index, 1), trusted);
    if (rest) return [candidate, ...rest];
  }
  return undefined;
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
