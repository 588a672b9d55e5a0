import { describe, expect, it } from 'vitest';
import { SourceFile } from '../../src/core/source.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { playWith } from './support/play-files.ts';
import { apply, plan } from './support/workshop.ts';

const set = (key: string): string => `set: { key: ${key}, value: "1" }`;
const changes = (...hosts: readonly FakeHost[]): readonly (readonly string[])[] => hosts.map((host) => host.changes);
const failing = (name: string, key: string): FakeHost => new FakeHost(name).break(new RegExp(`^set ${key}`), 'fails');

describe('more failures than the play bears', () => {
  it('halt the others where they are, and whatever is to be done is done on all of them', async () => {
    const [a, b] = [new FakeHost('a'), failing('b', 'x')];
    const { result } = await apply(
      `- hosts: all
  any_errors_fatal: true
  tasks:
    - block:
        - block:
            - ${set('x')}
            - ${set('never')}
          always:
            - ${set('inner')}
        - ${set('never')}
      always:
        - ${set('outer')}
    - ${set('never')}
`,
      [a, b],
    );
    expect(changes(a, b)).toEqual([
      ['set x 1', 'set inner 1', 'set outer 1'],
      ['set x 1', 'set inner 1', 'set outer 1'],
    ]);
    expect(result.failed).toEqual(['b']);
    expect(result.hosts.find(({ host }) => host === 'a')).toMatchObject({ failed: 0 });
  });

  it('halt them under force_handlers, too: handlers run on all, and no play follows', async () => {
    const [a, b] = [new FakeHost('a'), failing('b', 'x')];
    await apply(
      `- hosts: all
  any_errors_fatal: true
  force_handlers: true
  tasks:
    - { ${set('first')}, notify: h }
    - ${set('x')}
    - ${set('never')}
  handlers:
    - { name: h, ${set('handled')} }
- hosts: a
  tasks:
    - ${set('never')}
`,
      [a, b],
    );
    expect(changes(a, b)).toEqual([
      ['set first 1', 'set x 1', 'set handled 1'],
      ['set first 1', 'set x 1', 'set handled 1'],
    ]);
  });
});

it('of the plays that are not started because of too many failures, those with other hosts are named', async () => {
  const hosts = [new FakeHost('a'), failing('b', 'x'), new FakeHost('c')];
  const play = (of: string, more = '') => `- hosts: ${of}\n  name: Of ${of}\n${more}  tasks:\n    - ${set('x')}\n`;
  const text = `${play('a:b', '  any_errors_fatal: true\n')}${play('b')}${play('c')}${play('b:c')}`;
  const { events, result } = await apply(text, hosts);
  expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
    {
      hosts: ['c'],
      message: "the plays 'Of c', 'Of b:c' are not started: more hosts of 'Of a:b' have dropped out than it tolerates",
    },
  ]);
  expect(result.hosts.map(({ host }) => host)).toEqual(['a', 'b', 'c']);
});

