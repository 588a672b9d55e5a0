/**
 * The certificates of a kubeadm cluster, as data. Names are those of `kubeadm certs check-expiration`; certificates that
 * kubeadm does not name (the kubelet's own pairs) are named after their file.
 *
 * Sources: kubernetes/kubernetes cmd/kubeadm/app/phases/certs/certlist.go (names, files, subjects, usages),
 * cmd/kubeadm/app/phases/kubeconfig/kubeconfig.go (kubeconfig users), cmd/kubeadm/app/util/pkiutil/pki_helpers.go (SANs).
 */

import type { Version } from './version.ts';

export type AuthorityName = 'ca' | 'etcd-ca' | 'front-proxy-ca';

export interface AuthorityEntry {
  readonly name: AuthorityName;
  /** Path below the certificates directory, without `.crt` or `.key`. */
  readonly base: string;
}

/** No step writes these: the table contains no path that a writer could use. */
export const AUTHORITIES: readonly AuthorityEntry[] = [
  { name: 'ca', base: 'ca' },
  { name: 'etcd-ca', base: 'etcd/ca' },
  { name: 'front-proxy-ca', base: 'front-proxy-ca' },
];

/** Below the certificates directory: the key that signs service account tokens. Protected like a CA. */
export const SERVICE_ACCOUNT_BASE = 'sa';

export type Component = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

/** Static pods, in the order in which a host restarts them. */
export const COMPONENTS: readonly Component[] = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

export type PairName =
  | 'apiserver'
  | 'apiserver-kubelet-client'
  | 'front-proxy-client'
  | 'apiserver-etcd-client'
  | 'etcd-server'
  | 'etcd-peer'
  | 'etcd-healthcheck-client';

export type KubeconfigName = 'admin.conf' | 'super-admin.conf' | 'controller-manager.conf' | 'scheduler.conf';

export type CredentialName = PairName | KubeconfigName | 'kubelet-client' | 'kubelet-server';

export type Usage = 'serverAuth' | 'clientAuth';

/** The names that a certificate must have besides those of its old certificate. */
export type NameRule = 'none' | 'apiserver' | 'etcd';

export interface PairEntry {
  readonly kind: 'pair';
  readonly name: PairName;
  /** Path below the certificates directory, without `.crt` or `.key`. */
  readonly base: string;
  readonly authority: AuthorityName;
  /** `node` stands for the node's name. */
  readonly commonName: string | 'node';
  readonly usages: readonly Usage[];
  readonly names: NameRule;
  /** Static pod that serves it, and the flag of that pod's command that names the file. */
  readonly flag: { readonly component: Component; readonly certificate: string; readonly key: string } | undefined;
  readonly servedBy: Component | undefined;
  /** Only in clusters that run their own etcd on the masters. */
  readonly stackedEtcd: boolean;
}

export interface KubeconfigEntry {
  readonly kind: 'kubeconfig';
  readonly name: KubeconfigName;
  readonly authority: AuthorityName;
  readonly commonName: string;
  readonly readBy: Component | undefined;
  /** super-admin.conf is made only by `kubeadm init` since 1.29: it may be missing. */
  readonly optional: boolean;
}

export const PAIRS: readonly PairEntry[] = [
  {
    kind: 'pair',
    name: 'apiserver',
    base: 'apiserver',
    authority: 'ca',
    commonName: 'kube-apiserver',
    usages: ['serverAuth'],
    names: 'apiserver',
    flag: { component: 'kube-apiserver', certificate: '--tls-cert-file', key: '--tls-private-key-file' },
    servedBy: 'kube-apiserver',
    stackedEtcd: false,
  },
  {
    kind: 'pair',
    name: 'apiserver-kubelet-client',
    base: 'apiserver-kubelet-client',
    authority: 'ca',
    commonName: 'kube-apiserver-kubelet-client',
    usages: ['clientAuth'],
    names: 'none',
    flag: { component: 'kube-apiserver', certificate: '--kubelet-client-certificate', key: '--kubelet-client-key' },
    servedBy: undefined,
    stackedEtcd: false,
  },
  {
    kind: 'pair',
    name: 'front-proxy-client',
    base: 'front-proxy-client',
    authority: 'front-proxy-ca',
    commonName: 'front-proxy-client',
    usages: ['clientAuth'],
    names: 'none',
    flag: { component: 'kube-apiserver', certificate: '--proxy-client-cert-file', key: '--proxy-client-key-file' },
    servedBy: undefined,
    stackedEtcd: false,
  },
  {
    kind: 'pair',
    name: 'apiserver-etcd-client',
    base: 'apiserver-etcd-client',
    authority: 'etcd-ca',
    commonName: 'kube-apiserver-etcd-client',
    usages: ['clientAuth'],
    names: 'none',
    flag: { component: 'kube-apiserver', certificate: '--etcd-certfile', key: '--etcd-keyfile' },
    servedBy: undefined,
    stackedEtcd: true,
  },
  {
    kind: 'pair',
    name: 'etcd-server',
    base: 'etcd/server',
    authority: 'etcd-ca',
    commonName: 'node',
    usages: ['serverAuth', 'clientAuth'],
    names: 'etcd',
    flag: { component: 'etcd', certificate: '--cert-file', key: '--key-file' },
    servedBy: 'etcd',
    stackedEtcd: true,
  },
  {
    kind: 'pair',
    name: 'etcd-peer',
    base: 'etcd/peer',
    authority: 'etcd-ca',
    commonName: 'node',
    usages: ['serverAuth', 'clientAuth'],
    names: 'etcd',
    flag: { component: 'etcd', certificate: '--peer-cert-file', key: '--peer-key-file' },
    servedBy: 'etcd',
    stackedEtcd: true,
  },
  {
    kind: 'pair',
    name: 'etcd-healthcheck-client',
    base: 'etcd/healthcheck-client',
    authority: 'etcd-ca',
    commonName: 'kube-etcd-healthcheck-client',
    usages: ['clientAuth'],
    names: 'none',
    flag: undefined,
    servedBy: undefined,
    stackedEtcd: true,
  },
];

