import type { ClusterRef, ClusterWindow } from '../cluster.ts';
import type { ProblemCode } from '../problems/code.ts';
import type { Evidence } from './evidence.ts';
import type { InCluster } from './in-cluster.ts';
import type { ClusterFacts, PlanTotals, PlayPlan } from './plan.ts';

/** A play begins; its hosts are about to be connected. */
export interface PlayStartedEvent {
  readonly type: 'play-started';
  /** The play's name. */
  readonly play: string;
  /** All its hosts that still take part in the run. */
  readonly hosts: readonly string[];
  /** What the run calls on the machine of kplay, in that order; absent: nothing. */
  readonly hooks?: readonly { readonly moment: HookMoment; readonly name: string }[];
}

/** When a hook is called. `wave`: when a wave of a rollout starts, and when it has ended. */
export type HookMoment = 'start' | 'success' | 'failure' | 'wave';

/** A plan was made. A play with hosts of several clusters has a plan for each. */
export interface PlayPlannedEvent {
  readonly type: 'play-planned';
  /** What the play will do, host by host. */
  readonly plan: PlayPlan;
  readonly totals: PlanTotals;
}

/** A worker has planned a cluster (`--engine`). This is a summary; the whole plan stays with the worker. */
export interface ClusterPlannedEvent {
  readonly type: 'cluster-planned';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  readonly totals: PlanTotals;
  /** The state of its windows at that time; absent: it has none. */
  readonly window?: ClusterWindow;
  readonly facts?: ClusterFacts;
  /** Why the first host that is refused, or is known to fail, is, in a clause. */
  readonly refused?: string;
}

/**
 * No order is possible in which the play could go through its hosts, or through those of one cluster; none of them is changed.
 */
export interface PlayRefusedEvent {
  readonly type: 'play-refused';
  /** The play's name. */
  readonly play: string;
  /** Which cluster is refused, if the play has hosts of several. */
  readonly cluster?: ClusterRef;
  /** The hosts that take no part. */
  readonly hosts: readonly string[];
  /** What `kplay explain` calls it. */
  readonly code: ProblemCode;
  /** Why, in a clause. */
  readonly reason: string;
  readonly details?: readonly Evidence[];
  /** What to do, one line. */
  readonly remedy: string;
}

/** In a play with hosts of several clusters, those of one cluster start. Events about it name it until its `cluster-finished`. */
export interface ClusterStartedEvent {
  readonly type: 'cluster-started';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  /** Those that still take part in the run: none if each of them was predicted to fail or could not be reached. */
  readonly hosts: readonly string[];
}

/**
 * The result of a cluster: the worst of its hosts' results. `cancelled`: the run went no further, or its window has closed in
 * the meantime.
 */
export type ClusterOutcome = 'ok' | 'failed' | 'refused' | 'unreachable' | 'cancelled';

/** The hosts of one cluster have finished. */
export interface ClusterFinishedEvent {
  readonly type: 'cluster-finished';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  readonly outcome: ClusterOutcome;
  /** How long the execution took. */
  readonly elapsedMs: number;
}

/** Hosts of one batch go through the tasks side by side. */
export interface BatchStartedEvent extends InCluster {
  readonly type: 'batch-started';
  /** Which batch, from 1. */
  readonly number: number;
  /** The number of batches. */
  readonly of: number;
  /** Those that still take part in the run. */
  readonly hosts: readonly string[];
}

/** A play has ended. */
export interface PlayFinishedEvent {
  readonly type: 'play-finished';
  /** The play's name. */
  readonly play: string;
  /** How long the execution took. */
  readonly elapsedMs: number;
}

/** A hook of a play was called. */
export interface HookFinishedEvent {
  readonly type: 'hook-finished';
  /** The play's name. */
  readonly play: string;
  /** The hook's name. */
  readonly hook: string;
  /** When it was called. */
  readonly moment: HookMoment;
  /** The hosts of its play; in a rollout those of one cluster, or of one wave. */
  readonly hosts: readonly string[];
  readonly succeeded: boolean;
  /** Why it failed, in a clause. */
  readonly reason?: string;
  readonly elapsedMs: number;
}
