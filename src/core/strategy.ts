import type { FactRef } from './fact.ts';
import type { RefusePlan } from './plan.ts';
import type { HostInfo } from './step.ts';
import type { World } from './world.ts';

/** Decides in which order a play goes through its hosts, from what was observed of them. */
export interface Strategy {
  /** As a play names it: `control_plane`. */
  readonly name: string;
  readonly summary: string;
  /** The facts that it must know of each host; called again with what is known, as `needs` of a step is. */
  needs(known: World, host: HostInfo, context: StrategyNeeds): readonly FactRef[];
  /** The order of the hosts, or why there is none. Pure. */
  order(worlds: ReadonlyMap<string, World>, context: StrategyContext): Order | RefusePlan;
}

/** What the questions of a strategy may depend on. */
export interface StrategyNeeds {
  readonly now: Date;
  /** The other hosts of the play, as far as they are known. */
  readonly peers: ReadonlyMap<string, World>;
}

/** A host that the play is for and that `--limit` leaves out: nothing is known of it but what the inventory says. */
export interface LeftOutHost {
  readonly name: string;
  /** As the inventory gives it: an address or a name. */
  readonly address: string;
}

/** What an order may depend on besides what was observed. */
export interface StrategyContext {
  readonly now: Date;
  /** The order that the play demands (`order: recovery`). */
  readonly forced?: string;
  /** Hosts of the play that could not be reached or looked at. */
  readonly unseen?: readonly string[];
  /** Known hosts that the plan refuses, with the reason: nothing will be changed on them. */
  readonly refused?: ReadonlyMap<string, string>;
  /** Hosts that `--limit` leaves out of the play. */
  readonly leftOut?: readonly LeftOutHost[];
}

/** The order in which a play goes through its hosts. */
export interface Order {
  /** `linear`, `free`, `planned`, `recovery`: shown in the plan, and known to the steps. */
  readonly name: string;
  /** Why this one: `etcd's peer certificates have expired on 3 of 3 masters`. */
  readonly reason: string;
  /** Hosts of one batch go through the tasks side by side; the next batch begins when this one has ended. */
  readonly batches: readonly (readonly string[])[];
  /** No further batch begins once a host has failed. */
  readonly stopOnFailure: boolean;
  /** No further batch, and no later play, begins behind a batch of which no host has come through. */
  readonly endsBehindLostBatch?: boolean;
  /** Why this batch must not be disrupted now; undefined when it may be. Called right before it, with fresh facts of all hosts. */
  gate?(batch: readonly string[], worlds: ReadonlyMap<string, World>): RefusePlan | undefined;
}
