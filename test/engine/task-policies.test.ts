import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const set = (key: string, value = '1'): string => `set: { key: ${key}, value: "${value}" }`;

describe('until', () => {
  const AGAIN = (more: string): string => `- hosts: all
  tasks:
    - name: Try
      ${set('a')}
      register: made
      until: made is succeeded
${more}    - say: "{{ made.attempts | default(1) }}"
`;

  it('does a task again until it holds, waits between, and tells how often', async () => {
    const host = new FakeHost('a').break(/^set a/, 'fails').break(/^set a/, 'fails');
    const { events, result } = await apply(AGAIN('      retries: 4\n      delay: 7\n'), [host]);
    expect(host.changes).toEqual(['set a 1', 'set a 1', 'set a 1']);
    expect(result.failed).toEqual([]);
    expect(lines(events, 'task-progress').join('\n')).toMatch(/attempt 2 of 5[\s\S]*attempt 3 of 5/);
    expect(lines(events, 'task-finished').at(-1)).toContain('3');
  });

  it.each([
    ['', 4],
    ['      retries: 1\n', 2],
    ['      retries: 0\n', 1],
  ])('ends when it has been tried often enough, as Ansible counts (%j)', async (more, attempts) => {
    const host = new FakeHost('a');
    for (let time = 0; time < 9; time += 1) host.break(/^set a/, 'fails');
    const { result } = await apply(AGAIN(more), [host]);
    expect(host.changes.length).toBe(attempts);
    expect(result.failed).toEqual(['a']);
  });

  it('registers a failure if it never held, although failed_when lets the task pass, as in Ansible', async () => {
    const play = `- hosts: all
  tasks:
    - ${set('a')}
      register: made
      until: made is failed
      retries: 1
      failed_when: false
    - set: { key: seen, value: "{{ made is failed }}-{{ made.failed_when_result }}-{{ made.attempts }}" }
`;
    const host = new FakeHost('a');
    const { result, events } = await apply(play, [host]);
    expect(result.failed, JSON.stringify(events.slice(-6))).toEqual([]);
    expect(host.slots.get('seen')).toBe('True-False-1');
  });

  it('is not asked with retries: 0, as in Ansible', async () => {
    const host = new FakeHost('a');
    const { result } = await apply(
      `- hosts: all\n  tasks:\n    - ${set('a')}\n      until: false\n      retries: 0\n`,
      [host],
    );
    expect(host.changes.length).toBe(1);
    expect(result.failed).toEqual([]);
  });

  it('judges each attempt by itself, and keeps the result of the last', async () => {
    const play = `- hosts: all
  tasks:
    - try: { key: tries, wanted: "xx" }
      register: made
      until: made is succeeded
      delay: 0
    - set: { key: seen, value: "{{ made.attempts }}-{{ made is failed }}" }
`;
    const host = new FakeHost('a');
    const { result, events } = await apply(play, [host]);
    expect(result.failed, JSON.stringify(events.slice(-4))).toEqual([]);
    expect(host.slots.get('seen')).toBe('2-False');
  });

  it('is asked for by who says how often', async () => {
    const play = `- hosts: all\n  tasks:\n    - ${set('a')}\n      retries: 3\n`;
    await expect(apply(play, [new FakeHost('a')])).rejects.toThrow(/retries and delay need until/);
  });
});

describe('a loop of set_fact', () => {
  it('sees in each entry what the one before has set', async () => {
    const play = `- hosts: all
  tasks:
    - remember: { list: "{{ list | default([]) + [item] }}" }
      loop: [x, y]
    - set: { key: a, value: "{{ list | join(',') }}" }
`;
    const host = new FakeHost('a');
    await apply(play, [host]);
    expect(host.changes).toEqual(['set a x,y']);
  });
});

describe('set_fact', () => {
  it.each([
    ['"fact_{{ item }}"', "'fact_{{ item }}' cannot be the name of a variable"],
    ['a-b', "'a-b' cannot be the name of a variable"],
    ['cacheable', 'set_fact does not support cacheable: nothing is kept after the run'],
  ])('takes no name that is none: %s', async (name, message) => {
    const play = `- hosts: all\n  tasks:\n    - remember: { ${name}: "1" }\n`;
    await expect(plan(play, [new FakeHost('a')])).rejects.toThrow(message);
  });
});

