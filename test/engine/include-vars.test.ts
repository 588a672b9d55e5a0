import { relative } from 'node:path';
import { expect, it } from 'vitest';
import { SourceFile } from '../../src/core/source.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { playWith } from './support/play-files.ts';
import { apply, plan } from './support/workshop.ts';

/** A playbook of these tasks, with files around it. */
function playbook(tasks: readonly string[], files: Readonly<Record<string, string>>, head = ''): SourceFile {
  const play = `- hosts: all\n${head}  tasks:\n${tasks.map((task) => `    - ${task}\n`).join('')}`;
  return playWith({ ...files, 'play.yml': play });
}

/** What was done to it, without quotes. */
const said = ({ changes }: FakeHost): readonly string[] => changes.map((one) => one.replaceAll("'", ''));

const show = (text: string): string => `set: { key: k, value: "${text}" }`;

it.each<[what: string, tasks: readonly string[], expected: string]>([
  ['a file in vars/ of its directory', ['include_vars: one.yml', show('{{ a }}')], 'in vars'],
  ['a file whose name is a template', ['include_vars: "{{ inventory_hostname }}.yml"', show('{{ a }}')], 'of the host'],
  [
    'templates that are expanded where they are used',
    ['include_vars: late.yml', 'remember: { x: now }', show('{{ a }}')],
    'now!',
  ],
  [
    'all of it as one variable',
    ['include_vars: { file: one.yml, name: all }', show('{{ all.a }} {{ all.b }}')],
    'in vars b',
  ],
  [
    'all of it as one variable, on the line of the file',
    ['include_vars: one.yml name=all', show('{{ all.a }} {{ all.b }}')],
    'in vars b',
  ],
  ['the files of a directory, the last wins', ['include_vars: { dir: many }', show('{{ a }} {{ b }}')], 'three two'],
  [
    'the files of a directory with some names',
    ['include_vars: { dir: many, files_matching: ^1 }', show('{{ a }}')],
    'one',
  ],
  [
    'the files of a directory but for some',
    ['include_vars: { dir: many, ignore_files: [3.*] }', show('{{ a }}')],
    'one',
  ],
  [
    'the files of a directory with some endings',
    ['include_vars: { dir: many, extensions: [json], ignore_unknown_extensions: true }', show('{{ b }}')],
    'two',
  ],
  [
    'what is stronger than play and task',
    ['include_vars: one.yml', `${show('{{ a }}')}\n      vars: { a: task }`],
    'in vars',
  ],
  [
    'what is weaker than what was set before',
    ['remember: { a: set }', 'include_vars: one.yml', show('{{ a }}')],
    'set',
  ],
  ['what is weaker than what is set later', ['include_vars: one.yml', 'remember: { a: set }', show('{{ a }}')], 'set'],
  [
    'what replaces what was included before',
    ['include_vars: one.yml', 'include_vars: a.yml', show('{{ a }}')],
    'of the host',
  ],
  [
    'each file of a loop',
    ['include_vars: "{{ item }}.yml"\n      loop: [one, a]', show('{{ a }} {{ b }}')],
    'of the host b',
  ],
  ['nothing where its condition does not hold', ['include_vars: one.yml\n      when: false', show('{{ a }}')], 'play'],
  [
    'what it registers',
    [
      'include_vars: one.yml\n      register: r',
      show('{{ r.ansible_included_var_files | length }} {{ r.ansible_facts.b }}'),
    ],
    '1 b',
  ],
])('include_vars includes %s', async (_, tasks, expected) => {
  const source = playbook(
    tasks,
    {
      'vars/one.yml': 'a: in vars\nb: b\n',
      'one.yml': 'a: beside\n',
      'a.yml': 'a: of the host\n',
      'late.yml': 'a: "{{ x }}!"\n',
      'many/1.yml': 'a: one\n',
      'many/2.json': '{ "b": "two" }\n',
      'many/3/3.yml': 'a: three\n',
    },
    '  vars: { a: play, b: play, x: play }\n',
  );
  const host = new FakeHost('a');
  const shown = (await plan(source, [host])).result.plans[0]?.hosts[0]?.tasks.at(-1);
  await apply(source, [host]);
  expect(shown).toMatchObject({ action: 'change', changes: [{ after: expected }] });
  expect(said(host)).toEqual([`set k ${expected}`]);
});

