import type { FactRef } from './fact.ts';
import type { RefusePlan } from './plan.ts';
import type { HostInfo } from './step.ts';
import type { World } from './world.ts';

/** Decides in which order a play goes through its hosts, based on what was observed. */
export interface Strategy {
  /** The name that plays use: `control_plane`. */
  readonly name: string;
  readonly summary: string;
  /** The facts that it needs about each host; called again with what is known, like `needs` of a step. */
  needs(known: World, host: HostInfo, context: StrategyNeeds): readonly FactRef[];
  /** The order of the hosts, or why none is possible. Pure. */
  order(worlds: ReadonlyMap<string, World>, context: StrategyContext): Order | RefusePlan;
}

/** What the facts that a strategy needs may depend on. */
export interface StrategyNeeds {
  readonly now: Date;
  /** The other hosts of the play, as far as they are known. */
  readonly peers: ReadonlyMap<string, World>;
}

/** A host of which only the inventory's data are known. */
export interface InventoryHost {
  readonly name: string;
  /** As in the inventory: an address or a name. */
  readonly address: string;
}

/** What an order may depend on besides the observed facts. */
export interface StrategyContext {
  readonly now: Date;
  /** The order requested by the play (`order: recovery`). */
  readonly forced?: string;
  /** Hosts of the play that could not be reached or observed. */
  readonly unseen?: readonly InventoryHost[];
  /** Known hosts that the plan refuses, with the reason: nothing will be changed on them. */
  readonly refused?: ReadonlyMap<string, string>;
  /** Hosts that `--limit` leaves out of the play. */
  readonly leftOut?: readonly InventoryHost[];
}

/** The order in which a play goes through its hosts. */
export interface Order {
  /** `linear`, `free`, `planned`, `recovery`: shown in the plan, and passed to the steps. */
  readonly name: string;
  /** Why this one: `etcd's peer certificates have expired on 3 of 3 masters`. */
  readonly reason: string;
  /** Hosts of one batch go through the tasks side by side; the next batch starts when this one has ended. */
  readonly batches: readonly (readonly string[])[];
  /** No further batch starts once a host has failed. */
  readonly stopOnFailure: boolean;
  /** No further batch, and no later play, starts after a batch without a successful host. */
  readonly endsBehindLostBatch?: boolean;
  /** Why this batch must not be disrupted now; undefined if it may be. Called right before it, with fresh facts of all hosts. */
  gate?(batch: readonly string[], worlds: ReadonlyMap<string, World>): RefusePlan | undefined;
}
