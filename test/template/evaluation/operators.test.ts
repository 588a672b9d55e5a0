import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/core/json.ts';
import { evaluated, failure } from '../harness.ts';

const variables = {
  n: 3,
  s: 'hello',
  nothing: null,
  m: { k: 'v', 'a b': 1, list: [10, 20], inner: { x: null }, '7': 'seven' },
  rows: [{ n: 'a', v: 1 }, { n: 'b' }],
  smile: '😀ab',
};

describe('values', () => {
  test.each<[string, Json]>([
    ['1', 1],
    ['1.5', 1.5],
    ['1e3', 1000],
    ["'a'", 'a'],
    ['"it\'s"', "it's"],
    [String.raw`'a\n\t\\\'\"'`, 'a\n\t\\\'"'],
    [String.raw`'\x41\u00e9'`, 'Aé'],
    [String.raw`'\d+\.\1'`, '\\d+\\.\x01'],
    [String.raw`'\b\101\U0001f600'`, '\bA😀'],
    ['[true, True, false, False]', [true, true, false, false]],
    ['[none, None]', [null, null]],
    ['[]', []],
    ['[1, [2], ]', [1, [2]]],
    ['(1, 2)', [1, 2]],
    ['()', []],
    ["{'a': 1, 2: 'b', s: n}", { a: 1, '2': 'b', hello: 3 }],
    ['{}', {}],
    ['((n))', 3],
  ])('%s', (text, value) => {
    expect(evaluated(text, variables)).toEqual(value);
  });
});

describe('attributes and subscripts', () => {
  test.each<[string, Json]>([
    ['m.k', 'v'],
    ["m['a b']", 1],
    ['m[s] | default(0)', 0],
    ['m[7]', 'seven'],
    ['m.7', 'seven'],
    ['m.inner.x', null],
    ['m.list[0]', 10],
    ['m.list[-1]', 20],
    ['m.list.1', 20],
    ['rows.0.n', 'a'],
    ['[[1, 2]].0.1', 2],
    ['s[0] ~ s[-1]', 'ho'],
    ['smile[0]', '😀'],
    ['s[1:3]', 'el'],
    ['s[:-1]', 'hell'],
    ['s[::-2]', 'olh'],
    ['smile[1:]', 'ab'],
    ['[1, 2, 3][5:]', []],
    ['[1, 2, 3][-9:2]', [1, 2]],
    ['[1, 2, 3][::-1]', [3, 2, 1]],
    ["{'a': {'b': 1}}.a.b", 1],
  ])('%s', (text, value) => {
    expect(evaluated(text, variables)).toEqual(value);
  });
});

