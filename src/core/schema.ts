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
  /** The variable that a parameter takes its value from when the task does not give it. */
  readonly 'x-default-variable'?: string;
  /** A text in place of the mapping of parameters stands for this one: `command: uptime`. */
  readonly 'x-free-form'?: boolean;
  /** A text here is an expression without braces, as in `when`. */
  readonly 'x-expression'?: boolean;
  /** Of such an expression, and never of anything else: the parameter becomes a mapping of the text to its value. */
  readonly 'x-with-text'?: boolean;
  /**
   * Which name of a host, or other word, stands somewhere in the text makes no difference to what the step asks and plans, as long as
   * nothing is known of the host: what has been checked for one host then holds for others.
   */
  readonly 'x-any-word'?: boolean;
  /** A duration that `async` gives where the task does not give it itself. */
  readonly 'x-async'?: boolean;
  /** Of these parameters a task gives one at most. The checker of parameters holds tasks to it, before a step sees them. */
  readonly 'x-exclusive'?: readonly string[];
  /** Of these it gives exactly one. */
  readonly 'x-one-of'?: readonly string[];
}

export type SchemaType = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'array' | 'object';

/**
 * What a value of the schema is, for people: `string or number`, `list of strings`, or the words that it may be.
 * @param wordsText how those are written
 */
export function typeText(
  { type, enum: words, items, 'x-with-text': isExpression }: JsonSchema,
  wordsText: (words: readonly string[]) => string,
): string {
  if (words) return wordsText(words.map(String));
  if (isExpression) return 'expression';
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

/** The type of the values that a schema written `as const` describes; what has a default is always there. */
export type ValueOf<Schema extends AnySchema> = FromSchema<Schema>;
