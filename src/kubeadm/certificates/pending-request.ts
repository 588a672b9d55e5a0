import { EXTENSION } from '../../pki/extensions.ts';
import { nameParts } from '../../pki/name.ts';
import { EXTENSION_REQUEST } from '../../pki/request.ts';
import type { CertificateRequest } from '../../pki/request-reading.ts';
import type { FileState } from '../host/model.ts';
import { type CredentialName, KUBECONFIGS, PAIRS } from '../table.ts';
import type { LeafIdentity } from './leaf-identity.ts';

/** Where private keys wait on a host for a certificate that is signed elsewhere; only root can read it. */
export const REQUEST_DIRECTORY = '/etc/kubernetes/.kplay-csr';

/** A key that waits on a host for its certificate, with its request. */
export interface PendingRequest {
  readonly name: CredentialName;
  /** `planned`: a planned task will make both. */
  readonly request: CertificateRequest | 'planned';
  /** The request in PEM; empty while it is planned. */
  readonly pem: string;
  /** The public half of the key, as printed by the public-half program. */
  readonly publicHalf: string;
  readonly keyFile: FileState;
}

/** Where the key of a credential waits. */
export function requestKeyPath(name: CredentialName): string {
  return `${REQUEST_DIRECTORY}/${name}.key`;
}

/** The path of its request. */
export function requestPath(name: CredentialName): string {
  return `${REQUEST_DIRECTORY}/${name}.csr`;
}

/** What can be requested, by the file names of `kubeadm certs generate-csr`: `etcd/server`, `admin.conf`. */
const BASES: ReadonlyMap<CredentialName, string> = new Map<CredentialName, string>([
  ...PAIRS.map(({ name, base }) => [name, base] as const),
  ...KUBECONFIGS.map(({ name }) => [name, name] as const),
  ['kubelet-client', 'kubelet.conf'],
]);

/** `etcd/server` for etcd-server, `kubelet.conf` for kubelet-client. */
export function requestBase(name: CredentialName): string {
  return BASES.get(name) ?? name;
}

/** The credential of a file `etcd/server.csr`, `admin.conf.crt`; undefined for other files. */
export function credentialOfFile(file: string): CredentialName | undefined {
  const base = file.replace(/\.(crt|csr)$/, '');
  return [...BASES].find(([, candidate]) => candidate === base)?.[0];
}

/** The names of files with signed certificates. */
export function signedFileNames(): readonly string[] {
  return [...BASES.values()].map((base) => `${base}.crt`);
}

/**
 * Whether the request is for exactly this identity: it is reused until its certificate comes. Anybody who can write on a host
 * may have put it there.
 */
export function answers({ request }: PendingRequest, identity: LeafIdentity): boolean {
  if (request === 'planned') return true;
  return (
    sameWords(nameParts(request.subject.text), nameParts(identity.subject)) &&
    sameNames(request.dnsNames, identity.dnsNames) &&
    sameNames(request.ipAddresses, identity.ipAddresses) &&
    sameNames(request.otherNames, identity.otherNames) &&
    // kubeadm's name no usage. One that names too few would be signed for these only, and could not be installed.
    (request.extendedKeyUsages.length === 0 || sameWords(request.extendedKeyUsages, identity.usages)) &&
    request.extensions.every((id) => ASKED_FOR.has(id)) &&
    request.attributes.every((id) => id === EXTENSION_REQUEST)
  );
}

/** Extensions that requests of kplay or kubeadm may contain. */
const ASKED_FOR: ReadonlySet<string> = new Set([EXTENSION.subjectAltName, EXTENSION.extendedKeyUsage]);

/** Whether both contain the same words, in any order. The API compares users and groups with their case. */
export function sameWords(first: readonly string[], second: readonly string[]): boolean {
  const [left, right] = [new Set(first), new Set(second)];
  return left.size === right.size && [...left].every((word) => right.has(word));
}

/** Whether both contain the same DNS names and addresses, whatever their order and case. */
export function sameNames(first: readonly string[], second: readonly string[]): boolean {
  const lowerCase = (names: readonly string[]): readonly string[] => names.map((name) => name.toLowerCase());
  return sameWords(lowerCase(first), lowerCase(second));
}
