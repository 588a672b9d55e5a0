import type { JsonSchema } from '../core/schema.ts';
import { nearest } from '../core/suggest.ts';
import type { ScalarTree, Tree } from '../core/yaml/yaml.ts';
import { accepts, alternativesOf, typesOf } from './expectation.ts';

/** Booleans in YAML 1.1 and Ansible, strings here. */
const BOOLEAN_WORD = /^(?:yes|no|on|off|y|n|true|false)$/i;

/** A replacement for a value that violates the schema, if the way it was written suggests one. */
export function correction(schema: JsonSchema, tree: Tree): string | undefined {
  switch (tree.kind) {
    case 'scalar':
      return scalarCorrection(schema, tree);
    case 'mapping':
      return itemSchemas(schema).some((items) => accepts(items, 'object')) ? 'begin each entry with "- "' : undefined;
    case 'sequence':
      return undefined;
  }
}

function scalarCorrection(schema: JsonSchema, scalar: ScalarTree): string | undefined {
  const { value, raw } = scalar;
  if (value === null) return 'write a value, or remove the key';
  if (typeof value === 'string') return stringCorrection(schema, value, scalar) ?? listCorrection(schema, scalar);
  if (!takesText(schema, raw)) return listCorrection(schema, scalar);
  return raw === String(value) ? `quote it: "${raw}"` : `quote it, "${raw}": it was read as ${value}`;
}

function stringCorrection(schema: JsonSchema, value: string, { quoted }: ScalarTree): string | undefined {
  if (value.includes('{{')) return 'templates are not allowed here, because it is read before variables are known';
  const closest = nearest(value, wordsOf(schema));
  if (closest !== undefined) return `did you mean ${closest}?`;
  if (accepts(schema, 'boolean') && BOOLEAN_WORD.test(value))
    return quoted ? 'write true or false, without quotes' : 'write true or false';
  const isNumber = accepts(schema, 'integer') || accepts(schema, 'number');
  return quoted && isNumber && /^-?\d+(?:\.\d+)?$/.test(value) ? `write ${value} without quotes` : undefined;
}

function listCorrection(schema: JsonSchema, { value, raw, quoted }: ScalarTree): string | undefined {
  if (raw.includes('\n') || !itemSchemas(schema).some((items) => acceptsScalar(items, value))) return undefined;
  return `write a list: [${quoted || /[,[\]{}]/.test(raw) ? JSON.stringify(value) : raw}]`;
}

function acceptsScalar(schema: JsonSchema, value: ScalarTree['value']): boolean {
  if (typeof value === 'number')
    return accepts(schema, 'number') || (Number.isInteger(value) && accepts(schema, 'integer'));
  return accepts(schema, typeof value === 'string' ? 'string' : 'boolean');
}

/** Whether the text, quoted, would satisfy the schema. */
function takesText(schema: JsonSchema, text: string): boolean {
  if (alternativesOf(schema).some((alternative) => takesText(alternative, text))) return true;
  if (!typesOf(schema).includes('string')) return false;
  return schema.enum?.includes(text) ?? (schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(text));
}

function wordsOf(schema: JsonSchema): readonly string[] {
  const own = (schema.enum ?? []).filter((word) => typeof word === 'string');
  return [...own, ...alternativesOf(schema).flatMap(wordsOf)];
}

function itemSchemas(schema: JsonSchema): readonly JsonSchema[] {
  return [...(schema.items ? [schema.items] : []), ...alternativesOf(schema).flatMap(itemSchemas)];
}
