import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { evaluated, failure } from './harness.ts';

const variables = {
  s: 'Hello World',
  rows: [
    { n: 'b', v: 2, tags: ['x'] },
    { n: 'A', v: 1, tags: [] },
    { n: 'c', v: 2 },
  ],
  nested: [{ a: { b: [1, 2] } }, { a: { b: [3] } }],
};

/** What each expression yields; a text with an @ in it is an error. */
function table(title: string, rows: readonly (readonly [expression: string, outcome: Json])[]): void {
  describe(title, () => {
    test.each(rows.map(([expression, outcome]) => [expression, outcome] as [string, Json]))('%s', (text, outcome) => {
      const isError = typeof outcome === 'string' && / @\d+/.test(outcome);
      expect(evaluated(text, variables)).toEqual(isError ? failure(outcome) : outcome);
    });
  });
}

table('presence', [
  ["[0, 'a'] | map('default', 'x', true)", ['x', 'a']],
  ["['a'] | map('mandatory')", ['a']],
  ["true | ternary('a', 'b')", 'a'],
  ["'' | ternary('a', 'b')", 'b'],
  ["none | ternary('a', 'b', 'c')", 'c'],
  ["none | ternary('a', 'b')", 'b'],
  ["none | ternary('a', 'b', none)", 'b'],
  ["[0, 1] | map('ternary', 'on', 'off')", ['off', 'on']],
]);

table('attributes that are null', [
  ["[{'a': none}, {}] | selectattr('a', 'defined')", [{ a: null }]],
  ["[{'a': none}, {}] | rejectattr('a', 'defined')", [{}]],
  ["[{'a': none}] | selectattr('a', 'none')", [{ a: null }]],
  ["[{'a': none}, {'a': 1}] | selectattr('a')", [{ a: 1 }]],
  ["[{'a': {'b': none}}] | selectattr('a.b', 'undefined')", []],
  ["[{'a': none}, {}] | map(attribute='a', default='x')", [null, 'x']],
  ["[{'a': 1}, {}] | map(attribute='a') | map('default', none)", [1, null]],
]);

table('undefined items', [
  ["['a', 'c'] | map('extract', {'a': 1}) | select('defined')", [1]],
  ["['a', 'c'] | map('extract', {'a': 1}) | reject('undefined') | list", [1]],
  ["['a', 'c'] | map('extract', {'a': 1}) | map('default', 'x')", [1, 'x']],
  ["['a', 'c'] | map('extract', {'a': 1}) | list | select('defined')", [1]],
  ["['a', 'c'] | map('extract', {'a': {'k': 5}, 'c': {}}, 'k') | select('defined')", [5]],
  ["rows | map(attribute='tags') | select('defined') | map('length')", [1, 0]],
  ["rows | map(attribute='tags') | map(attribute=0) | map('default', '-')", ['x', '-', '-']],
  ["rows | map(attribute='tags') | map(attribute=0) | first", 'x'],
  ["rows | map(attribute='tags') | length", 3],
  ["(rows | map(attribute='tags') | list)[0]", ['x']],
  ["(rows | map(attribute='tags') | list)[-1] | default('-')", '-'],
  ["(rows | map(attribute='tags') | list)[5] | default('-')", '-'],
  ["(rows | map(attribute='tags') | list)[5]", 'a list has no item 5 @1 [the list has 3 items]'],
  ["(rows | map(attribute='tags') | list)[:2]", [['x'], []]],
  ["(rows | map(attribute='tags') | list)[::-1] | map('default', '-')", ['-', [], ['x']]],
  [
    "(rows | map(attribute='tags') | list)[1:]",
    "an item has no 'tags' @1 [give a default: map(attribute='tags', default=…)]",
  ],
  ["rows | map(attribute='tags') | default('x') | map('d', [])", [['x'], [], []]],
  ["(rows | map(attribute='tags')) is defined", true],
  ["[[], ['a']] | map('first') | select('defined')", ['a']],
  ["[[], [1, 3]] | map('max') | map('default', 0) | sum", 3],
  ["[nope, 1, s.none] | select('defined')", [1]],
  ['[nope, 1] | last', 1],
  ["[{}] | map(attribute='a', default=none)", "an item has no 'a' @8 [give a default: map(attribute='a', default=…)]"],
  ["rows | map(attribute='tags')", "an item has no 'tags' @8 [give a default: map(attribute='tags', default=…)]"],
  [
    "rows | map(attribute='tags') | map('length')",
    "an item has no 'tags' @32 [give a default: map(attribute='tags', default=…)]",
  ],
  [
    "rows | map(attribute='tags') | select('mapping')",
    "an item has no 'tags' @32 [give a default: map(attribute='tags', default=…)]",
  ],
  [
    "rows | map(attribute='tags') | last",
    "an item has no 'tags' @32 [give a default: map(attribute='tags', default=…)]",
  ],
  ["['c'] | map('extract', {'a': 1})", 'filter \'extract\' finds nothing under "c" @9'],
  ["['c'] | map('extract', {'a': 1}) | map('mandatory')", 'filter \'extract\' finds nothing under "c" @36'],
  ['[1, nope]', "'nope' is undefined @5"],
  ['[[1, nope] | list]', "'nope' is undefined @14"],
]);