describe('a play of which no host came through', () => {
  const two = (more = '') => `- hosts: a
  tasks:
    - block:
        - ${set('x')}
${more}- hosts: b
  tasks:
    - ${set('y')}
`;

  const notBegun = (why: string) => ({
    type: 'warning',
    hosts: ['b'],
    message: `the play 'b' is not started: ${why}`,
    remedy: "fix the hosts of 'a' first, or remove that play",
  });

  it('ends the run', async () => {
    const [a, b] = [failing('a', 'x'), new FakeHost('b')];
    const { events, result } = await apply(two(), [a, b]);
    expect(changes(b)).toEqual([[]]);
    expect(events).toContainEqual(notBegun("no host of 'a' succeeded"));
    expect(result.hosts).toMatchObject([
      { host: 'a', failed: 1 },
      { host: 'b', ok: 0, failed: 0, state: 'unchanged' },
    ]);
  });

  it('ends it where it could not be reached', async () => {
    const [a, b] = [new FakeHost('a').break(/^open/, 'lost-before'), new FakeHost('b')];
    const { events } = await apply(two(), [a, b]);
    expect(changes(b)).toEqual([[]]);
    expect(events).toContainEqual(notBegun("no host of 'a' succeeded"));
  });

  it('ends it where its other hosts, in a later batch, were not started', async () => {
    const hosts = [failing('a', 'x'), new FakeHost('b'), new FakeHost('c')];
    const text = `- hosts: a:b\n  serial: 1\n  tasks:\n    - ${set('x')}\n- hosts: c\n  tasks:\n    - ${set('y')}\n`;
    const { events } = await apply(text, hosts);
    expect(changes(...hosts.slice(1))).toEqual([[], []]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning', hosts: ['c'] }));
  });

  it('ends nothing that there would be to say of where later plays have the same hosts', async () => {
    const same = `- hosts: a\n  tasks:\n    - ${set('x')}\n`;
    const { events } = await apply(`${same}${same}`, [failing('a', 'x')]);
    expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  it('ends the plan as well, where that is known', async () => {
    const hosts = [new FakeHost('a').break(/^open/, 'lost-before'), new FakeHost('b')];
    const { events, result } = await plan(two(), hosts);
    expect(result.plans.map(({ play }) => play)).toEqual(['a']);
    expect(events).toContainEqual(notBegun("no host of 'a' succeeded"));
  });

  it('ends nothing where its failures were rescued', async () => {
    const [a, b] = [failing('a', 'x'), new FakeHost('b')];
    await apply(two(`      rescue:\n        - ${set('saved')}\n`), [a, b]);
    expect(changes(a, b)).toEqual([['set x 1', 'set saved 1'], ['set y 1']]);
  });
});

describe('what one host does for all', () => {
  it('notifies handlers on that host alone', async () => {
    const [a, b] = [new FakeHost('a'), new FakeHost('b')];
    await apply(
      `- hosts: all
  tasks:
    - { ${set('x')}, run_once: true, notify: h }
  handlers:
    - { name: h, ${set('handled')} }
`,
      [a, b],
    );
    expect(changes(a, b)).toEqual([['set x 1', 'set handled 1'], []]);
  });

  it('is done by the first host after its rescue, too, as the plan has shown', async () => {
    const [a, b] = [failing('a', 'x'), new FakeHost('b')];
    const { result } = await apply(
      `- hosts: all
  tasks:
    - block:
        - { ${set('x')}, when: inventory_hostname == 'a' }
      rescue:
        - ${set('saved')}
    - { ${set('once')}, run_once: true }
`,
      [a, b],
    );
    expect(changes(a, b)).toEqual([['set x 1', 'set saved 1', 'set once 1'], []]);
    expect(result.refused).toEqual([]);
  });

  describe('is done by the next host where the first has failed before', () => {
    const play = (once: string): string =>
      `- hosts: all\n  tasks:\n    - { shell: ask, changed_when: false }\n    - { ${once}, run_once: true }\n    - ${set('y')}\n`;
    const fleet = () => [new FakeHost('a').break(/^say ask/, 'fails'), new FakeHost('b'), new FakeHost('c')] as const;

    it.each([
      ['a change', set('once'), 'set once 1'],
      ['a look', 'shell: once, changed_when: false', 'say once'],
    ])('if that comes to what was shown: %s', async (_what, once, made) => {
      const hosts = fleet();
      const { result } = await apply(play(once), hosts);
      expect(changes(...hosts).map((own) => own.filter((one) => one !== 'say ask'))).toEqual([
        [],
        [made, 'set y 1'],
        ['set y 1'],
      ]);
      expect(result).toMatchObject({ failed: ['a'], refused: [] });
    });

    it('with the handler that it notifies, as that was shown for the first', async () => {
      const hosts = fleet();
      const handlers = `  handlers:\n    - { name: h, ${set('z')} }\n`;
      const { result } = await apply(play(`${set('once')}, notify: h`) + handlers, hosts);
      expect(changes(...hosts).map((own) => own.slice(1))).toEqual([
        [],
        ['set once 1', 'set y 1', 'set z 1'],
        ['set y 1'],
      ]);
      expect(result).toMatchObject({ failed: ['a'], refused: [] });
    });

    it.each([
      ['is refused', '', { failed: ['a'], refused: ['b'] }, []],
      ['is not bound behind a command', '    - shell: hello\n', { failed: ['a'], refused: [] }, ['set p b']],
    ])(
      'and what the first alone was to do besides is not shown for that one by this: it %s',
      async (_what, head, ends, done) => {
        const playbook = playWith({ 'own.yml': '- set: { key: p, value: "{{ inventory_hostname }}" }\n' });
        const text = `- hosts: all
  tasks:
${head}    - ${set('x')}
    - { ${set('once')}, run_once: true }
    - include_tasks: own.yml
      when: inventory_hostname == ansible_play_hosts[0]
`;
        const hosts = [failing('a', 'x'), new FakeHost('b')];
        const { result, events } = await apply(new SourceFile(playbook.path, text), hosts);
        expect(result).toMatchObject(ends);
        expect(hosts[1]?.changes.filter((one) => /^set (once|p)/.test(one))).toEqual(['set once 1', ...done]);
        expect(events.flatMap((event) => ('reason' in event ? [event.reason] : [])).join()).not.toContain(
          'for all hosts',
        );
      },
    );

    it.each([
      ['by a condition', `${set('once')}, when: inventory_hostname != 'a'`, 'update once', 'nothing'],
      ['by its host', 'shell: once, delegate_to: a', 'run once (on a)', 'run once'],
    ])(
      'and by none if it would come to something else, also behind a command: %s',
      async (_what, once, now, planned) => {
        const hosts = fleet();
        const { result, events } = await apply(play(once).replace(', changed_when: false', ''), hosts);
        expect(changes(...hosts)).toEqual([['say ask'], ['say ask'], ['say ask']]);
        expect(result).toMatchObject({ failed: ['a', 'c'], refused: ['b'] });
        expect(events.find((event) => event.type === 'task-finished' && event.outcome === 'refused')).toMatchObject({
          reason: `a, which was to do this for all hosts, has not come to it, and here it would be something else: ${now}`,
          details: [['planned for a', planned]],
          remedy: expect.stringContaining("--limit 'all:!a'"),
        });
      },
    );

    it('and by none if it would come to something else', async () => {
      const hosts = fleet();
      const { result } = await apply(play('set: { key: once, value: "{{ inventory_hostname }}" }'), hosts);
      expect(changes(...hosts).map((own) => own.filter((one) => one !== 'say ask'))).toEqual([[], [], []]);
      expect(result).toMatchObject({ failed: ['a', 'c'], refused: ['b'] });
    });
  });

  it('is the condition of end_play: that of the first host', async () => {
    const [a, b] = [new FakeHost('a'), new FakeHost('b')];
    await apply(
      `- hosts: all
  tasks:
    - { meta: end_play, when: inventory_hostname == 'b' }
    - ${set('x')}
    - { meta: end_play, when: inventory_hostname == 'a' }
    - ${set('y')}
`,
      [a, b],
    );
    expect(changes(a, b)).toEqual([['set x 1'], ['set x 1']]);
  });
});

describe.each(['end_play', 'end_batch'])(
  '%s, which the first host that is left judges, where that one fails before',
  (action) => {
    const play = (end: string, head = '') => `- hosts: all
${head}  tasks:
    - shell: hello
    - ${set('x')}
    - ${end}
    - ${set('y')}
`;
    const END = `{ name: Enough, meta: ${action}, when: inventory_hostname == 'a' }`;
    const unless = { condition: `unless 'Enough' ends the ${action.slice(4)} before`, onlyAfterFailure: true };
    const tasksOf = async (text: string, names: readonly string[]) => {
      const hosts = names.map((name) => new FakeHost(name));
      const plans = (await plan(text, hosts)).result.plans.flatMap(({ hosts: own }) => own);
      return names.map((name) => plans.filter(({ host }) => host === name).flatMap(({ tasks }) => tasks.slice(2)));
    };

    it('lets the others go on as the plan has shown, also behind a command', async () => {
      expect(await tasksOf(play(END), ['a', 'b'])).toMatchObject([[], [unless]]);
      const [a, b] = [failing('a', 'x'), new FakeHost('b')];
      const { result } = await apply(play(END), [a, b]);
      expect(changes(a, b)).toEqual([
        ['say hello', 'set x 1'],
        ['say hello', 'set x 1', 'set y 1'],
      ]);
      expect(result).toMatchObject({ failed: ['a'], refused: [] });
    });

    it('is certain where its condition holds on each of them, and has no value on a host that fails with it', async () => {
      const both = END.replace("== 'a'", "!= 'c'");
      expect(await tasksOf(play(both), ['a', 'b'])).toEqual([[], []]);
      expect(await tasksOf(play(both), ['a', 'b', 'c'])).toMatchObject([[], [], [unless]]);
      const one = END.replace("inventory_hostname == 'a'", "own == 'yes'");
      const text = play(one).replace(
        '- shell: hello',
        "- { remember: { own: 'yes' }, when: inventory_hostname == 'a' }",
      );
      expect(await tasksOf(text, ['a', 'b'])).toMatchObject([[], [unless]]);
    });

    it('is shown as open for those that do not come to it', async () => {
      const block = `{ block: [{ name: Enough, meta: ${action} }], when: inventory_hostname == 'a' }`;
      expect(await tasksOf(play(block), ['a', 'b'])).toMatchObject([[], [unless]]);
    });
  },
);

it('end_play in a batch of which a host has ended is open for the next one: if the others fail, nothing ends the play', async () => {
  const text = `- hosts: all
  serial: 2
  tasks:
    - { meta: end_host, when: inventory_hostname == 'b' }
    - ${set('x')}
    - { name: Enough, meta: end_play }
    - ${set('y')}
`;
  const { result } = await plan(
    text,
    ['a', 'b', 'c'].map((name) => new FakeHost(name)),
  );
  const condition = "unless 'Enough' ends the play before";
  expect(result.plans[0]?.hosts.map(({ tasks }) => tasks)).toMatchObject([[{}], [], [{ condition }, { condition }]]);
  const [a, b, c] = [failing('a', 'x'), new FakeHost('b'), new FakeHost('c')];
  await apply(text, [a, b, c]);
  expect(changes(a, b, c)).toEqual([['set x 1'], [], ['set x 1']]);
});

it.each([
  ['end_host in a rescue', 'block: [{ SET }], rescue: [{ meta: end_host }]'],
  ['end_batch in a rescue', 'block: [{ SET }], rescue: [{ meta: end_batch }]'],
  ['an include in a rescue', 'block: [{ SET }], rescue: [{ include_tasks: out.yml }]'],
  ['clear_host_errors', 'SET }\n    - { meta: clear_host_errors'],
])(
  'end_play that all hosts of a batch judge is open for the next one if %s keeps the batch from being lost',
  async (_what, first) => {
    const { path } = playWith({ 'out.yml': '- meta: end_host\n' });
    const text = `- hosts: all
  serial: 2
  tasks:
    - { ${first.replace('SET', set('x'))} }
    - ${set('y')}
    - { name: Enough, meta: end_play }
    - ${set('z')}
`;
    const playbook = new SourceFile(path, text);
    const { result } = await plan(
      playbook,
      ['a', 'b', 'c'].map((name) => new FakeHost(name)),
    );
    const condition = "unless 'Enough' ends the play before";
    const shown = result.plans[0]?.hosts.map(
      ({ tasks }) => tasks.filter((task) => task.condition === condition).length,
    );
    expect(shown).toEqual([0, 0, 3]);
    const [a, b, c] = [failing('a', 'x'), failing('b', 'y'), new FakeHost('c')];
    const applied = await apply(playbook, [a, b, c]);
    expect(changes(c)).toEqual([['set x 1', 'set y 1']]);
    expect(applied.result.refused).toEqual([]);
  },
);

it('a handler that stands before the one that notifies it runs where handlers run next', async () => {
  const a = new FakeHost('a');
  await apply(
    `- hosts: all
  tasks:
    - { ${set('x')}, notify: two }
  handlers:
    - { name: one, ${set('first')} }
    - { name: two, ${set('second')}, notify: one }
`,
    [a],
  );
  expect(a.changes).toEqual(['set x 1', 'set second 1', 'set first 1']);
});
