import type { AuthorityName, Component, CredentialName } from '../kubeadm/table.ts';
import type { KeyAlgorithm } from '../pki/public-key.ts';

/** The condition of a leaf certificate. */
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
  /** Truncated, as by a full disk. */
  | 'garbage'
  | 'empty'
  | 'key-missing'
  | 'key-mismatch'
  /** Signed by a CA that the host does not have. */
  | 'foreign'
  /** Renewed, but its readers were never restarted. */
  | 'not-loaded';

export interface LeafState {
  /** Default `valid`. */
  readonly condition?: LeafCondition;
  /** Default: that of the cluster. */
  readonly keyAlgorithm?: KeyAlgorithm;
  /** DNS names and addresses besides kubeadm's own. */
  readonly extraNames?: readonly string[];
}

/** A user's ~/.kube/config. */
export type HomeVariant =
  | 'none'
  /** As made by `cp admin.conf`. */
  | 'copy'
  /** A link to admin.conf. */
  | 'link'
  /** A copy of an admin.conf that was renewed since; the copy has expired. */
  | 'stale-copy'
  /** A copy, plus a context of another cluster that must survive. */
  | 'multi-context'
  /** The same content as JSON. */
  | 'json'
  /** The same content in YAML's flow style. */
  | 'flow'
  /** A token and no certificate. */
  | 'token'
  /** Another user of the same cluster. */
  | 'other-user';

/** The traces of an earlier run that was interrupted. */
export interface InterruptedRun {
  /** Moved aside, as by certs.delete. */
  readonly aside?: readonly CredentialName[];
  /** Those of them with a successor already in place. */
  readonly remade?: readonly CredentialName[];
  /** Its backup: `whole` contains everything that was moved aside. Default `none`. */
  readonly backup?: 'none' | 'partial' | 'whole';
  /** It was bootstrapping kubelet: kubelet.conf and kubelet's certificate are aside, and there is a bootstrap-kubelet.conf. */
  readonly isBootstrap?: boolean;
  /** And kubelet was asking for its certificate, with a kubelet.conf of its own. */
  readonly isAsking?: boolean;
  /** Leftovers in the staging directory. */
  readonly staging?: boolean;
  /** The static pod whose manifest it had moved away to restart it. */
  readonly parkedManifest?: Component;
}

/** The initial state of an embedded host. Defaults are those of a healthy host. */
export interface TreeState {
  /** For every leaf that `leaves` does not name. */
  readonly all?: LeafState;
  readonly leaves?: Readonly<Partial<Record<CredentialName, LeafState>>>;
  /** Where kubelet.conf has the client certificate: `embedded` as by `kubeadm init` before 1.17. Default `files`. */
  readonly kubeletConf?: 'files' | 'embedded';
  /** CAs without a key on the host, as with an external CA. */
  readonly withoutKeyOf?: readonly AuthorityName[];
  /** CAs of the host that differ from those of the other masters. */
  readonly ownAuthorities?: readonly AuthorityName[];
  /** Whether it has super-admin.conf; by default only the first master does. */
  readonly superAdmin?: boolean;
  readonly interrupted?: InterruptedRun;
  /** ~/.kube/config of root; default `copy`. */
  readonly rootHome?: HomeVariant;
  /** ~/.kube/config of the operator `ops`; default `none`. */
  readonly opsHome?: HomeVariant;
  /**
   * When the static pods were started: `before` the files were damaged, so that they run (default), or `after`: what cannot
   * start does not run.
   */
  readonly podsStarted?: 'before' | 'after';
  /** Booted after its certificates had expired: without kubelet no pod was started. */
  readonly rebooted?: boolean;
  /** Whether it has kubeadm and kubectl; default true. */
  readonly kubeadm?: boolean;
  readonly kubectl?: boolean;
  /** How much its clock is ahead of the real one. */
  readonly clockOffsetSeconds?: number;
  /** /etc/kubernetes is not writable. */
  readonly readOnly?: boolean;
  readonly diskFull?: boolean;
  /** Its login shell prints text. */
  readonly noisyProfile?: boolean;
  /** Its sshd shows this before the login. */
  readonly banner?: string;
  /** Its etcd supports only TLS 1.2. */
  readonly oldTls?: boolean;
  /** An alarm raised by etcd; to be realistic, set it on all masters. */
  readonly etcdAlarm?: 'NOSPACE' | 'CORRUPT';
  /** Its etcd member is still a learner. */
  readonly etcdLearner?: boolean;
}

/** The state of one leaf of a host. */
export function leafState(state: TreeState, name: CredentialName): LeafState {
  return state.leaves?.[name] ?? state.all ?? {};
}

export function conditionOf(state: TreeState, name: CredentialName): LeafCondition {
  return leafState(state, name).condition ?? 'valid';
}
