import type { HostInfo } from '../../../core/step.ts';
import type { VariableWatch } from '../../program/variable-watch.ts';

/** What has been asked of a host while something was foreseen for it. */
export class Reads {
  readonly values = new Set<string>();
  /** Variables of which only the kind was asked; some of them are among the values, too. */
  readonly kinds = new Set<string>();
  /** Hosts that it may be, which decides something. */
  readonly compared = new Set<string>();

  /** Variables that stand for what a step has asked of the inventory. */
  readonly ofSteps = new Set<string>();
  /** Templates that only read alike are not the same. */
  byPlace = false;

  /** Hosts that have the same in these have the same in the others. */
  cover({ values, kinds, compared, byPlace }: Reads): boolean {
    const isAsked = (name: string): boolean => this.values.has(name) || this.kinds.has(name);
    return (
      [...values].every((name) => this.values.has(name)) && [...kinds].every(isAsked) && compared.size === 0 && !byPlace
    );
  }

  /** The whole of these variables has been made use of. */
  use(names: ReadonlySet<string>): void {
    for (const name of names) this.values.add(name);
  }
}

/** Writes down what is asked of a host. */
export class ReadsWatch implements VariableWatch {
  #reads: Reads | undefined;

  asked(name: string, how: 'value' | 'kind'): void {
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

  /** The same, telling what steps ask of it. */
  info({ name, groups, address }: HostInfo): HostInfo {
    const asked = (...names: readonly string[]): void => {
      for (const one of names) this.#reads?.ofSteps.add(one);
    };
    return {
      get name() {
        asked('inventory_hostname');
        return name;
      },
      get groups() {
        asked('group_names');
        return groups;
      },
      get address() {
        asked('inventory_hostname', 'ansible_host');
        return address;
      },
    } as HostInfo;
  }
}
