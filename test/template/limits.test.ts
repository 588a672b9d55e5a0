import { describe, expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import type { Json } from '../../src/core/json.ts';
import { SourceFile } from '../../src/core/source.ts';
import { Complaint } from '../../src/template/errors.ts';
import { render } from '../../src/template/evaluation/render.ts';
import { REGEX_MILLISECONDS } from '../../src/template/limits.ts';
import { Budget } from '../../src/template/machine.ts';
import { countWays, guardRegex } from '../../src/template/regex/regex-guard.ts';
import { parseTemplate } from '../../src/template/syntax/parse.ts';
import { cpuMilliseconds } from '../support/growth.ts';
import { evaluated, failure, isFailure, rendered, scopeOf } from './harness.ts';

/** Far more than anything needs. What must not be is a crash, or more than the time that a test has. */
const MANY = 100_000;

describe('an expression that is too deep is a problem, not a crash', () => {
  test.each([
    ['parentheses', '('.repeat(MANY) + 1 + ')'.repeat(MANY)],
    ['brackets', '['.repeat(MANY)],
    ['not', `${'not '.repeat(MANY)}1`],
    ['signs', `${'-'.repeat(MANY)}1`],
    ['operators', `1${'+1'.repeat(MANY)}`],
    ['attributes', `a${'.a'.repeat(MANY)}`],
    ['filters', `a${'|d'.repeat(MANY)}`],
    ['conditions', `${'1 if 1 else '.repeat(MANY)}1`],
  ])('%s', (_, text) => {
    const outcome = evaluated(text);
    expect(isFailure(outcome) && outcome.error).toMatch(/more than 200 levels @\d+ \[split it over variables\]$/);
  });

  test('what people write is not', () => {
    expect(evaluated(`${'('.repeat(150)}1${')'.repeat(150)}`)).toBe(1);
    expect(evaluated(`1${' + 1'.repeat(190)}`)).toBe(191);
    expect(evaluated(`[${'1,'.repeat(5000)}] | length`)).toBe(5000);
  });
});

describe('a template bomb ends in an error', () => {
  const big = 'x'.repeat(1_000_000);
  test.each([
    ["'a' * 1048577", 'the value is longer than 1048576 characters @1'],
    ['big ~ big', 'the value is longer than 1048576 characters @1'],
    ['[big, big]', 'the value is longer than 1048576 characters @1'],
    ["big | replace('x', 'yy')", 'the value is longer than 1048576 characters @7'],
    ["big | regex_replace('x', 'y')", 'there are more than 100000 matches @7'],
    ['[big] * 3 | join', "filter 'join' takes a list, not a number @13"],
    ['([big] + [1]) | join(big)', 'the value is longer than 1048576 characters @17'],
    ["(range(1000) | map('string') | list) | join(big)", 'the value is longer than 1048576 characters @40'],
    ["['a\\n' * 1000, 'b'] | map('indent', 1000000)", 'the value is longer than 1048576 characters @23'],
    ['range(100001)', "function 'range' makes at most 100000 numbers, not 100001 @1"],
    ['range(100000) + [1]', 'the value contains more than 100000 values @1'],
    ['[range(60000), range(60000)]', 'the value contains more than 100000 values @1'],
    [
      "range(100000) | map('ternary', range(100000), 0)",
      'this takes more than 1000000 operations @17 [work on less data, or split it over variables]',
    ],
    [
      "range(100000) | select('in', range(100000))",
      'this takes more than 1000000 operations @17 [work on less data, or split it over variables]',
    ],
    ["('[' * 100000 ~ ']' * 100000) | from_json", 'lists and mappings are nested more than 100 levels deep @33'],
    ["'a' is match(big)", 'a regular expression has at most 1000 characters, not 1000000 @8'],
    [
      'range(100000) | to_yaml',
      'this takes more than 1000000 operations @17 [work on less data, or split it over variables]',
    ],
    [
      '(big | shorten) | from_yaml',
      "there is no filter 'shorten' @8 [provide its result as a variable: vars_files, or -e]",
    ],
    ['big | from_yaml', 'this takes more than 1000000 operations @7 [work on less data, or split it over variables]'],
  ])('%s', (text, message) => {
    expect(evaluated(text, { big })).toEqual(failure(message));
  });

  test('no call has thousands of arguments', () => {
    const message = "filter 'zip' takes at most 100 arguments @6";
    expect(evaluated(`[] | zip(${'[],'.repeat(200_000)})`)).toEqual(failure(message));
    expect(evaluated(`[] | zip(${'[],'.repeat(100)})`)).toEqual([]);
  });

  test('text and lists of the file are limited, too', () => {
    expect(rendered('{{ big }} {{ big }}', { big })).toEqual(failure('the value is longer than 1048576 characters @1'));
  });

  test('a value that shares its parts counts as it would be written', () => {
    let value: Json = ['x'];
    for (let level = 0; level < 60; level += 1) value = [value, value];
    expect(evaluated('[v]', { v: value })).toEqual(failure('the value is longer than 1048576 characters @1'));
    expect(evaluated('v | to_json', { v: value })).toMatchObject({
      error: expect.stringMatching(/operations/),
    });
    expect(evaluated('v == v[0]', { v: value })).toMatchObject({
      error: expect.stringMatching(/operations/),
    });
    expect(evaluated('(v | default(1))[0][0] is defined', { v: value })).toBe(true);
  });
});

describe('regular expressions', () => {
  test.each([
    ["('a' * 40 ~ '!') is match('^(a+)+$')"],
    ["('a' * 100000) is search('a*a*a*b')"],
    ["('a' * 40) | regex_replace('(a|a)*b', '')"],
    ["['a' * 40 ~ '!'] * 9 | select('match', '^(a|aa)+$')"],
  ])('that do not end are interrupted: %s', (text) => {
    const outcome = evaluated(text.replace(/^(\[.*\] \* 9)/, '($1)'));
    expect(outcome).toMatchObject({ error: expect.stringMatching(/^the regular expression takes too long @/) });
  });

  test.each([
    ['abc', 10, 11],
    ['^a.*b$', 9, 100],
    ['a?b{2}c{1,3}', 0, 6],
    ['(?:ab)+c', 9, 100],
    [String.raw`[*+?{|(]\*\(`, 9, 10],
    ['(a|b)', 0, 4],
    ['(a+)+', 9, Number.POSITIVE_INFINITY],
    ['(a|b)*', 9, Number.POSITIVE_INFINITY],
    ['(a?){30}', 9, Number.POSITIVE_INFINITY],
  ])('%s can be tried on %i characters in %d ways', (pattern, length, ways) => {
    expect(countWays(pattern, length)).toBe(ways);
  });

  test('that could take long, but do not, yield what they should', () => {
    expect(evaluated("'prod-eu-west-m1' is match('^(prod|test)-((eu|us)-?)+west-m[0-9]+$')")).toBe(true);
    expect(evaluated("'aXbXc' | regex_replace('(X|Y)+', '-')")).toBe('a-b-c');
  });

  test('a complaint, and time, pass the guard', () => {
    const budget = new Budget();
    const complain = () => {
      throw new Complaint('no');
    };
    expect(() => guardRegex('(a+)+', 'a', budget, complain)).toThrow(new Complaint('no'));
    expect(guardRegex('(a+)+', 'a', budget, () => 7)).toBe(7);
    budget.spendRegexTime(REGEX_MILLISECONDS);
    expect(() => guardRegex('(a+)+', 'a', budget, () => 7)).toThrow('the regular expression takes too long');
    expect(guardRegex('a+', 'a', budget, () => 7)).toBe(7);
  });
});

test('a template is parsed once: rendering it many times takes less than parsing it many times', () => {
  const text = '{{ a.b }}';
  const parsed = () => parseTemplate(text, { range: new SourceFile('t', text).range(0, 9), start: 0 }, new Problems());
  const template = parsed();
  if (!template) throw new Error('it was not parsed');
  const scope = scopeOf({ a: { b: 1 } });
  const times = (work: () => void) => () => {
    for (let count = 0; count < 20_000; count += 1) work();
  };
  expect(cpuMilliseconds(times(() => render(template, scope)))).toBeLessThan(cpuMilliseconds(times(parsed)));
});