table('items of texts and mappings', [
  ["'abc' | map('upper')", ['A', 'B', 'C']],
  ["{'a': 1, 'b': 2} | select('ne', 'a')", ['b']],
]);

table('lists of lists', [
  ["[['a', 1], ['b', 2]] | items2dict(key_name=0, value_name=1)", { a: 1, b: 2 }],
  ["['a=1', 'b=2'] | map('split', '=') | items2dict(key_name=0, value_name=1)", { a: '1', b: '2' }],
  ["[['b', 1], ['a', 2]] | sort(attribute=0) | map('last')", [2, 1]],
  ["[['a', 1], ['b', 2]] | selectattr(1, 'eq', 2) | map(attribute=0)", ['b']],
  ["rows | sort(attribute='v,n') | map(attribute='n')", ['A', 'b', 'c']],
  ["rows | sort(attribute='v, n', reverse=true) | map(attribute='n')", ['c', 'b', 'A']],
]);

table('text', [
  ['s | lower', 'hello world'],
  ['s | upper', 'HELLO WORLD'],
  ["'hello-big (wide wORLD' | title", 'Hello-Big (Wide World'],
  ["'hELLO wORLD' | capitalize", 'Hello world'],
  ["'' | capitalize", ''],
  ["' a ' | trim", 'a'],
  ["'xxaxx' | trim('x')", 'a'],
  ["'xx' | trim('x')", ''],
  ["s | replace('l', '$&')", 'He$&$&o Wor$&d'],
  ["'aaa' | replace('a', 'b', 2)", 'bba'],
  ["'aaa' | replace('a', 'b', count=0)", 'aaa'],
  ["'aaa' | replace('', 'b')", "filter 'replace': the text to replace is empty @9"],
  ["' a  b\tc ' | split", ['a', 'b', 'c']],
  ["'' | split", []],
  ["'a,b,,c' | split(',')", ['a', 'b', '', 'c']],
  ["'a,b,c' | split(',', 1)", ['a', 'b,c']],
  ["' a  b  c ' | split(maxsplit=1)", ['a', 'b  c ']],
  ["'a\\nb\\n' | split(maxsplit=1)", ['a', 'b\n']],
  ["' a b ' | split(maxsplit=2)", ['a', 'b']],
  ["'a' | split('')", "filter 'split': the separator is empty @7"],
  ["'a\\nb\\n\\nc' | indent(2)", 'a\n  b\n\n  c'],
  ["'a\\n\\nb' | indent(width=1, first=true, blank=true)", ' a\n \n b'],
  ["'a' | indent", 'a'],
  ["'a\\r\\nb\\r\\n\\r\\nc' | indent(2)", 'a\n  b\n\n  c'],
  // As Jinja 3.1.6 has it.
  ["'a b c d e f g' | truncate(5, leeway=0)", 'a...'],
  ["'aaaaaaaaaa' | truncate(5, leeway=0)", 'aa...'],
  ["'aaaaaaaaaa bb' | truncate(5, true, '', 0)", 'aaaaa'],
  ["'foo bar baz qux' | truncate(9)", 'foo...'],
  ["'foo bar baz qux' | truncate(11)", 'foo bar baz qux'],
  ["'foo bar baz qux' | truncate(9, true)", 'foo ba...'],
  ["'hello' | truncate(3)", 'hello'],
  ["'😀😀😀' | truncate(2, end='', leeway=0)", '😀😀'],
  ["'x' | truncate(2)", "filter 'truncate': the length is less than that of the end @7"],
  ["'plain-1.2/x' | quote", 'plain-1.2/x'],
  [`"it's" | quote`, `'it'"'"'s'`],
  ["'' | quote", "''"],
  ["['a b', 5] | map('quote') | join(' ')", "'a b' 5"],
  ["'a\\x00' | quote", "filter 'quote': a shell word cannot contain a NUL character @11"],
  ["'/etc/kubernetes/pki/ca.crt' | basename", 'ca.crt'],
  ["'/a/b/' | basename", ''],
  ["'a' | basename", 'a'],
  ["'/a/b/c' | dirname", '/a/b'],
  ["'/a/b/' | dirname", '/a/b'],
  ["'/a' | dirname", '/'],
  ["'//a' | dirname", '//'],
  ["'a' | dirname", ''],
]);

