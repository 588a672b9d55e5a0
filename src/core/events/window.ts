import type { ClusterRef, ClusterWindow } from '../cluster.ts';

/** The windows of a cluster do not allow changing these hosts now: nothing is started on them. */
export interface WindowShutEvent {
  readonly type: 'window-shut';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  /** The hosts that are left unchanged. */
  readonly hosts: readonly string[];
  readonly window: ClusterWindow;
  /** Whether the hosts count as refused; `left`: the user asked for them to be left unchanged. */
  readonly counts: 'refused' | 'left';
  /** The run waits for their window, unless it is interrupted (`--window wait`). */
  readonly waits?: true;
  /** What to do, one line. */
  readonly remedy: string;
}

/** The windows of a cluster do not allow changing these hosts now, and the user overrides them. */
export interface WindowOverriddenEvent {
  readonly type: 'window-overridden';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  /** The hosts that are changed all the same. */
  readonly hosts: readonly string[];
  readonly window: ClusterWindow;
  /** Why, in the user's words. */
  readonly reason: string;
}

/** A certificate that ends before its cluster may be changed. */
export interface LateCertificate {
  readonly host: string;
  /** As kubeadm calls it. */
  readonly name: string;
  /** ISO 8601. */
  readonly ends: string;
}

/** Certificates of a cluster expire before its windows allow changing it: an error, unless the run waits for that window. */
export interface WindowLateEvent {
  readonly type: 'window-late';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  /** Ordered by expiry. */
  readonly certificates: readonly LateCertificate[];
  readonly window: ClusterWindow;
  /** Of a rollout: the cluster of an earlier wave to which the window belongs; absent: it is that of the cluster itself. */
  readonly behind?: string;
  /** Which certificate expires first, and when, in a clause. */
  readonly reason: string;
  /** What to do, one line. */
  readonly remedy: string;
}

/**
 * With `--window wait`, nothing can be done before a window opens. The following events are about clusters that were left
 * before.
 */
export interface WindowWaitingEvent {
  readonly type: 'window-waiting';
  /** The clusters whose windows open next. */
  readonly clusters: readonly string[];
  /** When they do, ISO 8601. */
  readonly opens: string;
}
