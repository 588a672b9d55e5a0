import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { Problems } from '../../../src/core/diagnostic.ts';
import type { Json } from '../../../src/core/json.ts';
import { formatPosition, SourceFile } from '../../../src/core/source.ts';
import { entry, parseYaml, parseYamlDocuments, type Tree, treeToJson } from '../../../src/core/yaml/yaml.ts';
import type { Dialect } from '../../../src/core/yaml/yaml-dialect.ts';
import { fc } from '../../support/random-cases.ts';

const DIALECTS: readonly Dialect[] = ['kubernetes', 'ansible'];

describe('brackets that nest nothing', () => {
  test.each<[string, (many: string) => string]>([
    ['in quotes', (many) => `a: "${many}"\nb: '${many}'\nc: [ '${many}', "${many}" ]\n`],
    ['in a text of several lines', (many) => `a: |\n  ${many}\nb: x${many}\n`],
    ['in a comment', (many) => `# ${many}\na: b # ${many}\n`],
    ['in quotes one by one', () => `a:\n${"  - '^['\n".repeat(300)}`],
  ])('are read, however many they are: %s', (_where, text) => {
    for (const many of ['['.repeat(300), '{'.repeat(300)]) expect(parse(text(many)).said).toEqual([]);
  });
});

describe('plain words', () => {
  /** What Ansible makes of them was recorded with PyYAML 6.0, of those that are true or false to Kubernetes with client-go 0.34. */
  const WORDS: readonly (readonly [word: string, kplay: Json, ansible: Json])[] = [
    ['yes', true, true],
    ['Yes', true, true],
    ['no', false, false],
    ['on', true, true],
    ['off', false, false],
    ['oN', 'oN', 'oN'],
    ['y', true, 'y'],
    ['Off', false, false],
    ['N', false, 'N'],
    ['true', true, true],
    ['TRUE', true, true],
    ['False', false, false],
    ['null', null, null],
    ['~', null, null],
    ['', null, null],
    ['0644', 644, 420],
    ['010', 10, 8],
    ['+0644', 644, 420],
    ['0o644', 420, '0o644'],
    ['08', 8, '08'],
    ['0x1F', 31, 31],
    ['-0x1f', '-0x1f', -31],
    ['0xG', '0xG', '0xG'],
    ['0b11', '0b11', 3],
    ['1_000', '1_000', 1000],
    ['_1', '_1', '_1'],
    ['+1', 1, 1],
    ['-1', -1, -1],
    ['1.5', 1.5, 1.5],
    ['.5', 0.5, 0.5],
    ['-.5', -0.5, '-.5'],
    ['1.', 1, 1],
    ['1e3', 1000, '1e3'],
    ['1e+3', 1000, '1e+3'],
    ['1.0e+3', 1000, 1000],
    ['1_0.5', '1_0.5', 10.5],
    ['1.2.3', '1.2.3', '1.2.3'],
    ['v1.33.13', 'v1.33.13', 'v1.33.13'],
    // PyYAML makes a date and a number of these: nobody who writes them means that.
    ['2026-11-24', '2026-11-24', '2026-11-24'],
    ['12:30:45', '12:30:45', '12:30:45'],
    ['190:20:30.15', '190:20:30.15', '190:20:30.15'],
  ];

  test.each(WORDS)('%j is %j to kplay and %j to Ansible', (word, kplay, ansible) => {
    expect(jsonOf(`a: ${word}\n`, 'kubernetes')).toEqual({ a: kplay });
    expect(jsonOf(`a: ${word}\n`, 'ansible')).toEqual({ a: ansible });
  });

  test.each(DIALECTS)('are words when they are quoted, to %s', (dialect) => {
    for (const [word] of WORDS) {
      expect(jsonOf(`a: "${word}"\nb: '${word}'\n`, dialect)).toEqual({ a: word, b: word });
    }
  });

  test('keep the way in which they were written', () => {
    expect(at('mode: 0644\n', 'mode')).toMatchObject({ kind: 'scalar', value: 644, raw: '0644', quoted: false });
    expect(at('mode: "0644"\n', 'mode')).toMatchObject({ value: '0644', raw: '0644', quoted: true });
  });

  test('are keys as they are written', () => {
    expect(jsonOf('1: a\nyes: b\nnull: c\n1.5: d\n', 'kubernetes')).toEqual({
      '1': 'a',
      yes: 'b',
      null: 'c',
      '1.5': 'd',
    });
  });

  test('are no words as keys to Ansible, unless they are quoted', () => {
    const word = 'as a key this is not a word, but';
    expect(parse('yes: b\nnull: c\noff : d\n', 'ansible').said).toEqual([
      `f:1:1 ${word} true (quote it)`,
      `f:2:1 ${word} null (quote it)`,
      `f:3:1 ${word} false (quote it)`,
    ]);
    // The same value, but not the same word.
    expect(parse('yes: b\non: c\nyes: d\n', 'ansible').said).toEqual([
      `f:1:1 ${word} true (quote it)`,
      `f:2:1 ${word} true (quote it)`,
      'f:3:1 this key is written twice (remove one of the two: the other is in line 1)',
    ]);
    expect(jsonOf('"yes": b\n"null": c\n', 'ansible')).toEqual({ yes: 'b', null: 'c' });
  });
});

