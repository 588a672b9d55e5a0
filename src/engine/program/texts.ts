import type { Json, JsonObject } from '../../core/json.ts';
import type { JsonSchema, JsonSchemaObject } from '../../core/schema.ts';
import { displayText } from '../../template/values/value.ts';

/**
 * Rendered parameters, with numbers and booleans as texts where any text may stand, as in Ansible: in the content of a file or in
 * a command. Elsewhere they are left to the schema: `timeout: 30` has no unit, and the mode 600 may be octal or not.
 */
export function withTexts({ properties }: JsonSchemaObject, params: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, asText(properties[name], value)]));
}

function asText(schema: JsonSchema | undefined, value: Json): Json {
  if (!schema?.['x-any-word']) return value;
  if (Array.isArray(value))
    return takes(schema.items, 'string') ? value.map((item) => textOf(schema.items, item)) : value;
  return textOf(schema, value);
}

function textOf(schema: JsonSchema | undefined, value: Json): Json {
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  return isScalar && takes(schema, 'string') && !takes(schema, typeof value) ? displayText(value) : value;
}

function takes(schema: JsonSchema | undefined, type: string): boolean {
  return [schema?.type ?? []].flat().some((one) => one === type);
}
