import type { JSONSchema as AnySchema, FromSchema } from 'json-schema-to-ts';

/** The part of JSON Schema (2020-12) that kplay's own schemas use. */
export interface JsonSchema {
  readonly type?: SchemaType | readonly SchemaType[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly (string | number)[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly examples?: readonly unknown[];
  /** The variable that supplies the parameter's value when the task does not. */
  readonly 'x-default-variable'?: string;
  /** A text in place of the mapping of parameters is the value of this one: `command: uptime`. */
  readonly 'x-free-form'?: boolean;
  /** A text is an expression without braces, as in `when`. */
  readonly 'x-expression'?: boolean;
  /** Only with `x-expression`: the parameter becomes a mapping of the text to its value. */
  readonly 'x-with-text'?: boolean;
  /**
   * Only with `x-expression`: one condition or a list of them. The parameter becomes a list of mappings of a text to its value, up
   * to the first that is false.
   */
  readonly 'x-conditions'?: boolean;
  /**
   * While nothing is known about a host, the facts that the step needs and its plan are the same whatever word is in the text, such as the
   * name of the host. So a check of one host is valid for others.
   */
  readonly 'x-any-word'?: boolean;
  /** A command line that no shell reads (`commandWords`); the text says what to do where it needs one. */
  readonly 'x-command-line'?: string;
  /** A duration that `async` supplies when the task does not. */
  readonly 'x-async'?: boolean;
  /** A task gives at most one of these parameters. The parameter checker enforces it before a step sees them. */
  readonly 'x-exclusive'?: readonly string[];
  /** A task gives exactly one of these. */
  readonly 'x-one-of'?: readonly string[];
  /** A task gives at least one of these. */
  readonly 'x-some-of'?: readonly string[];
  /** The parameter without which this one has no effect. */
  readonly 'x-only-with'?: string;
}

export type SchemaType = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'array' | 'object';

/**
 * The type of values of the schema, in words: `string or number`, `list of strings`, or the allowed words.
 * @param wordsText formats the allowed words
 */
export function typeText(
  { type, enum: words, items, 'x-with-text': isExpression, 'x-conditions': isConditions }: JsonSchema,
  wordsText: (words: readonly string[]) => string,
): string {
  if (words) return wordsText(words.map(String));
  if (isExpression) return 'expression';
  if (isConditions) return 'condition or list of conditions';
  if (type === undefined) return 'any value';
  const names = (Array.isArray(type) ? type : [type]).map((one) =>
    one === 'array' ? `list of ${[items?.type ?? 'value'].flat().join('s or ')}s` : one,
  );
  return names.join(' or ');
}

/** A schema of a mapping: what a step's parameters are. */
export interface JsonSchemaObject extends JsonSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, JsonSchema>>;
}

/** The type of values of a schema written `as const`; properties with a default are always present. */
export type ValueOf<Schema extends AnySchema> = FromSchema<Schema>;
