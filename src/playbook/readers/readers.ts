import { isIdentifier } from '../../core/letters.ts';
import type { JsonSchema } from '../../core/schema.ts';
import type { Located } from '../../core/source.ts';
import type { Tree } from '../../core/yaml/yaml.ts';
import type { VariableTrees } from '../model.ts';
import { subrange } from '../place.ts';
import { listOf, oneOrMore, orEmpty, type Reader, refuse, scalar } from './reader.ts';

/** Names that a template can use, as the source of a regular expression. */
const NAME = '^[\\p{L}_][\\p{L}\\p{N}_]*$';
export const NAME_HINT = 'use letters, digits and _, not a digit first, and not a keyword of the expression language';
/** Words with another meaning in expressions. */
const RESERVED: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'is', 'if', 'else', 'true', 'false', 'none']);

/** `true` or `false`. */
export const flag: Reader<Located<boolean>> = scalar({ type: 'boolean' }, (value) =>
  typeof value === 'boolean' ? value : undefined,
);

/** A non-empty text. */
export const text: Reader<Located<string>> = scalar({ type: 'string', minLength: 1 }, (value) =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined,
);

/** A number from 0 to 100. */
export const percentage: Reader<Located<number>> = scalar({ type: 'number', minimum: 0, maximum: 100 }, (value) =>
  typeof value === 'number' && value >= 0 && value <= 100 ? value : undefined,
);

/** A text, a number or a boolean. */
export const anyScalar: Reader<Tree> = {
  schema: { type: ['string', 'number', 'boolean'] },
  read: (tree, site) =>
    tree.kind === 'scalar' && tree.value !== null
      ? tree
      : refuse({ type: ['string', 'number', 'boolean'] }, tree, site),
};

/** A whole number from 0 on. */
export const natural: Reader<Located<number>> = scalar({ type: 'integer', minimum: 0 }, (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined,
);

/** A time in seconds. */
export const seconds: Reader<Located<number>> = scalar({ type: 'number', minimum: 0 }, (value) =>
  typeof value === 'number' && value >= 0 ? value : undefined,
);

/** The name of a variable. */
export const variableName: Reader<Located<string>> = {
  schema: { type: 'string', pattern: NAME },
  read(tree, site) {
    const name = text.read(tree, site);
    if (!name || isUsableName(name.value)) return name;
    site.problems.error(`${site.label} cannot be '${name.value}'`, name.range, NAME_HINT);
    return undefined;
  },
};

const variableMapping: JsonSchema = { type: 'object', patternProperties: { [NAME]: {} }, additionalProperties: false };

/** Variables with any values. */
export const variables: Reader<VariableTrees> = orEmpty<VariableTrees>(
  {
    schema: variableMapping,
    read(tree, site) {
      if (tree.kind !== 'mapping') {
        const isOlderForm = tree.kind === 'sequence' && tree.items.some(({ kind }) => kind === 'mapping');
        return refuse(variableMapping, tree, site, isOlderForm ? 'leave out the dashes: name: value' : undefined);
      }
      for (const { key, keyRange } of tree.entries) {
        if (!isUsableName(key)) site.problems.error(`'${key}' cannot be the name of a variable`, keyRange, NAME_HINT);
      }
      return new Map(tree.entries.map(({ key, value }) => [key, value]));
    },
  },
  new Map(),
);

/** Whether a template can use it as the name of a variable. */
export function isUsableName(name: string): boolean {
  return isIdentifier(name) && !RESERVED.has(name);
}

/** The words of a text with commas between them. */
const commaWords: Reader<readonly Located<string>[]> = {
  schema: text.schema,
  read(tree, site) {
    const integer = text.read(tree, site);
    if (!integer || tree.kind !== 'scalar') return undefined;
    const found = [...integer.value.matchAll(/[^\s,](?:[^,]*[^\s,])?/g)];
    return found.map(({ 0: value, index }) => ({ value, range: subrange(tree, index, index + value.length) }));
  },
};

const words = listOf(text);

/** Tags: a list, or a text separated by commas. In a list a comma is part of the tag, as in Ansible. */
export const tags: Reader<readonly Located<string>[]> = orEmpty<readonly Located<string>[]>(
  {
    schema: { anyOf: [commaWords.schema, words.schema] },
    read(tree, site) {
      const found = (tree.kind === 'sequence' ? words : commaWords).read(tree, site);
      for (const { value, range } of found ?? [])
        if (TEMPLATE.test(value)) site.problems.error('a tag cannot be a template', range, PLAIN_TAGS);
      return found;
    },
  },
  [],
);

/** Topics that a handler listens to: one, or a list. */
export const topics: Reader<readonly Located<string>[]> = {
  schema: oneOrMore(text).schema,
  read(tree, site) {
    const found = oneOrMore(text).read(tree, site);
    for (const { value, range } of found ?? [])
      if (TEMPLATE.test(value)) site.problems.error(`${site.label} cannot be a template`, range, PLAIN_TOPICS);
    return found;
  },
};

const TEMPLATE = /\{\{|\{%/;
const PLAIN_TOPICS = 'write it out; notify of a task can be a template';
const PLAIN_TAGS = 'write it out: tags decide which tasks there are, before anything is known about a host';
