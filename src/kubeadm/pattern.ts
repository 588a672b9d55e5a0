import { linkedPath } from '../core/host-path.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { Credential, Holding } from './host/model.ts';
import { asidePath } from './host/raw-files.ts';

/** The place of an old certificate: its own, or the aside directory. */
interface OldLeaf {
  readonly certificate: Certificate;
  readonly signedByAuthority: boolean;
  readonly path: string;
}

/** The certificate of a credential before it is replaced, whoever signed it. */
export function oldLeafOf(credential: Credential | undefined): Certificate | undefined {
  return oldLeaves(credential)[0]?.certificate;
}

/**
 * The old certificate to copy. Only one signed by the CA is safe: whoever can write the host's files could put a certificate
 * there that names another user or group, and the CA would sign a copy of it. A kubelet's certificate is no pattern either,
 * because its identity follows a rule, nor the CA's own, as where that was copied over it or comes first in its file.
 */
export function patternOf(credential: Credential | undefined): Certificate | undefined {
  return signedLeafOf(credential)?.certificate;
}

/** The file of the pattern. @throws {Error} when there is none. */
export function patternPath(credential: Credential): string {
  const path = signedLeafOf(credential)?.path;
  if (path === undefined) throw new Error(`${credential.name} has no pattern`);
  return path;
}

/** The file to replace: in its place, or moved aside. */
export function oldPath({ files, certificatePath }: Credential): string {
  return files.some(({ path }) => path === certificatePath) ? certificatePath : asidePath(certificatePath);
}

/**
 * Whether a readable kubeconfig is written from scratch, as kubeadm would: its certificate and key share lines with other data, so
 * they cannot be replaced where they are.
 */
export function isRewritten(credential: Credential): boolean {
  const { kind, kubeconfig } = credential;
  return kind === 'kubeconfig' && kubeconfig !== undefined && !kubeconfig.lines && oldLeafOf(credential) !== undefined;
}

export const REWRITTEN =
  'the file is written from scratch, with one context: its certificate and key have no lines of their own';

/** New files are put into their own places: links there are replaced, and what these lead to is left as it is. kubelet's own link is renewed. */
export function replacedLinks({ kind, files, aside }: Credential): readonly string[] {
  if (kind === 'kubelet') return [];
  const targets = [...files, ...(aside?.files ?? [])].flatMap(({ path, link }) =>
    link === undefined ? [] : [linkedPath(path, link)],
  );
  return [...new Set(targets)].map((target) => `a file in place of the link to ${target}`);
}

function signedLeafOf(credential: Credential | undefined): OldLeaf | undefined {
  return oldLeaves(credential).find(
    ({ signedByAuthority, certificate }) =>
      signedByAuthority && !isAuthoritys(certificate) && credential?.kind !== 'kubelet',
  );
}

/** Whether it is a CA's own. A leaf may be marked as a CA's, too: `openssl req -x509 -CA` marks whatever it makes. */
export function isAuthoritys({ isAuthority, issuerHash, subjectHash, keyUsages }: Certificate): boolean {
  return isAuthority && (issuerHash === subjectHash || keyUsages.includes('keyCertSign'));
}

function oldLeaves(credential: Credential | undefined): readonly OldLeaf[] {
  if (!credential) return [];
  const { holding, signedByAuthority, aside, certificatePath } = credential;
  return [
    ...oldLeaf(holding, signedByAuthority, certificatePath),
    ...oldLeaf(aside?.holding, aside?.signedByAuthority, asidePath(certificatePath)),
  ];
}

function oldLeaf(holding: Holding | undefined, signedByAuthority = false, path: string): readonly OldLeaf[] {
  return holding?.state === 'present' ? [{ certificate: holding.certificate, signedByAuthority, path }] : [];
}
