import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

/** What was done to a host, without looks, locks and the like. */
const doneTo = (host: FakeHost): readonly string[] => host.changes;

const set = (key: string, value = '1'): string => `set: { key: ${key}, value: "${value}" }`;

/** A file of tasks that holds this, for the time of the test. */
function fileOf(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-blocks-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'tasks.yml');
  writeFileSync(path, text);
  return path;
}

describe('a block', () => {
  const CAUGHT = `- hosts: all
  tasks:
    - name: Try
      block:
        - ${set('a')}
        - ${set('b')}
        - ${set('c')}
      rescue:
        - ${set('saved')}
      always:
        - ${set('last')}
    - ${set('after')}
`;

  it('is rescued where a task of it fails; its always and what follows run all the same', async () => {
    const [good, bad] = [new FakeHost('a'), new FakeHost('b').break(/^set b/, 'fails')];
    const { events, result } = await apply(CAUGHT, [good, bad]);
    expect(doneTo(good)).toEqual(['set a 1', 'set b 1', 'set c 1', 'set last 1', 'set after 1']);
    expect(doneTo(bad)).toEqual(['set a 1', 'set b 1', 'set saved 1', 'set last 1', 'set after 1']);
    expect(result).toMatchObject({ failed: [], refused: [] });
    expect(result.hosts[1]).toMatchObject({ failed: 0, rescued: 1 });
    const told = lines(events, 'task-finished', 'task-rescued').filter((line) => line.includes(' on b'));
    expect(told.slice(1, 4)).toEqual([
      'set on b: failed, a command on the host ended with 1',
      'set on b: rescued by Try',
      'set on b: changed, update saved [update saved]',
    ]);
    expect(events.find(({ type }) => type === 'task-rescued')).toMatchObject({
      task: { path: 'tasks.0.block.1' },
      block: { path: 'tasks.0', name: 'Try' },
    });
  });

  it('shows in the plan what would be done only if it fails, and does not count it', async () => {
    const host = new FakeHost('a');
    const { result } = await plan(CAUGHT, [host]);
    const [own] = result.plans[0]?.hosts ?? [];
    expect(own?.tasks.map(({ path, action, condition }) => [path, action, condition])).toEqual([
      ['tasks.0.block.0', 'change', undefined],
      ['tasks.0.block.1', 'change', undefined],
      ['tasks.0.block.2', 'change', undefined],
      ['tasks.0.rescue.0', 'change', "only if a task of 'Try' fails"],
      ['tasks.0.always.0', 'change', undefined],
      ['tasks.1', 'change', undefined],
    ]);
    expect(doneTo(host)).toEqual([]);
  });

  it('that fails in its rescue too has failed, when its always has run, and the host is put back', async () => {
    const host = new FakeHost('a').break(/^set b/, 'fails').break(/^set saved/, 'fails');
    const play = CAUGHT.replace('tasks:\n', 'tasks:\n    - guard: { keys: [a, b, saved, last] }\n');
    const { result } = await apply(play, [host]);
    expect(result.failed).toEqual(['a']);
    expect(doneTo(host)).toEqual(['set a 1', 'set b 1', 'set saved 1', 'set last 1', 'unset a', 'unset last']);
    expect(host.slots.size).toBe(0);
    expect(result.hosts[0]).toMatchObject({ failed: 1, rescued: 1, restored: 1 });
  });

  it('without rescue runs its always on a host that has failed, which goes no further', async () => {
    const play = `- hosts: all\n  tasks:\n    - block:\n        - ${set('a')}\n      always:\n        - ${set('last')}\n    - ${set('after')}\n`;
    const host = new FakeHost('a').break(/^set a/, 'fails');
    const { result } = await apply(play, [host]);
    expect(doneTo(host)).toEqual(['set a 1', 'set last 1']);
    expect(result.failed).toEqual(['a']);
  });

  it('gives its rescue what has failed, and with what result', async () => {
    const play = `- hosts: all
  tasks:
    - block:
        - name: Break
          ${set('a')}
      rescue:
        - say: "{{ ansible_failed_task.name }}: {{ ansible_failed_result.failed }}"
`;
    const host = new FakeHost('a').break(/^set a/, 'fails');
    const { events } = await apply(play, [host]);
    expect(lines(events, 'task-finished').at(-1)).toMatch(/Break: true/i);
  });

  it('may fail before it has set its variables: what its rescue does with them is left to the run', async () => {
    const play = (included: string) => `- hosts: all
  vars: { text: old }
  tasks:
    - name: Try
      block:
        - ${set('a')}
        - remember: { text: new }
        - include_vars: ${included}
      rescue:
        - set: { key: saved, value: "{{ text }}-{{ more | default('none') }}" }
    - set: { key: after, value: "{{ text }}-{{ more }}" }
`;
    const playbook = play(fileOf('more: all'));
    const { result } = await plan(playbook, [new FakeHost('a')]);
    const tasks = result.plans[0]?.hosts[0]?.tasks ?? [];
    expect(tasks.map(({ path, action, condition }) => [path, action, condition])).toEqual([
      ['tasks.0.block.0', 'change', undefined],
      ['tasks.0.block.1', 'none', undefined],
      ['tasks.0.block.2', 'none', undefined],
      ['tasks.0.rescue.0', 'unknown', "only if a task of 'Try' fails"],
      ['tasks.1', 'change', undefined],
    ]);
    const good = new FakeHost('a');
    await apply(playbook, [good]);
    expect(doneTo(good)).toEqual(['set a 1', 'set after new-all']);
    const bad = new FakeHost('a').break(/^set a/, 'fails');
    await apply(playbook.replace('-{{ more }}', ''), [bad]);
    expect(doneTo(bad)).toEqual(['set a 1', 'set saved old-none', 'set after old']);
  });

  it('hands its conditions, its variables and its become on to its tasks', async () => {
    const play = `- hosts: all
  tasks:
    - block:
        - set: { key: x, value: "{{ text }}" }
      when: inventory_hostname == 'a'
      become: true
      vars: { text: hello }
`;
    const [a, b] = [new FakeHost('a'), new FakeHost('b')];
    await apply(play, [a, b]);
    expect([doneTo(a), doneTo(b)]).toEqual([['sudo set x hello'], []]);
  });

  it('stands in another, and what the inner one does not catch the outer one does', async () => {
    const play = `- hosts: all
  tasks:
    - block:
        - block:
            - ${set('a')}
          always:
            - ${set('inner')}
        - ${set('b')}
      rescue:
        - ${set('outer')}
`;
    const host = new FakeHost('a').break(/^set a/, 'fails');
    const { result } = await apply(play, [host]);
    expect(doneTo(host)).toEqual(['set a 1', 'set inner 1', 'set outer 1']);
    expect(result.failed).toEqual([]);
  });

  it('does not catch a lost connection', async () => {
    const host = new FakeHost('a').break(/^set b/, 'lost-before');
    const { result } = await apply(CAUGHT, [host]);
    expect(result.unreachable).toEqual(['a']);
    expect(doneTo(host)).toEqual(['set a 1']);
  });
});

