import { expect, it } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { playWith } from './support/play-files.ts';
import { apply } from './support/workshop.ts';

/** Writes what `a` is there. */
const shows = (key: string): string => `set: { key: "${key}", value: "{{ a }}" }`;

const FILES = {
  'more.yml': `- ${shows('included')}
- remember: { a: within }
- ${shows('after')}
- ${shows('task')}
  vars: { a: task }
- block: [{ ${shows('block')} }]
  vars: { a: block }
`,
  'outer.yml': '- include_tasks: more.yml\n  vars: { a: inner }\n- include_tasks: last.yml\n',
  'last.yml': `- ${shows('last')}\n`,
  'roles/web/vars/main.yml': 'a: file\n',
  'roles/web/tasks/main.yml': `- ${shows('role')}
  notify: Reload
- ${shows('task')}
  vars: { a: task }
`,
  'roles/web/handlers/main.yml': `- name: Reload\n  ${shows('handler')}\n`,
  'roles/plain/tasks/main.yml': `- ${shows('plain')}\n`,
  'roles/needy/meta/main.yml': 'dependencies: [{ role: plain, a: needed }]\n',
  'roles/hands/meta/main.yml': 'dependencies: [plain]\n',
};

it.each<[what: string, play: string, extra: Record<string, Json>, changes: readonly string[]]>([
  [
    'an include says more than what tasks set, and than what tasks and blocks in it say',
    'tasks: [{ remember: { a: set } }, { include_tasks: more.yml, vars: { a: said } }, { include_tasks: last.yml }]',
    {},
    ['included said', 'after said', 'task said', 'block said', 'last within'],
  ],
  [
    'an import says less than what tasks set',
    'tasks: [{ remember: { a: set } }, { import_tasks: last.yml, vars: { a: said } }]',
    {},
    ['last set'],
  ],
  [
    'an include says more than the one around it, which still holds for the others',
    'tasks: [{ remember: { a: set } }, { include_tasks: outer.yml, vars: { a: outer } }]',
    {},
    ['included inner', 'after inner', 'task inner', 'block inner', 'last outer'],
  ],
  [
    'the entry of an include with a loop is more than what tasks set',
    'tasks: [{ remember: { a: set } }, { include_tasks: last.yml, loop: [x, y], loop_control: { loop_var: a } }]',
    {},
    ['last x', 'last y'],
  ],
  [
    'the condition of an include sees what it says',
    `tasks: [{ remember: { a: set } }, { include_tasks: last.yml, vars: { a: said }, when: a == 'said' }]`,
    {},
    ['last said'],
  ],
  [
    'the condition, the name and the loop of an include of a role see what it says',
    `vars: { a: play }
  tasks:
    - { include_role: { name: plain }, vars: { a: said }, when: a == 'play' }
    - { include_role: { name: "{{ role }}" }, vars: { role: plain, a: named }, when: a == 'named' }
    - { include_role: { name: plain }, vars: { all: [x, y], a: "{{ item }}" }, loop: "{{ all }}", when: a == 'y' }`,
    {},
    ['plain named', 'plain y'],
  ],
  [
    'what an include of a role says is more than what tasks set, for its handlers, too',
    'tasks: [{ remember: { a: set } }, { include_role: { name: web }, vars: { a: said } }]',
    {},
    ['role said', 'task said', 'handler said'],
  ],
  [
    'what stands beside the name of a role is more than what tasks set, for its handlers, too',
    'pre_tasks: [{ remember: { a: set } }]\n  roles: [{ role: web, a: param }]',
    {},
    ['role param', 'task param', 'handler param'],
  ],
  [
    'vars at the name of a role are more than its own files, and less than what tasks set',
    'roles: [{ role: web, vars: { a: vars } }, { role: plain, vars: { a: vars } }]\n  tasks: [{ remember: { a: set } }]',
    {},
    ['role vars', 'task task', 'plain vars', 'handler set'],
  ],
  [
    'what stands beside the name of a role holds for those that it depends on',
    'pre_tasks: [{ remember: { a: set } }]\n  roles: [{ role: hands, a: param }, { role: needy, a: param }]',
    {},
    ['plain param', 'plain needed'],
  ],
  [
    'an include says more than what a role says to those that it depends on',
    'tasks: [{ include_role: { name: needy }, vars: { a: said } }]',
    {},
    ['plain said'],
  ],
  [
    'the entry of a loop is more than what -e says, which is more than an include',
    `tasks: [{ ${shows('at-{{ a }}')}, loop: [x, y], loop_control: { loop_var: a } }, { include_tasks: last.yml, vars: { a: said } }]`,
    { a: 'extra' },
    ['at-x x', 'at-y y', 'last extra'],
  ],
])('%s', async (_, play, extra, changes) => {
  const host = new FakeHost('a');
  await apply(playWith({ ...FILES, 'play.yml': `- hosts: all\n  ${play}\n` }), [host], { extra });
  expect(host.changes).toEqual(changes.map((change) => `set ${change}`));
});

it('variables that refer to one another in a long row are refused, instead of ending kplay', async () => {
  const names = Array.from({ length: 3000 }, (_, index) => index);
  const vars = names.map((at) => `    v${at}: "{{ v${at + 1} }}"\n`).join('');
  const play = `- hosts: all\n  vars:\n${vars}    v3000: 1\n  tasks:\n    - ${shows('x').replace('a }}', 'v0 }}')}\n`;
  const { events } = await apply(play, [new FakeHost('h')]);
  expect(JSON.stringify(events)).toContain('is at the end of a chain of more than 500 variables');
});
