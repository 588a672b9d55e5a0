import type { JsonObject } from '../../src/core/json.ts';
import { type Arbitrary, fc } from '../support/random-cases.ts';

/** The variables of generated expressions; `missing` is not one of them. */
export const VARIABLES: JsonObject = {
  n: 3,
  zero: 0,
  s: 'Hello World',
  empty: '',
  xs: [3, 1, 2],
  words: ['b', 'a', 'C'],
  d: { a: 1, b: 'two', c: { deep: [10, 20] } },
  yes: true,
  no: false,
};

type Kinds = {
  readonly number: string;
  readonly text: string;
  readonly boolean: string;
  readonly numbers: string;
  readonly texts: string;
  readonly any: string;
};

/**
 * Expressions of the language that kplay and Jinja share, typed, so that nearly all of them have a value. Left out is what
 * implementations differ in: floats in texts, negative divisors, `and`/`or` of other than booleans, comparisons across types, and
 * negative bounds of slices, and titles of words with commas, where minijinja is not Python.
 */
export function sharedExpressions(): Arbitrary<string> {
  return fc.letrec<Kinds>((tie) => ({
    any: fc.oneof(tie('number'), tie('text'), tie('boolean'), tie('numbers'), tie('texts')),
    number: fc.oneof(
      fc.oneof(fc.nat(20).map(String), fc.constantFrom('n', 'zero', 'd.a', "d['a']", 'd.c.deep[0]', 'xs[-1]')),
      write`(${tie('number')} ${fc.constantFrom('+', '-', '*')} ${tie('number')})`,
      write`(${tie('number')} ${fc.constantFrom('//', '%')} ${fc.constantFrom('1', '2', '3', '7')})`,
      write`(-${tie('number')})`,
      write`(${tie('number')} | abs)`,
      write`(${fc.oneof(tie('text'), tie('numbers'), tie('texts'))} | ${fc.constantFrom('length', 'count')})`,
      write`(${tie('numbers')} | sum)`,
      write`(${tie('number')} if ${tie('boolean')} else ${tie('number')})`,
      write`(missing | default(${tie('number')}))`,
      write`(${tie('numbers')} | ${fc.constantFrom('first', 'last', 'min', 'max')})`,
    ),
    text: fc.oneof(
      fc.oneof(
        fc.stringMatching(/^[a-zA-Z ]{0,5}$/).map((text) => `'${text}'`),
        fc.constantFrom('s', 'empty', 'd.b'),
      ),
      write`(${tie('text')} ~ ${fc.oneof(tie('text'), tie('number'))})`,
      write`(${tie('text')} | ${fc.constantFrom('upper', 'lower', 'capitalize', 'trim')})`,
      write`(${tie('text')} | replace('l', ${tie('text')}))`,
      write`${tie('text')}[${bound()}:${bound()}]`,
      write`(${fc.oneof(tie('numbers'), tie('texts'))} | join(${fc.constantFrom("','", "''", "' - '")}))`,
      write`(${tie('text')} if ${tie('boolean')} else ${tie('text')})`,
      write`(${tie('text')} | default('x', true))`,
      write`(${tie('number')} | string)`,
    ),
    boolean: fc.oneof(
      fc.constantFrom('true', 'false', 'yes', 'no', '(n is defined)', '(missing is defined)', '(missing is undefined)'),
      write`(${tie('number')} ${fc.constantFrom('==', '!=', '<', '<=', '>', '>=')} ${tie('number')})`,
      write`(${tie('text')} ${fc.constantFrom('==', '!=', '<', '<=', '>', '>=')} ${tie('text')})`,
      write`(${tie('numbers')} ${fc.constantFrom('==', '!=')} ${tie('numbers')})`,
      write`(${tie('text')} ${fc.constantFrom('in', 'not in')} ${tie('text')})`,
      write`(${tie('number')} ${fc.constantFrom('in', 'not in')} ${tie('numbers')})`,
      write`('a' in ${fc.constantFrom('d', 'd.c')})`,
      write`(not ${tie('boolean')})`,
      write`(${tie('boolean')} ${fc.constantFrom('and', 'or')} ${tie('boolean')})`,
      write`(${tie('number')} is ${fc.constantFrom('odd', 'even', 'not odd', 'divisibleby 3', 'divisibleby(2)')})`,
      write`(${tie('any')} is ${fc.constantFrom('string', 'number', 'mapping', 'none', 'not string', 'boolean')})`,
      write`(${tie('text')} is ${fc.constantFrom("startswith('H')", "endswith('d')")})`,
    ),
    numbers: fc.oneof(
      fc.constantFrom('xs', '[]', 'd.c.deep', 'range(4)', 'range(1, 9, 3)'),
      write`[${tie('number')}, ${tie('number')}]`,
      write`(${tie('numbers')} + ${tie('numbers')})`,
      write`${tie('numbers')}[${bound()}:${bound()}]`,
      write`(${tie('numbers')} | ${fc.constantFrom('sort', 'reverse', 'unique', 'list', 'sort(reverse=true)')})`,
      write`(${tie('numbers')} | ${fc.constantFrom("select('odd')", "reject('odd')", "map('abs')", 'select')} | list)`,
      write`([${tie('numbers')}, ${tie('numbers')}] | map('length') | list)`,
    ),
    texts: fc.oneof(
      fc.constantFrom('words', "['x', 'Y']"),
      write`[${tie('text')}, ${tie('text')}]`,
      write`(${tie('texts')} | ${fc.constantFrom('sort', 'reverse', 'unique', 'list')})`,
      write`(${tie('texts')} | map('${fc.constantFrom('upper', 'lower')}') | list)`,
      write`(${tie('text')} | split | list)`,
      write`(${tie('number')} and [${tie('text')}] or [])`,
    ),
  })).any;
}

function bound(): Arbitrary<string> {
  return fc.oneof(fc.constant(''), fc.nat(6).map(String));
}

/** An arbitrary of texts, from a template whose places are arbitraries. */
function write(strings: TemplateStringsArray, ...places: readonly Arbitrary<string>[]): Arbitrary<string> {
  return fc.tuple(...places).map((texts) => strings.map((part, index) => part + (texts[index] ?? '')).join(''));
}
