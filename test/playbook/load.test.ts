import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import { readTextFile } from '../../src/core/text-file.ts';
import { MAX_SOURCE_BYTES, treeToJson } from '../../src/core/yaml/yaml.ts';
import { readPlaybook } from '../../src/playbook/load.ts';
import type { Playbook } from '../../src/playbook/model.ts';
import { stepTasksOf } from '../../src/playbook/step-tasks.ts';
import { catalogue, fileOf, read, SHIPPED, shown } from './support/playbooks.ts';

function load(path: string): { readonly playbook: Playbook | undefined; readonly problems: readonly string[] } {
  const problems = new Problems();
  const source = readTextFile(path, 'playbook', problems);
  const playbook = source && readPlaybook(source, catalogue, problems);
  return { playbook, problems: problems.all.map((problem) => shown(problem).replaceAll(path, 'FILE')) };
}

describe('a playbook file', () => {
  test('is read, and its name is kept', () => {
    const path = fileOf(SHIPPED);
    const { playbook, problems } = load(path);
    expect(problems).toEqual([]);
    expect(playbook?.file.path).toBe(path);
    expect(playbook?.plays.map((play) => stepTasksOf(play).map(({ step }) => step.value))).toEqual([
      [
        'certs.check',
        'certs.backup',
        'certs.delete',
        'certs.regenerate',
        'kubeconfig.regenerate',
        'control_plane.restart',
        'cluster.verify',
      ],
    ]);
  });

  test('has the plays of those that it imports in their place, with the variables and tags that it gives them', () => {
    const other = fileOf('- hosts: workers\n  vars: { x: 1, y: 1 }\n  tasks: [{ certs.delete: {} }]\n');
    const path = fileOf(
      `- hosts: masters\n  tasks: [{ certs.check: {} }]\n- import_playbook: ${other}\n  vars: { y: 2 }\n  tags: late\n`,
    );
    const { playbook, problems } = load(path);
    expect(problems).toEqual([]);
    expect(playbook?.plays.map(({ hosts, tags }) => [hosts.value, tags.map(({ value }) => value)])).toEqual([
      ['masters', []],
      ['workers', ['late']],
    ]);
    expect([...(playbook?.plays[1]?.vars ?? [])].map(([name, tree]) => [name, treeToJson(tree)])).toEqual([
      ['x', 1],
      ['y', 2],
    ]);
  });

  test('is given variables by imports, the outermost wins, and its files of variables are stronger', () => {
    const other = join(dirname(fileOf('')), 'other.yml');
    const middle = join(dirname(other), 'middle.yml');
    writeFileSync(join(dirname(other), 'file.yml'), 'a: file\n');
    writeFileSync(
      other,
      '- hosts: all\n  vars: { a: play, b: play, c: play, d: play }\n  vars_files: file.yml\n  tasks: [{ certs.check: {} }]\n',
    );
    writeFileSync(middle, `- import_playbook: ${other}\n  vars: { b: middle, c: middle }\n`);
    const path = fileOf(`- import_playbook: ${middle}\n  vars: { a: outer, b: outer }\n`);
    const { playbook } = load(path);
    const vars = Object.fromEntries(
      [...(playbook?.plays[0]?.vars ?? [])].map(([name, tree]) => [name, treeToJson(tree)]),
    );
    expect(vars).toEqual({ a: 'file', b: 'outer', c: 'middle', d: 'play' });
  });

  test('that imports itself is refused', () => {
    const path = fileOf('- import_playbook: playbook.yml\n');
    expect(load(path).problems).toEqual(['error 1:20: playbook.yml imports itself (remove the cycle)']);
  });

  test('may begin with a byte order mark', () => {
    const { playbook, problems } = load(fileOf(`\ufeff${SHIPPED}`));
    expect(problems).toEqual([]);
    expect(playbook?.plays).toHaveLength(1);
  });

  test.each([
    ['is not there', '/nonexistent/p.yml', 'there is no such file (check the path)'],
    [
      'has a path through a file',
      '/etc/passwd/p.yml',
      'a part of the path is not a directory (check the path and its mode)',
    ],
    ['is a directory', '/tmp', 'it is a directory (name a file, perhaps one in it)'],
  ])('that %s is reported', (_, path, reason) => {
    expect(load(path)).toEqual({ playbook: undefined, problems: [`error: cannot read the playbook FILE: ${reason}`] });
  });

  test.each([
    ['is not UTF-8', Uint8Array.of(0x2d, 0x20, 0x61, 0xff, 0x0a), 'error 1:4: FILE is not UTF-8 (save it as UTF-8)'],
    [
      'is binary',
      Uint8Array.of(0x7f, 0x45, 0, 1),
      'error: FILE is not a text file: byte 2 is 0x00 (name a text file: playbook files are read as UTF-8)',
    ],
    [
      'is far too large',
      new Uint8Array(MAX_SOURCE_BYTES + 1),
      'error: FILE is too large (no playbook is larger than 5 MB: name another file, or split it)',
    ],
  ])('that %s is reported', (_, content, problem) => {
    expect(load(fileOf(content))).toEqual({ playbook: undefined, problems: [problem] });
  });
});

