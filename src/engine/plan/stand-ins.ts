import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask, Conditional, EachNode } from '../program/compiled.ts';
import type { Foreseen } from './foresee.ts';

/** What is foreseen for a host. */
export type Foreseeable = CompiledTask | Conditional | EachNode;

/** Hosts that are planned in place of others that take the same way through a play. */
export interface StandIns {
  /** All hosts that have not ended (`end_host`), in the order of the play. */
  readonly names: readonly string[];
  /** Notes that these hosts have ended, and those that they stand for. */
  end(hosts: readonly string[]): void;
  /** The present state of a host that one of these stands for. */
  stateOf(name: string, states: ReadonlyMap<string, HostState>): HostState | undefined;
  /**
   * Predicts a node for a host, and for those of the hosts it stands for that may differ from it there. A task that one host does for all
   * (`run_once`) is predicted for that host alone.
   */
  look(state: HostState, of: Foreseeable, look: (state: HostState) => Foreseen): Foreseen;
  /** Notes that a request of the walk has been answered for all its hosts. */
  answered(): void;
  /** Gives the hosts that they stand for the same values of these variables. */
  share(hosts: readonly string[], names: ReadonlySet<string>): void;
  /** Begins a supposition, which lasts until `supposed`: these variables are unknown on all hosts. */
  suppose(hosts: readonly string[], names: ReadonlySet<string>): void;
  supposed(): void;
}
