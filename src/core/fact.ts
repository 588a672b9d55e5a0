import { canonicalJson, type JsonObject } from './json.ts';
import type { Probe, ProbeOutput } from './probe.ts';

/** A typed, read-only question to a host: a probe and a pure parser of its answer. */
export interface Fact<Params extends JsonObject, Value> {
  readonly name: string;
  readonly summary: string;
  /** What to do if the answer is longer than what is read. Unnecessary where the probe limits it. */
  readonly ifTooLong?: string;
  probe(params: Params): Probe;
  /**
   * Pure. Does not trust the host's bytes: for any input it returns a value or throws FactError.
   * @throws {FactError} when the answer is unintelligible
   */
  parse(output: ProbeOutput, params: Params): Value;
}

/** A fact with its parameters: the key of one entry of a world. */
export interface FactRef<Value = unknown> {
  /** The same for equal questions: name and parameters as text. */
  readonly key: string;
  readonly name: string;
  readonly ifTooLong?: string;
  probe(): Probe;
  parse(output: ProbeOutput): Value;
}

/** A fact with these parameters. */
export function factRef<Params extends JsonObject, Value>(fact: Fact<Params, Value>, params: Params): FactRef<Value> {
  return {
    key: `${fact.name}${canonicalJson(params)}`,
    name: fact.name,
    ...(fact.ifTooLong !== undefined && { ifTooLong: fact.ifTooLong }),
    probe: () => fact.probe(params),
    parse: (output) => fact.parse(output, params),
  };
}

/** The parameters in the key of a `FactRef`; undefined for the key of another fact. */
export function paramsIn<Params extends JsonObject>(
  { name }: Pick<Fact<Params, never>, 'name'> & { readonly probe: (params: Params) => Probe },
  key: string,
): Params | undefined {
  return key.startsWith(`${name}{`) ? (JSON.parse(key.slice(name.length)) as Params) : undefined;
}

/** The host gave an unintelligible answer. */
export class FactError extends Error {
  override readonly name = 'FactError';
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }
}
