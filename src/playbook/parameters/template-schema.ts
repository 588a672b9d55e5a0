import type { JsonSchema, JsonSchemaObject } from '../../core/schema.ts';

/** A text with a template. */
const TEMPLATE: JsonSchema = { type: 'string', pattern: '\\{\\{' };

/** An expression without braces. */
const EXPRESSION: JsonSchema = { type: 'string' };

/** Conditions, as expressions or templates. */
export const CONDITIONS = {
  type: ['string', 'boolean', 'array'],
  items: { type: ['string', 'boolean'] },
} as const satisfies JsonSchema;

/** The texts that a playbook may contain in place of a value. */
export function unrendered(schema: JsonSchema): JsonSchema {
  return schema['x-expression'] ? EXPRESSION : TEMPLATE;
}

/** A schema that accepts texts with a template. */
interface TemplateOr extends JsonSchema {
  readonly if: JsonSchema;
  readonly else: JsonSchema;
}

/**
 * The schema of a step's parameters as written in playbooks: a text with a template may replace any value. Uses `if` instead
 * of `anyOf`, so that a validator's errors refer to the schema and not to the choice.
 */
export function beforeRendering(schema: JsonSchemaObject): JsonSchema {
  return withChildren(schema, templateOr);
}

/** The schema without the additions of `beforeRendering`. */
export function afterRendering(schema: JsonSchema): JsonSchema {
  return withChildren(isTemplateOr(schema) ? schema.else : schema, afterRendering);
}

/** Whether a variable or a default supplies the parameter if the task does not. */
export function isGiven(schema: JsonSchema | undefined): boolean {
  return schema?.['x-default-variable'] !== undefined || schema?.default !== undefined;
}

/** The schema with each of its immediate subschemas changed. */
export function withChildren<S extends JsonSchema>(schema: S, change: (child: JsonSchema) => JsonSchema): S {
  const { items, properties, patternProperties, additionalProperties, anyOf, oneOf } = schema;
  const each = (record: Readonly<Record<string, JsonSchema>>) =>
    Object.fromEntries(Object.entries(record).map(([name, child]) => [name, change(child)]));
  return {
    ...schema,
    ...(items && { items: change(items) }),
    ...(properties && { properties: each(properties) }),
    ...(patternProperties && { patternProperties: each(patternProperties) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: change(additionalProperties) }),
    ...(anyOf && { anyOf: anyOf.map(change) }),
    ...(oneOf && { oneOf: oneOf.map(change) }),
  };
}

/** A template may satisfy several alternatives at once, so at least one has to match instead of exactly one. */
export function withoutOneOf(schema: JsonSchema): JsonSchema {
  const { oneOf, ...rest } = schema;
  return oneOf ? { ...rest, anyOf: oneOf } : schema;
}

function templateOr(schema: JsonSchema): JsonSchema {
  if (schema['x-with-text']) return EXPRESSION;
  if (schema['x-conditions']) return CONDITIONS;
  const conditional: TemplateOr = { if: unrendered(schema), else: withChildren(withoutOneOf(schema), templateOr) };
  return conditional;
}

function isTemplateOr(schema: JsonSchema): schema is TemplateOr {
  return 'if' in schema && 'else' in schema;
}
