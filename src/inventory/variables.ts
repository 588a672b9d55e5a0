import type { Problems } from '../core/diagnostic.ts';
import { isIdentifier } from '../core/letters.ts';
import { RESERVED_IN_INVENTORY } from '../core/reserved-variables.ts';
import type { Located } from '../core/source.ts';
import { nearest } from '../core/suggest.ts';
import type { MappingTree } from '../core/yaml/yaml.ts';
import { treeToJson } from '../core/yaml/yaml.ts';
import { type Assignment, CLUSTER_VARIABLE } from './inventory.ts';

/** Sets the precedence of groups on one level; an instruction to the inventory, not a variable. */
export const PRIORITY = 'ansible_group_priority';

/** The variables that a mapping sets. */
export function assignments(tree: MappingTree): readonly Assignment[] {
  return tree.entries.map(({ key, keyRange, value }) => ({
    name: { value: key, range: keyRange },
    value: { value: treeToJson(value), range: value.range, ...(key === CLUSTER_VARIABLE && { tree: value }) },
  }));
}

const PREFIX = 'kplay_';

/** Variables of kplay itself, without their prefix: most of a name's letters would be alike. */
const OWN = ['cluster', 'rootfs'];

/**
 * Reports a name that templates cannot use, one that kplay itself sets, and a misspelt one of kplay's own, such as
 * kplay_clusters; an empty one is an error.
 */
export function checkVariableName({ value: name, range }: Located<string>, problems: Problems): void {
  if (name === '') problems.error('a variable needs a name', range, 'write name=value');
  else if (!isIdentifier(name)) {
    problems.warning(
      `no template can use a variable called '${name}'`,
      range,
      'use letters, digits and _, not a digit first',
    );
  } else if (RESERVED_IN_INVENTORY.has(name)) {
    problems.warning(`${name} has no effect: it is a variable that kplay itself sets`, range, 'use another name');
  } else if (name.startsWith(PREFIX) && !OWN.includes(name.slice(PREFIX.length))) {
    const suggested = nearest(name.slice(PREFIX.length), OWN);
    if (suggested !== undefined)
      problems.warning(`kplay has no variable ${name}`, range, `did you mean ${PREFIX}${suggested}?`);
  }
}
