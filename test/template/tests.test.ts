import { describe, expect, test } from 'vitest';
import { evaluated, failure } from './harness.ts';

const values = { nothing: null, text: 'a', int: 3, float: 1.5, yes: true, no: false, list: [1], map: { a: 1 } };
const names = Object.keys(values);

describe('types', () => {
  test.each([
    ['none', ['nothing']],
    ['string', ['text']],
    ['number', ['int', 'float', 'yes', 'no']],
    ['integer', ['int']],
    ['float', ['float']],
    ['boolean', ['yes', 'no']],
    ['true', ['yes']],
    ['false', ['no']],
    ['mapping', ['map']],
    ['sequence', ['text', 'list', 'map']],
    ['iterable', ['text', 'list', 'map']],
    ['defined', names],
    ['undefined', []],
    ['truthy', ['text', 'int', 'float', 'yes', 'list', 'map']],
    ['falsy', ['nothing', 'no']],
  ])('%s: %j', (name, those) => {
    expect(names.filter((value) => evaluated(`${value} is ${name}`, values))).toEqual(those);
    expect(names.filter((value) => evaluated(`${value} is not ${name}`, values))).toEqual(
      names.filter((value) => !those.includes(value)),
    );
    expect(names.filter((value) => evaluated(`([${value}] | select('${name}') | length) == 1`, values))).toEqual(those);
  });
});

describe('what is true', () => {
  test.each([
    '3 is odd and 4 is even and 0 is even and -3 is odd',
    '9 is divisibleby 3 and 9 is not divisibleby(2) and 9 is not divisibleby 0',
    "1 is eq 1 and 1 is equalto(1) and 'a' is ne 'b'",
    '1 is lt 2 and 2 is gt 1 and 2 is ge 2 and 2 is le(2)',
    "80 in {'80': 1} and 81 not in {'80': 1}",
    "'a' is in ['a'] and 'a' is in 'abc' and 'a' is in {'a': 1}",
    "[1, [2]] is contains([2]) and 'abc' is contains 'b'",
    '[1, 2] is subset([2, 1, 3]) and [] is subset [] and [3] is not subset [1]',
    '[1, 2] is superset([2]) and [1] is not superset([1, 2])',
    '[1, true] is all and [] is all and [0, 1] is any and [] is not any',
    "'abc' is startswith 'ab' and 'abc' is endswith('bc') and 'abc' is not startswith 'b'",
    "'abc' is match 'ab' and 'abc' is not match 'b' and 'abc' is search('b') and 'abc' is regex('b')",
    "'ABC' is match('a', ignorecase=true) and 'ABC' is not match('a') and 'ABC' is match('(?i)a')",
    "'a\\nb' is search('^b', multiline=true) and 'a\\nb' is not search('^b')",
    "'abc' is not regex('b', match_type='match')",
    "'line\\n' is search('line$') and 'line\\n' is not search('line\\\\Z') and 'x\\nline' is not search('\\\\Aline')",
    "']' is match('[]]') and 'x' is match('[^]]') and 'aa' is match('(?P<c>a)(?P=c)')",
    "'aaa' is match('a{,3}$') and 'aaaa' is not match('a{,3}$') and 'aaa' is match('a{,}$') and 'a.b' is match('a[.]b')",
    "'a\\rb' is match('a.b') and 'a\\nb' is not match('a.b') and 'a\\nb' is match('(?s)a.b')",
    "'$' is match('[$]') and '$' is match('\\\\$')",
  ])('%s', (text) => {
    expect(evaluated(text)).toBe(true);
  });
});

describe('versions', () => {
  test.each([
    ['1.29.3', '>=', '1.29'],
    ['1.29', '<', '1.29.0'],
    ['1.9', '<', '1.10'],
    ['1.30.0', 'gt', '1.29.99'],
    ['1.2a', '>', '1.2'],
    ['1.30.0-rc.1', '>', '1.30.0'],
    ['1.30.0-rc.2', '<', '1.30.0-rc.10'],
    ['v1.29.3', '>=', 'v1.29'],
    ['1.28.2-1.1', '>', '1.28.2'],
    ['1.28.2+k3s1', 'ne', '1.28.2'],
    ['2', 'ge', '1.99'],
  ])('%s %s %s, as LooseVersion has it', (left, operator, right) => {
    expect(evaluated('a is version(b, o)', { a: left, b: right, o: operator })).toBe(true);
    expect(evaluated(`a is version_compare(b, '${operator}')`, { a: left, b: right })).toBe(true);
  });

  test.each([
    ['semver', '1.30.0-rc.1', '<', '1.30.0'],
    ['semver', '1.30.0-alpha.2', 'lt', '1.30.0-beta.1'],
    ['semver', '1.30.0-rc.2', '<', '1.30.0-rc.10'],
    ['semantic', '1.30.0-rc', '<', '1.30.0-rc.1'],
    ['semver', '1.28.2+k3s1', 'eq', '1.28.2'],
    ['strict', '1.30', '==', '1.30.0'],
    ['strict', '1.30b2', '<', '1.30'],
    ['strict', '1.30a9', '<', '1.30b1'],
  ])('%s: %s %s %s', (kind, left, operator, right) => {
    expect(evaluated(`a is version(b, o, version_type='${kind}')`, { a: left, b: right, o: operator })).toBe(true);
  });

  test('what cannot be compared is an error', () => {
    const hint = "remove the v: | regex_replace('^v', '')";
    expect(evaluated("'v1.29' is version('1.29', '>')")).toEqual(
      failure(
        `versions 'v1.29' and '1.29' cannot be compared: part 1 is a number in one and a word in the other @12 [${hint}]`,
      ),
    );
    expect(evaluated("'1.0' is version('', '>')")).toEqual(failure("'' is not a version @10"));
    expect(evaluated("'1.0' is version('1', '>', version_type='semver')")).toEqual(
      failure("'1.0' is not a semantic version @10 [one is like 1.29.3 or 1.30.0-rc.1, without a v before it]"),
    );
  });
});

describe('registered results', () => {
  const results = {
    ok: {},
    loop: { results: [{}, { changed: true }] },
    bad: { failed: true },
    same: { changed: false, results: [{ changed: true }] },
    new: { changed: true, failed: false },
    not: { skipped: true },
  };
  test.each([
    ["results['ok'] is succeeded and results['new'] is success and results['bad'] is not succeeded"],
    ["results['bad'] is failed and results['ok'] is not failed"],
    ["results['new'] is changed and results['ok'] is not changed"],
    ["results['loop'] is changed and {'failed': 1} is failed"],
    ["results['same'] is not changed"],
    ["results['not'] is skipped and results['ok'] is not skipped"],
    ["results['ok'] is not unreachable"],
    ["results | dict2items | selectattr('value', 'failed') | map(attribute='key') | join == 'bad'"],
  ])('%s', (text) => {
    expect(evaluated(text, { results })).toBe(true);
  });

  test('anything else is no result', () => {
    expect(evaluated("'ok' is failed")).toEqual(failure("test 'failed' takes a mapping, not a string @9"));
  });
});
