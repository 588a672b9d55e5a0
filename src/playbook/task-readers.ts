import type { JsonSchema } from '../core/schema.ts';
import type { Located } from '../core/source.ts';
import { type Tree, treeToJson } from '../core/yaml.ts';
import { mismatch } from './expectation.ts';
import { placeOf } from './place.ts';
import { oneOrMore, type Reader, refuse } from './reader.ts';

const CONDITION: JsonSchema = { type: ['string', 'boolean'] };
/** An expression in braces and nothing else. */
const IN_BRACES = /^\s*\{\{-?((?:(?!\{\{|\}\})[\s\S])*?)-?\}\}\s*$/;

const condition: Reader<Located<string>> = {
  schema: CONDITION,
  read(tree, site) {
    const { range } = tree;
    const value = tree.kind === 'scalar' ? tree.value : null;
    if (typeof value === 'boolean') return { value: String(value), range };
    if (typeof value !== 'string') {
      const message = mismatch(site.label, 'an expression', treeToJson(tree));
      site.problems.error(message, placeOf(tree), 'write one such as result is changed');
      return undefined;
    }
    const inner = IN_BRACES.exec(value)?.[1];
    if (inner !== undefined || value.includes('{{'))
      site.problems.warning(`${site.label} is an expression already`, range, 'write it without {{ and }}');
    const expression = (inner ?? value).trim();
    if (expression !== '') return { value: inner === undefined ? value : expression, range };
    site.problems.error(`${site.label} is empty`, range, 'write a condition, or remove the key');
    return undefined;
  },
};

/** Conditions that must all hold: one, or a list of them. */
export const conditions: Reader<readonly Located<string>[]> = oneOrMore(condition);

const LOOP: JsonSchema = {
  anyOf: [{ type: 'array' }, { type: 'string', pattern: '\\{\\{', examples: ['"{{ users }}"'] }],
};

/** What a task is repeated for: a list, or a template that gives one. */
export const loopList: Reader<Tree> = {
  schema: LOOP,
  read(tree, site) {
    if (tree.kind === 'sequence') return tree;
    if (tree.kind === 'mapping') return refuse(LOOP, tree, site, 'a mapping has to be made a list: … | dict2items');
    if (typeof tree.value !== 'string') return refuse(LOOP, tree, site);
    return tree.value.includes('{{') ? tree : refuse(LOOP, tree, site, `write "{{ ${tree.value.trim()} }}"`);
  },
};