describe('positions', () => {
  const TEXT = "hosts: all\ntasks:\n  - name: 'it''s'\n    cmd: \"a\"\n  - |\n    text\nlast: [x,  ö, y]\n";

  test.each<[path: readonly (string | number)[], position: string, text: string]>([
    [['hosts'], 'f:1:8', 'all'],
    [['tasks'], 'f:3:3', TEXT.slice(TEXT.indexOf('- name'), TEXT.indexOf('last'))],
    [['tasks', 0, 'name'], 'f:3:11', "'it''s'"],
    [['tasks', 0, 'cmd'], 'f:4:10', '"a"'],
    [['tasks', 1], 'f:5:5', '|\n    text\n'],
    [['last', 0], 'f:7:8', 'x'],
    [['last', 2], 'f:7:15', 'y'],
  ])('of %j is %s', (path, position, text) => {
    const tree = at(TEXT, ...path);
    expect(formatPosition(tree.range)).toBe(position);
    expect(tree.range.file.text.slice(tree.range.start, tree.range.end)).toBe(text);
  });

  test('of keys are where the keys are', () => {
    const tree = parse(TEXT).tree;
    if (tree?.kind !== 'mapping') throw new Error('no mapping');
    expect(tree.entries.map(({ key, keyRange }) => [key, formatPosition(keyRange)])).toEqual([
      ['hosts', 'f:1:1'],
      ['tasks', 'f:2:1'],
      ['last', 'f:7:1'],
    ]);
    expect(entry(tree, 'last')?.key).toBe('last');
    expect(entry(tree, 'none')).toBeUndefined();
  });

  test('inside a word begin behind its quote', () => {
    for (const text of ['a: word\n', 'a: "word"\n', "a: 'word'\n", 'a: {b: [word]}\n']) {
      const tree = text.includes('b') ? at(text, 'a', 'b', 0) : at(text, 'a');
      if (tree.kind !== 'scalar') throw new Error('no scalar');
      expect(text.slice(tree.contentStart, tree.contentStart + tree.raw.length)).toBe('word');
    }
  });
});

