import { describe, expect, it } from 'vitest';
import { FakeHost } from './support/fake-fleet.ts';
import { playWith } from './support/play-files.ts';
import { apply, plan, type RunOptions } from './support/workshop.ts';

const set = (key: string, value: string): string => `set: { key: ${key}, value: "${value}" }`;

/** What such a playbook changes on this host. */
async function run(
  files: Readonly<Record<string, string>>,
  host: FakeHost,
  options: RunOptions = {},
): Promise<readonly string[]> {
  await apply(playWith(files), [host], options);
  return host.changes;
}

const ROLE = {
  'roles/web/defaults/main.yml': 'text: default\ndoor: "80"\n',
  'roles/web/vars/main.yml': 'kind: web\n',
  'roles/web/tasks/main.yml': `- ${set('text', '{{ text }}-{{ kind }}-{{ door }}')}\n  notify: Reload web\n- import_tasks: more.yml\n`,
  'roles/web/tasks/more.yml': `- ${set('more', '1')}\n`,
  'roles/web/tasks/other.yml': `- ${set('other', '{{ door }}')}\n`,
  'roles/web/handlers/main.yaml': `- name: Reload web\n  ${set('reloaded', '{{ text }}')}\n`,
  'roles/web/meta/main.yml': 'dependencies:\n  - { role: base, level: "2" }\n',
  'roles/base/tasks/main.yml': `- ${set('base', '{{ level }}')}\n`,
};

