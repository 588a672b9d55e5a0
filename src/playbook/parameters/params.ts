import type { Problems } from '../../core/diagnostic.ts';
import type { JsonSchema, JsonSchemaObject } from '../../core/schema.ts';
import type { Located } from '../../core/source.ts';
import type { MappingTree, ScalarTree, Tree } from '../../core/yaml/yaml.ts';
import { isNothing, refuse } from '../readers/reader.ts';
import { isUnclosed, keyValueParams } from './key-value.ts';

/** The parameter that a text in place of the mapping sets, as in `command: uptime`. */
export function freeFormParameter({ properties }: JsonSchemaObject): string | undefined {
  return Object.keys(properties).find((name) => properties[name]?.['x-free-form']);
}

/** The parameters under the key of a step. They are not checked against the step's schema. */
export function readParams(
  step: Located<string>,
  value: Tree,
  schema: JsonSchemaObject,
  problems: Problems,
): MappingTree | undefined {
  if (value.kind === 'mapping') return value;
  if (isNothing(value)) return { kind: 'mapping', entries: [], range: step.range };
  const parameter = freeFormParameter(schema);
  if (isText(value) && isUnclosed(value.value, schema, parameter)) {
    problems.error('a quote or a template is not closed', value.range, HINT);
    return undefined;
  }
  const pairs = isText(value) ? keyValueParams(value, schema, parameter) : undefined;
  if (pairs) return pairs;
  if (value.kind === 'scalar' && parameter !== undefined)
    return { kind: 'mapping', entries: [{ key: parameter, keyRange: value.range, value }], range: value.range };
  const expected: JsonSchema = { type: parameter === undefined ? 'object' : ['string', 'object'] };
  const hint = isKeyValueText(value) ? 'write name: value instead of name=value, each on its own line' : undefined;
  return refuse(expected, value, { label: `the value of ${step.value}`, problems }, hint ?? HINT);
}

const HINT = 'write the parameters below it, each as name: value';

function isText(tree: Tree): tree is ScalarTree & { readonly value: string } {
  return tree.kind === 'scalar' && typeof tree.value === 'string';
}

function isKeyValueText(tree: Tree): boolean {
  return tree.kind === 'scalar' && typeof tree.value === 'string' && /^\w+=/.test(tree.value);
}
