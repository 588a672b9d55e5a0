/** A certificate of a host, as `kplay check` shows it. */
export interface CertificateRow {
  readonly host: string;
  /** As kubeadm names it: `apiserver-kubelet-client`, `admin.conf`; of a CA `etcd-ca`. */
  readonly name: string;
  /** CAs are told in a line at the bottom: kplay never renews them. */
  readonly kind: 'leaf' | 'authority';
  /** ISO 8601; null when there is no certificate that could be read. */
  readonly ends: string | null;
  /** Whole days, negative when it has ended. */
  readonly daysLeft: number | null;
  /** Of the file on disk, in words: `good`, `ends soon`, `expired`, `missing`, `key mismatch`. */
  readonly condition: string;
  /**
   * `unloaded`: it is good, and its port serves another one until a restart. `unknown`: it could not be read, so nothing can be
   * said. `harmless`: it has ended, and nobody can verify it anyway.
   */
  readonly urgency: 'broken' | 'unloaded' | 'due' | 'unknown' | 'harmless' | 'good';
  /** What the port that belongs to it serves: `good`, `old one`, `expired`, `not up`; null when none does. */
  readonly served: string | null;
  readonly issuer: string;
  /** `restart needed`. */
  readonly note?: string;
  /** The following are shown only when the table is wide. */
  readonly subject?: string;
  readonly names?: readonly string[];
  readonly key?: string;
  readonly serial?: string;
  readonly path?: string;
}