table('regular expressions', [
  [String.raw`'2026-11-24' | regex_replace('(\d+)-(\d+)-(\d+)', '\\3.\\2.\\1')`, '24.11.2026'],
  [String.raw`'2026-11-24' | regex_replace('(\\d+)-(\\d+)', '\\2')`, '11-24'],
  [String.raw`'ab' | regex_replace('(?P<first>.)(.)', '\g<2>\g<first>')`, 'ba'],
  [String.raw`'ab' | regex_replace('b', '[\g<0>]')`, 'a[b]'],
  ["'abc' | regex_replace('b', '$&')", 'a$&c'],
  // Beyond ASCII, letters and digits of all languages, and a character is one wherever UTF-16 needs two units.
  [String.raw`'äöü 1٣ _' | regex_findall('\w+')`, ['äöü', '1٣', '_']],
  [String.raw`'äöü-1٣' | regex_findall('[^\W\d]+|\d+')`, ['äöü', '1٣']],
  [String.raw`'été, x' | regex_replace('\\b', '|')`, '|été|, |x|'],
  ["'a😀b' | regex_replace('.', '<\\g<0>>')", '<a><😀><b>'],
  ["'a😀b' | regex_replace('$', '|', multiline=true)", 'a😀b|'],
  [String.raw`'a😀b' | regex_findall('\\B')`, []],
  ["'😀' | regex_search('(?!😀)') | length", 0],
  [String.raw`'é{2} ]-' | regex_findall('é{2}|{|}|]|[\-]')`, ['{', '}', ']', '-']],
  [String.raw`'● \x1b[1;32mok\x1b[0m' | regex_replace('\\033\\[[0-9;]*m', '')`, '● ok'],
  [String.raw`'ok\x1b[0m' | regex_replace('\\033\\[[0-9;]*m', '')`, 'ok'],
  [String.raw`'●\x00\x1f \x7f' | regex_replace('[\\000-\\037\\177]', '-')`, '●-- -'],
  [String.raw`'●\n\x008S8' | regex_findall('\\08|\\1238|[\\12]')`, ['\n', '\x008', 'S8']],
  [
    String.raw`'●' | regex_replace('\\400', '')`,
    "'\\400' is more than \\377, the greatest octal number of a character @7",
  ],
  ["'aXbx' | regex_replace('x', '-', ignorecase=true)", 'a-b-'],
  ["'aaa' | regex_replace('a', 'b', count=2)", 'bba'],
  ["'a\\nb' | regex_replace('^', '> ', multiline=true)", '> a\n> b'],
  ["'a\\r\\nb\\u2028' | regex_replace('(?m)^|$', '|')", '|a\r|\n|b\u2028|'],
  ["'abxd' | regex_replace('x*', '-')", '-a-b--d-'],
  [String.raw`'abc' | regex_replace('b', '\f\\f\\-')`, 'a\f\f\\-c'],
  [
    String.raw`'abc' | regex_replace('b', '[\\0]')`,
    String.raw`'\0' has no meaning in a replacement @9 [write \g<0> for the whole match]`,
  ],
  [
    String.raw`'abc' | regex_replace('b', '\\q')`,
    String.raw`'\q' has no meaning in a replacement @9 [write \\q for a backslash and the letter]`,
  ],
  [
    String.raw`'abc' | regex_replace('b', 'x\\')`,
    String.raw`'\' has no meaning in a replacement @9 [write \\ for a backslash]`,
  ],
  [String.raw`'abc' | regex_replace('b', '\\2')`, "the regular expression has no group '2' @9"],
  [String.raw`'abc' | regex_replace('b', '\g<x>')`, "the regular expression has no group 'x' @9"],
  ["s | regex_search('W\\\\w+')", 'World'],
  ["s | regex_search('xyz')", null],
  [String.raw`'a=1' | regex_search('(\w)=(\w)', '\\2', '\g<1>')`, ['1', 'a']],
  [String.raw`'a=1' | regex_search('(?P<k>\w)=', '\g<k>')`, ['a']],
  [
    String.raw`'a=1' | regex_search('(\w)=', 'k')`,
    "filter 'regex_search': 'k' names no group @9 [write '\\1' or '\\g<name>']",
  ],
  [String.raw`'a1 b22' | regex_findall('\d+')`, ['1', '22']],
  [String.raw`'a1 b22' | regex_findall('[a-z](\d+)')`, ['1', '22']],
  [
    String.raw`'a1 b2' | regex_findall('([a-z])(\d)')`,
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  ["'a.b*c' | regex_escape", 'a\\.b\\*c'],
  ["'a-b c/d' | regex_escape", 'a\\-b\\ c/d'],
  ["'a-b c/d' | regex_replace('a-b c/d' | regex_escape, 'x')", 'x'],
  [String.raw`'x' | regex_search('(x)|(y)', '\\1', '\\2')`, ['x', null]],
  [String.raw`'aab' | regex_search('(a)\\1b')`, 'aab'],
  [String.raw`'a2' | regex_search('(a)\\2')`, "the regular expression has no group '2' @8"],
  [String.raw`'aa0' | regex_search('(a)\\10')`, "the regular expression has no group '10' @9"],
  ["'a' | regex_search('(?<n>a)')", "'(?<' names no group in a regular expression of Python @7 [write (?P<name>…)]"],
  ["'a' | regex_search('(a')", "'(a' is not a regular expression: unterminated group @7"],
  [String.raw`'a' | regex_search('\h')`, "'\\h' means nothing in a regular expression @7"],
]);

table('numbers', [
  ['-3 | abs', 3],
  ['2.5 | round', 2],
  ['3.5 | round', 4],
  ['-2.5 | round', -2],
  ['0.125 | round(2)', 0.12],
  ['2.675 | round(2)', 2.67],
  ['1.05 | round(1)', 1.1],
  ['7 | round(3)', 7],
  ['1.21 | round(1, "ceil")', 1.3],
  ["1.29 | round(1, method='floor')", 1.2],
  ["-0.4 | round(0, 'ceil')", 0],
  ['1 | round(-1)', "filter 'round': 'precision' is between 0 and 20 @5"],
]);

table('lists', [
  ['[1, 2] | length', 2],
  ['{"a": 1} | count', 1],
  ["'😀a' | length", 2],
  ['5 | length', "filter 'length' takes a string, list or mapping, not a number @5"],
  ['[none, 1] | first', null],
  ["'abc' | last", 'c'],
  ['{"b": 1, "a": 2} | list', ['b', 'a']],
  ["'ab' | list", ['a', 'b']],
  ['[1, 2] | reverse', [2, 1]],
  ["'😀a' | reverse", 'a😀'],
  ["[1, 'a', true] | join('-')", '1-a-True'],
  ["rows | join(',', attribute='n')", 'b,A,c'],
  ['[none] | join', "null cannot be part of a string @10 [quote it, or default it: | default('', true)]"],
  ['[1, [2, [3, none, []]]] | flatten', [1, 2, 3]],
  ['[1, [2, [3]]] | flatten(levels=1)', [1, 2, [3]]],
  ['[1, none] | flatten(skip_nulls=false)', [1, null]],
  ["['None', ['null', 'a']] | flatten", ['a']],
  [
    "[1, 2] | zip(['a', 'b', 'c'])",
    [
      [1, 'a'],
      [2, 'b'],
    ],
  ],
  ['[1] | zip([2], [3])', [[1, 2, 3]]],
  ["nested | subelements('a.b') | map('last')", [1, 2, 3]],
  ["rows | subelements('tags', skip_missing=true) | length", 1],
  ["{'x': rows[0]} | subelements(['tags']) | map('last')", ['x']],
  ['range(3)', [0, 1, 2]],
  ['range(1, 9, 3)', [1, 4, 7]],
  ['range(3, 0, -1)', [3, 2, 1]],
  ['range(3, 0)', []],
  ['range(0, 1, 0)', "function 'range': 'step' cannot be 0 @1"],
]);

table('order', [
  ['[3, 1, 2] | sort', [1, 2, 3]],
  ['[3, 1, 2] | sort(reverse=true)', [3, 2, 1]],
  ["['b', 'A', 'a', 'C'] | sort", ['A', 'a', 'b', 'C']],
  ["['b', 'A', 'a', 'C'] | sort(case_sensitive=true)", ['A', 'C', 'a', 'b']],
  ["rows | sort(attribute='v') | map(attribute='n')", ['A', 'b', 'c']],
  ["[1, 'a'] | sort", 'cannot compare a string with a number @12 [convert with | int, | float or | string]'],
  ["rows | sort(attribute='x')", "an item has no 'x' @8 [select those that have it: selectattr('x', 'defined')]"],
  ['[3, 1, 2] | min', 1],
  ["['b', 'A'] | max", 'b'],
  ["(rows | max(attribute='v')).n", 'b'],
  ["['a', 'A', 'b'] | unique", ['a', 'b']],
  ["['a', 'A'] | unique(case_sensitive=true)", ['a', 'A']],
  ["rows | unique(attribute='v') | map(attribute='n')", ['b', 'A']],
  ["[1, '1', [1], [1]] | unique", [1, '1', [1]]],
  ["['a', 'A', [1]] | unique", ['a', 'A', [1]]],
  ['[1, 2.5] | sum', 3.5],
  ["rows | sum(attribute='v')", 5],
  ['[1] | sum(start=10)', 11],
  ['[[1], [2]] | sum(start=[])', [1, 2]],
]);

table('selection', [
  ["['a', 'b'] | map('upper')", ['A', 'B']],
  ["['a-b'] | map('replace', '-', '+')", ['a+b']],
  ["rows | map(attribute='n')", ['b', 'A', 'c']],
  ["nested | map(attribute='a.b.0')", [1, 3]],
  ['[[1, 2], [3, 4]] | map(attribute=1)', [2, 4]],
  ["rows | map(attribute='tags')", "an item has no 'tags' @8 [give a default: map(attribute='tags', default=…)]"],
  ['[] | map', "filter 'map' takes the name of a filter, or attribute= @6 [for example map(attribute='name')]"],
  ["[[]] | map('first')", "filter 'first' finds nothing: the value is empty @8"],
  ["[0, 1, '', 'a'] | select", [1, 'a']],
  ["range(5) | select('odd')", [1, 3]],
  ["range(5) | reject('odd')", [0, 2, 4]],
  ["range(9) | select('divisibleby', 4)", [0, 4, 8]],
  ["['m1', 'w1'] | reject('match', 'm')", ['w1']],
  ["rows | selectattr('v', '==', 2) | map(attribute='n')", ['b', 'c']],
  ["rows | rejectattr('v', 'gt', 1) | map(attribute='n')", ['A']],
  ["rows | selectattr('tags', 'defined') | selectattr('tags') | map(attribute='n')", ['b']],
  ["rows | rejectattr('tags', 'defined') | map(attribute='n')", ['c']],
  ["rows | selectattr('tags', 'undefined') | map(attribute='n')", ['c']],
  [
    "rows | selectattr('tags')",
    "an item has no 'tags' @8 [select those that have it first: selectattr('tags', 'defined')]",
  ],
]);

table('sets', [
  ['[1, 2, 2] | union([2, 3])', [1, 2, 3]],
  ['[1, 2, 2, {"a": 1}] | intersect([{"a": 1}, 2])', [2, { a: 1 }]],
  ["['a', 'A', 'a'] | difference(['A'])", ['a']],
  ['[1, 2] | symmetric_difference([2, 3])', [1, 3]],
]);

table('mappings', [
  ["{'a': 1} | dict2items", [{ key: 'a', value: 1 }]],
  ["{'a': 1} | dict2items(key_name='k', value_name='v')", [{ k: 'a', v: 1 }]],
  ["[{'key': 'a', 'value': none}, {'key': 1, 'value': 2}] | items2dict", { a: null, '1': 2 }],
  ["rows | items2dict('n', 'v')", { b: 2, A: 1, c: 2 }],
  [
    "[{'k': 1}] | items2dict",
    "filter 'items2dict': an item has no 'key' @14 [name the members: items2dict(key_name=…, value_name=…)]",
  ],
  ["[{'key': [], 'value': 1}] | items2dict", "filter 'items2dict': the keys of a mapping are strings, not a list @29"],
  ["{'a': {'x': 1}} | combine({'a': {'y': 2}}, {'b': 3})", { a: { y: 2 }, b: 3 }],
  ["{'a': {'x': 1, 'l': [1]}} | combine({'a': {'y': 2, 'l': [2]}}, recursive=true)", { a: { x: 1, y: 2, l: [2] } }],
  ["{'a': 1} | combine({'a': {'y': 2}}, recursive=true)", { a: { y: 2 } }],
  ["{'a': {'x': 1}} | combine({'a': 2}, {'a': {'y': 3}}, recursive=true)", { a: { x: 1, y: 3 } }],
  ["[{'a': {'x': 1}}, {'a': {'y': 2}}] | combine(recursive=true)", { a: { x: 1, y: 2 } }],
  ["{'a': 1, 'b': 1} | combine([{'a': 2}, {'b': 3}], {'b': 4})", { a: 2, b: 4 }],
  [
    "{'a': {'x': {'p': 1}}} | combine({'a': {'x': {'q': 2}}}, {'a': {'x': {'r': 3}}}, recursive=true)",
    { a: { x: { p: 1, q: 2, r: 3 } } },
  ],
  ["{'a': {'x': 1}} | combine({'a': {'y': 2}}, {'a': 3}, recursive=true)", { a: 3 }],
  ["{'b': 1, 'a': 1} | combine({'c': 1, 'a': 2}) | list", ['b', 'a', 'c']],
  // One after another, each would be copied as often as others follow.
  [
    "range(20000) | map('string') | map('regex_replace', '(.+)', '{\"k\\\\1\": 1}') | map('from_json') | combine | length",
    20_000,
  ],
  [
    "(range(200) | map('string') | map('regex_replace', '.+', '[1,2]') | map('from_json') | sum(start=[])) | length",
    400,
  ],
  ["['a', 'b'] | sum(start='x')", 'xab'],
  ['[[1], 2] | sum(start=[])', "'+' cannot take a list and a number @12"],
  ["'x' | ternary('a')", "filter 'ternary' needs its argument 'false_val' @7"],
  ['[] | combine', {}],
  ["[{}, 1] | combine({'a': 1})", "filter 'combine' takes a mapping or a list of mappings, not a list @11"],
]);

table('what stands under a key', [
  ["'n' | extract(rows[0])", 'b'],
  ["[0, 2] | map('extract', rows, 'n')", ['b', 'c']],
  ["0 | extract(nested, ['a', 'b', 1])", 2],
  ["'x' | extract(rows[0]) | default(1)", 1],
  ["'x' | extract(rows[0])", 'filter \'extract\' finds nothing under "x" @7'],
]);

table('conversions', [
  ['5 | string', '5'],
  ['true | string', 'True'],
  ['[1, "a"] | string', '[1, "a"]'],
  ["'12' | int + 1", 13],
  ["' -3.9 ' | int", -3],
  ['3.9 | int', 3],
  ['true | int', 1],
  ["'abc' | int(default=7)", 7],
  ["'abc' | int(7)", 7],
  ['none | int(0)', 0],
  ["'abc' | int", "filter 'int': 'abc' is not a whole number @9 [give a default: int(default=0)]"],
  ["'0x1F' | int(base=16)", 31],
  ["'777' | int(base=8)", 511],
  ["['-1f', '+1F', '1_f', '0x_f', '3.7', '-3.7', 'z'] | map('int', 0, 16)", [-31, 31, 31, 15, 3, -3, 0]],
  ["['9', '17', '-0o17', '1e2'] | map('int', 0, 8)", [9, 15, -15, 100]],
  ["'1_000' | int", 1000],
  [
    "'99999999999999999999' | int(0)",
    "filter 'int': 99999999999999999999 is not a number that can be used @26 [keep it as a string]",
  ],
  ["'1.5' | float", 1.5],
  ["'1e3' | float", 1000],
  ["'1e999' | float(default=0.5)", "filter 'float': 1e999 is not a number that can be used @11 [keep it as a string]"],
  ["'nan' | float", "filter 'float': nan is not a number that can be used @9 [keep it as a string]"],
  ["['yes', 'On', 'TRUE', '1', 1, true] | map('bool') | unique", [true]],
  ["['no', 'off', 'False', '0', 0, false] | map('bool') | unique", [false]],
  [
    "'maybe' | bool",
    "filter 'bool': 'maybe' is neither true nor false @11 [write yes or no, true or false, on or off, 1 or 0]",
  ],
  ["'y' | bool", "filter 'bool': 'y' is neither true nor false @7 [write yes or no, true or false, on or off, 1 or 0]"],
  [
    "[1, 1.5, 'a', true, none, [], {}] | map('type_debug')",
    ['int', 'float', 'str', 'bool', 'NoneType', 'list', 'dict'],
  ],
]);

table('formats', [
  [
    "{'b': [1, 2.5, none, true, 'é\"'], 'a': {}} | to_json",
    String.raw`{"b": [1, 2.5, null, true, "\u00e9\""], "a": {}}`,
  ],
  ["'é\\x7f😀' | to_nice_json", String.raw`"\u00e9\u007f\ud83d\ude00"`],
  ["'é' | to_json(ensure_ascii=false)", '"é"'],
  ["{'b': 1, 'a': 2} | to_json(sort_keys=true)", '{"a": 2, "b": 1}'],
  ["{'b': [1], 'a': []} | to_nice_json", '{\n    "a": [],\n    "b": [\n        1\n    ]\n}'],
  ['[1] | to_nice_json(indent=2)', '[\n  1\n]'],
  ['[] | to_nice_json(indent=99)', "'indent' is between 0 and 16 @6"],
  [`'{"a": [1, null]}' | from_json`, { a: [1, null] }],
  [
    String.raw`'{"id": 14841639068965178418, "ok": 9007199254740991, "f": 0.1234567890123456, "s": "\\"14841639068965178418"}' | from_json`,
    {
      id: '14841639068965178418',
      ok: 9_007_199_254_740_991,
      f: 0.123_456_789_012_345_6,
      s: '"14841639068965178418',
    },
  ],
  ["'[1,' | from_json", "filter 'from_json': the text is not JSON @9"],
  [
    "{'b': 'yes', 'a': ['0644', 'x: y', 1], 't': 'l1\\nl2\\n'} | to_yaml",
    'a:\n  - "0644"\n  - "x: y"\n  - 1\nb: "yes"\nt: |\n  l1\n  l2\n',
  ],
  ['[-7e-323, 1.5e-300, 2] | to_yaml', '- -7.0e-323\n- 1.5e-300\n- 2\n'],
  // A text of several lines that begins with white space; what a reader of YAML 1.1 would take for something else.
  [String.raw`{'a': ' x\ny\n', 'b': '\n x'} | to_nice_yaml`, `${String.raw`a: " x\ny\n"`}\n${String.raw`b: "\n x"`}\n`],
  [String.raw`'a\nb' | to_yaml`, `${String.raw`"a\nb"`}\n`],
  [
    String.raw`['=', '<<', '\x85', '\u2028', '\t'] | to_yaml`,
    String.raw`- "="
- "<<"
- "\u0085"
- "\u2028"
- "\t"
`,
  ],
  ["{'b': 1, 'a': {'c': 2}} | to_nice_yaml(sort_keys=false)", 'b: 1\na:\n    c: 2\n'],
  ["'a: [1, yes]\\nb: 2026-11-24\\n' | from_yaml", { a: [1, true], b: '2026-11-24' }],
  ["'' | from_yaml", null],
  [
    "'a: *Sesame' | from_yaml",
    "filter 'from_yaml': the text is not YAML: the alias *… refers to itself or to nothing @16",
  ],
  ["'!Sesame a' | from_yaml", "filter 'from_yaml': the text is not YAML: unknown tag !… @15"],
  ["'!<tag:Sesame> a' | from_yaml", "filter 'from_yaml': the text is not YAML: unknown tag … @21"],
  ["'a: !x!Sesame b' | from_yaml", "filter 'from_yaml': the text is not YAML: Could not resolve tag @20"],
  ["'pin: 98765432109876543210' | from_yaml", "filter 'from_yaml': the text is not YAML: … is too large a number @31"],
  ["'%Sesame x\\n---\\na' | from_yaml", "filter 'from_yaml': the text is not YAML: Unknown directive %… @23"],
  [
    "'a: |Sesame\\n b' | from_yaml",
    "filter 'from_yaml': the text is not YAML: Block scalar header includes extra characters @20",
  ],
  ["'a: 1\\na: 2' | from_yaml", "filter 'from_yaml': the text is not YAML: this key is written twice @16"],
]);

table('encodings', [
  ["'hällo' | b64encode", 'aMOkbGxv'],
  ["'aMOkb\\nGxv' | b64decode", 'hällo'],
  ["'/w==' | b64decode", "filter 'b64decode': the decoded data is not UTF-8 text @10"],
  ["'a' | b64decode", "filter 'b64decode': the text is not base64 @7"],
  ["'x' | hash", '11f6ad8ec52a2984abaafd7c3b516503785c2072'],
  ["'x' | hash('sha256')", '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'],
  ['0 | human_readable', '0.00 Bytes'],
  ['1536 | human_readable', '1.50 KB'],
  ['1152 | human_readable', '1.12 KB'],
  ['1920 | human_readable', '1.88 KB'],
  [
    '10 * 1024 ** 3 | int | human_readable',
    "'**' cannot take a number and a string @6 [join text with ~, or convert with | int or | float]",
  ],
  ['(10 * 1024 ** 3) | human_readable(isbits=true)', '10.00 Gb'],
  ["1024 | human_readable(unit='M')", '0.00 MB'],
]);