describe('a text that is no list of plays', () => {
  test.each([
    ['', 'error 1:1: p.yml is empty (a playbook is a list of plays: - hosts: …)'],
    ['# only this\n', 'error 1:1: p.yml is empty (a playbook is a list of plays: - hosts: …)'],
    ['---\n', 'error 1:1: p.yml is empty (a playbook is a list of plays: - hosts: …)'],
    ['[]', 'error 1:1: p.yml holds no plays (begin each play with - hosts: …)'],
    ['# x\nhosts: all\ntasks: []\n', 'error 2:1: p.yml is not a list of plays (begin each play with - hosts: …)'],
    ['word', 'error 1:1: p.yml is not a list of plays (begin each play with - hosts: …)'],
    [
      '- hosts: a\n---\n- hosts: b\n',
      'error 3:1: the file holds more than one YAML document (remove the line ---, or split the file)',
    ],
  ])('%j', (text, problem) => {
    expect(read(text)).toEqual({ playbook: undefined, problems: [problem] });
  });
});

describe('YAML that cannot be read', () => {
  const INDENTATION = 'quote the value if ": " belongs to it, else check the indentation';
  test.each([
    [
      'a value that begins with a template',
      '- hosts: {{ target }}',
      "1:11: a value that begins with {{ must be quoted (write '{{ target }}')",
    ],
    [
      'a template with more behind it',
      "- hosts: {{ a }}:!{{ b['c'] }} # why",
      "1:17: a value that begins with {{ must be quoted (write '{{ a }}:!{{ b[''c''] }}')",
    ],
    [
      'an entry that is a template',
      '- hosts:\n    - {{ a }}',
      "2:8: a value that begins with {{ must be quoted (write '{{ a }}')",
    ],
    [
      'a template between braces',
      '- {hosts: all, vars: {a: {{ b }} }}',
      '1:27: a value that begins with {{ must be quoted (put the whole value into quotes: "{{ name }}")',
    ],
    ['a tab', '- hosts: all\n\ttasks: []', '2:2: a tab indents this line (indent with spaces)'],
    [
      'a colon in a word',
      '- hosts: a: b',
      `1:10: Nested mappings are not allowed in compact mappings (${INDENTATION})`,
    ],
    [
      'too much indentation',
      '- name: x\n   hosts: y',
      `1:9: Nested mappings are not allowed in compact mappings (${INDENTATION})`,
    ],
    [
      'a key without a colon',
      '- hosts all\n  tasks: []',
      '1:3: Implicit keys need to be on a single line (check the indentation, and that each key ends with a colon)',
    ],
    [
      'an open quote',
      '- hosts: "{{ a\n',
      '1:10: this " is not closed (close the quote, or indent the lines that continue the text)',
    ],
    ['an open bracket', '- hosts: [a\n', '1:10: this [ is not closed (close the bracket, or indent what is in it)'],
    [
      'a reserved character',
      '- hosts: @a',
      '1:10: Plain value cannot start with reserved character @ (quote the value)',
    ],
    [
      'a key twice',
      '- hosts: a\n  hosts: b',
      '2:3: this key is written twice (remove one of the two: the other is in line 1)',
    ],
    [
      'a tag',
      '- hosts: !vault a',
      '1:10: unknown tag !vault (kplay cannot decrypt: put the value into a file that only you can read, and give it with -e @FILE)',
    ],
    [
      'a tag for a text that is no template',
      '- hosts: !unsafe a',
      "1:10: unknown tag !unsafe (remove the tag; where the value contains {{ or {%, write {{ '{{' }} or {{ '{%' }})",
    ],
    [
      'a bracket in a value of a mapping in braces, which ends the mapping, once',
      "- hosts: a\n  roles:\n    - { role: b, when: x in groups['b'] }\n    - role: c\n      when: y\n    - role: d\n",
      '3:35: Unexpected flow-seq-start at node end (quote the value if the bracket belongs to it)',
    ],
    [
      'anything else',
      '- hosts: "a" b',
      '1:14: Unexpected scalar at node end (check the indentation and the quotes here)',
    ],
  ])('%s', (_, text, problem) => {
    expect(read(text)).toEqual({ playbook: undefined, problems: [`error ${problem}`] });
  });
});

describe('what can be read of a playbook with mistakes', () => {
  test('is handed on, so that what is wrong elsewhere is told in the same go', () => {
    const { playbook, problems } = read(
      '- hosts: master\n  tasks:\n    - cert.check: {}\n    - certs.delete:\n- tasks: []\n',
    );
    expect(problems).toEqual([
      "error 3:7: unknown step 'cert.check' (did you mean certs.check?)",
      'error 5:3: this play has no hosts (add hosts: with a group, a host or a pattern)',
    ]);
    expect(playbook?.plays.map(({ hosts, tasks }) => [hosts.value, tasks.length])).toEqual([['master', 1]]);
  });
});
