import type { ClusterWindow } from '../../core/cluster.ts';
import type { EventSink } from '../../core/events/event.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import type { Check, Rollout } from '../../playbook/rollout/rollout-model.ts';
import type { OperatorCommands } from '../signal-listener.ts';
import type { ShutClusters } from './shut-clusters.ts';
import type { Candidate } from './waves.ts';

/** When clusters may be started. */
export interface AwaitedWindows {
  /** @param share the part of a run that is left to do: 1. @returns undefined for a cluster that may be tried */
  ask(cluster: string, share: number): Pick<ClusterWindow, 'state' | 'opens'> | undefined;
}

/** A rollout whose checks run elsewhere. */
export interface KnownRollout<C = Pick<Check, 'name'>> extends Omit<Rollout, 'checks'> {
  readonly checks: readonly C[];
}

/** Parameters of a rollout. */
export interface RolloutRequest {
  readonly commands: OperatorCommands;
  readonly play: string;
  readonly rollout: KnownRollout;
  /** What is known about the clusters before the first look. */
  readonly candidates: readonly Candidate[];
  /**
   * Requested by an older kplay: the next wave starts, whatever has failed in a wave without `max_failed`; and a cluster on which
   * nothing is to be done waits for its window.
   */
  readonly isOfOlderVersion?: boolean;
  /** Requested by an older kplay: a wave in which nothing is to be changed is approved like any other. */
  readonly asksForIdleWaves?: boolean;
  /** Workers carry it out: waves on which tasks only look are approved, soak and are told to hooks like any other. */
  readonly looksAreWork?: boolean;
  /** Requested by an older kplay: a cluster on which tasks only look waits for its window like any other. */
  readonly looksNeedWindows?: boolean;
  /** When resuming a run: the wave of each cluster in that run, by the cluster's name. */
  readonly recorded: ReadonlyMap<string, string>;
  /** When resuming a run: the failed clusters that its requests for approval named, by the name of the wave. */
  readonly told?: ReadonlyMap<string, readonly string[]>;
  /** How many clusters the play has, including those that `--limit` leaves out. */
  readonly total: number;
  /** The hosts of each cluster. */
  readonly hostsOf: ReadonlyMap<string, readonly string[]>;
  readonly sideBySide: number;
  readonly emit: EventSink;
  /** Milliseconds, for durations. */
  readonly clock: () => Date;
  /** The windows of clusters, if the policy is to wait for them. */
  readonly awaitedWindows?: AwaitedWindows;
  /** The clusters outside their windows, if the policy is to leave them. Absent where only workers know the windows. */
  readonly shutClusters?: Pick<ShutClusters, 'find'>;
  /** Asked before anything is started. */
  readonly confirm?: (plans: readonly PlayPlan[]) => Promise<boolean>;
}
