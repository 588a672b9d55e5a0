import type { Problems } from '../../core/diagnostic.ts';
import type { JsonSchema } from '../../core/schema.ts';
import type { Located } from '../../core/source.ts';
import { type ScalarTree, type Tree, treeToJson } from '../../core/yaml/yaml.ts';
import { correction } from '../correction.ts';
import { expectation, mismatch } from '../expectation.ts';
import { placeOf } from '../place.ts';

/** Reads one kind of value. Its schema tells editors and error messages what it reads. */
export interface Reader<T> {
  readonly schema: JsonSchema;
  /** The value; undefined when it is wrong, which has then been reported. */
  read(tree: Tree, site: Site): T | undefined;
}

/** Where a value stands, for reports of it. */
export interface Site {
  /** What a message calls it: `serial`, `tags[1]`. */
  readonly label: string;
  readonly problems: Problems;
}

/** Reports a value that the schema does not take. */
export function refuse(schema: JsonSchema, tree: Tree, { label, problems }: Site, hint?: string): undefined {
  const message = mismatch(label, expectation(schema), treeToJson(tree));
  problems.error(message, placeOf(tree), hint ?? correction(schema, tree));
}

/** A reader of single values: `accept` says what a value is, or undefined if it is none of these. @param hint where the schema alone does not tell */
export function scalar<T>(
  schema: JsonSchema,
  accept: (value: ScalarTree['value']) => T | undefined,
  hint?: string,
): Reader<Located<T>> {
  return {
    schema,
    read(tree, site) {
      const value = tree.kind === 'scalar' ? accept(tree.value) : undefined;
      return value === undefined ? refuse(schema, tree, site, hint) : { value, range: tree.range };
    },
  };
}

/** A list, of which every entry that can be read is kept. */
export function listOf<T>(entry: Reader<T>, bounds: Pick<JsonSchema, 'minItems'> = {}): Reader<readonly T[]> {
  const schema: JsonSchema = { type: 'array', items: entry.schema, ...bounds };
  return {
    schema,
    read(tree, site) {
      if (tree.kind !== 'sequence' || tree.items.length < (bounds.minItems ?? 0)) return refuse(schema, tree, site);
      return tree.items
        .map((item, index) => entry.read(item, { ...site, label: `${site.label}[${index}]` }))
        .filter((item) => item !== undefined);
    },
  };
}

/** One value that stands for a list of one, or a list that is not empty. */
export function oneOrMore<T>(entry: Reader<T>): Reader<readonly T[]> {
  const list = listOf(entry, { minItems: 1 });
  const schema: JsonSchema = { anyOf: [entry.schema, list.schema] };
  return {
    schema,
    read(tree, site) {
      if (tree.kind === 'mapping' || (tree.kind === 'sequence' && tree.items.length === 0))
        return refuse(schema, tree, site);
      if (tree.kind === 'sequence') return list.read(tree, site);
      const only = entry.read(tree, site);
      return only === undefined ? undefined : [only];
    },
  };
}

/** A key without a value means the same as an empty one. */
export function orNothing<T>(reader: Reader<T>, nothing: T): Reader<T> {
  return {
    schema: { anyOf: [reader.schema, { type: 'null' }] },
    read: (tree, site) => (isNothing(tree) ? nothing : reader.read(tree, site)),
  };
}

/** True where nothing is written after a key, or `null`. */
export function isNothing(tree: Tree): boolean {
  return tree.kind === 'scalar' && tree.value === null;
}
