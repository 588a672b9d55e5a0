import type { CredentialName } from '../kubeadm/table.ts';
import type { Version } from '../kubeadm/version.ts';

/**
 * The first patch releases, by minor version, that give apiserver-kubelet-client no group. Deliberately separate from the
 * table used for planning: the simulation should reveal an error there, not repeat it.
 */
const KUBELET_CLIENT_WITHOUT_GROUP: ReadonlyMap<number, number> = new Map([
  [33, 12],
  [34, 8],
  [35, 5],
  [36, 1],
  [37, 0],
]);

const CLUSTER_ADMINS = 'kubeadm:cluster-admins';
const MASTERS = 'system:masters';

/** The groups that kubeadm of exactly this version gives a certificate. */
export function groupsOf(name: CredentialName, { minor, patch }: Version): readonly string[] {
  if (name === 'kubelet-client') return ['system:nodes'];
  if (name === 'super-admin.conf') return [MASTERS];
  if (minor < 29) return HAD_MASTERS.has(name) ? [MASTERS] : [];
  if (name === 'admin.conf') return [CLUSTER_ADMINS];
  const since = KUBELET_CLIENT_WITHOUT_GROUP.get(minor) ?? (minor > 37 ? 0 : Number.POSITIVE_INFINITY);
  return name === 'apiserver-kubelet-client' && patch < since ? [CLUSTER_ADMINS] : [];
}

const HAD_MASTERS: ReadonlySet<CredentialName> = new Set([
  'admin.conf',
  'apiserver-kubelet-client',
  'apiserver-etcd-client',
  'etcd-healthcheck-client',
]);
