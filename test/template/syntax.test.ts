import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluated, failure, rendered } from './harness.ts';

describe('a mistake in an expression is shown where it is', () => {
  test.each([
    ['', 'expected a value, found the end of the expression @1'],
    ['1 +', 'expected a value, found the end of the expression @4'],
    ['a b', "expected an operator or the end of the expression, found 'b' @3"],
    ["'a' 'b'", 'expected an operator or the end of the expression, found a string @5'],
    ['x = 3', "expected an operator or the end of the expression, found '=' @3 [compare with '==']"],
    ['a && b', "'&&' has no meaning in an expression @3 [write 'and']"],
    ['a || b', "'||' has no meaning in an expression @3 [write 'or']"],
    ['!a', "'!' has no meaning in an expression @1 [write 'not']"],
    ['a ? 1 : 2', "'?' has no meaning in an expression @3 [write 'a if condition else b']"],
    ['$home', "'$' has no meaning in an expression @1 [variables are written without $]"],
    ['`a`', "'`' has no meaning in an expression @1 [quote with ' or \"]"],
    ['a @ b', "'@' has no meaning in an expression @3"],
    ['1 + not a', "expected a value, found 'not' @5 [put 'not …' into parentheses]"],
    ['(1', "expected ',' or ')', found the end of the expression @3"],
    ['[1, 2', "expected ',' or ']', found the end of the expression @6"],
    ["{'a' 1}", "expected ':', found 1 @6"],
    ["{'a': 1", "expected ',' or '}', found the end of the expression @8"],
    [')', "expected a value, found ')' @1"],
    ['a.', "expected a name after '.', found the end of the expression @3"],
    ['a[1', "expected ':' or ']', found the end of the expression @4"],
    ['a[]', "expected ':', found ']' @3"],
    ["'abc", "the string is not closed @1 [close it with ']"],
    ['3abc', "'3abc' is not a number @1 [quote it if it is text]"],
    ['0644', "the number 0644 begins with 0 @1 [quote it if it is text: '0644']"],
    ['9007199254740993', 'the number 9007199254740993 is too large @1 [quote it if it is text]'],
    ['{{ a }}', "expected a key, found '{' @2 [this is an expression already: write it without {{ }}]"],
    ['if', "expected a value, found 'if' @1"],
    ['1(2)', "expected an operator, found '(' @2 [only functions can be called]"],
  ])('%s', (text, message) => {
    expect(evaluated(text)).toEqual(failure(message));
  });
});

