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
}

export type SchemaType = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'array' | 'object';

/** A schema of a mapping: what a step's parameters are. */
export interface JsonSchemaObject extends JsonSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, JsonSchema>>;
}

/** The type of the values that a schema written `as const` describes; what has a default is always there. */
export type ValueOf<Schema extends AnySchema> = FromSchema<Schema>;
