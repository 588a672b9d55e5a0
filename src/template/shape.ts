import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../core/json.ts';

/** A kind of value that a filter, a test or one of their parameters accepts. */
export interface Shape<T extends Json> {
  /** With its article, for messages: `a string`. */
  readonly expected: string;
  /** All accepted values, if these are a few words. */
  readonly words?: readonly string[];
  readonly accepts: (value: Json) => value is T;
}

export const anything: Shape<Json> = { expected: 'anything', accepts: (value): value is Json => value !== undefined };

export const text: Shape<string> = {
  expected: 'a string',
  accepts: (value) => typeof value === 'string',
};

export const number: Shape<number> = {
  expected: 'a number',
  accepts: (value) => typeof value === 'number',
};

export const integer: Shape<number> = {
  expected: 'a whole number',
  accepts: (value): value is number => Number.isSafeInteger(value),
};

export const flag: Shape<boolean> = {
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};

export const list: Shape<readonly Json[]> = { expected: 'a list', accepts: isJsonArray };

export const mapping: Shape<JsonObject> = { expected: 'a mapping', accepts: isJsonObject };

export const mappings: Shape<JsonObject | readonly JsonObject[]> = {
  expected: 'a mapping or a list of mappings',
  accepts: (value): value is JsonObject | readonly JsonObject[] =>
    isJsonArray(value) ? value.every((item) => isJsonObject(item)) : isJsonObject(value),
};

/** Values with only one textual representation. */
export const printable: Shape<string | number | boolean> = {
  expected: 'a string, number or boolean',
  accepts: (value) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean',
};

export const textOrList: Shape<string | readonly Json[]> = {
  expected: 'a string or list',
  accepts: (value) => typeof value === 'string' || isJsonArray(value),
};

export const collection: Shape<string | readonly Json[] | JsonObject> = {
  expected: 'a string, list or mapping',
  accepts: (value) => typeof value === 'string' || isJsonArray(value) || isJsonObject(value),
};

export const textOrInteger: Shape<string | number> = {
  expected: 'a string or whole number',
  accepts: (value): value is string | number => typeof value === 'string' || Number.isSafeInteger(value),
};

/** The path of an attribute, such as `a.b` or `a.0`, or an index. */
export const attributePath: Shape<string | number> = {
  expected: 'the name of an attribute',
  accepts: textOrInteger.accepts,
};

/** One of a few words. */
export function oneOf<const W extends string>(...words: readonly W[]): Shape<W> {
  return {
    expected: `one of ${words.map((word) => `'${word}'`).join(', ')}`,
    words,
    accepts: (value): value is W => words.some((word) => word === value),
  };
}
