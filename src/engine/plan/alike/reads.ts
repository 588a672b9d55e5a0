import type { HostInfo } from '../../../core/step.ts';
import type { VariableWatch } from '../../program/variable-watch.ts';

/** What was read: whether a variable is one of some texts. */
export interface Comparison {
  readonly name: string;
  readonly texts: ReadonlySet<string>;
}

/** Everything that a prediction has read from a host. */
export class Reads {
  readonly values = new Set<string>();
  /** Variables of which only the kind was read; they may also be among the values. */
  readonly kinds = new Set<string>();
  /** By a key of their own, variables of which only a comparison was made; they may also be among the values. */
  readonly comparisons = new Map<string, Comparison>();
  /** Hosts that tasks are delegated to: which of them the host itself is. */
  readonly delegates = new Set<string>();

  /** Variables behind what a step has read from the inventory. */
  readonly ofSteps = new Set<string>();
  /** Templates with equal text in different places are not equal. */
  byPlace = false;

  /** Whether hosts that are equal in these reads are equal in the others too. */
  cover({ values, kinds, comparisons, delegates, byPlace }: Reads): boolean {
    return (
      !byPlace &&
      delegates.size === 0 &&
      [...values].every((name) => this.values.has(name)) &&
      [...kinds].every((name) => this.values.has(name) || this.kinds.has(name)) &&
      [...comparisons].every(([key, { name }]) => this.values.has(name) || this.comparisons.has(key))
    );
  }

  /** Marks the whole values of these variables as read. */
  use(names: ReadonlySet<string>): void {
    for (const name of names) this.values.add(name);
  }
}

/** Records what is read from a host. */
export class ReadsWatch implements VariableWatch {
  #reads: Reads | undefined;

  read(name: string, how: 'value' | 'kind'): void {
    this.#reads?.[how === 'value' ? 'values' : 'kinds'].add(name);
  }

  compared(name: string, texts: readonly string[]): void {
    this.#reads?.comparisons.set(JSON.stringify([name, ...texts]), { name, texts: new Set(texts) });
  }

  delegated(host: string): void {
    this.#reads?.delegates.add(host);
  }

  during<T>(reads: Reads, work: () => T): T {
    const outer = this.#reads;
    this.#reads = reads;
    try {
      return work();
    } finally {
      this.#reads = outer;
    }
  }

  /** The same info, recording what steps read from it. */
  info({ name, groups, address }: HostInfo): HostInfo {
    const recordRead = (...names: readonly string[]): void => {
      for (const one of names) this.#reads?.ofSteps.add(one);
    };
    return {
      get name() {
        recordRead('inventory_hostname');
        return name;
      },
      get groups() {
        recordRead('group_names');
        return groups;
      },
      get address() {
        recordRead('inventory_hostname', 'ansible_host');
        return address;
      },
    };
  }
}
