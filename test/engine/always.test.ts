import { describe, expect, it } from 'vitest';
import { FakeHost } from './support/fake-fleet.ts';
import { both, playbook, set, shownOf } from './support/include-play.ts';
import { apply } from './support/workshop.ts';

const UNLESS = "unless a task of 'Try' fails";
const ONLY_IF = "only if a task of 'Try' fails";

const FILES = {
  'more.yml': 'more: all\n',
  'one.yml': `- ${set('one')}\n`,
  'two.yml': `- ${set('two')}\n`,
};

/** A play whose block may fail at its first task, before it sets its variables. */
function playOf(always: string, head = '') {
  const tasks = `- name: Try
  block:
    - ${set('a')}
    - remember: { text: new }
    - include_vars: more.yml
  always:
${always.replaceAll(/^/gm, '    ')}`;
  return playbook(tasks, FILES, `${head}  vars: { text: old }\n`);
}

describe('an always', () => {
  it.each([
    {
      does: 'what its plan says, where it reads nothing of its block',
      always: `- ${set('last')}`,
      shown: [['tasks.0.always.0', 'change', undefined, undefined]],
      passed: ['set last 1'],
      failed: ['set last 1'],
    },
    {
      does: 'what is so then, where it reads variables that its block sets',
      always: `- ${set('last', "{{ text }}-{{ more | default('none') }}")}`,
      shown: [['tasks.0.always.0', 'change', undefined, UNLESS]],
      passed: ['set last new-all'],
      failed: ['set last old-none'],
    },
    {
      does: 'what is so then, where it reads variables of variables of its block',
      always: `- remember: { own: "{{ text }}" }\n- ${set('last', '{{ own }}')}`,
      shown: [
        ['tasks.0.always.0', 'none', undefined, undefined],
        ['tasks.0.always.1', 'change', undefined, UNLESS],
      ],
      passed: ['set last new'],
      failed: ['set last old'],
    },
    {
      does: 'what it skips if its block passes',
      always: `- ${set('last')}\n  when: text == 'old'`,
      shown: [['tasks.0.always.0', 'skip', undefined, UNLESS]],
      passed: [],
      failed: ['set last 1'],
    },
    {
      does: 'with what it finds on the host',
      always: '- trace: { from: a, key: last }',
      shown: [['tasks.0.always.0', 'change', undefined, UNLESS]],
      passed: ['set last 1'],
      failed: [],
    },
    {
      does: 'nothing else to the host, where it only says what is so then',
      always: '- say: "{{ text }}"',
      shown: [['tasks.0.always.0', 'none', undefined, undefined]],
      passed: [],
      failed: [],
    },
    {
      does: 'what it then includes',
      always: "- include_tasks: \"{{ 'one' if text == 'old' else 'two' }}.yml\"",
      shown: [
        ['tasks.0.always.0.include.0.0', 'change', undefined, undefined],
        ['tasks.0.always.0', 'unknown', ONLY_IF, undefined],
      ],
      passed: ['set two 1'],
      failed: ['set one 1'],
    },
    {
      does: 'what a block in it does',
      always: `- block:\n    - ${set('in')}\n  always:\n    - ${set('last', '{{ text }}')}`,
      shown: [
        ['tasks.0.always.0.block.0', 'change', undefined, undefined],
        ['tasks.0.always.0.always.0', 'change', undefined, UNLESS],
      ],
      passed: ['set in 1', 'set last new'],
      failed: ['set in 1', 'set last old'],
    },
  ])('does on a host on which its block has failed $does', async ({ always, shown, passed, failed }) => {
    const source = playOf(always);
    const good = new FakeHost('a');
    const { shown: report, done } = await both(source, [good]);
    const own = shownOf(report, 'a').filter(({ path }) => path.includes('always'));
    expect(own.map(({ path, action, condition, unless }) => [path, action, condition, unless])).toEqual(shown);
    expect(done.result).toMatchObject({ failed: [], refused: [] });
    expect(good.changes).toEqual(['set a 1', ...passed]);
    const bad = new FakeHost('a').break(/^set a/, 'fails');
    const { result } = await apply(source, [bad]);
    expect(result).toMatchObject({ failed: ['a'], refused: [] });
    expect(bad.changes).toEqual(['set a 1', ...failed]);
  });

  it('does so on hosts that come to it because another has failed', async () => {
    const source = playOf(`- ${set('last', '{{ text }}')}`, '  any_errors_fatal: true\n');
    const fleet = [new FakeHost('a'), new FakeHost('b').break(/^set a/, 'fails')];
    const { result } = await apply(source, fleet);
    expect(result).toMatchObject({ failed: ['b'], refused: [] });
    expect(fleet.map(({ changes }) => changes)).toEqual(Array.from(fleet, () => ['set a 1', 'set last old']));
  });

  it('writes where nothing is to be written if its block passes', async () => {
    const tasks = `- name: Try\n  block:\n    - expect: { key: a, value: "1" }\n    - remember: { text: new }\n  always:\n    - ${set('last')}\n      when: text == 'old'`;
    const host = new FakeHost('a', { a: '2' });
    const { result } = await apply(playbook(tasks, {}, '  vars: { text: old }\n'), [host]);
    expect(result).toMatchObject({ failed: ['a'], refused: [] });
    expect(host.changes).toEqual(['set last 1']);
    expect(host.log.filter((message) => message.startsWith('lock'))).toHaveLength(1);
  });

  it('is bound by its plan on a host on which its block has not failed', async () => {
    const source = playOf('- trace: { from: "{{ text }}", key: last }', '  serial: 1\n');
    const fleet = [new FakeHost('a', { new: '1' }), new FakeHost('b', { new: '1' })];
    const { result } = await apply(source, fleet, {
      onEvent: (event) => {
        if (event.type === 'batch-started' && event.number === 2) fleet[1]?.slots.set('new', '2');
      },
    });
    expect(result).toMatchObject({ failed: [], refused: ['b'] });
    expect(fleet.map(({ changes }) => changes)).toEqual([['set a 1', 'set last 1'], ['set a 1']]);
  });

  it.each(['end_host', 'end_batch', 'end_play'])(
    'is shown where %s ends the host in its block, which runs it if it fails before that',
    async (action) => {
      const tasks = `- name: Outer
  block:
    - name: Try
      block:
        - ${set('a')}
          notify: Reload
        - meta: ${action}
      always:
        - ${set('last')}
  always:
    - ${set('outer')}
- ${set('never')}
`;
      const handlers = `  handlers:\n    - { name: Reload, ${set('x')} }\n    - { name: Other, ${set('y')} }\n`;
      const source = playbook(tasks, {}, `  force_handlers: true\n${handlers}`);
      const good = new FakeHost('a');
      const { shown, done } = await both(source, [good]);
      expect(shownOf(shown, 'a').map(({ path, action, condition }) => [path, action, condition])).toEqual([
        ['tasks.0.block.0.block.0', 'change', undefined],
        ['tasks.0.block.0.always.0', 'change', ONLY_IF],
        ['tasks.0.always.0', 'change', "only if a task of 'Outer' fails"],
        ['handlers.0', 'change', "only if a task of 'the play' fails"],
      ]);
      expect(done.result).toMatchObject({ failed: [], refused: [] });
      expect(good.changes).toEqual(['set a 1']);
      const bad = new FakeHost('a').break(/^set a/, 'fails');
      const { result } = await apply(source, [bad]);
      expect(result).toMatchObject({ failed: ['a'], refused: [] });
      expect(bad.changes).toEqual(['set a 1', 'set last 1', 'set outer 1']);
    },
  );

  it('is not shown where a host ends before any task of its block', async () => {
    const tasks = `- ${set('a')}\n- block:\n    - meta: end_host\n  always:\n    - ${set('last')}\n`;
    const { shown } = await both(playbook(tasks, {}), [new FakeHost('a')]);
    expect(shownOf(shown, 'a').map(({ path }) => path)).toEqual(['tasks.0']);
  });

  it('is shown to its last task where a host would end before, also behind blocks in it', async () => {
    const tasks = `- block:
    - ${set('a')}
    - meta: end_host
  always:
    - block:
        - ${set('b')}
      rescue:
        - ${set('c')}
    - block:
        - ${set('d')}
      always:
        - ${set('e')}
    - ${set('last')}
`;
    const host = new FakeHost('a').break(/^set a/, 'fails');
    const { shown, done } = await both(playbook(tasks, {}), [host]);
    expect(shownOf(shown, 'a').map(({ path }) => path)).toEqual([
      'tasks.0.block.0',
      'tasks.0.always.0.block.0',
      'tasks.0.always.0.rescue.0',
      'tasks.0.always.1.block.0',
      'tasks.0.always.1.always.0',
      'tasks.0.always.2',
    ]);
    expect(done.result).toMatchObject({ failed: ['a'], refused: [] });
    expect(host.changes).toEqual(['set a 1', 'set b 1', 'set d 1', 'set e 1', 'set last 1']);
  });

  it.each([
    ['run_once', '', `${set('a')}\n      run_once: true`],
    ['any_errors_fatal', '  any_errors_fatal: true\n', "include_tasks: a.yml\n      when: inventory_hostname == 'a'"],
    [
      'max_fail_percentage',
      '  max_fail_percentage: 10\n',
      "include_tasks: a.yml\n      when: inventory_hostname == 'a'",
    ],
  ])('is shown where a host ends in its block that skips to it if another fails, by %s', async (_, head, first) => {
    const tasks = `- block:\n    - ${first}\n    - meta: end_host\n  always:\n    - ${set('last')}\n`;
    const fleet = [new FakeHost('a').break(/^set a/, 'fails'), new FakeHost('b')];
    const { shown, done } = await both(playbook(tasks, { 'a.yml': `- ${set('a')}\n` }, head), fleet);
    expect(shownOf(shown, 'b').map(({ path }) => path)).toEqual(['tasks.0.always.0']);
    expect(done.result.refused).toEqual([]);
    expect(fleet.map(({ changes }) => changes)).toEqual([['set a 1', 'set last 1'], ['set last 1']]);
  });
});
