import type { Version } from '../kubeadm/version.ts';
import type { KeyAlgorithm } from '../pki/public-key.ts';

/** What the hosts of an embedded cluster have in common. */
export interface ClusterProfile {
  readonly name: string;
  readonly version: Version;
  /** Its masters in the order in which they have joined; absent where each is a cluster of its own. */
  readonly masters?: readonly { readonly name: string; readonly address: string }[];
  /** Where clients find its API: the first master, or a virtual address in front of several. */
  readonly endpoint: { readonly address: string; readonly port: number };
  /** Of the keys that are not asked to be otherwise. */
  readonly keyAlgorithm: KeyAlgorithm;
}

/** What an embedded host is, whatever the state of its certificates. */
export interface HostProfile {
  /** Its name in the inventory and in the cluster. */
  readonly name: string;
  readonly role: 'master' | 'worker';
  /** Among those of its role, from 0. */
  readonly index: number;
  /** The address that it advertises. No interface has it: it means something between the hosts of a fleet only. */
  readonly address: string;
  readonly cluster: ClusterProfile;
}

/** kubeadm's networks (constants.go, and its default for `networking`). */
export const SERVICE_SUBNET = '10.96.0.0/12';
export const POD_SUBNET = '10.244.0.0/16';
export const DNS_DOMAIN = 'cluster.local';

/** kubeadm's ports (constants.go). */
export const PORTS = {
  api: 6443,
  etcdClient: 2379,
  etcdPeer: 2380,
  etcdMetrics: 2381,
  kubelet: 10_250,
  controllerManager: 10_257,
  scheduler: 10_259,
} as const;

export const DAY_MS = 86_400_000;

/** How long ago a host was installed, and when its processes were started: long enough to be older than all that a test does. */
export const INSTALLED_MS = 100 * DAY_MS;
export const UPTIME_MS = 90 * DAY_MS;
