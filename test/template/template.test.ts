import { describe, expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import type { Json } from '../../src/core/json.ts';
import { formatPosition, SourceFile } from '../../src/core/source.ts';
import { parseYaml, type Tree, treeToJson } from '../../src/core/yaml/yaml.ts';
import { compileJson, compileTree } from '../../src/template/compile.ts';
import { TemplateError } from '../../src/template/errors.ts';
import { render } from '../../src/template/evaluation/render.ts';
import { rendered, scopeOf } from './harness.ts';

const variables = { x: 3, s: 'hello', list: [1, 'a'], map: { a: null }, yes: true, half: 0.5, line: 'l\n' };

describe('a text', () => {
  test.each<[string, Json]>([
    ['no template', 'no template'],
    ['', ''],
    ['}} %} #}', '}} %} #}'],
    ['{{ x }}', 3],
    ['  {{ x }}\n', 3],
    ['{{ list }}', [1, 'a']],
    ['{{ map }}', { a: null }],
    ['{{ yes }}', true],
    ['{{ none }}', null],
    ['{{ x }}{{ x }}', '33'],
    ['a {{ s }} b {{ x }}', 'a hello b 3'],
    ['{{ yes }} {{ half }} {{ x + 0.5 }}', 'True 0.5 3.5'],
    ['l={{ list }} m={{ map }}', 'l=[1, "a"] m={"a": null}'],
    ["{{ '{{' }} x }}", '{{ x }}'],
    ["{{ '}}' }}", '}}'],
    ["{{ {'a': {'b': x}} }}", { a: { b: 3 } }],
    ["{{ {'a': {'b': x}}}}", { a: { b: 3 } }],
    ['a {# gone {{ x #} b', 'a  b'],
    ['{# gone #}', ''],
    ['a\n{# gone #}\nb', 'a\nb'],
    ['a\n{# gone +#}\nb {{ x }}\nc', 'a\n\nb 3\nc'],
    ['{# gone #} {{ x }}', 3],
    ['a  {{- x -}}  b', 'a3b'],
    ['a {{ -x }} {#- c -#} b', 'a -3b'],
    ['a {{ x\n }}', 'a 3'],
    ['a\n{{ s }}\n', 'a\nhello\n'],
    ['a\n{{ line }}', 'a\nl\n'],
    ['a\n{{ line }}\n', 'a\nl\n'],
    ['a\n{{ line }}\n\n', 'a\nl\n\n'],
    ["a\n{{ '' }}\n", 'a\n'],
    ['a {{ x -}}\n\n', 'a 3\n\n'],
    ['a {{ line }}{# gone #}\n', 'a l\n'],
    ['a {# gone #}\n', 'a \n'],
  ])('%j', (text, value) => {
    expect(rendered(text, variables)).toEqual(value);
  });
});

function compiled(text: string) {
  const problems = new Problems();
  const tree = parseYaml(new SourceFile('play.yml', text), problems, 'ansible') as Tree;
  return { tree, problems, value: compileTree(tree, problems) };
}

describe('a YAML tree', () => {
  test('is rendered with its types; keys are not templates', () => {
    const { value } = compiled('a: "{{ x }}"\nb: [1, "{{ list }}", "n{{ x }}"]\n"{{ x }}": y\nc: {d: "{{ map.a }}"}\n');
    expect(value && render(value, scopeOf(variables))).toEqual({
      a: 3,
      b: [1, [1, 'a'], 'n3'],
      '{{ x }}': 'y',
      c: { d: null },
    });
  });

  test('without a template is one constant, and rendering it yields the same value', () => {
    const { tree, value } = compiled('a: [1, null, {b: text}]\n__proto__: 1\n');
    expect(value).toEqual({ kind: 'constant', value: treeToJson(tree) });
    expect(value && render(value, scopeOf({}))).toBe(value && render(value, scopeOf({})));
  });

  test('has all its problems reported', () => {
    const { problems, value } = compiled('a: "{{ x"\nb: ["{{ s | uper }}"]\nc: "{{ x }}"\n');
    expect(value).toBeUndefined();
    expect(problems.all.map(({ message, range }) => `${range && formatPosition(range)}: ${message}`)).toEqual([
      "play.yml:1:5: '{{' is not closed",
      "play.yml:2:13: there is no filter 'uper'",
    ]);
  });
});

describe('keys that are whole numbers', () => {
  test.each<[text: string, warnedAt: string | undefined]>([
    ['80: a\n443: b\nx: c\n1.5: d\n', undefined],
    ['a: { 443: a, 80: b, 20: c }\n', 'play.yml:1:14'],
    ['x: a\n"80": b\n', 'play.yml:2:1'],
  ])('are warned of where loops take them in another order than they are written: %j', (text, warnedAt) => {
    const { problems, value } = compiled(text);
    expect(value).toBeDefined();
    const message = 'loops over this mapping begin with its keys that are whole numbers, in ascending order';
    expect(problems.all.map(({ severity, range, ...one }) => [severity, range && formatPosition(range), one])).toEqual(
      warnedAt === undefined
        ? []
        : [['warning', warnedAt, { message, hint: 'write them first and in this order, or use a list' }]],
    );
  });
});

describe('an error is shown in the file', () => {
  test.each([
    ['plain scalar', 'a: x {{ nope }}\n', '1:9'],
    ['quoted scalar', 'a: "x {{ nope }}"\n', '1:10'],
    ['single quotes', "a: 'x {{ nope }}'\n", '1:10'],
    ['quoted scalar with an escape', 'a: "\\t {{ nope }}"\n', '1:11'],
    ['single quotes with an escape', "a: 'it''s {{ nope }}'\n", '1:14'],
    ['block scalar', 'a: |\n  one\n  two {{ s }} {{ nope }}\n', '3:18'],
    ['folded scalar', 'a: >\n  one\n  two {{ nope }}\n', '3:10'],
    ['plain scalar over two lines', 'a: one\n  two {{ nope }}\n', '2:10'],
    ['the same expression twice in a block scalar', 'a: |\n  {{ nope }}\n  {{ nope }}\n', '1:4'],
    ['an expression that YAML has changed', 'a: "{{ nope ~ \\"x\\" }}"\n', '1:4'],
    ['an expression over two lines', 'a: |\n  x {{ x +\n  nope }}\n', '1:4'],
  ])('%s', (_, text, position) => {
    const { value } = compiled(text);
    try {
      render(value as NonNullable<typeof value>, scopeOf(variables));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(TemplateError);
      expect(formatPosition((error as TemplateError).range)).toBe(`play.yml:${position}`);
    }
  });

  test('a value of an inventory is searched for in what was written', () => {
    const file = new SourceFile('hosts.ini', 'm1 address="{{ adress }}" user={{ x }}\n');
    const problems = new Problems();
    const value = compileJson({ address: '{{ adress }}', user: ['{{ x }}'], n: 1 }, file.range(0, 38), problems);
    expect(() => value && render(value, scopeOf({ ...variables, address: 1 }))).toThrow(
      expect.objectContaining({
        message: "'adress' is undefined",
        hint: "did you mean 'address'?",
        range: file.range(15, 21),
      }),
    );
    expect(compileJson([1, { a: 'b' }, null], file.range(0, 1), problems)).toEqual({
      kind: 'constant',
      value: [1, { a: 'b' }, null],
    });
    expect(compileJson({ a: ['{{ x'] }, file.range(0, 1), problems)).toBeUndefined();
  });
});

describe('a backslash in a string of {{ }} is a backslash, as in Ansible', () => {
  test.each([
    [String.raw`{{ ['a', 'b'] | join('\n') }}`, String.raw`a\nb`],
    [String.raw`{{ 'a1' | regex_replace('(\d)', '<\1>') }}`, 'a<1>'],
    [String.raw`{{ 'a1' is search('\\d') }}`, false],
    [String.raw`{{ 'it\'s' }}`, String.raw`it\'s`],
    [String.raw`{{ "it\"s" }}`, String.raw`it\"s`],
    [String.raw`{{ 'C:\\' }}`, String.raw`C:\\`],
  ])('%s', (text, value) => {
    expect(rendered(text)).toEqual(value);
  });
});
