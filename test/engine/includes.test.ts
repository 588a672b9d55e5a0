import { describe, expect, it } from 'vitest';
import { FakeHost } from './support/fake-fleet.ts';
import { both, playbook, set, shownOf } from './support/include-play.ts';
import { plan } from './support/workshop.ts';

describe('an include is refused', () => {
  it.each([
    ['over what is no list', '- include_tasks: more.yml\n  loop: "{{ 5 }}"', /loop needs a list/],
    [
      'of a file that is not there for one of its entries',
      '- include_tasks: "{{ item }}.yml"\n  loop: [more, none]',
      /cannot read the task file .*none.yml/,
    ],
    ['that includes itself by a template', '- include_tasks: "{{ \'circle\' }}.yml"', /circle.yml includes itself/],
    ['that includes itself in a loop', '- include_tasks: round.yml\n  loop: [1]', /round.yml includes itself/],
    ['with a mistake in what it includes', '- include_tasks: "{{ \'wrong\' }}.yml"', /unknown step 'xyzzy'/],
    [
      'with a parameter that its step has not',
      '- include_tasks: "{{ \'odd\' }}.yml"',
      /unknown parameter|has no parameter|colour/,
    ],
    ['with a variable that nothing defines in it', '- include_tasks: "{{ \'unknown\' }}.yml"', /'nobody' is undefined/],
    ['whose name nothing defines', '- include_tasks: "{{ nobody }}.yml"', /'nobody' is undefined/],
    ['that notifies nobody', '- include_tasks: "{{ \'notifies\' }}.yml"', /there is no handler 'Nobody'/],
    [
      'of a role that is not there',
      '- include_role: { name: "{{ item }}" }\n  loop: [nowhere]',
      /the role 'nowhere' does not exist/,
    ],
    ['that is imported in a loop', '- import_tasks: more.yml\n  loop: [1]', /import_tasks has no loop/],
    ['that is imported by a template', '- import_tasks: "{{ x }}.yml"', /imported cannot be a template/],
  ])('%s', async (_, tasks, message) => {
    const source = playbook(tasks, {
      'more.yml': `- ${set('k')}\n`,
      'circle.yml': '- include_tasks: "{{ \'circle\' }}.yml"\n',
      'round.yml': '- include_tasks: round.yml\n  loop: [1]\n',
      'wrong.yml': '- xyzzy: 1\n',
      'odd.yml': '- set: { key: k, value: v, colour: red }\n  when: false\n',
      'unknown.yml': `- ${set('{{ nobody }}')}\n`,
      'notifies.yml': `- ${set('k')}\n  notify: Nobody\n`,
    });
    const host = new FakeHost('a');
    // What no template names is an error of the playbook; of the others the plan says it.
    const said = await plan(source, [host]).then(
      (report) =>
        shownOf(report, 'a')
          .map((task) => (task.action === 'refuse' ? task.reason : task.action))
          .join(),
      String,
    );
    expect(said).toMatch(message);
    expect(host.changes).toEqual([]);
  });
});

it.each([
  [
    'in a handler, the entry of the loop that included its role',
    '- include_role: { name: entry }\n  vars: { text: "{{ item }}" }\n  loop: [b, c]',
    'a loop sets it for its own tasks only; a handler runs once for all entries: give it a loop of its own',
  ],
  [
    'what only a rescue sets',
    `- name: Try\n  block: [{ ${set('a')} }]\n  rescue: [{ remember: { text: b } }]\n- ${set('b', '{{ text }}')}`,
    "the rescue of 'Try' sets it, and runs only if that fails: write text | default('…'), or when: text is defined",
  ],
])('says of a variable that is missing what to do: %s', async (_, tasks, remedy) => {
  const source = playbook(tasks, {
    'roles/entry/tasks/main.yml': `- ${set('done', '{{ text }}')}\n  notify: Reload\n`,
    'roles/entry/handlers/main.yml': `- name: Reload\n  ${set('reloaded', '{{ text }}')}\n`,
  });
  const shown = await plan(source, [new FakeHost('a')]);
  expect(shownOf(shown, 'a')).toContainEqual(expect.objectContaining({ action: 'refuse', remedy }));
});

describe('the condition of a block or of the use of a role', () => {
  const files = {
    'more.yml': `- remember: { done: true }\n- ${set('more')}\n`,
    'outer.yml': `- remember: { own: true }\n- ${set('outer')}\n- include_tasks: more.yml\n`,
    'roles/web/tasks/main.yml': '- include_tasks: more.yml\n',
    'roles/web/tasks/more.yml': `- remember: { done: true }\n- ${set('more')}\n`,
    'roles/plain/tasks/main.yml': `- remember: { done: true }\n- ${set('more')}\n`,
  };

  it.each<[how: string, task: string, changes: readonly string[]]>([
    ['of a file', '- include_tasks: more.yml', []],
    ['named by a template', '- include_tasks: "{{ \'more\' }}.yml"', []],
    ['in a loop', '- include_tasks: more.yml\n      loop: [1, 2]', []],
    ['of a role', '- include_role: { name: plain }', []],
    ['with a condition of its own', '- include_tasks: more.yml\n      when: not done | default(false)', []],
    [
      'in another one, whose own condition is over',
      '- include_tasks: outer.yml\n      when: own is not defined',
      ['set outer 1'],
    ],
  ])('holds for each task of an include %s', async (_, task, changes) => {
    const source = playbook(`- block:\n    ${task}\n  when: done is not defined`, files);
    const host = new FakeHost('a');
    await both(source, [host]);
    expect(host.changes).toEqual(changes);
  });

  it('holds for each task that the role includes', async () => {
    const host = new FakeHost('a');
    await both(playbook(`- ${set('last')}`, files, '  roles: [{ role: web, when: done is not defined }]\n'), [host]);
    expect(host.changes).toEqual(['set last 1']);
  });
});
