import { isJsonObject, type Json } from '../core/json.ts';
import type { JsonSchema, SchemaType } from '../core/schema.ts';
import { shortened } from '../core/shortened.ts';

const PLURALS: Readonly<Record<SchemaType, string>> = {
  string: 'strings',
  number: 'numbers',
  integer: 'whole numbers',
  boolean: 'booleans',
  null: 'nothing',
  array: 'lists',
  object: 'mappings',
};

const MAX_QUOTATION = 40;

/** What a schema accepts, in words: `a list of strings`, `a whole number of at least 1`, `one of auto, native`. */
export function expectation(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.length === 1 ? String(schema.enum[0]) : `one of ${schema.enum.join(', ')}`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return joinWithOr(alternatives.map(expectation));
  return joinWithOr(typesOf(schema).map((type) => oneOfType(type, schema))) || 'another value';
}

/** Why a value does not match the expectation. */
export function mismatch(label: string, expected: string, value: Json): string {
  return value === null
    ? `${label} has no value: it must be ${expected}`
    : `${label} must be ${expected}, not ${quotation(value)}`;
}

/** A value in words, after a `not`: `'often'`, `the number 5`, `an empty list`. */
export function quotation(value: Json): string {
  if (value === null) return 'nothing';
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') {
    const noun = isJsonObject(value) ? 'mapping' : 'list';
    return Object.keys(value).length === 0 ? `an empty ${noun}` : `a ${noun}`;
  }
  return value.trim() === '' ? 'an empty string' : `'${shortened(onOneLine(value), MAX_QUOTATION)}'`;
}

/** Whether some value of the type may satisfy the schema. */
export function accepts(schema: JsonSchema, type: SchemaType): boolean {
  return typesOf(schema).includes(type) || alternativesOf(schema).some((alternative) => accepts(alternative, type));
}

/** The alternatives of a schema, of which one must hold, if there are any. */
export function alternativesOf(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [];
}

/** The types that a schema names itself. */
export function typesOf({ type }: JsonSchema): readonly SchemaType[] {
  if (type === undefined) return [];
  return typeof type === 'string' ? [type] : type;
}

function oneOfType(type: SchemaType, schema: JsonSchema): string {
  switch (type) {
    case 'string':
      // A longer minimum is part of a pattern.
      return `${schema.minLength === 1 ? 'a non-empty string' : 'a string'}${withExamples(schema)}`;
    case 'integer':
      return `a whole number${bounds(schema)}`;
    case 'number':
      return `a number${bounds(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'nothing';
    case 'object':
      return 'a mapping';
    case 'array':
      return `${schema.minItems === 1 ? 'a non-empty list' : 'a list'}${schema.items ? listItems(schema.items) : ''}${size(schema)}`;
  }
}

function withExamples({ examples }: JsonSchema): string {
  return examples?.[0] === undefined ? '' : ` such as ${examples[0]}`;
}

function bounds({ minimum, maximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? '' : ` of at most ${maximum}`;
}

function size({ minItems = 0, maxItems }: JsonSchema): string {
  if (maxItems !== undefined) return ` with ${minItems} to ${maxItems} entries`;
  return minItems > 1 ? ` with at least ${minItems} entries` : '';
}

function listItems(items: JsonSchema): string {
  if (items.enum) return ` of any of ${items.enum.join(', ')}`;
  const alternatives = alternativesOf(items);
  const kinds = (alternatives.length > 0 ? alternatives : [items]).flatMap(typesOf);
  return kinds.length === 0 ? '' : ` of ${joinWithOr(kinds.map((kind) => PLURALS[kind]))}`;
}

function joinWithOr(words: readonly string[]): string {
  return [...new Set(words)].join(' or ');
}

function onOneLine(text: string): string {
  return text.trimEnd().replaceAll(/\s*\n\s*/g, ' ');
}
