import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask, Conditional, EachNode } from '../program/compiled.ts';
import type { Predicted } from './predict.ts';

/** A node that can be predicted for a host. */
export type PredictableNode = CompiledTask | Conditional | EachNode;

/** Hosts that are planned on behalf of others that behave alike. */
export interface StandIns {
  /** These hosts and those that they represent, in the order of the play. */
  withRepresented(hosts: readonly string[]): readonly string[];
  /** The present state of a represented host. */
  stateOf(name: string, states: ReadonlyMap<string, HostState>): HostState | undefined;
  /**
   * Predicts a node for a host, and for those represented hosts that may differ there. A task that one host runs for all
   * (`run_once`) is predicted for that host alone.
   */
  predict(state: HostState, of: PredictableNode, predict: (state: HostState) => Predicted): Predicted;
  /** Records that a request of the walk has been answered for all its hosts. */
  answered(): void;
  /** Gives the represented hosts the same values of these variables. */
  share(hosts: readonly string[], names: ReadonlySet<string>): void;
  /** Begins a supposition, which lasts until `supposed`: these variables are unknown on all hosts. */
  suppose(hosts: readonly string[], names: ReadonlySet<string>): void;
  supposed(): void;
}
