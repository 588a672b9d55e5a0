import { isJsonObject, type Json } from '../../core/json.ts';
import { Complaint } from '../errors.ts';
import { anything, integer, isList, number, printable } from '../shape.ts';
import { type Filter, filter, optional, withDefault } from '../signature.ts';
import { displayText } from '../values/value.ts';

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
    converted('float', 'a number', value, toNumber(value), fallback),
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
  const shown = typeof value === 'string' ? `'${value.slice(0, 40)}'` : 'the value';
  throw new Complaint(`filter '${name}': ${shown} is not ${wanted}`, `give a default: ${name}(default=0)`);
}

function toNumber(value: Json): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string' || !/^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value)) return undefined;
  const result = Number(value);
  return Number.isFinite(result) ? result + 0 : undefined;
}

function toInteger(value: Json, base: number): number | undefined {
  const result = base !== 10 && typeof value === 'string' ? parseBase(value, base) : toNumber(value);
  if (result === undefined) return undefined;
  const whole = Math.trunc(result) + 0;
  return Number.isSafeInteger(whole) ? whole : undefined;
}

const PREFIXES: Readonly<Record<number, RegExp>> = { 2: /^0b/, 8: /^0o/, 16: /^0x/ };

function parseBase(text: string, base: number): number | undefined {
  if (base < 2 || base > 36) throw new Complaint("filter 'int': 'base' is between 2 and 36");
  const digits = text
    .trim()
    .toLowerCase()
    .replace(PREFIXES[base] ?? '', '');
  const valid =
    digits !== '' && [...digits].every((digit) => /[0-9a-z]/.test(digit) && Number.parseInt(digit, 36) < base);
  return valid ? Number.parseInt(digits, base) : undefined;
}

function toBoolean(value: string | number | boolean): boolean {
  const word = String(value).toLowerCase();
  if (TRUE.includes(word)) return true;
  if (FALSE.includes(word)) return false;
  const shown = typeof value === 'string' ? `'${value.slice(0, 40)}'` : String(value);
  throw new Complaint(
    `filter 'bool': ${shown} is neither true nor false`,
    'write yes or no, true or false, on or off, 1 or 0',
  );
}

/** The name of the type in Python and Ansible. */
function pythonType(value: Json): string {
  if (value === null) return 'NoneType';
  if (isList(value)) return 'list';
  if (isJsonObject(value)) return 'dict';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return typeof value === 'string' ? 'str' : 'bool';
}