describe('a task that is known to fail', () => {
  const FAIL = (inner: string): string => `- hosts: all
  tasks:
    - ${set('before')}
${inner}    - ${set('after')}
`;

  it('goes to its rescue, in the plan as in the run', async () => {
    const play = FAIL(
      `    - name: Try\n      block:\n        - doomed: because\n        - ${set('never')}\n      rescue:\n        - ${set('saved')}\n`,
    );
    const host = new FakeHost('a');
    const shown = await plan(play, [host]);
    expect(shown.result.plans[0]?.hosts[0]?.tasks.map(({ action, condition }) => [action, condition])).toEqual([
      ['change', undefined],
      ['refuse', "caught by the rescue of 'Try'"],
      ['change', undefined],
      ['change', undefined],
    ]);
    const { result } = await apply(play, [host]);
    expect(doneTo(host)).toEqual(['set before 1', 'set saved 1', 'set after 1']);
    expect(result).toMatchObject({ failed: [], refused: [] });
  });

  it('leaves what has failed to the run, for the rescue that reads it', async () => {
    const play = FAIL(
      `    - name: Try\n      block:\n        - doomed: because\n      rescue:\n        - set: { key: saved, value: "{{ ansible_failed_task.name }}-{{ ansible_failed_result.msg }}" }\n`,
    );
    const host = new FakeHost('a');
    const shown = await plan(play, [host]);
    expect(shown.result.plans[0]?.hosts[0]?.tasks.map(({ action }) => action)).toEqual([
      'change',
      'refuse',
      'unknown',
      'change',
    ]);
    await apply(play, [host]);
    expect(host.slots.get('saved')).toBe('doomed-because');
  });

  it('registers the result of each entry of its loop, as in Ansible', async () => {
    const play = `- hosts: all
  tasks:
    - block:
        - doomed: "{{ item }}"
          loop: [x, y]
          register: made
      rescue:
        - say: "{{ ansible_failed_result.results | map(attribute='msg') | join('+') }} {{ made.results | length }} {{ made.msg }}"
`;
    const { events, result } = await apply(play, [new FakeHost('a')]);
    expect(result).toMatchObject({ failed: [], refused: [] });
    expect(lines(events, 'task-finished').at(-1)).toMatch(/x\+y 2 One or more items failed/);
  });

  it('keeps its host from every change where nothing catches it', async () => {
    const host = new FakeHost('a');
    const { result } = await apply(FAIL('    - doomed: because\n'), [host]);
    expect(doneTo(host)).toEqual([]);
    expect(result.failed).toEqual(['a']);
  });
});

