import type { Registered } from './place.ts';

type Value = Exclude<ReturnType<Registered['get']>, undefined>;

/** Values that take the place of others; undefined: there is none. A map of values is one. */
export type OwnValues = Pick<ReadonlyMap<string, Value | undefined>, 'get' | 'has' | 'keys'>;

/**
 * Variables on top of others, which are not copied: a play is planned for thousands of hosts with hundreds of variables, of which
 * each task reads a few.
 */
export class VariableView implements ReadonlyMap<string, Value> {
  readonly below: Registered;
  readonly #own: OwnValues;

  constructor(below: Registered, own: OwnValues) {
    this.below = below;
    this.#own = own;
  }

  get(name: string): Value | undefined {
    return this.#own.has(name) ? this.#own.get(name) : this.below.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  get size(): number {
    return [...this].length;
  }

  /** The names that have values, and not those below. */
  get changed(): readonly string[] {
    return [...this.#own.keys()].filter((name) => this.has(name) && this.get(name) !== this.below.get(name));
  }

  *entries(): MapIterator<[string, Value]> {
    for (const [name, value] of this.below) if (!this.#own.has(name)) yield [name, value];
    for (const name of this.#own.keys()) {
      const value = this.#own.get(name);
      if (value !== undefined) yield [name, value];
    }
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  *keys(): MapIterator<string> {
    for (const [name] of this) yield name;
  }

  *values(): MapIterator<Value> {
    for (const [, value] of this) yield value;
  }

  forEach(call: (value: Value, name: string, all: ReadonlyMap<string, Value>) => void): void {
    for (const [name, value] of this) call(value, name, this);
  }
}

/** Adds variables to what a host has registered. @returns the same object if there is nothing to add */
export function withVariables(registered: Registered, more: readonly (readonly [string, Value])[]): Registered {
  if (more.length === 0) return registered;
  const added = new Map(more);
  // Views are of hosts whose state is dropped behind the next task; others would become a chain as long as the play.
  if (registered instanceof VariableView) return new VariableView(registered, added);
  return new Map([...registered, ...added]);
}