export const KUBECONFIGS: readonly KubeconfigEntry[] = [
  {
    kind: 'kubeconfig',
    name: 'admin.conf',
    authority: 'ca',
    commonName: 'kubernetes-admin',
    readBy: undefined,
    optional: false,
  },
  {
    kind: 'kubeconfig',
    name: 'super-admin.conf',
    authority: 'ca',
    commonName: 'kubernetes-super-admin',
    readBy: undefined,
    optional: true,
  },
  {
    kind: 'kubeconfig',
    name: 'controller-manager.conf',
    authority: 'ca',
    commonName: 'system:kube-controller-manager',
    readBy: 'kube-controller-manager',
    optional: false,
  },
  {
    kind: 'kubeconfig',
    name: 'scheduler.conf',
    authority: 'ca',
    commonName: 'system:kube-scheduler',
    readBy: 'kube-scheduler',
    optional: false,
  },
];

/** kubeadm's default paths (cmd/kubeadm/app/constants/constants.go). */
export const DEFAULT_CERTIFICATES_DIRECTORY = '/etc/kubernetes/pki';
export const KUBERNETES_DIRECTORY = '/etc/kubernetes';
export const KUBELET_CONFIG = '/var/lib/kubelet/config.yaml';
export const KUBELET_FLAGS = '/var/lib/kubelet/kubeadm-flags.env';
/** Where flags of one's own are (KUBELET_EXTRA_ARGS), of Debian and of Red Hat: kubeadm's unit gives them to kubelet after the others. */
export const KUBELET_EXTRA_FLAGS = ['/etc/default/kubelet', '/etc/sysconfig/kubelet'] as const;
export const DEFAULT_KUBELET_ROOT = '/var/lib/kubelet';
export const DEFAULT_KUBELET_PKI = '/var/lib/kubelet/pki';

/** A year of 8760 hours: kubeadm's default lifetime of a leaf (constants.CertificateValidityPeriod). */
export const LEAF_VALIDITY_MS = 8_760 * 3_600_000;

/**
 * The first patch release of each minor version whose kubeadm gives apiserver-kubelet-client no group and binds its user
 * instead: kubernetes/kubernetes#138957, picked as #138964, #138960, #138959 and #138958 (Cluster API lists the releases).
 */
const WITHOUT_KUBELET_CLIENT_GROUP: Readonly<Record<number, number>> = { 33: 12, 34: 8, 35: 5, 36: 1 };

/**
 * The groups that a version of kubeadm gives a certificate. 1.29 dropped system:masters: kubernetes/kubernetes#119859,
 * #120521, #121305 (admin.conf) and #121837.
 */
export function organizationsBy(name: CredentialName, { minor, patch }: Version): readonly string[] {
  switch (name) {
    case 'admin.conf':
      return [minor >= 29 ? 'kubeadm:cluster-admins' : 'system:masters'];
    case 'super-admin.conf':
      return ['system:masters'];
    case 'apiserver-kubelet-client':
      if (minor >= 37 || patch >= (WITHOUT_KUBELET_CLIENT_GROUP[minor] ?? Number.POSITIVE_INFINITY)) return [];
      return [minor >= 29 ? 'kubeadm:cluster-admins' : 'system:masters'];
    case 'etcd-healthcheck-client':
    case 'apiserver-etcd-client':
      return minor >= 29 ? [] : ['system:masters'];
    case 'kubelet-client':
      return ['system:nodes'];
    default:
      return [];
  }
}