describe('handlers', () => {
  const RELOAD = `- hosts: all
  pre_tasks:
    - ${set('pre')}
      notify: Reload
  tasks:
    - ${set('a')}
      notify: [Reload, other]
    - ${set('b')}
  post_tasks:
    - ${set('post')}
  handlers:
    - name: Reload
      set: { key: reloaded, value: "{{ inventory_hostname }}" }
    - name: Other
      listen: other
      ${set('listened')}
`;

  it('run once, in their order, after the tasks that notified them, on the hosts that were changed', async () => {
    const [a, b] = [new FakeHost('a', { pre: '1' }), new FakeHost('b', { pre: '1', a: '1' })];
    const { result } = await apply(RELOAD, [a, b]);
    expect(doneTo(a)).toEqual(['set a 1', 'set b 1', 'set reloaded a', 'set listened 1', 'set post 1']);
    expect(doneTo(b)).toEqual(['set b 1', 'set post 1']);
    expect(result.failed).toEqual([]);
  });

  it('are notified by the first of two of one name in a list, as in Ansible', async () => {
    const host = new FakeHost('a');
    const twice = `    - { name: Reload, ${set('first')} }\n    - { name: Reload, listen: other, ${set('second')} }\n`;
    const play = (word: string): string =>
      `- hosts: all\n  tasks:\n    - ${set(word)}\n      notify: ${word}\n  handlers:\n${twice}`;
    await apply(play('Reload'), [host]);
    await apply(play('other'), [host]);
    expect(doneTo(host)).toEqual(['set Reload 1', 'set first 1', 'set other 1', 'set second 1']);
  });

  it('are one for each topic, too, if they have one name; those without a name are all notified', async () => {
    const host = new FakeHost('a');
    const named = ['first', 'second'].map((key) => `    - { name: Reload, listen: topic, ${set(key)} }\n`);
    const unnamed = ['third', 'fourth'].map((key) => `    - { listen: topic, ${set(key)} }\n`);
    const tasks = `  tasks:\n    - ${set('x')}\n      notify: topic\n`;
    await apply(`- hosts: all\n${tasks}  handlers:\n${[...named, ...unnamed].join('')}`, [host]);
    expect(doneTo(host)).toEqual(['set x 1', 'set first 1', 'set third 1', 'set fourth 1']);
  });

  it('are in the plan for the hosts for which they are certain, under the path of their place', async () => {
    const { result } = await plan(RELOAD, [new FakeHost('a'), new FakeHost('b', { pre: '1', a: '1' })]);
    const paths = result.plans[0]?.hosts.map(({ tasks }) => tasks.map(({ path }) => path));
    expect(paths).toEqual([
      ['pre_tasks.0', 'pre_tasks.flush.0', 'tasks.0', 'tasks.1', 'tasks.flush.0', 'tasks.flush.1', 'post_tasks.0'],
      ['pre_tasks.0', 'tasks.0', 'tasks.1', 'post_tasks.0'],
    ]);
  });

  it('are planned as possible where only the run tells whether something changes', async () => {
    const play = `- hosts: all
  tasks:
    - name: Ask
      shell: hello
      changed_when: made.out == 'hello'
      register: made
      notify: Reload
  handlers:
    - name: Reload
      ${set('x')}
`;
    const host = new FakeHost('a');
    const shown = await plan(play, [host]);
    expect(shown.result.plans[0]?.hosts[0]?.tasks[1]).toMatchObject({
      path: 'tasks.flush.0',
      action: 'change',
      condition: "only if 'Ask' changes something",
    });
    await apply(play, [host]);
    expect(doneTo(host)).toEqual(['say hello', 'set x 1']);
  });

  it('run where meta: flush_handlers says so, and not again', async () => {
    const play = `- hosts: all
  tasks:
    - ${set('a')}
      notify: Reload
    - meta: flush_handlers
    - ${set('b')}
  handlers:
    - name: Reload
      ${set('x')}
`;
    const host = new FakeHost('a');
    await apply(play, [host]);
    expect(doneTo(host)).toEqual(['set a 1', 'set x 1', 'set b 1']);
  });

  it('run where meta: flush_handlers says so only on hosts on which its condition holds', async () => {
    const play = (condition: string): string => `- hosts: all
  tasks:
    - shell: one
      register: made
    - ${set('a')}
      notify: Reload
    - block:
        - name: Now
          meta: flush_handlers
      when: ${condition}
    - ${set('b')}
  handlers:
    - name: Reload
      ${set('x')}
`;
    const hosts = [new FakeHost('a'), new FakeHost('b')];
    await apply(play("inventory_hostname == 'a'"), hosts);
    expect(hosts.map((host) => doneTo(host))).toEqual([
      ['say one', 'set a 1', 'set x 1', 'set b 1'],
      ['say one', 'set a 1', 'set b 1', 'set x 1'],
    ]);

    const host = new FakeHost('a');
    const shown = await plan(play("made.out == 'two'"), [host]);
    const conditions = shown.result.plans[0]?.hosts[0]?.tasks.map(({ path, condition }) => [path, condition]);
    expect(conditions?.filter(([, condition]) => condition !== undefined)).toEqual([
      ['tasks.2.block.0.0', "only if the condition of 'Now' holds"],
      ['tasks.flush.0', 'only if it has not run before'],
    ]);
    await apply(play("made.out == 'two'"), [host]);
    expect(doneTo(host)).toEqual(['say one', 'set a 1', 'set b 1', 'set x 1']);
  });

  it('do not run on a host that has failed, unless force_handlers says so', async () => {
    const play = (head: string): string => `- hosts: all
${head}  tasks:
    - ${set('a')}
      notify: Reload
    - ${set('b')}
  handlers:
    - name: Reload
      ${set('x')}
`;
    const [plain, forced] = [new FakeHost('a').break(/^set b/, 'fails'), new FakeHost('a').break(/^set b/, 'fails')];
    await apply(play(''), [plain]);
    const { result } = await apply(play('  force_handlers: true\n'), [forced]);
    expect([doneTo(plain), doneTo(forced)]).toEqual([
      ['set a 1', 'set b 1'],
      ['set a 1', 'set b 1', 'set x 1'],
    ]);
    expect(result.failed).toEqual(['a']);
  });
});