it('include_vars registers where its files are, also of a playbook that is named by a relative path', async () => {
  const tasks = [
    'include_vars: { dir: many }\n      register: r',
    show("{{ r.ansible_included_var_files | select('match', '/') | map('basename') | join(' ') }}"),
  ];
  const { path, text } = playbook(tasks, { 'many/1.yml': 'a: 1\n', 'many/2.yml': 'a: 2\n' });
  const host = new FakeHost('a');
  await apply(new SourceFile(relative('.', path), text), [host]);
  expect(said(host)).toEqual(['set k 1.yml 2.yml']);
});

it('include_vars holds in later plays, and for others that look', async () => {
  const source = playbook(['include_vars: one.yml'], { 'one.yml': 'a: included\n' });
  const text = `${source.text}- hosts: all\n  tasks:\n    - ${show("{{ a }} {{ hostvars['b'].a }}")}\n`;
  const fleet = [new FakeHost('a'), new FakeHost('b')];
  await apply(new SourceFile(source.path, text), fleet);
  expect(fleet.map(said)).toEqual([['set k included included'], ['set k included included']]);
});

it('include_vars of a file that only the run can name leaves open what depends on it, and finds it in the run', async () => {
  const source = playbook(
    ['shell: one', 'include_vars: "{{ made.out }}.yml"', show('{{ a }} {{ z }}')],
    { 'one.yml': 'a: included\nz: z\n' },
    '  vars: { a: play }\n',
  );
  const text = source.text.replace('shell: one', 'shell: one\n      register: made');
  const host = new FakeHost('a');
  const shown = await plan(new SourceFile(source.path, text), [host]);
  expect(shown.result.plans[0]?.hosts[0]?.tasks.slice(1).map(({ action }) => action)).toEqual(['unknown', 'unknown']);
  await apply(new SourceFile(source.path, text), [host]);
  expect(said(host)).toEqual(['say one', 'set k included z']);
});

it.each<[what: string, before: readonly string[], value: string]>([
  ['what was included before', ['include_vars: old.yml'], '{{ a }}'],
  ['what hostvars shows of the host', [], "{{ hostvars['b'].a | default('none') }}"],
  [
    'what hostvars shows of a variable of the inventory',
    [],
    "{{ hostvars['b'].inventory_hostname ~ hostvars['b'].a | default('none') }}",
  ],
  ['what vars shows', [], "{{ vars.a | default('none') }}"],
])('include_vars of which only the run tells whether it is done leaves open %s', async (_what, before, value) => {
  const tasks = [
    'shell: one\n      register: made',
    ...before,
    "include_vars: one.yml\n      when: made.out == 'one'",
    show(value),
  ];
  const source = playbook(tasks, { 'old.yml': 'a: old\n', 'one.yml': 'a: included\n' });
  const fleet = [new FakeHost('a'), new FakeHost('b')];
  const shown = (await plan(source, fleet)).result.plans[0]?.hosts ?? [];
  expect(shown.map(({ tasks: all }) => all.at(-1)?.action)).toEqual(['unknown', 'unknown']);
  await apply(source, fleet);
  for (const host of fleet) expect(said(host).at(-1)).toMatch(/^set k b?included$/);
});

