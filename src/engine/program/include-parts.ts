import { canonicalJson, type JsonObject } from '../../core/json.ts';
import type { IncludePart, IncludeParts, Node } from './compiled.ts';

/** Compiles each part when it is first met. */
export class CompiledParts implements IncludeParts {
  readonly #compile: (entry: number, named: JsonObject, loop: JsonObject) => IncludePart;
  readonly #sample: IncludePart | undefined;
  readonly #parts = new Map<string, IncludePart>();

  /**
   * @param compile compiles what a host includes by this name, with these variables; entries are numbered from 0 in the order
   * in which they are met
   * @param sample the tasks without the variables, if they are already known
   */
  constructor(
    compile: (entry: number, named: JsonObject, loop: JsonObject) => IncludePart,
    sample: IncludePart | undefined,
  ) {
    this.#compile = compile;
    this.#sample = sample;
  }

  at(named: JsonObject, loop: JsonObject, occurrence: number): IncludePart {
    const key = `${occurrence} ${keyOf(named, loop)}`;
    const part = this.#parts.get(key) ?? this.#compile(this.#parts.size, named, loop);
    this.#parts.set(key, part);
    return part;
  }

  get isOpen(): boolean {
    return this.#sample === undefined;
  }

  get nodes(): readonly Node[] {
    const known = [...this.#parts.values()].flatMap(({ body }) => body);
    return known.length > 0 ? known : (this.#sample?.body ?? []);
  }
}

/** Entries with equal keys are equal for a host. */
export function keyOf(named: JsonObject, loop: JsonObject): string {
  return canonicalJson([named, loop]);
}