describe('a task that one host does for all', () => {
  it('fails for all with its result, which their rescues read', async () => {
    const play = `- hosts: all
  tasks:
    - block:
        - ${set('a')}
          run_once: true
          register: made
      rescue:
        - say: "{{ ansible_failed_task.name }}: {{ ansible_failed_result == made }} {{ ansible_failed_result.msg }}"
`;
    const fleet = [new FakeHost('a').break(/^set a/, 'fails'), new FakeHost('b')];
    const { events, result } = await apply(play, fleet);
    expect(result).toMatchObject({ failed: [], refused: [] });
    const [ofFirst, ofSecond] = lines(events, 'task-finished').slice(-2);
    expect(ofFirst).toContain('set: True');
    expect(ofSecond?.replace('on b', 'on a')).toBe(ofFirst);
  });
});

describe('a handler that a failure keeps from being flushed', () => {
  const FLUSHED = (parts: string): string => `- hosts: all
  tasks:
    - name: Try
      block:
        - ${set('a')}
          notify: Reload
        - ${set('b')}
        - meta: flush_handlers
${parts}  handlers:
    - name: Reload
      ${set('x')}
`;
  const shownIn = async (play: string) =>
    (await plan(play, [new FakeHost('a')])).result.plans[0]?.hosts[0]?.tasks.map(({ path, action, condition }) => [
      path,
      action,
      condition,
    ]);
  const failing = () => new FakeHost('a').break(/^set b/, 'fails');

  it('is shown at the end, where it runs behind the rescue: as the host is then', async () => {
    const play = FLUSHED(`      rescue:\n        - ${set('saved')}\n`);
    expect((await shownIn(play))?.slice(2)).toEqual([
      ['tasks.0.block.2.0', 'change', undefined],
      ['tasks.0.rescue.0', 'change', "only if a task of 'Try' fails"],
      ['tasks.flush.0', 'unknown', "only if a task of 'Try' fails"],
    ]);
    const host = failing();
    const { events } = await apply(play, [host]);
    expect(doneTo(host)).toEqual(['set a 1', 'set b 1', 'set saved 1', 'set x 1']);
    expect(events.some((event) => event.type === 'task-finished' && event.task.path === 'tasks.flush.0')).toBe(true);
  });

  it('is shown in an always that flushes, and not behind it, where the host no longer comes', async () => {
    const play = FLUSHED(`      always:\n        - ${set('c')}\n        - meta: flush_handlers\n    - ${set('d')}\n`);
    expect((await shownIn(play))?.slice(2).map(([path, , condition]) => [path, condition])).toEqual([
      ['tasks.0.block.2.0', undefined],
      ['tasks.0.always.0', undefined],
      ['tasks.0.always.1.0', "only if a task of 'Try' fails"],
      ['tasks.1', undefined],
    ]);
    const host = failing();
    await apply(play, [host]);
    expect(doneTo(host)).toEqual(['set a 1', 'set b 1', 'set c 1', 'set x 1']);
  });

  it('is shown at the end although a later block of the same name has an always', async () => {
    const always = `      always:\n        - ${set('d')}\n`;
    const later = `    - name: Try\n      block:\n        - ${set('c')}\n${always}`;
    const play = FLUSHED(`      rescue:\n        - ${set('saved')}\n${later}`);
    expect((await shownIn(play))?.at(-1)).toEqual(['tasks.flush.0', 'unknown', "only if a task of 'Try' fails"]);
    const host = failing();
    await apply(play, [host]);
    expect(doneTo(host)).toEqual(['set a 1', 'set b 1', 'set saved 1', 'set c 1', 'set d 1', 'set x 1']);
  });
});

