import type { FactRef } from './fact.ts';
import type { RefusePlan } from './plan.ts';
import type { HostInfo } from './step.ts';
import type { World } from './world.ts';

/** Decides in which order a play goes through its hosts, from what was observed of them. */
export interface Strategy {
  /** As a play names it: `control_plane`. */
  readonly name: string;
  readonly summary: string;
  /** What it must know of each host; asked again with what is known, as a step is. `peers` are the other hosts of the play. */
  needs(known: World, host: HostInfo, context: StrategyNeeds): readonly FactRef[];
  /** Pure. */
  order(worlds: ReadonlyMap<string, World>, context: StrategyContext): Order | RefusePlan;
}

export interface StrategyNeeds {
  readonly now: Date;
  readonly peers: ReadonlyMap<string, World>;
}

/** A host that the play is for and that `--limit` leaves out: nothing is known of it but what the inventory says. */
export interface LeftOutHost {
  readonly name: string;
  /** As the inventory gives it: an address or a name. */
  readonly address: string;
}

export interface StrategyContext {
  readonly now: Date;
  /** The order that the user forces, if any. */
  readonly forced?: string;
  /** Hosts of the play of which nothing is known: they could not be reached, or looked at. */
  readonly unseen?: readonly string[];
  /** Hosts among those known that the plan refuses, and why: they stay as they are. */
  readonly refused?: ReadonlyMap<string, string>;
  /** Hosts that `--limit` leaves out of the play. */
  readonly leftOut?: readonly LeftOutHost[];
}

export interface Order {
  /** `linear`, `planned`, `recovery`: shown, and told to the steps. */
  readonly name: string;
  /** Why this one: `etcd's peer certificates have expired on 3 of 3 masters`. */
  readonly reason: string;
  /** Hosts of one batch go through the tasks side by side; the next batch starts when the one before has ended well. */
  readonly batches: readonly (readonly string[])[];
  /** After a host failed no further batch is started. */
  readonly stopOnFailure: boolean;
  /** May this batch be disrupted, as the hosts are now? Asked right before it, with fresh facts of all hosts. */
  gate?(batch: readonly string[], worlds: ReadonlyMap<string, World>): RefusePlan | undefined;
}
