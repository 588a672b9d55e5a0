import type { ClusterRef, ClusterWindow } from '../cluster.ts';

/** The windows of a cluster do not let these hosts be changed now: nothing is started on them. */
export interface WindowShutEvent {
  readonly type: 'window-shut';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  /** The hosts that are left as they are. */
  readonly hosts: readonly string[];
  readonly window: ClusterWindow;
  /** Whether that counts as refused; `left`: it was asked for that they are left then. */
  readonly counts: 'refused' | 'left';
  /** What to do, one line. */
  readonly remedy: string;
}

/** The windows of a cluster do not let these hosts be changed now, and they are changed all the same: somebody says so. */
export interface WindowOverriddenEvent {
  readonly type: 'window-overridden';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  /** The hosts that are changed all the same. */
  readonly hosts: readonly string[];
  readonly window: ClusterWindow;
  /** Why, in that person's words. */
  readonly reason: string;
}

/** A certificate that ends before its cluster may be changed. */
export interface LateCertificate {
  readonly host: string;
  /** As kubeadm names it. */
  readonly name: string;
  /** ISO 8601. */
  readonly ends: string;
}

/** Certificates of a cluster end before its windows let it be changed: an error, unless the run waits for that window. */
export interface WindowLateEvent {
  readonly type: 'window-late';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  /** What ends first comes first. */
  readonly certificates: readonly LateCertificate[];
  readonly window: ClusterWindow;
  /** Which ends first, and when, in a clause. */
  readonly reason: string;
  /** What to do, one line. */
  readonly remedy: string;
}

/** With `--window wait`, nothing can be done before a window opens. What follows is about clusters that were left before. */
export interface WindowWaitingEvent {
  readonly type: 'window-waiting';
  /** Clusters whose windows open next. */
  readonly clusters: readonly string[];
  /** When they do, ISO 8601. */
  readonly opens: string;
}