describe('handlers that a rescue notifies', () => {
  const NOTIFYING = `- hosts: all
  tasks:
    - name: Try
      block:
        - ${set('a')}
      rescue:
        - ${set('saved')}
          notify: [First, Second]
  handlers:
    - name: First
      ${set('x', '1')}
    - name: Second
      ${set('x', '2')}
`;
  const host = () => new FakeHost('a', { x: '2' });

  it('are planned on what those before them would do, and done as planned', async () => {
    const shown = (await plan(NOTIFYING, [host()])).result.plans[0]?.hosts[0]?.tasks;
    expect(shown?.slice(2).map(({ path, action }) => [path, action])).toEqual([
      ['tasks.flush.0', 'change'],
      ['tasks.flush.1', 'unknown'],
    ]);
    const failing = host().break(/^set a/, 'fails');
    const { result } = await apply(NOTIFYING, [failing]);
    expect(doneTo(failing)).toEqual(['set a 1', 'set saved 1', 'set x 1', 'set x 2']);
    expect(result).toMatchObject({ failed: [], refused: [] });
  });
});

describe('ansible_failed_task', () => {
  const play = `- hosts: all
  tasks:
    - name: Outer
      block:
        - name: Inner
          block:
            - ${set('a')}
          always:
            - ${set('b', "{{ ansible_failed_task.name | default('none') }}")}
            - ${set('c')}
      rescue:
        - ${set('d', '{{ ansible_failed_task.name }}')}
`;

  it('is there in an always that comes before the rescue; the plan shows there as open what reads it', async () => {
    const [good, bad, worse] = ['a', 'b', 'c'].map((name) => new FakeHost(name));
    bad?.break(/^set a/, 'fails');
    worse?.break(/^set a/, 'fails').break(/^set c/, 'fails');
    const fleet = [good, bad, worse].filter((host) => host !== undefined);
    const shown = await plan(play, fleet);
    const [own] = shown.result.plans[0]?.hosts ?? [];
    expect(own?.tasks.map(({ path, action }) => [path, action])).toEqual([
      ['tasks.0.block.0.block.0', 'change'],
      ['tasks.0.block.0.always.0', 'unknown'],
      ['tasks.0.block.0.always.1', 'change'],
      ['tasks.0.rescue.0', 'unknown'],
    ]);
    const { events, result } = await apply(play, fleet);
    expect(fleet.map(doneTo)).toEqual([
      ['set a 1', 'set b none', 'set c 1'],
      ['set a 1', 'set b set', 'set c 1', 'set d set'],
      ['set a 1', 'set b set', 'set c 1', 'set d set'],
    ]);
    // Each failure that the rescue catches is rescued, that of the always too.
    expect(result.hosts.map(({ failed, rescued }) => [failed, rescued])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
    expect(lines(events, 'task-rescued')).toHaveLength(3);
  });
});

describe('ansible_play_hosts', () => {
  it('lacks a host that has failed until it is rescued, although its always and its handlers still run, as in Ansible', async () => {
    const play = `- hosts: all
  force_handlers: true
  tasks:
    - block:
        - ${set('a')}
          notify: Reload
      always:
        - say: "always {{ ansible_play_hosts | join('-') }}"
    - block:
        - ${set('b')}
      rescue:
        - say: "rescue {{ ansible_play_hosts | join('-') }}"
    - say: "after {{ play_hosts | join('-') }}"
  handlers:
    - name: Reload
      say: "handler {{ ansible_play_hosts | join('-') }}"
`;
    const fleet = ['a', 'b', 'c'].map((name) => new FakeHost(name));
    fleet[1]?.break(/^set a/, 'fails');
    fleet[2]?.break(/^set b/, 'fails');
    const { events } = await apply(play, fleet);
    const said = lines(events, 'task-finished').join('\n');
    expect([...said.matchAll(/(always|rescue|after|handler) [abc-]+/g)].map(([text]) => text)).toEqual([
      ...['always a-c', 'always a-c', 'always a-c'],
      'rescue a-c',
      ...['after a-c', 'after a-c'],
      ...['handler a-c', 'handler a-c'],
    ]);
  });
});

describe('a meta action', () => {
  const END = (action: string): string => `- hosts: all
  serial: 2
  tasks:
    - ${set('a')}
    - meta: ${action}
      when: inventory_hostname == 'a'
    - ${set('b')}
- hosts: all
  tasks:
    - ${set('c')}
`;

  it.each([
    [
      'end_host',
      [
        ['set a 1', 'set c 1'],
        ['set a 1', 'set b 1', 'set c 1'],
        ['set a 1', 'set b 1', 'set c 1'],
      ],
    ],
    [
      'end_batch',
      [
        ['set a 1', 'set c 1'],
        ['set a 1', 'set c 1'],
        ['set a 1', 'set b 1', 'set c 1'],
      ],
    ],
    ['end_play', [['set a 1', 'set c 1'], ['set a 1', 'set c 1'], ['set c 1']]],
    [
      'noop',
      [
        ['set a 1', 'set b 1', 'set c 1'],
        ['set a 1', 'set b 1', 'set c 1'],
        ['set a 1', 'set b 1', 'set c 1'],
      ],
    ],
  ])('%s ends what it says, as the plan has shown', async (action, done) => {
    const fleet = ['a', 'b', 'c'].map((name) => new FakeHost(name));
    const shown = await plan(END(action), fleet);
    const { result } = await apply(END(action), fleet);
    expect(fleet.map(doneTo)).toEqual(done);
    const planned = fleet.map(({ name }) =>
      shown.result.plans.flatMap(({ hosts }) =>
        hosts
          .filter(({ host }) => host === name)
          .flatMap(({ tasks }) => tasks.filter((task) => !task.onlyAfterFailure)),
      ),
    );
    expect(planned.map((tasks) => tasks.filter((task) => task.action === 'change').length)).toEqual(
      done.map((messages) => messages.length),
    );
    expect(result.hosts.map(({ failed, refused }) => failed + refused)).toEqual([0, 0, 0]);
  });

  it.each([
    ['', []],
    [' where a rescue stands around it', ['rescue: [{ say: rescued }]']],
  ])('ends a host in an always, which has failed nonetheless%s', async (_where, rescue) => {
    const play = `- hosts: all
  tasks:
    - block:
        - block:
            - ${set('a')}
          always:
            - ${set('b')}
            - meta: end_host
              when: inventory_hostname != 'c'
      ${rescue.join('')}
    - ${set('d')}
- hosts: all
  tasks:
    - ${set('e')}
`;
    const fleet = ['a', 'b', 'c'].map((name) => new FakeHost(name));
    fleet[0]?.break(/^set a/, 'fails');
    const { result } = await apply(play, fleet);
    expect(result).toMatchObject({ failed: ['a'], refused: [] });
    expect(fleet.map(doneTo)).toEqual([
      ['set a 1', 'set b 1'],
      ['set a 1', 'set b 1', 'set e 1'],
      ['set a 1', 'set b 1', 'set d 1', 'set e 1'],
    ]);
  });

  it('is said to be uncertain in the plan where its condition is', async () => {
    const play = `- hosts: all
  tasks:
    - shell: hello
      register: made
    - name: Enough
      meta: end_host
      when: made.out == 'hello'
    - ${set('b')}
`;
    const host = new FakeHost('a');
    const shown = await plan(play, [host]);
    expect(shown.result.plans[0]?.hosts[0]?.tasks[1]).toMatchObject({
      path: 'tasks.2',
      condition: "unless 'Enough' ends the host before",
    });
    await apply(play, [host]);
    expect(doneTo(host)).toEqual(['say hello']);
  });
});

describe('what a plan cannot be certain of', () => {
  it('is that a host ends the batch which may have ended itself before', async () => {
    const play = `- hosts: all
  tasks:
    - block:
        - meta: end_host
          when: inventory_hostname == 'b'
      rescue:
        - say: rescued
    - meta: end_batch
      when: inventory_hostname == 'b'
    - ${set('a')}
`;
    const [one, other] = [new FakeHost('a'), new FakeHost('b')];
    const { result } = await apply(play, [one, other]);
    expect(result).toMatchObject({ failed: [], refused: [] });
    expect([doneTo(one), doneTo(other)]).toEqual([['set a 1'], []]);
  });

  it('is that a host goes on which may have ended in an include', async () => {
    const file = fileOf('- name: Enough\n  meta: end_host\n');
    const play = `- hosts: all
  tasks:
    - shell: hello
      register: made
    - include_tasks: ${file}
      when: made.out == 'hello'
    - ${set('b')}
    - name: The end
      meta: end_host
    - ${set('c')}
`;
    const shown = (await plan(play, [new FakeHost('a')])).result.plans[0]?.hosts[0]?.tasks ?? [];
    // That it ends behind it is certain: either there, or before.
    expect(shown.map(({ condition }) => condition)).toEqual([undefined, "unless 'Enough' ends the host before"]);
    const host = new FakeHost('a');
    await apply(play, [host]);
    expect(doneTo(host)).toEqual(['say hello']);
  });

  it('is that later batches begin behind one in which the play may have ended', async () => {
    const play = (action: string) => `- hosts: all
  serial: 1
  tasks:
    - shell: hello
      register: made
    - name: Enough
      meta: ${action}
      when: made.out == 'hello'
    - ${set('b')}
`;
    const conditionsOf = async (action: string) =>
      (await plan(play(action), [new FakeHost('a'), new FakeHost('b'), new FakeHost('c')])).result.plans.flatMap(
        ({ hosts }) => hosts.map(({ tasks }) => tasks.map(({ condition }) => condition)),
      );
    const doubt = "unless 'Enough' ends the play before";
    const ofBatch = "unless 'Enough' ends the batch before";
    expect(await conditionsOf('end_play')).toEqual([
      [undefined, doubt],
      [doubt, doubt],
      [doubt, doubt],
    ]);
    expect(await conditionsOf('end_batch')).toEqual(['a', 'b', 'c'].map(() => [undefined, ofBatch]));
    const fleet = [new FakeHost('a'), new FakeHost('b')];
    await apply(play('end_play'), fleet);
    expect(fleet.map(doneTo)).toEqual([['say hello'], []]);
  });

  it('is that hosts go on where another one, which comes to an include alone, may end the play for all', async () => {
    const file = fileOf("- name: Enough\n  meta: end_play\n  when: made.out == 'hello'\n");
    const play = `- hosts: all
  tasks:
    - shell: hello
      register: made
    - include_tasks: ${file}
      when: inventory_hostname == 'a'
    - ${set('b')}
`;
    const fleet = [new FakeHost('a'), new FakeHost('b')];
    const { result } = await plan(play, fleet);
    const open = [{}, { condition: "unless 'Enough' ends the play before" }];
    expect(result.plans[0]?.hosts.map(({ tasks }) => tasks)).toMatchObject([open, open]);
    await apply(play, fleet);
    expect(fleet.map(doneTo)).toEqual([['say hello'], ['say hello']]);
  });

  it('is that a host ends in an include to which it may not come', async () => {
    const file = fileOf(
      "- name: Perhaps\n  meta: end_host\n  when: made.out == 'other'\n- name: Enough\n  meta: end_host\n",
    );
    const play = `- hosts: all
  tasks:
    - shell: hello
      register: made
    - include_tasks: ${file}
      when: made.out == 'more'
    - ${set('b')}
`;
    const host = new FakeHost('a');
    const shown = (await plan(play, [host])).result.plans[0]?.hosts[0]?.tasks ?? [];
    expect(shown.map(({ condition }) => condition)).toEqual([undefined, "unless 'Enough' ends the host before"]);
    await apply(play, [host]);
    expect(doneTo(host)).toEqual(['say hello', 'set b 1']);
  });

  it('is how a host stands that fails between a change and the one that takes it back', async () => {
    const play = `- hosts: all
  tasks:
    - block:
        - ${set('a')}
        - ${set('b')}
        - ${set('a', '0')}
      rescue:
        - ${set('a', '0')}
`;
    const host = () => new FakeHost('a', { a: '0' });
    const shown = (await plan(play, [host()])).result.plans[0]?.hosts[0]?.tasks ?? [];
    expect(shown.at(-1)).toMatchObject({ path: 'tasks.0.rescue.0', action: 'unknown' });
    const failing = host().break(/^set b/, 'fails');
    const { result } = await apply(play, [failing]);
    expect([...failing.slots]).toEqual([['a', '0']]);
    expect(result.hosts[0]?.changes.map(({ after }) => after)).toEqual(['1', '0']);
    expect(result).toMatchObject({ failed: [], refused: [] });
  });
});
