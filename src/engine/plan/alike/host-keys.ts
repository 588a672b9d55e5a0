import type { Json } from '../../../core/json.ts';
import { Unknown } from '../../../core/world.ts';
import type { CompiledHost } from '../../program/compiled.ts';
import { IncludedVariable } from '../../program/included-variable.ts';
import { isWord } from '../../program/variable-watch.ts';
import type { Comparison } from './reads.ts';

/** A value that tasks have set on a host; undefined: none. */
export type RegisteredValue = Json | Unknown | IncludedVariable | undefined;

/** What a prediction has read of a variable: its value, its kind, or whether it is one of some texts. */
export type ReadAs = 'value' | 'kind' | Comparison;

/** By host; equal texts stand for equal values, or for values of the same kind. */
type Keys = ReadonlyMap<CompiledHost, string>;

/** Tells which hosts have equal inventory variables. */
export class HostKeys {
  readonly #hosts: readonly CompiledHost[];
  readonly #known = new Map<string, Keys | undefined>();
  readonly #identities = new Map<object, string>();

  constructor(hosts: readonly CompiledHost[]) {
    this.#hosts = hosts;
  }

  /**
   * Undefined: all hosts are equal.
   * @param byPlace templates are equal if they are in the same place, not if their text is equal
   */
  of(name: string, how: ReadAs, byPlace: boolean): Keys | undefined {
    const key = keyOfRead(name, how, byPlace);
    if (!this.#known.has(key)) this.#known.set(key, this.#keys(name, how, byPlace));
    return this.#known.get(key);
  }

  /** The key of a value that tasks have set. */
  ofRegistered(value: RegisteredValue, how: ReadAs): string {
    if (value === undefined) return 'none';
    if (value instanceof Unknown) return `unknown ${value.until}`;
    return value instanceof IncludedVariable ? this.#identity(value) : keyOf(value, how);
  }

  #keys(name: string, how: ReadAs, byPlace: boolean): Keys | undefined {
    const keyOfHost = (host: CompiledHost): string => this.#key(host, name, how, byPlace);
    const [first] = this.#hosts;
    const common = first && keyOfHost(first);
    // Most variables are the same everywhere, and need no map.
    if (this.#hosts.every((host) => keyOfHost(host) === common)) return undefined;
    return new Map(this.#hosts.map((host) => [host, keyOfHost(host)]));
  }

  #key({ host, vars }: CompiledHost, name: string, how: ReadAs, byPlace: boolean): string {
    const value = vars.get(name);
    if (value?.kind === 'constant') return keyOf(value.value, how);
    // The variables that its templates read are recorded as well.
    if (value) return byPlace ? this.#identity(value) : `as written ${JSON.stringify(host.vars.get(name)?.value)}`;
    switch (name) {
      case 'inventory_hostname':
      case 'inventory_hostname_short':
        return keyOf(name === 'inventory_hostname' ? host.name : (host.name.split('.')[0] ?? host.name), how);
      case 'group_names':
        return keyOf(host.groups, how);
      case 'vars':
        return host.name;
      default:
        return '';
    }
  }

  #identity(value: object): string {
    const known = this.#identities.get(value) ?? `place ${this.#identities.size}`;
    this.#identities.set(value, known);
    return known;
  }
}

/** The same text for what is read in the same way. */
export function keyOfRead(name: string, how: ReadAs, byPlace: boolean): string {
  const what = typeof how === 'string' ? how : JSON.stringify([...how.texts]);
  return `${what} ${byPlace} ${name}`;
}

function keyOf(value: Json, how: ReadAs): string {
  if (how === 'kind' && isWord(value)) return `a ${typeof value}`;
  if (typeof how === 'object' && typeof value === 'string') return how.texts.has(value) ? 'among' : 'another';
  return JSON.stringify(value);
}
