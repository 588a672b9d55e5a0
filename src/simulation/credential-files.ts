import { readlinkSync } from 'node:fs';
import { type CredentialName, DEFAULT_KUBELET_PKI, KUBERNETES_DIRECTORY, PAIRS } from '../kubeadm/table.ts';
import type { HostFiles } from './host-files.ts';
import { type KubeconfigEntry, kubeconfigText } from './kubeconfig-text.ts';
import type { Leaf } from './leaf.ts';
import { type HostProfile, PORTS } from './profile.ts';

/** The place of a leaf. */
export type CredentialPlace =
  | { readonly kind: 'pair'; readonly certificate: string; readonly key: string }
  | { readonly kind: 'kubeconfig'; readonly path: string }
  /** Certificate and key in one file, behind a link to the current one. */
  | { readonly kind: 'store'; readonly current: string; readonly file: string };

export const PKI_DIRECTORY = `${KUBERNETES_DIRECTORY}/pki`;
export const KUBELET_KUBECONFIG = `${KUBERNETES_DIRECTORY}/kubelet.conf`;
export const CURRENT_KUBELET_CLIENT = `${DEFAULT_KUBELET_PKI}/kubelet-client-current.pem`;
const FIRST_KUBELET_CLIENT = `${DEFAULT_KUBELET_PKI}/kubelet-client-2025-01-31-09-14-03.pem`;

/** Since this version kubelet.conf of a master points to the master's own API server (kubeadm#3243). */
const LOCAL_KUBELET_MINOR = 33;

export function placeOf(name: CredentialName, kubeletConf: 'files' | 'embedded'): CredentialPlace {
  if (name === 'kubelet-server') {
    return {
      kind: 'pair',
      certificate: `${DEFAULT_KUBELET_PKI}/kubelet.crt`,
      key: `${DEFAULT_KUBELET_PKI}/kubelet.key`,
    };
  }
  if (name === 'kubelet-client') {
    return kubeletConf === 'embedded'
      ? { kind: 'kubeconfig', path: KUBELET_KUBECONFIG }
      : { kind: 'store', current: CURRENT_KUBELET_CLIENT, file: FIRST_KUBELET_CLIENT };
  }
  const base = PAIRS.find((pair) => pair.name === name)?.base;
  return base === undefined
    ? { kind: 'kubeconfig', path: `${KUBERNETES_DIRECTORY}/${name}` }
    : { kind: 'pair', certificate: `${PKI_DIRECTORY}/${base}.crt`, key: `${PKI_DIRECTORY}/${base}.key` };
}

/** The files of a place: what moves when it is moved aside. A link stands for its target. */
export function filesOf(place: CredentialPlace): readonly string[] {
  switch (place.kind) {
    case 'pair':
      return [place.certificate, place.key];
    case 'kubeconfig':
      return [place.path];
    case 'store':
      return [place.current, place.file];
  }
}

/** Writes a leaf like kubeadm or kubelet. `authority` is the PEM of the CA for kubeconfigs. */
export function writeCredential(
  files: HostFiles,
  host: HostProfile,
  { name, place }: { readonly name: CredentialName; readonly place: CredentialPlace },
  leaf: Leaf,
  authority: string,
): void {
  switch (place.kind) {
    case 'pair':
      files.write(place.key, leaf.key, 0o600);
      files.write(place.certificate, leaf.certificate);
      return;
    case 'kubeconfig':
      files.write(place.path, kubeconfigText(entryFor(name, host, authority, leaf)), 0o600);
      return;
    case 'store':
      files.write(place.file, leaf.certificate + leaf.key, 0o600);
      files.link(place.current, place.file);
  }
}

/** The single entry of one of kubeadm's kubeconfigs. */
export function entryFor(
  name: CredentialName,
  host: HostProfile,
  authority: string,
  credential: KubeconfigEntry['credential'],
): KubeconfigEntry {
  return { cluster: 'kubernetes', server: serverFor(name, host), authority, user: userOf(name, host), credential };
}

/** The target of a store's link, as a path of the host. */
export function currentOf(files: HostFiles, link: string): string {
  return readlinkSync(files.at(link)).slice(files.root.length);
}

function userOf(name: CredentialName, host: HostProfile): string {
  switch (name) {
    case 'admin.conf':
      return 'kubernetes-admin';
    case 'super-admin.conf':
      return 'kubernetes-super-admin';
    case 'controller-manager.conf':
      return 'system:kube-controller-manager';
    case 'scheduler.conf':
      return 'system:kube-scheduler';
    default:
      return `system:node:${host.name}`;
  }
}

function serverFor(name: CredentialName, { address, role, cluster }: HostProfile): string {
  const isLocal =
    name === 'controller-manager.conf' ||
    name === 'scheduler.conf' ||
    (name === 'kubelet-client' && role === 'master' && cluster.version.minor >= LOCAL_KUBELET_MINOR);
  return isLocal ? `https://${address}:${PORTS.api}` : `https://${cluster.endpoint.address}:${cluster.endpoint.port}`;
}