describe('run_once', () => {
  const ONCE = `- hosts: all
  tasks:
    - name: Ask
      shell: hello
      register: said
      run_once: true
    - set: { key: heard, value: "{{ said.out }}" }
`;

  it('does a task on the first host alone, and gives all of them its result', async () => {
    const fleet = [new FakeHost('a'), new FakeHost('b')];
    await apply(ONCE, fleet);
    expect(fleet.map(({ changes }) => changes)).toEqual([['say hello', 'set heard hello'], ['set heard hello']]);
  });

  it('fails for all of them where it fails', async () => {
    const fleet = [new FakeHost('a').break(/^say/, 'fails'), new FakeHost('b')];
    const { result } = await apply(ONCE, fleet);
    expect(result.failed).toEqual(['a', 'b']);
    expect(fleet[1]?.changes).toEqual([]);
  });

  it('is once a batch where nothing is to be done, too', async () => {
    const play =
      '- hosts: all\n  serial: 1\n  tasks:\n    - say: "{{ ansible_play_batch | join }}"\n      run_once: true\n';
    const { events } = await apply(play, [new FakeHost('a'), new FakeHost('b')]);
    expect(events.flatMap((event) => (event.type === 'task-finished' ? event.host : []))).toEqual(['a', 'b']);
  });

  it('is once a batch', async () => {
    const fleet = [new FakeHost('a'), new FakeHost('b')];
    await apply(ONCE.replace('  tasks', '  serial: 1\n  tasks'), fleet);
    expect(fleet.map(({ changes }) => changes[0])).toEqual(['say hello', 'say hello']);
  });
});

describe('a loop that tells where it is', () => {
  it('has a number and more of itself', async () => {
    const play = `- hosts: all
  tasks:
    - say: "{{ at }} {{ item }} {{ ansible_loop.index }}/{{ ansible_loop.length }} {{ ansible_loop.last }} {{ ansible_loop.nextitem | default('-') }}"
      loop: [x, y]
      loop_control: { index_var: at, extended: true }
      register: said
`;
    const { result } = await apply(play, [new FakeHost('a')]);
    const said = result.registered.get('a')?.get('said') as { readonly results: readonly { readonly msg: string }[] };
    expect(said.results.map(({ msg }) => msg.toLowerCase())).toEqual(['0 x 1/2 false y', '1 y 2/2 true -']);
  });
});

describe('omit', () => {
  it('takes a parameter away', async () => {
    const play = `- hosts: all\n  tasks:\n    - put_back: { key: a, value: "{{ wanted | default(omit) }}" }\n`;
    const host = new FakeHost('a', { a: '1' });
    const shown = await plan(play, [host]);
    expect(shown.result.plans[0]?.hosts[0]?.tasks[0]).toMatchObject({ action: 'change' });
    await apply(play, [host]);
    expect(host.slots.has('a')).toBe(false);
  });

  it('takes an item of a list away, what is deeper in a parameter, and its part of a text', async () => {
    const told =
      '{ list: [a, "{{ omit }}", [b, "{{ omit }}"]], k: { l: "{{ omit }}", m: [{ n: "{{ omit }}" }] }, s: "x{{ omit }}y" }';
    const play = `- hosts: all\n  tasks:\n    - remember: ${told}\n`;
    const { result } = await apply(play, [new FakeHost('a')]);
    const set = Object.fromEntries(result.registered.get('a') ?? []);
    expect(set).toMatchObject({ list: ['a', ['b']], k: { m: [{}] }, s: 'xy' });
  });

  it.each(['loop: [x, "{{ nothing | default(omit) }}", y]', 'loop: "{{ all }}"', 'with_items: "{{ all }}"'])(
    'takes an entry of a loop away: %s',
    async (loop) => {
      const vars = '{ all: [x, "{{ omit }}", y] }';
      const play = `- hosts: all\n  vars: ${vars}\n  tasks:\n    - set: { key: "{{ item }}", value: "1" }\n      ${loop}\n`;
      const host = new FakeHost('a');
      await apply(play, [host]);
      expect(host.changes).toEqual(['set x 1', 'set y 1']);
    },
  );
});
