import { EXTENSION } from '../../pki/extensions.ts';
import { nameParts } from '../../pki/name.ts';
import { EXTENSION_REQUEST } from '../../pki/request.ts';
import type { CertificateRequest } from '../../pki/request-reading.ts';
import type { FileState } from '../host/model.ts';
import { type CredentialName, KUBECONFIGS, PAIRS } from '../table.ts';
import type { LeafIdentity } from './leaf-identity.ts';

/** Where private keys wait on a host for a certificate that is signed elsewhere: root's alone. */
export const REQUEST_DIRECTORY = '/etc/kubernetes/.kplay-csr';

/** A key that waits on a host for its certificate, and the request that was made with it. */
export interface PendingRequest {
  readonly name: CredentialName;
  /** `planned`: a planned task will make both. */
  readonly request: CertificateRequest | 'planned';
  /** The request in PEM; empty while it is planned. */
  readonly pem: string;
  /** What the public-half program says of the key. */
  readonly publicHalf: string;
  readonly keyFile: FileState;
}

/** Where the key of a credential waits. */
export function requestKeyPath(name: CredentialName): string {
  return `${REQUEST_DIRECTORY}/${name}.key`;
}

/** Its request, beside it. */
export function requestPath(name: CredentialName): string {
  return `${REQUEST_DIRECTORY}/${name}.csr`;
}

/** What can be requested, by the name that `kubeadm certs generate-csr` gives its files: `etcd/server`, `admin.conf`. */
const BASES: ReadonlyMap<CredentialName, string> = new Map<CredentialName, string>([
  ...PAIRS.map(({ name, base }) => [name, base] as const),
  ...KUBECONFIGS.map(({ name }) => [name, name] as const),
  ['kubelet-client', 'kubelet.conf'],
]);

/** `etcd/server` of etcd-server, `kubelet.conf` of kubelet-client. */
export function requestBase(name: CredentialName): string {
  return BASES.get(name) ?? name;
}

/** The credential of a file `etcd/server.csr`, `admin.conf.crt`; undefined when it is none's. */
export function credentialOfFile(file: string): CredentialName | undefined {
  const base = file.replace(/\.(crt|csr)$/, '');
  return [...BASES].find(([, candidate]) => candidate === base)?.[0];
}

/** The names of files with signed certificates. */
export function signedFileNames(): readonly string[] {
  return [...BASES.values()].map((base) => `${base}.crt`);
}

/**
 * The request is for whom the order is, and for nothing else: made once, it serves until its certificate has come. What waits
 * on a host may have been put there by anybody who can write there.
 */
export function answers({ request }: PendingRequest, identity: LeafIdentity): boolean {
  if (request === 'planned') return true;
  return (
    sameWords(nameParts(request.subject.text), nameParts(identity.subject)) &&
    sameSet(request.dnsNames, identity.dnsNames) &&
    sameSet(request.ipAddresses, identity.ipAddresses) &&
    sameSet(request.otherNames, identity.otherNames) &&
    request.extendedKeyUsages.every((usage) => identity.usages.includes(usage)) &&
    request.extensions.every((id) => ASKED_FOR.has(id)) &&
    request.attributes.every((id) => id === EXTENSION_REQUEST)
  );
}

/** Extensions that a request of ours, or of kubeadm's, may ask for. */
const ASKED_FOR: ReadonlySet<string> = new Set([EXTENSION.subjectAltName, EXTENSION.extendedKeyUsage]);

function sameWords(some: readonly string[], others: readonly string[]): boolean {
  return [...some].sort().join('\n') === [...others].sort().join('\n');
}

/** The same words, whatever their order and case. */
export function sameSet(some: readonly string[], others: readonly string[]): boolean {
  const spelled = (words: readonly string[]): ReadonlySet<string> => new Set(words.map((word) => word.toLowerCase()));
  const [left, right] = [spelled(some), spelled(others)];
  return left.size === right.size && [...left].every((word) => right.has(word));
}
