import type { ClusterWindow } from '../../core/cluster.ts';
import type { EventSink } from '../../core/events/event.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import type { Check, Rollout } from '../../playbook/rollout/rollout-model.ts';
import type { OperatorCommands } from '../signal-listener.ts';
import type { Candidate } from './waves.ts';

/** When clusters may be begun. */
export interface WaitedWindows {
  /** @param share which part of a run on it: 1. @returns undefined of a cluster that may be tried */
  ask(cluster: string, share: number): Pick<ClusterWindow, 'state' | 'opens'> | undefined;
}

/** A rollout whose checks are asked elsewhere. */
export interface KnownRollout<C = Pick<Check, 'name'>> extends Omit<Rollout, 'checks'> {
  readonly checks: readonly C[];
}

/** What is rolled out. */
export interface RolloutRequest {
  readonly commands: OperatorCommands;
  readonly play: string;
  readonly rollout: KnownRollout;
  /** As far as they are known before they are looked at. */
  readonly candidates: readonly Candidate[];
  /** Of a run that goes on with another: the wave of each cluster in that, by the cluster's name. */
  readonly recorded: ReadonlyMap<string, string>;
  /** How many clusters the play has, those included that `--limit` leaves out. */
  readonly total: number;
  /** The hosts of each cluster. */
  readonly hostsOf: ReadonlyMap<string, readonly string[]>;
  readonly sideBySide: number;
  readonly emit: EventSink;
  /** Milliseconds, for durations. */
  readonly clock: () => Date;
  /** The windows of clusters, where those are waited for. */
  readonly waitsFor?: WaitedWindows;
  /** Asked before anything is begun. */
  readonly confirm?: (plans: readonly PlayPlan[]) => Promise<boolean>;
}