it('include_vars of which only the run tells whether it is done leaves what set_fact has set, which is stronger', async () => {
  const tasks = [
    'shell: one\n      register: made',
    'remember: { a: set }',
    "include_vars: one.yml\n      when: made.out == 'one'",
    show("{{ a }} {{ hostvars['a'].a }} {{ vars.a }}"),
  ];
  const host = new FakeHost('a');
  const source = playbook(tasks, { 'one.yml': 'a: included\n' });
  const shown = await plan(source, [host]);
  expect(shown.result.plans[0]?.hosts[0]?.tasks.at(-1)?.action).toBe('change');
  await apply(source, [host]);
  expect(said(host).at(-1)).toBe('set k set set set');
});

it.each([
  ['a file that is not there', 'include_vars: none.yml', /the variables file none.yml does not exist/],
  ['a directory that is not there', 'include_vars: { dir: none }', /there is no directory/],
  ['both', 'include_vars: { dir: many, file: "{{ omit if x is defined else \'one.yml\' }}" }', /either file or dir/],
  ['neither', 'include_vars: { dir: "{{ omit }}" }', /needs either file or dir/],
  ['what is no mapping', 'include_vars: list.yml', /a variables file must be a mapping/],
  ['a template that is none', 'include_vars: wrong.yml', /wrong.yml:1:/],
  ['an ending that is not meant', 'include_vars: { dir: other }', /other\/x.txt ends in none of yaml, yml, json/],
])('include_vars is refused for %s', async (_, task, message) => {
  const files = {
    'one.yml': 'a: 1\n',
    'list.yml': '- a\n',
    'wrong.yml': 'a: "{{ b + }}"\n',
    'many/1.yml': 'a: 1\n',
    'other/x.txt': 'x',
  };
  const host = new FakeHost('a');
  const { result } = await apply(playbook([task, show('x')], files), [host]);
  const [refused] = result.plans[0]?.hosts[0]?.tasks ?? [];
  expect(refused?.action === 'refuse' ? refused.reason : refused).toMatch(message);
  expect(host.changes).toEqual([]);
});

it.each(['more', 'vars/more'])('a directory of a role is below its vars: %s', async (dir) => {
  const files = { 'roles/web/vars/more/a.yml': 'a: of_role\n' };
  const source = playbook([`import_role: { name: web }`], {
    ...files,
    'roles/web/tasks/main.yml': `- include_vars: { dir: ${dir} }\n- ${show('{{ a }}')}\n`,
  });
  const host = new FakeHost('a');
  await apply(source, [host]);
  expect(said(host)).toEqual(['set k of_role']);
});

it.each(['roles: [user]', 'tasks: [{ include_role: { name: includer } }]'])(
  'a role sees files of the roles that use it, before those beside the playbook: %s',
  async (lines) => {
    const source = playWith({
      'play.yml': `- hosts: all\n  ${lines}\n`,
      'roles/user/meta/main.yml': 'dependencies: [used]\n',
      'roles/user/files/who.txt': 'user',
      'roles/user/vars/who.yml': 'who: user',
      'roles/includer/tasks/main.yml': '- include_role: { name: user }\n',
      'roles/includer/files/far.txt': 'includer',
      'roles/used/tasks/main.yml': [
        '- include_vars: who.yml',
        '- set: { key: "{{ item }}", value: "{{ who }}" }',
        '  with_file: [own.txt, who.txt, far.txt]',
        `- ${show("{{ ansible_parent_role_names | join(' ') }}")}\n`,
      ].join('\n'),
      'roles/used/files/own.txt': 'used',
      'files/own.txt': 'playbook',
      'files/who.txt': 'playbook',
      'files/far.txt': 'playbook',
      'vars/who.yml': 'who: playbook',
    });
    const host = new FakeHost('a');
    await apply(source, [host]);
    const isIncluded = lines.includes('includer');
    expect(said(host)).toEqual([
      'set used user',
      'set user user',
      `set ${isIncluded ? 'includer' : 'playbook'} user`,
      `set k user${isIncluded ? ' includer' : ''}`,
    ]);
  },
);
