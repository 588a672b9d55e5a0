import { expect, test } from 'vitest';
import { Problems } from '../../../src/core/diagnostic.ts';
import { SourceFile } from '../../../src/core/source.ts';
import { compileJson } from '../../../src/template/compile.ts';
import { parseExpression } from '../../../src/template/syntax/parse.ts';
import { references } from '../../../src/template/syntax/references.ts';

test.each([
  ['1', [], []],
  ['a.b[c] + d', ['a', 'c', 'd'], []],
  ["[a, {'x': b, c: 1}, d[e:f:g]]", ['a', 'b', 'c', 'd', 'e', 'f', 'g'], []],
  ['a if b else -c', ['a', 'b', 'c'], []],
  ['range(a) | map(b) | join(d=c)', ['a', 'b', 'c'], []],
  ['a is version(b) and not c is in d', ['a', 'b', 'c', 'd'], []],
  ['a | default(b)', ['b'], ['a']],
  ['a.b.c | default(b, true) or d', ['b', 'd'], ['a']],
  ['a is defined and a.b > c', ['c'], ['a']],
  ['a is undefined or b', ['b'], ['a']],
  ['(a + b) | default(c)', ['a', 'b', 'c'], []],
  ['a[b] is defined', ['b'], ['a']],
  ['a | mandatory(b)', ['a', 'b'], []],
])('%s', (text, required, optional) => {
  const expression = parseExpression(text, { range: new SourceFile('t', text).range(0, 0) }, new Problems());
  const found = expression && references(expression);
  expect([...(found?.required ?? [])].sort()).toEqual(required);
  expect([...(found?.optional ?? [])].sort()).toEqual(optional);
});

test('those of a compiled value are those of all its templates', () => {
  const value = { a: '{{ x }}', b: ['y {{ y | default(1) }} {{ z }}', 1], c: 'none' };
  const compiled = compileJson(value, new SourceFile('t', '').range(0, 0), new Problems());
  expect(compiled && references(compiled)).toEqual({ required: new Set(['x', 'z']), optional: new Set(['y']) });
});