describe('names of filters, tests and functions', () => {
  test.each([
    ['a | uper', "there is no filter 'uper' @5 [did you mean 'upper'?]"],
    ['a | ', 'expected the name of a filter, found the end of the expression @5'],
    ['a | first.name', "there is no filter 'first.name' @5 [for the result's .name write (… | first).name]"],
    ['a is defind', "there is no test 'defind' @6 [did you mean 'defined'?]"],
    ['a is', 'expected the name of a test, found the end of the expression @5'],
    ['a is string is true', "expected one test, found 'is' @13 [put the first test into parentheses]"],
    ['rang(3)', "there is no function 'rang' @1 [did you mean 'range'?]"],
    ['upper(a)', "'upper' is a filter, not a function @1 [write: value | upper]"],
    [
      "lookup('file', 'x')",
      "kplay has no lookups: 'lookup' @1 [templates cannot read from the controller: register the output of a command with delegate_to: localhost, or put the value into a variable]",
    ],
    [
      'now()',
      "there is no function 'now' @1 [certs.check reports how long certificates are valid; for other times register the output of command: date]",
    ],
    ['dict(a)', "there is no function 'dict' @1 [write {'key': value}, or use items2dict]"],
    ['a is sameas b', "there is no test 'sameas' @6 [write == instead, or: is true, is false, is none]"],
    ['r | failed', "'failed' is a test, not a filter @5 [write: value is failed]"],
    ["a | version_compare('1', '<')", "'version_compare' is a test, not a filter @5 [write: value is version_compare]"],
    ['a | urlencode', "there is no filter 'urlencode' @5 [provide its result as a variable: vars_files, or -e]"],
    [
      'a | to_datetime',
      "there is no filter 'to_datetime' @5 [certs.check reports how long certificates are valid; for other times register what date prints: seconds with date +%s, or date -d TEXT +%s]",
    ],
    ['a | product(b)', "there is no filter 'product' @5 [use with_nested in the task]"],
    ['a | ansible.builtin.checksum', "there is no filter 'ansible.builtin.checksum' @5 [write hash('sha1')]"],
    ['a | constructor', "there is no filter 'constructor' @5 [provide its result as a variable: vars_files, or -e]"],
    ['a.upper()', "values have no methods: '.upper()' @3 [write: a | upper]"],
    ["a.b.get('x')", "values have no methods: '.get()' @5 [write: a.b['key'] | default(value)]"],
    ["(a).split('.')", "values have no methods: '.split()' @5 [write: a | split(separator)]"],
    [
      "a.count('x')",
      "values have no methods: '.count()' @3 [write: a | split('text') | length - 1, and of a list: select('eq', item) | length]",
    ],
    [
      "a.find('x')",
      "values have no methods: '.find()' @3 [write: text in a, without the comparison; for == -1: text not in it]",
    ],
    [
      "'{}'.format(a)",
      "values have no methods: '.format()' @6 [write: a ~ '-' ~ b: nothing fills the braces of a text]",
    ],
    [
      'a.splitlines()',
      "values have no methods: '.splitlines()' @3 [write: a | regex_findall('[^\\n]+'), which leaves out empty lines]",
    ],
    [
      "a.lstrip('v')",
      "values have no methods: '.lstrip()' @3 [write: a | regex_replace('^[characters]+', ''), with \\s for white space]",
    ],
    ["a.strip('x')", "values have no methods: '.strip()' @3 [write: a | trim, or trim(characters)]"],
    [
      'a.index(b)',
      "values have no methods: '.index()' @3 [write: item == a[0], as only the first and the last place can be told]",
    ],
    ['a.frobnicate()', "values have no methods: '.frobnicate()' @3 [use a filter: value | filter]"],
    ["a | map('uper')", "there is no filter 'uper' @5 [did you mean 'upper'?]"],
    ["a | selectattr('x', 'definde')", "there is no test 'definde' @5 [did you mean 'defined'?]"],
  ])('%s', (text, message) => {
    expect(evaluated(text)).toEqual(failure(message));
  });

  const row = /^\| (`product`.*?) \|/m.exec(readFileSync('docs/ansible.md', 'utf8'))?.[1] ?? '';
  const absent = [...row.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
  test('there are filters that docs/ansible.md names as absent', () => expect(absent.length).toBeGreaterThan(5));
  test.each(absent)('%s, which docs/ansible.md names as absent, is answered with what to write', (name) => {
    expect(evaluated(`a | ${name}`)).toEqual({
      error: expect.stringMatching(/^there is no filter '\w+' @5 \[(?!did you)/),
    });
  });

  test("Ansible's full names are understood", () => {
    expect(evaluated("'a' | ansible.builtin.upper")).toBe('A');
    expect(evaluated("'1.30' is ansible.builtin.version('1.29', '>')")).toBe(true);
  });
});

describe('arguments', () => {
  test.each([
    ["a | replace('x')", "filter 'replace' needs its argument 'new' @5"],
    ["a | replace('x', 'y', 1, 2)", "filter 'replace' takes at most 3 arguments, not 4 @5"],
    ['a | upper(1)', "filter 'upper' takes no arguments, not 1 @5"],
    ['a is divisibleby(1, 2)', "test 'divisibleby' takes one argument, not 2 @6"],
    ['a is divisibleby', "test 'divisibleby' needs its argument 'num' @6"],
    ['a | sort(revers=true)', "filter 'sort' has no argument 'revers' @5 [did you mean 'reverse'?]"],
    ["a | replace('x', old='y')", "filter 'replace': 'old' is given twice @5"],
    ["a | replace(old='x', old='y')", "expected another argument, found 'old' @22 ['old' is given twice]"],
    [
      "a | replace(old='x', 'y')",
      'expected an argument with a name, found a string @22 [those without one come first]',
    ],
    ["a | replace('x', 1)", "filter 'replace': 'new' takes a string, not a number @5 [convert it with | string]"],
    ["a | round(1, 'up')", "filter 'round': 'method' takes one of 'common', 'ceil', 'floor', not 'up' @5"],
    ['a | sort(reverse=1)', "filter 'sort': 'reverse' takes true or false, not a number @5"],
    ['range()', "function 'range' needs its argument 'start' @1"],
    ["range('a')", "function 'range': 'start' takes a whole number, not a string @1"],
  ])('a wrong one is found before any evaluation: %s', (text, message) => {
    expect(evaluated(text)).toEqual(failure(message));
  });

  test.each([
    ['5 | upper', "filter 'upper' takes a string, not a number @5 [convert it with | string]"],
    ['true | lower', "filter 'lower' takes a string, not a boolean @8 [convert it with | string]"],
    ['[] | upper', "filter 'upper' takes a string, not a list @6"],
    ["5 | map('upper')", "filter 'map' takes a string, list or mapping, not a number @5"],
    ["[1] | map('upper')", "filter 'upper' takes a string, not a number @7 [convert it with | string]"],
    [
      "'a' | replace('a', [1][0])",
      "filter 'replace': 'new' takes a string, not a number @7 [convert it with | string]",
    ],
    ["'a' is odd", "test 'odd' takes a whole number, not a string @8"],
    ["['a'] | select('odd')", "test 'odd' takes a whole number, not a string @9"],
    ["['a'] | map('x' ~ 'y')", "there is no filter 'xy' @9 [provide its result as a variable: vars_files, or -e]"],
  ])('a wrong type is an error: %s', (text, message) => {
    expect(evaluated(text)).toEqual(failure(message));
  });

  test('a test takes an argument without parentheses', () => {
    expect(evaluated("9 is divisibleby 3 and 'a' is in ['a'] and 'ab' is not match 'b'")).toBe(true);
    expect(evaluated("[1] is contains 1 if 'x' is defined else 0")).toBe(true);
  });
});

test('an escape that is not whole is a mistake', () => {
  const hint = String.raw`write \\x for a backslash and the letter`;
  expect(evaluated(String.raw`'\xg'`)).toEqual({
    error: String.raw`'\x' starts an incomplete escape sequence @2 [${hint}]`,
  });
});

describe('a mistake in a template', () => {
  test.each([
    ['a {{ b', "'{{' is not closed @3 [close the expression with }}]"],
    ['a {{ (b }} c', "expected ',' or ')', found the end of the expression @9"],
    ['a {{ }} c', 'expected a value, found the end of the expression @6'],
    [
      "docker inspect -f '{{.State}}'",
      "expected a value, found '.' @22 [if the characters {{ are meant, write {{ '{{' }}]",
    ],
    [
      '{% if a %}b{% else %}c{% endif %}',
      "'{%' is not supported: templates can only contain expressions @1 [write {{ a if b else c }}, or use the task's when or loop; for the characters write {{ '{%' }}]",
    ],
    [
      "docker ps --format '{% raw %}{{.Names}}:{{.Tag}}{% endraw %}'",
      "'{%' is not supported: templates can only contain expressions @21 [write what is in it as a string: {{ '{{ .Names }}' }}]",
    ],
    [
      '{% if a %}b{%- raw -%}{{.c}}{% endraw %}{% raw %}{{.d}}',
      "'{%' is not supported: templates can only contain expressions @1 [write {{ a if b else c }}, or use the task's when or loop; for the characters write {{ '{%' }}]",
    ],
    ['a {# b', "the comment '{#' is not closed @3 [close it with #}, or write {{ '{#' }} for the characters]"],
    [
      '{{ a | uper }} and {{ b c }}',
      [
        "there is no filter 'uper' @8 [did you mean 'upper'?]",
        "expected an operator or the end of the expression, found 'c' @25",
      ].join('\n'),
    ],
    ['x {{ nope }}', "'nope' is undefined @6"],
    ['{{ [null] }}', 'null is no constant of templates @5 [write none]'],
    ['x {{ none }}', "null cannot be part of a string @6 [quote it, or default it: | default('', true)]"],
  ])('%s', (text, message) => {
    expect(rendered(text)).toEqual(failure(message));
  });
});
