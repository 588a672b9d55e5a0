import { isDeepStrictEqual } from 'node:util';
import { Unknown } from '../../../core/world.ts';
import type { CompiledHost } from '../../program/compiled.ts';
import type { Registered } from '../../program/place.ts';
import { gained } from '../../program/shared-result.ts';
import type { OwnValues } from '../../program/variable-view.ts';
import type { RegisteredValue } from './host-keys.ts';

/** Values of one variable, on the hosts whose value differs from that of their representative. */
export type Column = ReadonlyMap<string, RegisteredValue>;

/** The variables of one host that differ from those of its representative. */
export class ColumnsOf implements OwnValues {
  readonly #host: string;
  readonly #columns: ReadonlyMap<string, Column>;

  constructor(host: string, columns: ReadonlyMap<string, Column>) {
    this.#host = host;
    this.#columns = columns;
  }

  has(name: string): boolean {
    return this.#columns.get(name)?.has(this.#host) === true;
  }

  get(name: string): RegisteredValue {
    return this.#columns.get(name)?.get(this.#host);
  }

  *keys(): MapIterator<string> {
    for (const name of this.#columns.keys()) if (this.has(name)) yield name;
  }
}

const NOTHING: Registered = new Map();

interface Known {
  /** The same object for many hosts. */
  readonly common: Registered;
  readonly own: ReadonlyMap<string, RegisteredValue>;
}

/** What earlier plays have registered on each host. */
export class KnownVariables {
  readonly #hosts = new Map<string, Known>();

  of(host: string): Registered {
    const { common, own } = this.#known(host);
    return overridden(common, own);
  }

  /** @param open variables whose values only the run can tell */
  record(
    members: readonly CompiledHost[],
    after: Registered,
    columns: ReadonlyMap<string, Column>,
    open: Registered,
  ): void {
    const common = new Map([...after, ...open]);
    const known = [...columns].filter(([name]) => !open.has(name));
    for (const { host } of members) {
      const own = known.flatMap(([name, column]) =>
        column.has(host.name) ? [[name, column.get(host.name)] as const] : [],
      );
      this.#hosts.set(host.name, { common, own: new Map(own) });
    }
  }

  /** The variables in which the others differ from the first of these hosts. */
  columns([first, ...others]: readonly CompiledHost[]): Map<string, Column> {
    const columns = new Map<string, Map<string, RegisteredValue>>();
    if (!first) return columns;
    const one = this.#known(first.host.name);
    const values = this.of(first.host.name);
    const between = new Map<Registered, readonly string[]>([[one.common, []]]);
    for (const { host } of others) {
      const other = this.#known(host.name);
      const names = between.get(other.common) ?? differing(one.common, other.common);
      between.set(other.common, names);
      for (const name of new Set([...names, ...one.own.keys(), ...other.own.keys()])) {
        const value = other.own.has(name) ? other.own.get(name) : other.common.get(name);
        if (isSame(value, values.get(name))) continue;
        const column = columns.get(name) ?? new Map<string, RegisteredValue>();
        columns.set(name, column.set(host.name, value));
      }
    }
    return columns;
  }

  #known(host: string): Known {
    return this.#hosts.get(host) ?? { common: NOTHING, own: new Map() };
  }
}

/** Replaces some of the variables. */
function overridden(common: Registered, own: ReadonlyMap<string, RegisteredValue>): Registered {
  if (own.size === 0) return common;
  const all = new Map(common);
  for (const [name, value] of own)
    if (value === undefined) all.delete(name);
    else all.set(name, value);
  return all;
}

/** Whether the values are equal, or unknown for the same reason. */
export function isSame(one: RegisteredValue, other: RegisteredValue): boolean {
  if (one === other) return true;
  if (one instanceof Unknown || other instanceof Unknown)
    return one instanceof Unknown && other instanceof Unknown && one.until === other.until;
  return isDeepStrictEqual(one, other);
}

function differing(one: Registered, other: Registered): readonly string[] {
  return [...gained(one, other), ...gained(other, one)];
}
