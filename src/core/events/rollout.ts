import type { ClusterRef } from '../cluster.ts';

/** A play with hosts of several clusters begins on them, in this order. */
export interface RolloutStartedEvent {
  readonly type: 'rollout-started';
  /** The play's name. */
  readonly play: string;
  /** How many clusters are worked on side by side at most. */
  readonly sideBySide: number;
  readonly clusters: readonly ClusterRef[];
}

/** In which waves a play with a rollout goes through its clusters. */
export interface RolloutPlannedEvent {
  readonly type: 'rollout-planned';
  /** The play's name. */
  readonly play: string;
  readonly waves: readonly WavePlan[];
  /** So many clusters may fail over all waves; absent: any number. */
  readonly maxFailed?: number;
  /** What has to pass before a cluster is started, and after it has ended: the names of the checks. Absent: nothing. */
  readonly checks?: readonly string[];
}

/** A wave of a rollout. */
export interface WavePlan {
  readonly name: string;
  /** By name, in the order in which they start. */
  readonly clusters: readonly string[];
  /** So many of them may fail; absent: any number. */
  readonly maxFailed?: number;
  /** So long its clusters are left alone when all have ended, and are looked at again then; absent: they are not. */
  readonly soakMs?: number;
  /** It starts when somebody approves it. */
  readonly approval?: 'manual';
}

/** A wave is waiting for approval. */
export interface WaveWaitingEvent {
  readonly type: 'wave-waiting';
  /** The play's name. */
  readonly play: string;
  readonly wave: string;
  /** What to do, one line. */
  readonly remedy: string;
}

/** A wave may start: somebody has approved it. */
export interface WaveApprovedEvent {
  readonly type: 'wave-approved';
  /** The play's name. */
  readonly play: string;
  readonly wave: string;
  /** Who: `user@machine`. */
  readonly by: string;
  /** When, ISO 8601; absent: an older kplay has passed it on. */
  readonly at?: string;
  /** Why, in the words of whoever did. */
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
  /** How many there are. */
  readonly of: number;
  readonly clusters: readonly string[];
}

/** All clusters of a wave have ended. They are left alone until then, and looked at again. */
export interface WaveSoakingEvent {
  readonly type: 'wave-soaking';
  /** The play's name. */
  readonly play: string;
  readonly wave: string;
  /** ISO 8601. */
  readonly until: string;
}

/** The clusters of a wave were looked at again. */
export interface WaveSettledEvent {
  readonly type: 'wave-settled';
  /** The play's name. */
  readonly play: string;
  readonly wave: string;
  /** Those that were looked at. */
  readonly clusters: readonly string[];
  /** Those of them that are not as they were left: they count as failed. */
  readonly failed: readonly { readonly cluster: string; readonly reason: string }[];
}

/** More clusters have failed than may, a wave has clusters outside their windows, or somebody has aborted the run: none is started any more. */
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

/** A check of a rollout was asked: it has passed, is asked again, or has failed. */
export interface ClusterCheckEvent {
  readonly type: 'cluster-check';
  /** The play's name. */
  readonly play: string;
  readonly cluster: ClusterRef;
  /** The check's name. */
  readonly check: string;
  /** Before the first change of the cluster, or after the last. */
  readonly at: 'before' | 'after';
  /** `waiting`: it is asked again. It is told when that begins, and when the reason changes. `failed` after the last change: or nobody waits any more. */
  readonly outcome: 'passed' | 'waiting' | 'failed';
  /** Which attempt it was, from 1. */
  readonly attempt: number;
  /** How many there are at most. */
  readonly of: number;
  /** Why it has not passed, in a clause. */
  readonly reason?: string;
}
