import { type Fact, type FactRef, paramsIn } from './fact.ts';
import type { JsonObject } from './json.ts';

/** Placeholder for a value that is only known once a task has run. */
export class Unknown {
  /** The name of the task. */
  readonly until: string;

  constructor(until: string) {
    this.until = until;
  }
}

/** Thrown where a plan needs a value that is only known once a task has run; the planner turns it into the action `unknown`. */
export class UnknownValueError extends Error {
  override readonly name = 'UnknownValueError';
  readonly until: string;

  constructor(until: string) {
    super(`not known until '${until}' has run`);
    this.until = until;
  }
}

/** Everything known about one host: an immutable map from facts to values. A step's plan returns the predicted world. */
export class World {
  static readonly empty = new World(new Map());
  readonly #values: ReadonlyMap<string, unknown>;

  private constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  /**
   * The value of a fact.
   * @throws {UnknownValueError} when a planned task will change it unpredictably
   * @throws {Error} when the fact was never observed: the step forgot it in `needs`.
   */
  get<Value>(ref: FactRef<Value>): Value {
    const value = this.#values.get(ref.key);
    if (value instanceof Unknown) throw new UnknownValueError(value.until);
    if (value === undefined) throw new Error(`fact ${ref.key} was not observed: the step does not name it in needs()`);
    return value as Value;
  }

  /** The value of a fact; undefined if it is not known, or if there is no such fact. */
  find<Value>(ref: FactRef<Value> | undefined): Value | undefined {
    return ref && this.has(ref) ? this.get(ref) : undefined;
  }

  /** Whether the fact was observed or planned, and its value is known. */
  has(ref: FactRef): boolean {
    return this.covers(ref) && !(this.#values.get(ref.key) instanceof Unknown);
  }

  /** Whether the fact was observed, even if a planned task has made its value uncertain since. */
  covers(ref: FactRef): boolean {
    return this.#values.has(ref.key);
  }

  set<Value>(ref: FactRef<Value>, value: Value | Unknown): World {
    return new World(new Map([...this.#values, [ref.key, value]]));
  }

  /** This world with every known value of one fact replaced, whatever its parameters. */
  mapFact<Params extends JsonObject, Value>(
    fact: Fact<Params, Value>,
    change: (params: Params, value: Value | Unknown) => Value | Unknown,
  ): World {
    const changed = [...this.#values].flatMap(([key, value]): readonly [string, unknown][] => {
      const params = paramsIn(fact, key);
      return params === undefined ? [] : [[key, change(params, value as Value | Unknown)]];
    });
    return changed.length === 0 ? this : new World(new Map([...this.#values, ...changed]));
  }

  /**
   * The part of this world whose values are identical objects in another: what a plan that leads from one to the other leaves
   * unchanged.
   */
  sharedWith(other: World): World {
    return new World(new Map([...this.#values].filter(([key, value]) => other.#values.get(key) === value)));
  }

  /** This world, overwritten with everything that `newer` knows. */
  merge(newer: World): World {
    return new World(new Map([...this.#values, ...newer.#values]));
  }

  /** This world with every value that differs in the other one marked as unknown until a task has run. */
  uncertain(other: World, until: string): World {
    const unknown = new Unknown(until);
    const keys = new Set([...this.#values.keys(), ...other.#values.keys()]);
    const values = [...keys].map((key): [string, unknown] => {
      const own = this.#values.get(key);
      return [key, own === other.#values.get(key) ? own : unknown];
    });
    return new World(new Map(values));
  }

  /** This world with every value marked as unknown until a task has run: a command may change anything. */
  forget(until: string): World {
    return new World(new Map([...this.#values.keys()].map((key) => [key, new Unknown(until)])));
  }
}
