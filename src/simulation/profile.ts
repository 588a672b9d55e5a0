import { DAY_MS } from '../core/duration.ts';
import type { Version } from '../kubeadm/version.ts';
import type { KeyAlgorithm } from '../pki/public-key.ts';

/** Properties shared by the hosts of an embedded cluster. */
export interface ClusterProfile {
  readonly name: string;
  readonly version: Version;
  /** Its masters in the order in which they joined; absent if each is a cluster of its own. */
  readonly masters?: readonly { readonly name: string; readonly address: string }[];
  /** Where clients reach its API: the first master, or a virtual address of several. */
  readonly endpoint: { readonly address: string; readonly port: number };
  /** For keys without another one. */
  readonly keyAlgorithm: KeyAlgorithm;
}

/** The properties of an embedded host, apart from the state of its certificates. */
export interface HostProfile {
  /** Its name in the inventory and in the cluster. */
  readonly name: string;
  readonly role: 'master' | 'worker';
  /** Its index among the hosts of its role. */
  readonly index: number;
  /** Its advertised address. No interface has it: it is valid only between the hosts of a fleet. */
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

/** The age of a host's installation, and of its processes: older than anything that a test does. */
export const INSTALLED_MS = 100 * DAY_MS;
export const UPTIME_MS = 90 * DAY_MS;
