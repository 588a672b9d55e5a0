import type { JsonSchema } from '../../core/schema.ts';
import type { Located } from '../../core/source.ts';
import { type MappingTree, type ScalarTree, type Tree, treeToJson } from '../../core/yaml/yaml.ts';
import { mismatch } from '../expectation.ts';
import { messageRange } from '../place.ts';
import { oneOrMore, type Reader, refuse, type Site, scalar } from './reader.ts';

const CONDITION: JsonSchema = { type: ['string', 'boolean'] };
/** Nothing but an expression in braces; its group is the content, including blanks. */
export const IN_BRACES = /^\s*\{\{-?((?:(?!\{\{|\}\})[\s\S])*?)-?\}\}\s*$/;

const condition: Reader<Located<string>> = {
  schema: CONDITION,
  read(tree, site) {
    const { range } = tree;
    const value = tree.kind === 'scalar' ? tree.value : null;
    if (typeof value === 'boolean') return { value: String(value), range };
    if (typeof value !== 'string') {
      const message = mismatch(site.label, 'an expression', treeToJson(tree));
      site.problems.error(message, messageRange(tree), 'write one such as result is changed');
      return undefined;
    }
    const inner = IN_BRACES.exec(value)?.[1];
    // Ansible replaces braces inside of an expression, even in its strings, before it evaluates it.
    const isTemplate = value.includes('{{');
    if (isTemplate)
      site.problems[inner === undefined ? 'error' : 'warning'](
        `${site.label} is an expression already`,
        range,
        'write it without {{ and }}',
      );
    // Read as an expression, its braces would be told once more.
    if (isTemplate && inner === undefined) return undefined;
    const expression = (inner ?? value).trim();
    if (expression !== '') return { value: inner === undefined ? value : expression, range };
    site.problems.error(`${site.label} is empty`, range, 'write a condition, or remove the key');
    return undefined;
  },
};

/** Conditions that must all hold: one, or a list. */
export const conditions: Reader<readonly Located<string>[]> = oneOrMore(condition);

const LOOP: JsonSchema = {
  anyOf: [{ type: 'array' }, { type: 'string', pattern: '\\{\\{', examples: ['"{{ users }}"'] }],
};

/** The loop of a task: a list, or a template that yields one. */
export const loopList: Reader<Tree> = {
  schema: LOOP,
  read(tree, site) {
    if (tree.kind === 'sequence') return tree;
    if (tree.kind === 'mapping') return refuse(LOOP, tree, site, 'turn the mapping into a list: … | dict2items');
    if (typeof tree.value !== 'string') return refuse(LOOP, tree, site);
    return tree.value.includes('{{') ? tree : refuse(LOOP, tree, site, `write "{{ ${tree.value.trim()} }}"`);
  },
};

/** A value, or a template of one. */
function orTemplate<T extends number | boolean>(
  schema: JsonSchema,
  example: string,
  accept: (value: ScalarTree['value']) => T | undefined,
): Reader<Located<T | string>> {
  const template: JsonSchema = { type: 'string', pattern: '\\{\\{', examples: [`"{{ ${example} }}"`] };
  return scalar<T | string>({ anyOf: [schema, template] }, (value) =>
    typeof value === 'string' ? (value.includes('{{') ? value : undefined) : accept(value),
  );
}

/** A whole number from 0 on, or a template of one. */
export const naturalOrTemplate: Reader<Located<number | string>> = orTemplate(
  { type: 'integer', minimum: 0 },
  'limit',
  (value) => (typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined),
);

/** A time in seconds, or a template of one. */
export const secondsOrTemplate: Reader<Located<number | string>> = orTemplate(
  { type: 'number', minimum: 0 },
  'pause',
  (value) => (typeof value === 'number' && value >= 0 ? value : undefined),
);

/** `true`, `false`, or a template of one of them. */
export const flagOrTemplate: Reader<Located<boolean | string>> = orTemplate({ type: 'boolean' }, 'dry_run', (value) =>
  typeof value === 'boolean' ? value : undefined,
);

const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const VARIABLES: JsonSchema = {
  type: 'object',
  patternProperties: { [ENVIRONMENT_NAME.source]: {} },
  additionalProperties: false,
};
const TEMPLATE: JsonSchema = { type: 'string', pattern: '\\{\\{', examples: ['"{{ proxy_env }}"'] };
const ENVIRONMENT: JsonSchema = {
  anyOf: [VARIABLES, TEMPLATE, { type: 'array', items: { anyOf: [VARIABLES, TEMPLATE] } }],
};

/** Environment variables: a mapping, a template that yields one, or a list of these, of which the last wins. */
export const environment: Reader<Tree> = {
  schema: ENVIRONMENT,
  read(tree, site) {
    const parts = tree.kind === 'sequence' ? tree.items : [tree];
    const validity = parts.map((part) => isEnvironment(part, site));
    return validity.includes(false) ? undefined : tree;
  },
};

/** `args`: parameters beside those below the step. */
export const furtherParameters: Reader<MappingTree> = {
  schema: { type: 'object' },
  read: (tree, site) =>
    tree.kind === 'mapping'
      ? tree
      : refuse({ type: 'object' }, tree, site, 'write the parameters below it, each as name: value'),
};

/** Reports problems. */
function isEnvironment(tree: Tree, site: Site): boolean {
  if (tree.kind === 'scalar' && typeof tree.value === 'string' && tree.value.includes('{{')) return true;
  if (tree.kind !== 'mapping') {
    refuse(ENVIRONMENT, tree, site, 'write a mapping of names to values');
    return false;
  }
  const invalid = tree.entries.filter(({ key }) => !ENVIRONMENT_NAME.test(key));
  for (const { key, keyRange } of invalid)
    site.problems.error(
      `'${key}' cannot be the name of an environment variable`,
      keyRange,
      'use letters, digits and _, not a digit first',
    );
  const valueless = tree.entries.filter(({ value }) => value.kind !== 'scalar' || value.value === null);
  for (const { key, value } of valueless)
    site.problems.error(`${key} of ${site.label} must be a string or a number`, messageRange(value), 'write a value');
  return invalid.length + valueless.length === 0;
}
