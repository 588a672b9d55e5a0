import { describe, expect, it } from 'vitest';
import { FakeHost } from './support/fake-fleet.ts';
import { both, playbook, set, shownOf } from './support/include-play.ts';
import { apply } from './support/workshop.ts';

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
