import type { ProblemCode } from '../problems/code.ts';
import type { UnreachableCause } from '../session.ts';
import type { Evidence } from './evidence.ts';
import type { InCluster } from './in-cluster.ts';

/** Connecting to a host begins: with fewer `forks` than hosts, the others wait for their turn. */
export interface HostConnectingEvent extends InCluster {
  readonly type: 'host-connecting';
  readonly host: string;
}

/** A host is connected. */
export interface HostConnectedEvent extends InCluster {
  readonly type: 'host-connected';
  readonly host: string;
  /** How long connecting took. */
  readonly elapsedMs: number;
}

/**
 * The host could not be reached, or its connection was lost; it takes no further part. With several clusters in the inventory
 * `cluster` is set even before that cluster starts.
 */
export interface HostUnreachableEvent extends InCluster {
  readonly type: 'host-unreachable';
  readonly host: string;
  readonly cause: UnreachableCause;
  /** What happened. */
  readonly reason: string;
  /** What to do, one line. */
  readonly remedy?: string;
}

/** The host takes no part: it differs from what a saved plan was made on, or another run holds its lock. */
export interface HostRefusedEvent extends InCluster {
  readonly type: 'host-refused';
  readonly host: string;
  /** The code for `kplay explain`. */
  readonly code: ProblemCode;
  /** Why, in a clause. */
  readonly reason: string;
  readonly details: readonly Evidence[];
  /** What to do, one line. */
  readonly remedy: string;
}

/**
 * A host cannot be observed or changed until something on it has ended: a process of a lost run, or its last script. While a host is
 * being restored: it is not yet what it was, as when a restarted process does not serve yet, or cannot be reached.
 */
export interface HostWaitingEvent extends InCluster {
  readonly type: 'host-waiting';
  readonly host: string;
  /** What the run is waiting for. */
  readonly message: string;
  /** Since the wait began. */
  readonly elapsedMs: number;
  /** The maximum wait. */
  readonly limitMs: number;
}

/** Reading facts from a host begins. */
export interface HostObservingEvent extends InCluster {
  readonly type: 'host-observing';
  readonly host: string;
}

/** Facts were read from a host, all in one message. Repeated when an answer leads to further questions. */
export interface HostObservedEvent extends InCluster {
  readonly type: 'host-observed';
  readonly host: string;
  /** How many facts. */
  readonly facts: number;
  /** How long reading took. */
  readonly elapsedMs: number;
}
