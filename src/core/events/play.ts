import type { ClusterRef } from '../cluster.ts';
import type { Evidence } from './evidence.ts';
import type { PlanTotals, PlayPlan } from './plan.ts';

/** A play begins; its hosts are about to be connected. */
export interface PlayStartedEvent {
  readonly type: 'play-started';
  /** The play's name. */
  readonly play: string;
  /** All its hosts that are still in the run. */
  readonly hosts: readonly string[];
}

/** A plan is made. A play with hosts of several clusters has a plan for each. */
export interface PlayPlannedEvent {
  readonly type: 'play-planned';
  /** What the play will do, host by host. */
  readonly plan: PlayPlan;
  readonly totals: PlanTotals;
}

/** There is no order in which the play could go through its hosts, or those of one cluster; none of them is changed. */
export interface PlayRefusedEvent {
  readonly type: 'play-refused';
  /** The play's name. */
  readonly play: string;
  /** Which cluster is refused, when the play has hosts of several. */
  readonly cluster?: ClusterRef;
  /** The hosts that take no part. */
  readonly hosts: readonly string[];
  /** Why, in a clause. */
  readonly reason: string;
  readonly details?: readonly Evidence[];
  /** What to do, one line. */
  readonly remedy: string;
}

/** Of a play with hosts of several clusters: those of one begin. What follows, up to its `cluster-finished`, is about this one. */
export interface ClusterStartedEvent {
  readonly type: 'cluster-started';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  /** Those that are still in the run. */
  readonly hosts: readonly string[];
}

/** The hosts of one cluster are through. */
export interface ClusterFinishedEvent {
  readonly type: 'cluster-finished';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  /** How long carrying it out took. */
  readonly elapsedMs: number;
}

/** Hosts of one batch go through the tasks side by side. */
export interface BatchStartedEvent {
  readonly type: 'batch-started';
  /** Which batch, from 1. */
  readonly number: number;
  /** How many there are. */
  readonly of: number;
  /** Those that are still in the run. */
  readonly hosts: readonly string[];
}

/** A play has ended. */
export interface PlayFinishedEvent {
  readonly type: 'play-finished';
  /** The play's name. */
  readonly play: string;
  /** How long carrying it out took. */
  readonly elapsedMs: number;
}
