import type { Problems } from '../../core/diagnostic.ts';
import type { JsonSchema } from '../../core/schema.ts';
import type { MappingEntry, MappingTree } from '../../core/yaml/yaml.ts';
import type { Reader } from './reader.ts';

/** A key of a play, a task or a part of one. */
export interface Keyword<T> {
  /** As in YAML: `max_fail_percentage`. */
  readonly name: string;
  /** A clause for editors. */
  readonly description: string;
  readonly reader: Reader<T>;
}

/** Keywords by the property of the model that they set. */
export type Keywords = Readonly<Record<string, Keyword<unknown>>>;

/** The values of those keywords that are present and valid. */
export type Values<K extends Keywords> = {
  readonly [Property in keyof K]?: K[Property] extends Keyword<infer T> ? T : never;
};

export function keyword<T>(name: string, description: string, reader: Reader<T>): Keyword<T> {
  return { name, description, reader };
}

/** Reads the keywords of a mapping; its other entries are returned. */
export function readKeywords<K extends Keywords>(
  mapping: MappingTree,
  keywords: K,
  problems: Problems,
): { readonly values: Values<K>; readonly others: readonly MappingEntry[] } {
  const properties = new Map(Object.entries(keywords).map(([property, { name }]) => [name, property]));
  const values: Record<string, unknown> = {};
  const others: MappingEntry[] = [];
  for (const entry of mapping.entries) {
    const property = properties.get(entry.key);
    const found = property === undefined ? undefined : keywords[property];
    if (property === undefined || !found) {
      others.push(entry);
      continue;
    }
    const value = found.reader.read(entry.value, { label: entry.key, problems });
    if (value !== undefined) values[property] = value;
  }
  return { values: values as Values<K>, others };
}

/** As they are written in a playbook. */
export function namesOf(keywords: Keywords): readonly string[] {
  return Object.values(keywords).map(({ name }) => name);
}

/** The keywords as properties of a JSON Schema. */
export function schemasOf(keywords: Keywords): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    Object.values(keywords).map(({ name, description, reader }) => [name, { description, ...reader.schema }]),
  );
}