describe('operators', () => {
  test.each<[string, Json]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 / 2', 3.5],
    ['4 / 2', 2],
    ['7 // 2', 3],
    ['-7 // 2', -4],
    ['7 // -2', -4],
    ['-7 % 3', 2],
    ['7 % -3', -2],
    ['-7.5 % 2', 0.5],
    ['1 // 0.1', 9],
    ['2 ** 3 ** 2', 64],
    ['-2 ** 2', 4],
    ['2 ** -1', 0.5],
    ['- -1', 1],
    ['+1 -1', 0],
    ['0 * -1', 0],
    ["'a' + 'b'", 'ab'],
    ['[1] + [2]', [1, 2]],
    ["'ab' * 2", 'abab'],
    ["2 * 'ab'", 'abab'],
    ['[0] * 2', [0, 0]],
    ["'x' * -1", ''],
    ["'a' ~ 1 ~ true ~ 1.5", 'a1True1.5'],
    ["[1, 'a'] ~ ''", '[1, "a"]'],
    ['1 ~ 2 * 3', '16'],
    ['1 == 1.0', true],
    ["1 == '1'", false],
    ['1 == true', true],
    ['true == 1', true],
    ['false != 0', false],
    ['2 == true', false],
    ["'1' == true", false],
    ['none == false', false],
    ['1 in [true]', true],
    ['[1, {"a": false}] == [true, {"a": 0}]', true],
    ['[1, true, 0] | unique', [1, 0]],
    ['[true] | difference([1])', []],
    ['[1] is subset([true])', true],
    ["{'a': [1, {}], 'b': 2} == {'b': 2, 'a': [1, {}]}", true],
    ["{'a': 1} == {'b': 1}", false],
    ['[1, 2] != [2, 1]', true],
    ["'B' < 'a'", true],
    ['[1, 2] < [1, 3]', true],
    ['[1] < [1, 0]', true],
    ['false < true', true],
    ['3 in [1, 3]', true],
    ['{} in [[], {}]', true],
    ["'ell' in s", true],
    ["'k' in m", true],
    ["'toString' in m", false],
    ['1 in m', false],
    ["'x' not in s", true],
    ['not 1 in [1]', false],
  ])('%s', (text, value) => {
    expect(evaluated(text, variables)).toEqual(value);
  });

  test.each<[string, Json]>([
    ["true and 'a'", 'a'],
    ["0 and 'a'", 0],
    ["'' or 'a'", 'a'],
    ['[] or {} or none', null],
    ['not []', true],
    ["not 'a'", false],
    ['not not {}', false],
    ["1 and 0 or 'x'", 'x'],
    ['false and undefined_name', false],
    ['true or undefined_name', true],
    ["'a' if n > 2 else undefined_name", 'a'],
    ["'a' if n > 5 else 'b' if n > 4 else 'c'", 'c'],
    ['n if not (n == 3 and s) else 0', 0],
    ["'a' if s | default('') == 'hello' and 'no' | bool else 'b'", 'b'],
    ["not 'no' | bool", true],
    ['(m.list | default([]) | length > 1) and m.list[0] in m.list', true],
    ["'x' in s or s is defined and n == 3", true],
  ])('yields an operand, and looks at no more than it must: %s', (text, value) => {
    expect(evaluated(text, variables)).toEqual(value);
  });

  test.each([
    ["'a' + 1", "'+' cannot take a string and a number @1 [join text with ~, or convert with | int or | float]"],
    ['2 - [1]', "'-' cannot take a number and a list @1"],
    ['1 + true', "'+' cannot take a number and a boolean @1"],
    ['1 * (n - s)', "'-' cannot take a number and a string @6 [join text with ~, or convert with | int or | float]"],
    ["-'a'", "'-' takes a number, not a string @1"],
    ['1 / 0', 'division by zero @1'],
    ['1 // 0', 'division by zero @1'],
    ['1 % 0', 'division by zero @1'],
    ["'%d' % 1", "'%' does not format text here @1 [join the parts with ~, as in 'a' ~ b]"],
    ['9007199254740991 + 1', 'the result is too large a number @1'],
    ['10.5 ** 400', 'the result is too large a number @1'],
    ['(-8) ** 0.5', 'the result is not a number @1'],
    ["1 < 2 < 'x'", 'cannot compare a number with a string @1 [convert with | int, | float or | string]'],
    ["1 < '2'", 'cannot compare a number with a string @1 [convert with | int, | float or | string]'],
    ['none < none', 'cannot compare null with null @1'],
    ['{} < {}', 'mappings have no order @1'],
    ["1 in 'a'", 'only a string can be in a string, not a number @1 [convert it with | string]'],
    ['1 in 5', "'in' looks into a string, list or mapping, not into a number @1"],
    ["'a' ~ none", "null cannot be part of a string @1 [quote it, or default it: | default('', true)]"],
    ['s[::0]', 'the step of a slice cannot be 0 @1'],
    ["s['a':]", 'the bounds of a slice are whole numbers, not a string @1'],
    ['n[1:]', 'only a string or list can be sliced, not a number @1'],
    ['{none: 1}', 'the keys of a mapping are strings, not null @1'],
  ])('%s is an error', (text, message) => {
    expect(evaluated(text, variables)).toEqual(failure(message));
  });
});
