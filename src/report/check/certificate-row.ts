/** A certificate of a host, as `kplay check` shows it. */
export interface CertificateRow {
  readonly host: string;
  /** As kubeadm names it: `apiserver-kubelet-client`, `admin.conf`; of a CA `etcd-ca`. */
  readonly name: string;
  /** CAs are summed up in a line at the bottom: kplay never renews them. */
  readonly kind: 'leaf' | 'authority';
  /** ISO 8601; null when there is no readable certificate. */
  readonly ends: string | null;
  /** Whole days, negative after the end. */
  readonly daysLeft: number | null;
  /** Of the file on disk, in words: `good`, `expiring`, `expired`, `missing`, `key mismatch`. */
  readonly condition: string;
  /**
   * `unloaded`: it is good, but its port serves another one until a restart. `unknown`: it could not be read. `harmless`: it has ended, but
   * nobody can verify it anyway.
   */
  readonly urgency: 'broken' | 'unloaded' | 'due' | 'unknown' | 'harmless' | 'good';
  /** What its port serves: `good`, `old one`, `expired`, `not up`; null when it has none. */
  readonly served: string | null;
  readonly issuer: string;
  /** `restart needed`. */
  readonly note?: string;
  /** The following are only shown in the wide table. */
  readonly subject?: string;
  readonly names?: readonly string[];
  readonly key?: string;
  readonly serial?: string;
  readonly path?: string;
}
