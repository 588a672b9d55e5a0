import { isJsonArray, isJsonObject, type Json } from '../../core/json.ts';
import { shortened } from '../../core/shortened.ts';
import { Complaint } from '../errors.ts';
import { anything, integer, number, printable } from '../shape.ts';
import { type Filter, filter, optional, withDefault } from '../signature.ts';
import { displayText } from '../values/value.ts';

// As in Ansible, the filter `bool` takes fewer words than settings do.
const TRUE = ['true', 'yes', 'on', '1'];
const FALSE = ['false', 'no', 'off', '0'];

export const CONVERSION_FILTERS: readonly Filter[] = [
  filter('string', anything, {}, displayText),
  filter('bool', printable, {}, toBoolean),
  filter(
    'int',
    anything,
    { default: optional(integer), base: withDefault(integer, 10) },
    (value, { default: fallback, base }) => converted('int', 'a whole number', value, toInteger(value, base), fallback),
  ),
  filter('float', anything, { default: optional(number) }, (value, { default: fallback }) =>
    converted('float', 'a number', value, toFinite(value), fallback),
  ),
  filter('type_debug', anything, {}, pythonType),
];

/** Jinja converts invalid numbers to 0; here that has to be requested with `default=`. */
function converted(
  name: string,
  wanted: string,
  value: Json,
  result: number | undefined,
  fallback: number | undefined,
) {
  const outcome = result ?? fallback;
  if (outcome !== undefined) return outcome;
  const shown = typeof value === 'string' ? `'${shortened(value, 40)}'` : 'the value';
  throw new Complaint(`filter '${name}': ${shown} is not ${wanted}`, `give a default: ${name}(default=0)`);
}

/** As Python's `float`, also infinite; undefined for anything that it refuses, and for the words of what is no number. */
function toNumber(value: Json): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  const text = typeof value === 'string' ? withoutUnderscores(value) : '';
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) + 0 : undefined;
}

function toFinite(value: Json): number | undefined {
  const result = toNumber(value);
  const isInfinite = typeof value === 'string' && /^[+-]?(?:inf|infinity|nan)$/i.test(value.trim());
  if (isInfinite || (result !== undefined && !Number.isFinite(result))) throw tooLarge('float', value);
  return result;
}

/** A text in digits of the base, else, as in Jinja, the whole part of a decimal number. */
function toInteger(value: Json, base: number): number | undefined {
  const digits = base !== 10 && typeof value === 'string' ? parseBase(withoutUnderscores(value), base) : undefined;
  const result = digits ?? toNumber(value);
  if (result === undefined || !Number.isFinite(result)) return undefined;
  const whole = Math.trunc(result) + 0;
  if (!Number.isSafeInteger(whole)) throw tooLarge('int', value);
  return whole;
}

function tooLarge(name: string, value: Json): Complaint {
  const shown = shortened(String(value), 40);
  return new Complaint(`filter '${name}': ${shown} is not a number that can be used`, 'keep it as a string');
}

/** Python allows `_` between digits. */
function withoutUnderscores(text: string): string {
  return text.trim().replace(/(?<=[0-9a-z])_(?=[0-9a-z])/gi, '');
}

const PREFIXES: Readonly<Record<number, RegExp>> = { 2: /^0b/, 8: /^0o/, 16: /^0x/ };

function parseBase(text: string, base: number): number | undefined {
  if (base < 2 || base > 36) throw new Complaint("filter 'int': 'base' is between 2 and 36");
  const unsigned = text.toLowerCase().replace(/^[+-]/, '');
  const digits = unsigned.replace(PREFIXES[base] ?? '', '');
  const valid =
    digits !== '' && [...digits].every((digit) => /[0-9a-z]/.test(digit) && Number.parseInt(digit, 36) < base);
  if (!valid) return undefined;
  const size = Number.parseInt(digits, base);
  return text.startsWith('-') ? 0 - size : size;
}

function toBoolean(value: string | number | boolean): boolean {
  const word = String(value).toLowerCase();
  if (TRUE.includes(word)) return true;
  if (FALSE.includes(word)) return false;
  const shown = typeof value === 'string' ? `'${shortened(value, 40)}'` : String(value);
  throw new Complaint(
    `filter 'bool': ${shown} is neither true nor false`,
    'write yes or no, true or false, on or off, 1 or 0',
  );
}

/** The name of the type in Python and Ansible. */
function pythonType(value: Json): string {
  if (value === null) return 'NoneType';
  if (isJsonArray(value)) return 'list';
  if (isJsonObject(value)) return 'dict';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return typeof value === 'string' ? 'str' : 'bool';
}
