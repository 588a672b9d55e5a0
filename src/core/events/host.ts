import type { ProblemCode } from '../problems/code.ts';
import type { UnreachableCause } from '../session.ts';
import type { Evidence } from './evidence.ts';
import type { InCluster } from './in-cluster.ts';

/** A host is connected. */
export interface HostConnectedEvent extends InCluster {
  readonly type: 'host-connected';
  readonly host: string;
  /** How long connecting took. */
  readonly elapsedMs: number;
}

/** The host could not be reached, or was lost; it takes no further part. `cluster` is told beforehand, too, where the inventory has several. */
export interface HostUnreachableEvent extends InCluster {
  readonly type: 'host-unreachable';
  readonly host: string;
  readonly cause: UnreachableCause;
  /** What happened. */
  readonly reason: string;
  /** What to do, one line. */
  readonly remedy?: string;
}

/** The host takes no part: it differs from what a saved plan was made on, or another run has it. */
export interface HostRefusedEvent extends InCluster {
  readonly type: 'host-refused';
  readonly host: string;
  /** What `kplay explain` calls it. */
  readonly code: ProblemCode;
  /** Why, in a clause. */
  readonly reason: string;
  readonly details: readonly Evidence[];
  /** What to do, one line. */
  readonly remedy: string;
}

/** A host cannot be looked at, or changed, before something on it has ended: what a lost run had started, or its last script. */
export interface HostWaitingEvent extends InCluster {
  readonly type: 'host-waiting';
  readonly host: string;
  /** What is waited for. */
  readonly message: string;
  /** Since the waiting began. */
  readonly elapsedMs: number;
  /** It will not be waited for longer than that. */
  readonly limitMs: number;
}

/** Facts have been read from a host, all in one message. It happens again when what was read raises questions. */
export interface HostObservedEvent extends InCluster {
  readonly type: 'host-observed';
  readonly host: string;
  /** How many facts. */
  readonly facts: number;
  /** How long reading took. */
  readonly elapsedMs: number;
}
