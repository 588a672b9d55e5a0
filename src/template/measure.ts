import { isJsonArray, type Json, type JsonObject } from '../core/json.ts';
import { Complaint } from './errors.ts';
import { MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES } from './limits.ts';

/** The size of a value when written out: shared parts count every time. */
interface Size {
  /** The number of values inside it, at all levels. */
  readonly values: number;
  readonly characters: number;
  readonly depth: number;
}

const SCALAR: Size = { values: 0, characters: 0, depth: 0 };

/** Values are immutable, so each list and mapping is measured once. */
const sizes = new WeakMap<object, Size>();

/** The number of operations charged for visiting a value, which is cheap compared to evaluating an expression. */
export function costOf(value: Json): number {
  if (typeof value === 'string') return value.length / 128;
  if (typeof value !== 'object' || value === null) return 0;
  const { values, characters } = sizeOf(value);
  return values / 10 + characters / 128;
}

/**
 * Returns the value if it is within the limits.
 * @throws {Complaint} if it is too large or too deep
 */
export function withinLimits<T extends Json>(value: T): T {
  if (typeof value === 'string') checkLength(value.length);
  if (typeof value !== 'object' || value === null) return value;
  const { values, characters } = sizeOf(value);
  checkLength(characters);
  if (values > MAX_VALUES) throw new Complaint(`the value contains more than ${MAX_VALUES} values`);
  return value;
}

/**
 * Checks the length of a text before it is built.
 * @throws {Complaint} if it is too long
 */
export function checkLength(characters: number): void {
  if (characters > MAX_CHARACTERS) throw new Complaint(`the value is longer than ${MAX_CHARACTERS} characters`);
}

/** Joins texts if the result is within the limits. */
export function joinTexts(texts: readonly string[], separator = ''): string {
  let length = Math.max(0, texts.length - 1) * separator.length;
  for (const text of texts) length += text.length;
  checkLength(length);
  return texts.join(separator);
}

/** The characters of all texts in a value. */
export function charactersIn(value: Json): number {
  return sizeOf(value).characters;
}

function sizeOf(value: Json, level = 0): Size {
  if (typeof value === 'string') return { values: 0, characters: value.length, depth: 0 };
  if (typeof value !== 'object' || value === null) return SCALAR;
  checkDepth(level);
  const size = sizes.get(value) ?? measure(value, level);
  checkDepth(level + size.depth);
  sizes.set(value, size);
  return size;
}

/** Marks a lazy mapping as small, so that measuring it does not compute its values. */
export function takeForSmall(mapping: JsonObject, values: number): void {
  sizes.set(mapping, { values, characters: 0, depth: 1 });
}

function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw new Complaint(`lists and mappings are nested more than ${MAX_DEPTH} levels deep`);
}

function measure(value: readonly Json[] | JsonObject, level: number): Size {
  let values = 0;
  let characters = 0;
  let depth = 0;
  for (const member of isJsonArray(value) ? value : Object.values(value)) {
    const size = sizeOf(member, level + 1);
    values += 1 + size.values;
    characters += size.characters;
    depth = Math.max(depth, size.depth + 1);
  }
  if (!isJsonArray(value)) for (const key of Object.keys(value)) characters += key.length;
  return { values, characters, depth };
}
