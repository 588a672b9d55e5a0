import type { Problems } from '../../core/diagnostic.ts';
import type { JsonSchema } from '../../core/schema.ts';
import type { Located } from '../../core/source.ts';
import { type ScalarTree, type Tree, treeToJson } from '../../core/yaml/yaml.ts';
import { correction } from '../correction.ts';
import { expectation, mismatch } from '../expectation.ts';
import { messageRange } from '../place.ts';

/** Reads one kind of value. Its schema tells editors and error messages what it accepts. */
export interface Reader<T> {
  readonly schema: JsonSchema;
  /** The value; undefined, after a report, if it is invalid. */
  read(tree: Tree, site: Site): T | undefined;
}

/** The context of a value, for reports. */
export interface Site {
  /** Its name in messages: `serial`, `tags[1]`. */
  readonly label: string;
  readonly problems: Problems;
}

/** Reports a value that violates the schema. */
export function refuse(schema: JsonSchema, tree: Tree, { label, problems }: Site, hint?: string): undefined {
  const message = mismatch(label, expectation(schema), treeToJson(tree));
  problems.error(message, messageRange(tree), hint ?? correction(schema, tree));
}

/**
 * A reader of scalars: `accept` converts the value, or returns undefined if it is invalid. @param hint explains what the
 * schema alone does not tell, for each refused value or for this one
 */
export function scalar<T>(
  schema: JsonSchema,
  accept: (value: ScalarTree['value']) => T | undefined,
  hint?: string | ((value: ScalarTree['value']) => string | undefined),
): Reader<Located<T>> {
  return {
    schema,
    read(tree, site) {
      const value = tree.kind === 'scalar' ? accept(tree.value) : undefined;
      if (value !== undefined) return { value, range: tree.range };
      const text = typeof hint === 'function' ? tree.kind === 'scalar' && hint(tree.value) : hint;
      return refuse(schema, tree, site, text || undefined);
    },
  };
}

/** A list; invalid entries are dropped. */
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

/** A single value in place of a list of one, or a non-empty list. */
export function oneOrMore<T>(entry: Reader<T>): Reader<readonly T[]> {
  const list = listOf(entry, { minItems: 1 });
  const schema: JsonSchema = { anyOf: [entry.schema, list.schema] };
  return {
    schema,
    read(tree, site) {
      if (tree.kind === 'mapping' || (tree.kind === 'sequence' && tree.items.length === 0))
        return refuse(schema, tree, site);
      if (tree.kind === 'sequence') return list.read(tree, site);
      const single = entry.read(tree, site);
      return single === undefined ? undefined : [single];
    },
  };
}

/** Reads a key without a value like an empty one. */
export function orEmpty<T>(reader: Reader<T>, empty: T): Reader<T> {
  return {
    schema: { anyOf: [reader.schema, { type: 'null' }] },
    read: (tree, site) => (isNothing(tree) ? empty : reader.read(tree, site)),
  };
}

/** Whether a key has no value, or `null`. */
export function isNothing(tree: Tree): boolean {
  return tree.kind === 'scalar' && tree.value === null;
}
