import type { AuthorityName, Component, CredentialName } from '../kubeadm/table.ts';
import type { KeyAlgorithm } from '../pki/public-key.ts';

/** What has become of a leaf certificate. */
export type LeafCondition =
  /** Ends in 200 days. */
  | 'valid'
  /** Ends in 10 days. */
  | 'due'
  /** Ended yesterday. */
  | 'expired'
  /** Begins tomorrow. */
  | 'not-yet-valid'
  | 'missing'
  /** Cut off in the middle, as a full disk leaves it. */
  | 'garbage'
  | 'empty'
  | 'key-missing'
  | 'key-mismatch'
  /** Signed by a CA that the host does not have. */
  | 'foreign'
  /** Renewed, but what reads it was never restarted. */
  | 'not-loaded';

export interface LeafState {
  /** Default `valid`. */
  readonly condition?: LeafCondition;
  /** Default that of the cluster. */
  readonly keyAlgorithm?: KeyAlgorithm;
  /** DNS names and addresses besides kubeadm's own. */
  readonly extraNames?: readonly string[];
}

/** A user's ~/.kube/config. */
export type HomeVariant =
  | 'none'
  /** As `cp admin.conf` leaves it. */
  | 'copy'
  /** A link to admin.conf. */
  | 'link'
  /** A copy of an admin.conf that was renewed since, and has expired. */
  | 'stale-copy'
  /** A copy, and a context of another cluster that must survive. */
  | 'multi-context'
  /** The same content as JSON. */
  | 'json'
  /** The same content in YAML's flow style. */
  | 'flow'
  /** A token and no certificate. */
  | 'token'
  /** Another user of the same cluster. */
  | 'other-user';

/** What an earlier run that did not reach its end has left. */
export interface InterruptedRun {
  /** Moved aside, as certs.delete does it. */
  readonly aside?: readonly CredentialName[];
  /** Of those the ones whose successor is in place already. */
  readonly remade?: readonly CredentialName[];
  /** Its backup: `whole` holds all that is aside. Default `none`. */
  readonly backup?: 'none' | 'partial' | 'whole';
  /** Left-overs in the staging directory. */
  readonly staging?: boolean;
  /** The static pod whose manifest it had moved away to restart it. */
  readonly parkedManifest?: Component;
}

/** The state in which an embedded host starts. Everything absent is as on a healthy host. */
export interface TreeState {
  /** Of every leaf that `leaves` does not name. */
  readonly all?: LeafState;
  readonly leaves?: Readonly<Partial<Record<CredentialName, LeafState>>>;
  /** How kubelet.conf holds the client certificate: `embedded` as `kubeadm init` before 1.17 left it. Default `files`. */
  readonly kubeletConf?: 'files' | 'embedded';
  /** CAs of which the host has no key, as with an external CA. */
  readonly withoutKeyOf?: readonly AuthorityName[];
  /** CAs of the host that differ from those of the other masters. */
  readonly ownAuthorities?: readonly AuthorityName[];
  /** Whether it has super-admin.conf; by default only the first master has. */
  readonly superAdmin?: boolean;
  readonly interrupted?: InterruptedRun;
  /** ~/.kube/config of root; default `copy`. */
  readonly rootHome?: HomeVariant;
  /** ~/.kube/config of the operator `ops`; default `none`. */
  readonly opsHome?: HomeVariant;
  /**
   * When the static pods were started: `before` what is wrong with the files came about, so that they run (default), or
   * `after`: what cannot start does not run.
   */
  readonly podsStarted?: 'before' | 'after';
  /** Booted after its certificates had expired: a kubelet that cannot start has started no pod. */
  readonly rebooted?: boolean;
  /** Whether there is a kubeadm on it, and a kubectl; default true. */
  readonly kubeadm?: boolean;
  readonly kubectl?: boolean;
  /** How much its clock is ahead of the real one. */
  readonly clockOffsetSeconds?: number;
  /** /etc/kubernetes cannot be written. */
  readonly readOnly?: boolean;
  readonly diskFull?: boolean;
  /** Its login shell prints things. */
  readonly noisyProfile?: boolean;
  /** Its sshd shows this before the login. */
  readonly banner?: string;
  /** Its etcd speaks TLS 1.2 only. */
  readonly oldTls?: boolean;
  /** An alarm that etcd has raised; to be true to life all masters must say so. */
  readonly etcdAlarm?: 'NOSPACE' | 'CORRUPT';
  /** Its etcd member has not come to vote yet. */
  readonly etcdLearner?: boolean;
}

/** What is said of one leaf of a host. */
export function leafState(state: TreeState, name: CredentialName): LeafState {
  return state.leaves?.[name] ?? state.all ?? {};
}

export function conditionOf(state: TreeState, name: CredentialName): LeafCondition {
  return leafState(state, name).condition ?? 'valid';
}
