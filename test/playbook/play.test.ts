import { describe, expect, test } from 'vitest';
import { formatPosition } from '../../src/core/source.ts';
import { treeToJson } from '../../src/core/yaml/yaml.ts';
import { playOf, read } from './support/playbooks.ts';

const play = (...lines: readonly string[]) => ['- hosts: all', ...lines.map((line) => `  ${line}`), ''].join('\n');
const TASKS = 'tasks: [{ certs.delete: }]';

describe('a play', () => {
  test('has what it says', () => {
    const read = playOf(
      play(
        'name: Renew',
        'become: true',
        'serial: 25%',
        'any_errors_fatal: true',
        'max_fail_percentage: 12.5',
        'strategy: control_plane',
        'order: recovery',
        'tags: [certs, renewal]',
        'gather_facts: false',
        'vars: { renew_before: 30d, list: [1, x] }',
        TASKS,
      ),
    );
    expect(read).toMatchObject({
      name: { value: 'Renew' },
      hosts: { value: 'all' },
      become: { value: true },
      serial: { value: [{ kind: 'share', percent: 25 }] },
      anyErrorsFatal: { value: true },
      maxFailPercentage: { value: 12.5 },
      strategy: { value: 'control_plane' },
      order: { value: 'recovery' },
      tags: [{ value: 'certs' }, { value: 'renewal' }],
      tasks: [{ kind: 'step', step: { value: 'certs.delete' } }],
    });
    expect([...read.vars].map(([name, value]) => [name, treeToJson(value)])).toEqual([
      ['renew_before', '30d'],
      ['list', [1, 'x']],
    ]);
    expect(read).not.toHaveProperty('gatherFacts');
  });

  test('without most of it, has defaults and nothing else', () => {
    const read = playOf(play(TASKS));
    expect(Object.keys(read).sort()).toEqual([
      'handlers',
      'hosts',
      'name',
      'postTasks',
      'preTasks',
      'published',
      'range',
      'roles',
      'tags',
      'tasks',
      'unreadHandlers',
      'vars',
      'varsPrompt',
    ]);
    expect(read).toMatchObject({ name: { value: 'all' }, tags: [] });
    expect(read.vars.size).toBe(0);
  });

  test('vars and tags may be left empty', () => {
    expect(playOf(play('vars:', 'tags:', TASKS))).toMatchObject({ tags: [] });
  });

  test('knows where everything stands', () => {
    const read = playOf(play('name: Renew', 'tags: a, "b c"', 'serial: [1, 50%]', 'vars:', '  x: 1', TASKS));
    expect(
      [read.name, read.hosts, read.serial, read.vars.get('x'), ...read.tags].map(
        (part) => part && formatPosition(part.range),
      ),
    ).toEqual(['p.yml:2:9', 'p.yml:1:10', 'p.yml:4:11', 'p.yml:6:8', 'p.yml:3:9', 'p.yml:3:12']);
    expect(formatPosition(read.range)).toBe('p.yml:1:3');
  });
});

describe('hosts', () => {
  test.each([
    ['masters', 'masters'],
    ['masters:&prod:!m1', 'masters:&prod:!m1'],
    ['[masters]', 'masters'],
    ['[masters, m1]', 'masters,m1'],
    ['["masters:&prod:!m1", x]', 'masters,&prod,!m1,x'],
    ['["[::1]:22", "m[1:3]"]', '[::1]:22,m[1:3]'],
    ['"{{ target }}"', '{{ target }}'],
  ])('%s', (written, pattern) => {
    expect(playOf(`- hosts: ${written}\n  ${TASKS}\n`).hosts.value).toBe(pattern);
  });
});

describe('serial', () => {
  test.each([
    ['1', [{ kind: 'count', hosts: 1 }]],
    ['100%', [{ kind: 'share', percent: 100 }]],
    [
      '[1, 5, "20%"]',
      [
        { kind: 'count', hosts: 1 },
        { kind: 'count', hosts: 5 },
        { kind: 'share', percent: 20 },
      ],
    ],
  ])('%s', (written, sizes) => {
    expect(playOf(play(`serial: ${written}`, TASKS)).serial?.value).toEqual(sizes);
  });
});

describe('tags', () => {
  test.each([
    ['a', ['a']],
    ['a,b , c d', ['a', 'b', 'c d']],
    ['[a, "b,c"]', ['a', 'b,c']],
    ['[]', []],
  ])('%s', (written, words) => {
    expect(playOf(play(`tags: ${written}`, TASKS)).tags.map(({ value }) => value)).toEqual(words);
  });

  test('in a block scalar stand where the block stands', () => {
    const [first] = playOf(play('tags: >-', '  a,', '  b', TASKS)).tags;
    expect(first && formatPosition(first.range)).toBe('p.yml:2:9');
  });
});

