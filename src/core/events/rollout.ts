import type { ClusterRef } from '../cluster.ts';

/** A play with hosts of several clusters starts on them, in this order. */
export interface RolloutStartedEvent {
  readonly type: 'rollout-started';
  /** The play's name. */
  readonly play: string;
  /** The maximum number of clusters at the same time. */
  readonly sideBySide: number;
  readonly clusters: readonly ClusterRef[];
}

/** The waves in which a play with a rollout goes through its clusters. */
export interface RolloutPlannedEvent {
  readonly type: 'rollout-planned';
  /** The play's name. */
  readonly play: string;
  readonly waves: readonly WavePlan[];
  /** How many clusters may fail over all waves; absent: any number. */
  readonly maxFailed?: number;
  /** The names of the checks that have to pass before a cluster is started and after it has ended. Absent: none. */
  readonly checks?: readonly string[];
}

/** A wave of a rollout. */
export interface WavePlan {
  readonly name: string;
  /** By name, in the order in which they start. */
  readonly clusters: readonly string[];
  /** How many of them may fail; absent: any number. */
  readonly maxFailed?: number;
  /** If one of them fails, no later wave starts. Absent: only `maxFailed` counts. */
  readonly stopsOnFailure?: true;
  /** How long its clusters are left alone after all have ended, before they are observed again; absent: they are not. */
  readonly soakMs?: number;
  /** It has to be approved before it starts. */
  readonly approval?: 'manual';
  /** It was approved before the waves were planned, such as in a run that this one resumes. */
  readonly isApproved?: true;
  /** Nothing is to be changed in it: it needs no approval, unless a cluster fails before it. */
  readonly isIdle?: true;
}

/** A wave is waiting for approval. */
export interface WaveWaitingEvent {
  readonly type: 'wave-waiting';
  /** The play's name. */
  readonly play: string;
  readonly wave: string;
  /** Clusters that have failed so far, by name; absent: none. */
  readonly failed?: readonly string[];
  /** What to do, one line. */
  readonly remedy: string;
}

/** A wave was approved and may start. */
export interface WaveApprovedEvent {
  readonly type: 'wave-approved';
  /** The play's name. */
  readonly play: string;
  readonly wave: string;
  /** Who: `user@machine`. */
  readonly by: string;
  /** When, ISO 8601; absent if an older kplay passed the approval on. */
  readonly at?: string;
  /** Why, in the approver's words. */
  readonly reason?: string;
}

/** The first clusters of a wave are about to start. */
export interface WaveStartedEvent {
  readonly type: 'wave-started';
  /** The play's name. */
  readonly play: string;
  readonly wave: string;
  /** Which wave, from 1. */
  readonly number: number;
  /** The number of waves. */
  readonly of: number;
  readonly clusters: readonly string[];
}

/** All clusters of a wave have ended. They are left alone until then, and then observed again. */
export interface WaveSoakingEvent {
  readonly type: 'wave-soaking';
  /** The play's name. */
  readonly play: string;
  readonly wave: string;
  /** ISO 8601. */
  readonly until: string;
}

/** The clusters of a wave were observed again. */
export interface WaveSettledEvent {
  readonly type: 'wave-settled';
  /** The play's name. */
  readonly play: string;
  readonly wave: string;
  /** Those that were observed. */
  readonly clusters: readonly string[];
  /** Those whose state has changed since; they count as failed. */
  readonly failed: readonly { readonly cluster: string; readonly reason: string }[];
}

/**
 * No more clusters are started: too many have failed, a wave has clusters that failed or are outside their windows, an
 * operator has aborted the run, or it was interrupted.
 */
export interface RolloutStoppedEvent {
  readonly type: 'rollout-stopped';
  /** The play's name. */
  readonly play: string;
  /** Why, in a clause. */
  readonly reason: string;
  /** Clusters that were not started, by name. */
  readonly clusters: readonly string[];
  /** What to do, one line. */
  readonly remedy: string;
}

/** A check of a rollout has passed, will be repeated, or has failed. */
export interface ClusterCheckEvent {
  readonly type: 'cluster-check';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  /** The check's name. */
  readonly check: string;
  /** Before the first change of the cluster, or after the last. */
  readonly at: 'before' | 'after';
  /**
   * `waiting`: it will be repeated; reported when that begins and whenever the reason changes. `failed` after the last change:
   * or the wait was given up.
   */
  readonly outcome: 'passed' | 'waiting' | 'failed';
  /** The number of the attempt, from 1. */
  readonly attempt: number;
  /** The maximum number of attempts. */
  readonly of: number;
  /** Why it has not passed, in a clause. */
  readonly reason?: string;
}
