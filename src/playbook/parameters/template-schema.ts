import type { JsonSchema, JsonSchemaObject } from '../../core/schema.ts';

/** What a text with a template in it satisfies. */
const TEMPLATE: JsonSchema = { type: 'string', pattern: '\\{\\{' };

/** What is an expression as it stands. */
const EXPRESSION: JsonSchema = { type: 'string' };

/** The texts that a playbook may write in place of a value. */
export function unrendered(schema: JsonSchema): JsonSchema {
  return schema['x-expression'] ? EXPRESSION : TEMPLATE;
}

/** A schema that leaves texts with a template alone. */
interface TemplateOr extends JsonSchema {
  readonly if: JsonSchema;
  readonly else: JsonSchema;
}

/**
 * The schema of a step's parameters as a playbook writes them: wherever a value is wanted, a text with a template may stand.
 * With `if` and not `anyOf`, so that what a validator then finds wrong is what the schema says and not a choice.
 */
export function beforeRendering(schema: JsonSchemaObject): JsonSchema {
  return withChildren(schema, templateOr);
}

/** The schema without what `beforeRendering` put in. */
export function afterRendering(schema: JsonSchema): JsonSchema {
  return withChildren(isTemplateOr(schema) ? schema.else : schema, afterRendering);
}

/** True for a parameter that a variable or a default gives where the task does not. */
export function isGiven(schema: JsonSchema | undefined): boolean {
  return schema?.['x-default-variable'] !== undefined || schema?.default !== undefined;
}

/** The schema with each schema directly within it changed. */
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

/** A template may satisfy several alternatives at once, so that one of them must hold, not exactly one. */
export function withoutOneOf(schema: JsonSchema): JsonSchema {
  const { oneOf, ...rest } = schema;
  return oneOf ? { ...rest, anyOf: oneOf } : schema;
}

function templateOr(schema: JsonSchema): JsonSchema {
  if (schema['x-with-text']) return EXPRESSION;
  const either: TemplateOr = { if: unrendered(schema), else: withChildren(withoutOneOf(schema), templateOr) };
  return either;
}

function isTemplateOr(schema: JsonSchema): schema is TemplateOr {
  return 'if' in schema && 'else' in schema;
}
