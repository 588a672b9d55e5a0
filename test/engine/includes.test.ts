import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SourceFile } from '../../src/core/source.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan, type Report, type RunOptions } from './support/workshop.ts';

const set = (key: string, value = '1'): string => `set: { key: "${key}", value: "${value}" }`;

/** A playbook with these files around it. */
function playbook(tasks: string, files: Readonly<Record<string, string>>, head = ''): SourceFile {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-includes-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const lines = tasks.split('\n').map((line) => `    ${line}`);
  const play = `- hosts: all\n${head}  tasks:\n${lines.join('\n')}\n`;
  for (const [name, text] of Object.entries({ ...files, 'play.yml': play })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return new SourceFile(join(directory, 'play.yml'), play);
}

function shownOf({ result }: Report, host: string) {
  return result.plans[0]?.hosts.find((one) => one.host === host)?.tasks ?? [];
}

/** What a plan shows of each host, and what a run then does. */
async function both(source: SourceFile, fleet: readonly FakeHost[], options: RunOptions = {}) {
  const shown = await plan(source, fleet, options);
  const done = await apply(source, fleet, options);
  return { shown, done };
}

describe('a looped include', () => {
  it('does its tasks once for each entry, with what the loop says of it, at paths of their own', async () => {
    const source = playbook(
      `- include_tasks: more.yml
  loop: [x, y]
  loop_control: { loop_var: thing, index_var: number, extended: true }
  vars: { text: "{{ thing }}{{ number }}" }
- ${set('last')}`,
      {
        'more.yml': `- ${set('{{ thing }}', '{{ text }}-{{ ansible_loop.length }}')}\n- ${set('two', '{{ thing }}')}\n`,
      },
    );
    const host = new FakeHost('a');
    const { shown } = await both(source, [host]);
    expect(shownOf(shown, 'a').map(({ path }) => path)).toEqual([
      'tasks.0.include.0.0',
      'tasks.0.include.0.1',
      'tasks.0.include.1.0',
      'tasks.0.include.1.1',
      'tasks.1',
    ]);
    expect(host.changes).toEqual(['set x x0-2', 'set two x', 'set y y1-2', 'set two y', 'set last 1']);
  });

  it('is gone through by hosts together where they have an entry in common, in the order in which it is met', async () => {
    const source = playbook(
      "- include_tasks: more.yml\n  loop: \"{{ {'a': ['x', 'y'], 'b': ['y', 'z', 'z']}[inventory_hostname] }}\"",
      { 'more.yml': `- name: "one"\n  ${set('{{ item }}')}\n` },
    );
    const fleet = [new FakeHost('a'), new FakeHost('b')];
    const { done } = await both(source, fleet);
    const started = done.events.flatMap((event) => (event.type === 'task-started' ? [event.hosts.join()] : []));
    expect(started).toEqual(['a', 'a,b', 'b', 'b']);
    expect(fleet.map(({ changes }) => changes)).toEqual([
      ['set x 1', 'set y 1'],
      ['set y 1', 'set z 1'],
    ]);
  });

  it('hands on what its play and its blocks say of how its tasks are done', async () => {
    const source = playbook(
      '- block: [{ include_tasks: more.yml, loop: [x] }]\n  timeout: 9\n  throttle: 1\n  become: true',
      { 'more.yml': `- ${set('{{ item }}')}\n  timeout: 0\n` },
    );
    const host = new FakeHost('a');
    await both(source, [host]);
    expect(host.changes).toEqual(['sudo set x 1']);
  });

  it('judges its condition for each entry, before any of them is done', async () => {
    const source = playbook(
      "- include_tasks: more.yml\n  loop: [x, y, z]\n  when: item != 'y' and seen is not defined",
      { 'more.yml': `- remember: { seen: true }\n- ${set('{{ item }}')}\n` },
    );
    const host = new FakeHost('a');
    await both(source, [host]);
    expect(host.changes).toEqual(['set x 1', 'set z 1']);
  });

  it('ends for a host where one of its entries fails, and its rescue catches that', async () => {
    const source = playbook(
      `- block:
    - include_tasks: more.yml
      loop: [x, y]
  rescue:
    - ${set('rescued', '{{ ansible_failed_task.name }}')}`,
      { 'more.yml': `- name: "Set {{ item }}"\n  ${set('{{ item }}')}\n` },
    );
    const [a, b] = [new FakeHost('a'), new FakeHost('b')];
    a.break(/^set/, 'fails', 0);
    await apply(source, [a, b]);
    expect([a.changes.at(-1), b.changes]).toEqual([expect.stringContaining('rescued'), ['set x 1', 'set y 1']]);
  });

  it('has loops of its own inside, and includes', async () => {
    const source = playbook('- include_tasks: outer.yml\n  loop: ["1", "2"]\n  loop_control: { loop_var: outer }', {
      'outer.yml': '- include_tasks: inner.yml\n  with_items: [[x], y]\n',
      'inner.yml': `- set: { key: "{{ item }}{{ one }}", value: "{{ outer }}" }\n  loop: [p, q]\n  loop_control: { loop_var: one }\n`,
    });
    const host = new FakeHost('a');
    const { shown } = await both(source, [host]);
    expect(shownOf(shown, 'a').map(({ path }) => path)).toEqual(
      ['0.0.include.0', '0.0.include.1', '1.0.include.0', '1.0.include.1'].map((path) => `tasks.0.include.${path}.0`),
    );
    expect(host.changes).toEqual([
      'set xp 1',
      'set xq 1',
      'set yp 1',
      'set yq 1',
      'set xp 2',
      'set xq 2',
      'set yp 2',
      'set yq 2',
    ]);
  });

  it('of which only the run tells the entries is left to the run, and binds nothing that comes after it', async () => {
    const source = playbook(
      `- shell: x
  register: made
- include_tasks: more.yml
  loop: "{{ [made.out] }}"
- ${set('after', 'v{{ done.changed }}')}
- name: Reload
  ${set('k', 'v')}`,
      { 'more.yml': `- ${set('k', '{{ item }}')}\n  register: done\n` },
    );
    const host = new FakeHost('a');
    const { shown, done } = await both(source, [host]);
    expect(shownOf(shown, 'a').slice(1)).toMatchObject([
      { path: 'tasks.1', action: 'unknown' },
      { path: 'tasks.2', action: 'unknown' },
      { path: 'tasks.3', action: 'change' },
    ]);
    expect(done.result).toMatchObject({ failed: [], refused: [] });
    expect(host.changes).toEqual(['say x', 'set k x', 'set after vTrue', 'set k v']);
  });

  it('may notify a handler that the plan then shows with its condition', async () => {
    const source = playbook(
      '- shell: x\n  register: made\n- include_tasks: more.yml\n  loop: "{{ [made.out] }}"',
      { 'more.yml': `- ${set('k', '{{ item }}')}\n  notify: Reload\n` },
      `  handlers: [{ name: Reload, ${set('reloaded')} }]\n`,
    );
    const host = new FakeHost('a');
    const { shown } = await both(source, [host]);
    expect(shownOf(shown, 'a').at(-1)).toMatchObject({
      path: 'tasks.flush.0',
      condition: expect.stringContaining('only if'),
    });
    expect(host.changes.at(-1)).toBe('set reloaded 1');
  });
});

describe('an include that a template names', () => {
  it('is another for each host, is read before anything is contacted, and is done by those that have it in common', async () => {
    const source = playbook(
      '- include_tasks: "{{ kind }}.yml"',
      {
        'one.yml': `- ${set('one')}\n`,
        'two.yml': `- ${set('two')}\n`,
      },
      "  vars: { kind: \"{{ 'one' if inventory_hostname == 'b' else 'two' }}\" }\n",
    );
    const fleet = ['a', 'b', 'c'].map((name) => new FakeHost(name));
    const { shown, done } = await both(source, fleet);
    expect(fleet.map(({ changes }) => changes)).toEqual([['set two 1'], ['set one 1'], ['set two 1']]);
    expect(shownOf(shown, 'b')).toMatchObject([{ path: 'tasks.0.include.1.0', action: 'change' }]);
    expect(done.events.flatMap((event) => (event.type === 'task-started' ? [event.hosts.join()] : []))).toEqual([
      'a,c',
      'b',
    ]);
  });

  it('is carried out as a saved plan says', async () => {
    const source = playbook('- include_tasks: "{{ inventory_hostname }}.yml"', {
      'a.yml': `- ${set('one')}\n`,
      'b.yml': `- ${set('two')}\n`,
    });
    const fleet = [new FakeHost('a'), new FakeHost('b')];
    const saved = (await plan(source, fleet)).result.plans;
    const { result } = await apply(source, fleet, { saved });
    expect(result.refused).toEqual([]);
    expect(fleet.map(({ changes }) => changes)).toEqual([['set one 1'], ['set two 1']]);
  });

  it('is named by the entries of a loop, and by what an earlier task has set', async () => {
    const source = playbook(
      '- remember: { kind: two }\n- include_tasks: { file: "{{ item }}.yml" }\n  loop: [one, "{{ kind }}"]',
      {
        'one.yml': `- ${set('{{ item }}')}\n`,
        'two.yml': `- ${set('{{ item }}2')}\n`,
      },
    );
    const host = new FakeHost('a');
    await both(source, [host]);
    expect(host.changes).toEqual(['set one 1', 'set two2 1']);
  });

  it('is decided in the run where only that tells its name; what is not there then has failed', async () => {
    const files = { 'x.yml': `- ${set('x')}\n` };
    const source = (word: string) =>
      playbook(`- shell: ${word}\n  register: made\n- include_tasks: "{{ made.out }}.yml"`, files);
    const host = new FakeHost('a');
    const { shown } = await both(source('x'), [host]);
    expect(shownOf(shown, 'a')[1]).toMatchObject({ path: 'tasks.1', action: 'unknown' });
    expect(host.changes).toEqual(['say x', 'set x 1']);
    const { result, events } = await apply(source('y'), [host]);
    expect(result.failed).toEqual(['a']);
    expect(events).toContainEqual(
      expect.objectContaining({
        outcome: 'failed',
        reason: expect.stringMatching(/play.yml:5:.*cannot read the task file/),
      }),
    );
  });

  it('may be a role, with its handlers', async () => {
    const source = playbook(
      '- include_role: { name: "{{ item }}" }\n  loop: [web, db]\n- set: { key: end, value: "1" }',
      {
        'roles/web/tasks/main.yml': `- ${set('web', '{{ port }}')}\n  notify: Reload\n`,
        'roles/web/defaults/main.yml': 'port: "80"\n',
        'roles/web/handlers/main.yml': `- name: Reload\n  ${set('reloaded', '{{ port }}')}\n`,
        'roles/db/tasks/main.yml': `- ${set('{{ item }}')}\n`,
      },
    );
    const host = new FakeHost('a');
    const { shown } = await both(source, [host]);
    expect(shownOf(shown, 'a').map(({ path }) => path)).toEqual([
      'tasks.0.include.0.0.block.0',
      'tasks.0.include.1.0.block.0',
      'tasks.1',
      'tasks.flush.0',
    ]);
    expect(host.changes).toEqual(['set web 80', 'set db 1', 'set end 1', 'set reloaded 80']);
  });
});

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