describe('mistakes in a play', () => {
  const HAS =
    'a play has name, hosts, vars, vars_files, vars_prompt, become, serial, any_errors_fatal, max_fail_percentage, strategy, order, gather_facts, … (31 in all)';
  const NAME_HINT = 'use letters, digits and _, not a digit first, and not a keyword of the expression language';
  const SIZE = 'serial must be a whole number of at least 1 or a string such as 25%';
  test.each([
    ['name: 5', '2:9: name must be a non-empty string, not the number 5 (quote it: "5")'],
    ['name:', '2:8: name has no value: it must be a non-empty string (write a value, or remove the key)'],
    ['name: " "', '2:9: name must be a non-empty string, not an empty string'],
    ['become: y', "2:11: become must be true or false, not 'y' (write true or false)"],
    ['become: "off"', "2:11: become must be true or false, not 'off' (write true or false, without quotes)"],
    ['become: "true"', "2:11: become must be true or false, not 'true' (write true or false, without quotes)"],
    ['become: 1', '2:11: become must be true or false, not the number 1'],
    [
      'become: "{{ x }}"',
      "2:11: become must be true or false, not '{{ x }}' (templates are not allowed here, because it is read before variables are known)",
    ],
    ['serial: 0', `2:11: ${SIZE}, not the number 0`],
    ['serial: 1.5', `2:11: ${SIZE}, not the number 1.5`],
    ['serial: 0%', `2:11: ${SIZE}, not '0%'`],
    ['serial: "2"', `2:11: ${SIZE}, not '2' (write 2 without quotes)`],
    ['serial: [1, 120%]', "2:15: serial[1] must be a whole number of at least 1 or a string such as 25%, not '120%'"],
    ['max_fail_percentage: 101', '2:24: max_fail_percentage must be a number from 0 to 100, not the number 101'],
    [
      'max_fail_percentage: "10"',
      "2:24: max_fail_percentage must be a number from 0 to 100, not '10' (write 10 without quotes)",
    ],
    ['strategy: contol_plane', "2:13: unknown strategy 'contol_plane' (did you mean control_plane?)"],
    [
      'strategy: host_pinned',
      '2:13: the strategy host_pinned is not supported (use free, with which hosts do not wait for each other either)',
    ],
    ['tags: [a, 5]', '2:13: tags[1] must be a non-empty string, not the number 5 (quote it: "5")'],
    ['vars: [a]', '2:9: vars must be a mapping, not a list'],
    ['vars: [{ a: 1 }]', '2:9: vars must be a mapping, not a list (leave out the dashes: name: value)'],
    ['vars: { a-b: 1 }', `2:11: 'a-b' cannot be the name of a variable (${NAME_HINT})`],
    ['vars: { in: 1 }', `2:11: 'in' cannot be the name of a variable (${NAME_HINT})`],
    ['tsks: []', "2:3: unknown keyword 'tsks' of a play (did you mean tasks?)"],
    ['taks: []', "2:3: unknown keyword 'taks' of a play (did you mean tasks?)"],
    ['xyzzy: 1', `2:3: unknown keyword 'xyzzy' of a play (${HAS})`],
    ['when: x', '2:3: when is a keyword of tasks, not of plays (move it to the tasks)'],
    ['certs.check: {}', '2:3: certs.check is a step, and this is a play (put it into a task, below tasks)'],
    [
      'roles: [x]',
      "2:11: the role 'x' does not exist (put it, or a link to it, at roles/x or x; roles_path of ansible.cfg is not read)",
    ],
    ['vars_files: [x]', '2:16: cannot read the variables file x: there is no such file (check the path)'],
  ])('%s', (line, problem) => {
    expect(read(play(line, TASKS)).problems).toEqual([`error ${problem}`]);
  });

  test.each([
    ['- word', "1:3: a play must be a mapping, not 'word' (begin it with - hosts:)"],
    [
      '- hosts: []\n  tasks: [{ certs.delete: }]',
      '1:10: hosts must be a non-empty string or a non-empty list of strings, not an empty list',
    ],
    [
      '- hosts:\n  tasks: []',
      '1:9: hosts has no value: it must be a non-empty string (write a value, or remove the key)',
    ],
    [
      '- hosts: [a, 5]\n  tasks: [{ certs.delete: }]',
      '1:14: hosts[1] must be a non-empty string, not the number 5 (quote it: "5")',
    ],
    ['- host: a', "1:3: unknown keyword 'host' of a play (did you mean hosts?)"],
    ['- name: x\n  tasks: []', '1:3: this play has no hosts (add hosts: with a group, a host or a pattern)'],
    ['- import_playbook: x.yml', '1:20: cannot read the playbook x.yml: there is no such file (check the path)'],
    [
      '- hosts: a\n  tasks: [{ certs.check: }]\n  handlers: [{ name: x, certs.check: , listen: [y, "{{ z }}"] }]',
      '3:52: listen cannot be a template (write it out; notify of a task can be a template)',
    ],
    ['- certs.check: {}', '1:3: certs.check is a step, and this is a play (put it into a task, below tasks)'],
    [
      '- hosts: a\n  tasks: {name: x}',
      '2:10: tasks must be a list of mappings, not a mapping (begin each entry with "- ")',
    ],
  ])('%j', (text, problem) => {
    expect(read(text).problems).toEqual([`error ${problem}`]);
  });
});

describe('what is odd about a play is a warning', () => {
  test.each([
    ['- hosts: all', '1:3: this play has no tasks (add tasks:, or remove the play)'],
    ['- hosts: all\n  tasks: []', '1:3: this play has no tasks (add tasks:, or remove the play)'],
    [
      play('gather_facts: true', TASKS),
      '2:17: gather_facts has no effect (remove it: kplay reads what the tasks need anyway)',
    ],
  ])('%j', (text, problem) => {
    const { playbook, problems } = read(text);
    expect(problems).toEqual([`warning ${problem}`]);
    expect(playbook?.plays).toHaveLength(1);
  });
});
