import type { HostInfo } from '../../../core/step.ts';
import type { VariableWatch } from '../../program/variable-watch.ts';

/** Everything that a prediction has read from a host. */
export class Reads {
  readonly values = new Set<string>();
  /** Variables of which only the kind was read; they may also be among the values. */
  readonly kinds = new Set<string>();
  /** Names that the host was compared with to decide something. */
  readonly compared = new Set<string>();

  /** Variables behind what a step has read from the inventory. */
  readonly ofSteps = new Set<string>();
  /** Templates with equal text in different places are not equal. */
  byPlace = false;

  /** Whether hosts that are equal in these reads are equal in the others too. */
  cover({ values, kinds, compared, byPlace }: Reads): boolean {
    const isRead = (name: string): boolean => this.values.has(name) || this.kinds.has(name);
    return (
      [...values].every((name) => this.values.has(name)) && [...kinds].every(isRead) && compared.size === 0 && !byPlace
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

  compared(host: string): void {
    this.#reads?.compared.add(host);
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