describe('what is refused', () => {
  test.each<[what: string, text: string, problems: readonly string[]]>([
    [
      'a key that stands twice',
      'a: 1\nb: 2\na: 3\n',
      ['f:3:1 this key is written twice (remove one of the two: the other is in line 1)'],
    ],
    [
      'an unquoted template as value',
      'a: {{ x }}\n',
      ['f:1:5 a list or mapping cannot be a key (a value that begins with {{ must be quoted: "{{ name }}")'],
    ],
    [
      'an unquoted template as key',
      '{{ x }}: 1\n',
      ['f:1:1 a list or mapping cannot be a key (a value that begins with {{ must be quoted: "{{ name }}")'],
    ],
    [
      'a list as key',
      '? [a]\n: 1\n',
      ['f:1:3 a list or mapping cannot be a key (a value that begins with {{ must be quoted: "{{ name }}")'],
    ],
    ['a tab that indents', 'a:\n\tb: 1\n', ['f:2:1 a tab indents this line: YAML takes spaces only']],
    ['an alias of nothing', 'a: *x\n', ['f:1:4 the alias *x refers to itself or to nothing']],
    ['an alias of itself', 'a: &x {b: *x}\n', ['f:1:11 the alias *x refers to itself or to nothing']],
    ['an unknown tag', 'a: !foo 1\n', ['f:1:4 unknown tag !foo']],
    ['a vault', 'a: !vault |\n  x\n', ['f:1:4 unknown tag !vault']],
    ['a merge of a word', '<<: 3\n', ['f:1:5 only a mapping can be merged with <<']],
    [
      'what is no number',
      'a: .inf\nb: .nan\n',
      [
        'f:1:4 .inf is not a number that can be used (quote it if it is a word)',
        'f:2:4 .nan is not a number that can be used (quote it if it is a word)',
      ],
    ],
    [
      'a number that would lose digits',
      'a: 12345678901234567890\n',
      ['f:1:4 12345678901234567890 is too large a number (quote it if it is a word)'],
    ],
    [
      'a key that would lose digits',
      'members: {9372538179322589801: a}\n',
      ['f:1:11 9372538179322589801 is too large a number (quote it if it is a word)'],
    ],
    ['lines that begin with %, and nothing else', '%kube_version: 1.29\n', ['f:1:1 Unknown directive %kube_version:']],
    ['an open quote', 'a: "x\n', ['f:1:4 this " is not closed']],
    ['an open quote of the other kind', "a: 1\nb:\n  - c: 'x\nd: 2\n", ["f:3:8 this ' is not closed"]],
    ['open brackets, one in the other', 'a: {b: [c\n', ['f:1:8 this [ is not closed', 'f:1:4 this { is not closed']],
    ['an open bracket whose lines are not indented', 'a: [\nb: 1\n', ['f:1:4 this [ is not closed']],
    [
      'a second document',
      '---\na: 1\n---\nb: 2\n',
      ['f:4:1 the file holds more than one YAML document (remove the line ---, or split the file)'],
    ],
  ])('%s', (_what, text, problems) => {
    const { tree, said } = parse(text);
    expect(tree).toBeUndefined();
    expect(said).toEqual(problems);
  });

  test('a directive for another version of YAML, in a playbook', () => {
    expect(parse('%YAML 1.2\n---\na: yes\n', 'ansible').said).toEqual([
      'f:1:1 YAML 1.2 is not supported: this file is read as 1.1, as by Ansible (remove the line)',
    ]);
    expect(parse('%YAML 1.1\n---\na: yes\n', 'ansible').said).toEqual([]);
    expect(jsonOf('%YAML 1.1\n---\na: yes\n', 'ansible')).toEqual({ a: true });
  });

  test('a tag for what JSON lacks, in a playbook', () => {
    const { tree, said } = parse('a: !!omap [b: 1]\nc: !!set {d}\n', 'ansible');
    expect(tree).toBeUndefined();
    expect(said).toEqual(['f:1:4 unknown tag !!omap', 'f:2:4 unknown tag !!set']);
  });

  test('every problem is told at once', () => {
    expect(parse('a: 1\na: 2\nb: !x 1\n').said).toEqual([
      'f:2:1 this key is written twice (remove one of the two: the other is in line 1)',
      'f:3:4 unknown tag !x',
    ]);
  });

  test('aliases that unfold to more than anybody can have meant', () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'].map((pair) => pair.split(''))) {
      lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`);
    }
    const { tree, said } = parse(`${lines.join('\n')}\n`);
    expect(tree).toBeUndefined();
    expect(said).toEqual([expect.stringContaining('the aliases of this file expand to too many values')]);
  });

  test('more values than anybody can have meant, without an alias', () => {
    const { tree, said } = parse('- a\n'.repeat(200_000), 'ansible');
    expect(tree).toBeUndefined();
    expect(said).toEqual(['f:199999:3 it holds too many values (divide it into several files)']);
  });

  test.each<[string, string]>([
    ['brackets', '['.repeat(50_000)],
    ['braces', '{a: '.repeat(50_000)],
    ['list items on one line', '- '.repeat(50_000)],
    ['keys on one line', '? '.repeat(50_000)],
    ['keys below each other', Array.from({ length: 2_500 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ])('%s without end, in a moment and without a crash', (_what, text) => {
    const { tree, said } = parse(text);
    expect(tree).toBeUndefined();
    expect(said).toEqual([expect.stringContaining('it is nested too deeply')]);
  });

  test.each<[string, string]>([
    ['brackets behind a quote within a word', `a: [b '${'['.repeat(50_000)}`],
    ['brackets behind some in quotes', `a: '${'['.repeat(300)}'\nb: ${'['.repeat(50_000)}`],
    ['list items on one line behind brackets in quotes', `a: '${'['.repeat(300)}'\nb:\n${'- '.repeat(50_000)}`],
    ['brackets behind too many that close', `a: x\n${']'.repeat(50_000)}\nb: ${'['.repeat(50_000)}`],
    ['brackets in the places of words', 'a: [b\n- [b\n'.repeat(50_000)],
  ])('%s, likewise', (_what, text) => {
    const { tree, said } = parse(text);
    expect(tree).toBeUndefined();
    expect(said).toEqual([expect.stringContaining('it is nested too deeply')]);
  });

  test('the first of the brackets that are too many, not one in quotes before it', () => {
    expect(parse(`a: '${'['.repeat(300)}'\nb: ${'['.repeat(201)}`).said).toEqual(['f:2:204 it is nested too deeply']);
  });

  test('a key that stands twice in what aliases stand for is told once', () => {
    expect(parse('a: &a {b: 1, b: 2}\nc: [*a, *a]\n').said).toEqual([
      'f:1:14 this key is written twice (remove one of the two: the other is in line 1)',
    ]);
    expect(jsonOf('1: a\n"1": b\n', 'kubernetes')).toEqual({ 1: 'b' });
  });

  test('more values in a text of Kubernetes than anybody needs, in a moment', () => {
    for (const mark of ['[],', '{},', ', ', '*a ', '&a ', '"', 'a: 1\n', '\n', 'a:\r\n']) {
      const { tree, said } = parse(`a: &a [${mark.repeat(300_000)}`, 'kubernetes');
      expect(tree).toBeUndefined();
      expect(said).toEqual([expect.stringContaining('it holds too many values')]);
    }
  });

  test('nothing of a mapping with as many keys as a text may have, in a moment', () => {
    const before = process.cpuUsage();
    const { tree, said } = parse(Array.from({ length: 48_000 }, (_, index) => `k${index}: 1\n`).join(''), 'kubernetes');
    expect(said).toEqual([]);
    expect(tree?.kind).toBe('mapping');
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(3_000);
  });

  test('nothing of what somebody can have meant: a hundred levels', () => {
    expect(parse(`${'['.repeat(100)}${']'.repeat(100)}`).said).toEqual([]);
    expect(parse(Array.from({ length: 100 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')).said).toEqual([]);
  });
});

describe('aliases and merge keys', () => {
  test.each<[what: string, text: string, value: Json]>([
    ['an alias is what it stands for', 'a: &x [1]\nb: *x\n', { a: [1], b: [1] }],
    ['an alias is the nearest before it', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n', { a: 1, b: 1, c: 2, d: 2 }],
    [
      'what a mapping says itself wins',
      'x: &x {a: 1, b: 2}\ny: {b: 3, <<: *x}\n',
      { x: { a: 1, b: 2 }, y: { a: 1, b: 3 } },
    ],
    [
      'the first of several wins',
      'x: &x {a: 1}\nz: &z {a: 2, b: 2}\ny: {<<: [*x, *z]}\n',
      { x: { a: 1 }, z: { a: 2, b: 2 }, y: { a: 1, b: 2 } },
    ],
    [
      'what was merged is merged on',
      'x: &x {a: 1}\ny: &y {<<: *x}\nz: {<<: *y}\n',
      { x: { a: 1 }, y: { a: 1 }, z: { a: 1 } },
    ],
    [
      'the last of several merge keys wins',
      'x: &x {b: 1, a: 1}\nz: &z {a: 2}\ny:\n  <<: *x\n  <<: *z\n',
      { x: { b: 1, a: 1 }, z: { a: 2 }, y: { b: 1, a: 2 } },
    ],
    ['what is merged stands first', 'a: {z: 1, b: 2, <<: {b: 3, c: 4}}\n', { a: { b: 2, c: 4, z: 1 } }],
    ['the first of several stands last', 'a: {<<: [{b: 1, a: 1}, {c: 2, a: 2}]}\n', { a: { c: 2, a: 1, b: 1 } }],
    ['a word is no merge key', 'a: <<\n', { a: '<<' }],
    ['nor is one in quotes', 'a: {"<<": {b: 1}}\n', { a: { '<<': { b: 1 } } }],
  ])('%s', (_what, text, value) => {
    for (const dialect of DIALECTS) expect(JSON.stringify(jsonOf(text, dialect))).toBe(JSON.stringify(value));
  });

  test('are found where they were written, not where they are used', () => {
    expect(formatPosition(at('a: &x [1, 2]\nb: *x\n', 'b', 1).range)).toBe('f:1:11');
  });
});

describe('documents', () => {
  test.each<[text: string, values: readonly Json[]]>([
    ['', []],
    ['# nothing\n', []],
    ['---\n', [null]],
    ['a: 1\n---\nb: 2\n...\n', [{ a: 1 }, { b: 2 }]],
    ['\uFEFFa: 1\r\nb: 2\r\n', [{ a: 1, b: 2 }]],
  ])('%j holds %j', (text, values) => {
    const problems = new Problems();
    const trees = parseYamlDocuments(new SourceFile('f', text), problems, 'kubernetes');
    expect(problems.all).toEqual([]);
    expect(trees?.map(treeToJson)).toEqual(values);
  });

  test('keep keys that mean something to JavaScript', () => {
    const value = jsonOf('__proto__: {polluted: true}\nconstructor: 1\n', 'kubernetes');
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('of any data are read as they were written', () => {
    const key = fc.stringMatching(/^[a-z][a-z_0-9]{0,6}$/);
    const data = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'grapheme' }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('mapping'),
      ),
      list: fc.array(tie('value'), { maxLength: 4 }),
      mapping: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(data.mapping, fc.constantFrom(...DIALECTS), (value, dialect) => {
        const text = stringify(value, { version: dialect === 'ansible' ? '1.1' : '1.2', aliasDuplicateObjects: false });
        expect(jsonOf(text, dialect)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 40 },
    );
  });

  test('of any text end in a tree or in problems with places inside the text', () => {
    const parts = fc.constantFrom(
      ...'ab:-?[]{}&*!|>\'"%@`#,. \n\t~<0'.split(''),
      '<<',
      '&x ',
      '*x',
      '!t ',
      '---\n',
      '{{',
      '\r\n',
      'ö',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), fc.constantFrom(...DIALECTS), (pieces, dialect) => {
        const file = new SourceFile('f', pieces.join(''));
        const problems = new Problems();
        const trees = parseYamlDocuments(file, problems, dialect);
        expect(trees === undefined).toBe(problems.hasErrors);
        for (const { range, message } of problems.all) {
          // A tag may end as a sentence does.
          expect(message.replace(/^(unknown tag) .*/, '$1')).not.toMatch(/\n|\.$/);
          expect(range?.start).toBeLessThanOrEqual(file.text.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function parse(text: string, dialect: Dialect = 'kubernetes') {
  const problems = new Problems();
  const tree = parseYaml(new SourceFile('f', text), problems, dialect);
  const said = problems.all.map(
    ({ message, range, hint }) =>
      `${range && formatPosition(range)} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
  return { tree, said };
}

function jsonOf(text: string, dialect: Dialect): Json {
  const { tree, said } = parse(text, dialect);
  expect(said).toEqual([]);
  return tree ? treeToJson(tree) : null;
}

function at(text: string, ...path: readonly (string | number)[]): Tree {
  let tree = parse(text).tree;
  for (const key of path) {
    tree =
      tree?.kind === 'mapping'
        ? entry(tree, String(key))?.value
        : tree?.kind === 'sequence'
          ? tree.items[Number(key)]
          : undefined;
  }
  if (!tree) throw new Error(`nothing at ${path.join('.')}`);
  return tree;
}