describe('a role', () => {
  it('runs behind the roles that it needs and before the tasks, with its own variables and handlers', async () => {
    const play = `- hosts: all
  pre_tasks: [{ ${set('pre', '1')} }]
  roles: [web]
  tasks: [{ ${set('task', '1')} }]
  post_tasks: [{ ${set('post', '1')} }]
`;
    expect(await run({ ...ROLE, 'play.yml': play }, new FakeHost('a'))).toEqual([
      'set pre 1',
      'set base 2',
      'set text default-web-80',
      'set more 1',
      'set task 1',
      'set reloaded default',
      'set post 1',
    ]);
  });

  it.each([
    ['a role of a play', 'roles: [{ role: web, when: go }]\n  tasks:\n    - remember: { go: false }'],
    ['a role that another needs', 'roles: [{ role: outer, when: go }]\n  tasks:\n    - remember: { go: false }'],
    ['what is imported', 'tasks:\n    - { import_role: { name: web }, when: go }\n    - remember: { go: false }'],
    [
      'a block around what is imported',
      'tasks:\n    - { block: [{ import_role: { name: web } }], when: go }\n    - remember: { go: false }',
    ],
    [
      'a block around what is included',
      'tasks:\n    - { block: [{ include_role: { name: "{{ name }}" } }], when: go }\n    - remember: { go: false }',
    ],
  ])('has handlers for which the condition of %s holds as well, when they run', async (_, tasks) => {
    const files = { ...ROLE, 'roles/outer/meta/main.yml': 'dependencies: [web]\n' };
    const play = `- hosts: all\n  vars: { go: true, name: web }\n  ${tasks}\n`;
    const changes = await run({ ...files, 'play.yml': play }, new FakeHost('a'));
    expect(changes).toContain('set more 1');
    expect(changes).not.toContain('set reloaded default');
  });

  it('has handlers for which the condition of an include does not count', async () => {
    const tasks = '    - { include_role: { name: web }, when: go }\n    - remember: { go: false }\n';
    const play = `- hosts: all\n  vars: { go: true }\n  tasks:\n${tasks}`;
    expect(await run({ ...ROLE, 'play.yml': play }, new FakeHost('a'))).toContain('set reloaded default');
  });

  it('has defaults that are weaker than what play and use say, and is used once where it is named twice alike', async () => {
    const play = `- hosts: all
  vars: { text: play }
  roles:
    - { role: web, door: "81" }
    - { role: web, door: "81" }
    - { role: web, door: "82", when: false }
`;
    expect(await run({ ...ROLE, 'play.yml': play }, new FakeHost('a'))).toEqual([
      'set base 2',
      'set text play-web-81',
      'set more 1',
      // Of two handlers of one name the last is meant, and it has the condition of its role.
    ]);
  });

  it('runs once where several depend on it, unless it allows more or the first may not have run', async () => {
    const roles = {
      'roles/base/tasks/main.yml': `- shell: base\n`,
      'roles/left/tasks/main.yml': `- shell: left\n`,
      'roles/left/meta/main.yml': 'dependencies: [base]\n',
      'roles/right/tasks/main.yml': `- shell: right\n`,
      'roles/right/meta/main.yml': 'dependencies: [{ role: base }]\n',
    };
    const said = async (uses: string, more: Readonly<Record<string, string>> = {}, options: RunOptions = {}) => {
      const files = { ...roles, ...more, 'play.yml': `- hosts: all\n  roles: ${uses}\n` };
      return (await run(files, new FakeHost('a'), options)).map((one) => one.replace('say ', ''));
    };
    expect(await said('[left, right, base]')).toEqual(['base', 'left', 'right']);
    expect(await said('[{ role: left, when: false }, right]')).toEqual(['base', 'right']);
    const tagged = '[{ role: left, tags: [early] }, { role: right, tags: [late] }]';
    expect(await said(tagged, {}, { tags: { only: [], skip: ['early'] } })).toEqual(['base', 'right']);
    expect(await said(tagged, {}, { tags: { only: ['late'], skip: [] } })).toEqual(['base', 'right']);
    expect(await said(tagged)).toEqual(['base', 'left', 'right']);
    expect(await said('[left, { role: right, vars: { x: 1 } }, { role: base, vars: { x: 1 } }]')).toEqual([
      ...['base', 'left', 'right', 'base'],
    ]);
    const many = { 'roles/base/meta/main.yml': 'allow_duplicates: true\n' };
    expect(await said('[left, right, base, base]', many)).toEqual(['base', 'left', 'base', 'right', 'base', 'base']);
  });

  it('has not run where all its tasks were skipped, and where only the run tells that, its next use is shown so', async () => {
    const files = {
      'roles/base/tasks/main.yml': '- shell: base\n  when: made.out == "x"\n',
      'roles/left/tasks/main.yml': '- shell: left\n',
      'roles/left/meta/main.yml': 'dependencies: [base]\n',
      'play.yml': `- hosts: all
  pre_tasks: [{ shell: "{{ word }}", register: made }]
  roles: [left, base]
`,
    };
    const shown = await plan(playWith(files), [new FakeHost('a')], { extra: { word: 'x' } });
    const tasks = shown.result.plans[0]?.hosts[0]?.tasks ?? [];
    expect(tasks.map(({ condition }) => condition)).toEqual([
      ...[undefined, undefined, undefined, "only if the role 'base' has not run before"],
    ]);
    const done = (word: string) => run(files, new FakeHost('a'), { extra: { word } });
    expect(await done('x')).toEqual(['say x', 'say base', 'say left']);
    expect(await done('y')).toEqual(['say y', 'say left']);
  });

  it('hands on what is said of it to the roles that it depends on', async () => {
    const files = {
      'roles/base/tasks/main.yml': `- shell: "{{ who }}-{{ kind }}"\n`,
      'roles/top/meta/main.yml': 'dependencies: [base]\n',
      'roles/top/vars/main.yml': 'kind: top\n',
      'play.yml': '- hosts: all\n  roles: [{ role: top, who: me }, { role: top, who: nobody, when: false }]\n',
    };
    expect(await run(files, new FakeHost('a'))).toEqual(['say me-top']);
  });

  it('can be imported and included as a task, or one file of its tasks', async () => {
    const play = `- hosts: all
  tasks:
    - include_role: { name: web, tasks_from: other.yml }
      when: inventory_hostname == 'a'
    - import_role: { name: base }
      vars: { level: "7" }
`;
    const changes = await run({ ...ROLE, 'play.yml': play }, new FakeHost('a'));
    expect(changes).toEqual(['set base 2', 'set other 80', 'set base 7']);
  });

  it.each([
    ['that is not there', 'roles: [none]', /the role 'none' does not exist/],
    ['that uses itself', 'roles: [loop]', /the role loop uses itself/],
    [
      'with a file of tasks that it has not',
      'tasks: [{ import_role: { name: web, tasks_from: x } }]',
      /has no tasks\/x.yml/,
    ],
    [
      'with a file of tasks that has no name',
      'tasks: [{ include_role: { name: web, tasks_from: } }]',
      /tasks_from of include_role needs the name/,
    ],
    ['whose name is a template', 'tasks: [{ import_role: { name: "{{ x }}" } }]', /cannot be a template/],
    ['whose name in a play is one', 'roles: ["{{ x }}"]', /the name of a role cannot be a template here/],
    ['with two names in a play', 'roles: [{ role: web, name: base }]', /this role has two names/],
    ['with two names in a task', 'tasks: [{ include_role: { role: web, name: base } }]', /this role has two names/],
    ['with a misspelt key', 'roles: [odd]', /dependancies is no key of meta\/main.yml/],
    ['with run_once', 'roles: [{ role: web, run_once: true }]', /a role has no run_once/],
    ['with any_errors_fatal', 'roles: [{ role: web, any_errors_fatal: true }]', /a role has no any_errors_fatal/],
  ])('%s is refused before anything is contacted', async (_, keyword, message) => {
    const host = new FakeHost('a');
    const files = {
      ...ROLE,
      'roles/loop/meta/main.yml': 'dependencies: [loop]\n',
      'roles/odd/meta/main.yml': 'dependancies: [base]\n',
      'play.yml': `- hosts: all\n  ${keyword}\n`,
    };
    await expect(run(files, host)).rejects.toThrow(message);
    expect(host.log).toEqual([]);
  });
});

describe('vars_files', () => {
  it('are variables of the play that are stronger than its vars', async () => {
    const files = {
      'one.yml': 'x: one\ny: one\n',
      'two.yml': 'y: two\n',
      'play.yml': `- hosts: all\n  vars: { x: play, z: play }\n  vars_files: [one.yml, two.yml]\n  tasks: [{ ${set('k', '{{ x }}-{{ y }}-{{ z }}')} }]\n`,
    };
    expect(await run(files, new FakeHost('a'))).toEqual(['set k one-two-play']);
  });
});
