import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask, Conditional, EachNode } from '../program/compiled.ts';
import type { Foreseen } from './foresee.ts';

/** What is foreseen for a host. */
export type Foreseeable = CompiledTask | Conditional | EachNode;

/** Hosts that are planned in the place of others, which take the same way through a play. */
export interface StandIns {
  /** All hosts that have not ended themselves, in the order of the play. */
  readonly names: readonly string[];
  /** These hosts have, and those that they stand for. */
  end(hosts: readonly string[]): void;
  /** A host that another one stands for, as it is at present. */
  stateOf(name: string, states: ReadonlyMap<string, HostState>): HostState | undefined;
  /**
   * Looks at a host, and at those that it stands for as far as it may come to something else for them. Of a task that one host does
   * for all (`run_once`) nobody else is asked.
   */
  look(state: HostState, of: Foreseeable, look: (state: HostState) => Foreseen): Foreseen;
  /** What was asked of all hosts side by side is answered. */
  answered(): void;
  /** Those that they stand for have the same values of these variables as they have. */
  share(hosts: readonly string[], names: ReadonlySet<string>): void;
  /** Up to `supposed` these variables are open on all hosts, and what happens is not so. */
  suppose(hosts: readonly string[], names: ReadonlySet<string>): void;
  supposed(): void;
}
