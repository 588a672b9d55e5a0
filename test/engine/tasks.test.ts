import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan, type Report } from './support/workshop.ts';

/** A play of these tasks on all hosts. */
function play(...tasks: readonly string[]): string {
  return `- hosts: all\n  tasks:\n${tasks.map((task) => `    - ${task.replaceAll('\n', '\n      ')}\n`).join('')}`;
}

const outcomes = ({ events }: Report): readonly string[] => lines(events, 'task-finished');

describe('register', () => {
  it('gives what a step says of itself, and what came of it', async () => {
    const { result } = await apply(
      play(
        'set: { key: a, value: new }\nregister: made',
        'set: { key: a, value: new }\nregister: again',
        'shell: hello\nregister: said',
        'expect: { key: b, value: other }\nignore_errors: true\nregister: broken',
        'say: never\nwhen: false\nregister: skipped',
      ),
      [new FakeHost('h', { a: 'old' })],
    );
    expect(Object.fromEntries(result.registered.get('h') ?? [])).toEqual({
      made: { changed: true, failed: false, was: 'old' },
      again: { changed: false, failed: false, was: 'new' },
      said: { changed: true, failed: false, out: 'hello' },
      broken: { changed: false, failed: true, msg: 'timed out after 1.0s waiting for b is other' },
      skipped: { changed: false, skipped: true, skip_reason: 'not when false' },
    });
  });

  it('gives what a step has found when it settled', async () => {
    const { result } = await apply(play('serve: { key: page, value: two }\nregister: r'), [new FakeHost('h')]);
    expect(result.registered.get('h')?.get('r')).toEqual({ changed: true, failed: false, looks: 2 });
  });

  it.each([
    'made is not changed',
    "'ab' is not match('a')",
    'not made is changed',
    '(made.changed and false) | bool',
    '[] | length > 0',
    "made.was | default('') is match('x')",
    'made is undefined',
  ])('says why a task was skipped as the condition was written: %s', async (when) => {
    const host = new FakeHost('h', { a: 'old' });
    const tasks = play('set: { key: a, value: new }\nregister: made', `say: never\nwhen: "${when}"\nregister: skipped`);
    const { result } = await apply(tasks, [host]);
    expect(result.registered.get('h')?.get('skipped')).toMatchObject({ skip_reason: `not when ${when}` });
  });

  it.each([
    ['folded', '>-\n  made.was\n  is eq("other")'],
    ['kept', '|\n  made.was\n  is eq("other")'],
    ['plain', 'made.was\n  is eq("other")'],
  ])('says on one line why a task was skipped whose condition stands on several: %s', async (_, when) => {
    const tasks = play('set: { key: a, value: new }\nregister: made', `say: never\nwhen: ${when}\nregister: skipped`);
    const { result } = await apply(tasks, [new FakeHost('h', { a: 'old' })]);
    expect(result.registered.get('h')?.get('skipped')).toMatchObject({
      skip_reason: 'not when made.was is eq("other")',
    });
  });

  it.each([
    ["'no' | upper", "'no' | upper"],
    ["'n' ~ 'o'", "('n' ~ 'o')"],
    ["('n' ~ 'o')", "('n' ~ 'o')"],
    ["('n') ~ ('o')", "(('n') ~ ('o'))"],
    ["'no' if true else ''", "('no' if true else '')"],
    ["'' or 'no'", "('' or 'no')"],
    ["['no'][0]", "['no'][0]"],
  ])('says of a condition that is a text how it is written as one: %s', async (when, operand) => {
    const report = await apply(play(`say: never\nwhen: "${when}"`), [new FakeHost('h')]);
    expect(JSON.stringify(report.events)).toContain(`write ${operand} | bool, or compare it: ${operand} != ''`);
  });

  it('gives a list for a loop', async () => {
    const { result } = await apply(
      play('set: { key: "{{ item }}", value: new }\nloop: [a, b, c]\nwhen: item != "b"\nregister: made'),
      [new FakeHost('h', { a: 'new' })],
    );
    expect(result.registered.get('h')?.get('made')).toEqual({
      changed: true,
      failed: false,
      skipped: false,
      msg: 'All items completed',
      results: [
        { changed: false, failed: false, was: 'new', item: 'a', ansible_loop_var: 'item' },
        { changed: false, skipped: true, skip_reason: 'not when item != "b"', item: 'b', ansible_loop_var: 'item' },
        { changed: true, failed: false, was: null, item: 'c', ansible_loop_var: 'item' },
      ],
    });
  });

  it('gives the same in the plan, where that can be known', async () => {
    const tasks = play('set: { key: a, value: new }\nregister: made', 'shell: hello\nregister: said');
    const planned = (await plan(tasks, [new FakeHost('h', { a: 'old' })])).result.registered.get('h');
    const made = (await apply(tasks, [new FakeHost('h', { a: 'old' })])).result.registered.get('h');
    expect(planned?.get('made')).toEqual(made?.get('made'));
    expect(planned?.get('said')).toMatchObject({ until: 'shell' });
  });

  it('is seen by later plays', async () => {
    const hosts = [new FakeHost('h')];
    const two = `${play('shell: deep\nregister: x')}- hosts: all\n  tasks:\n    - set: { key: a, value: "{{ x.out }}" }\n`;
    expect(lines((await plan(two, hosts)).events, 'play-planned')).toEqual([
      'planned linear [["h"]]: h change [run deep]',
      `planned linear [["h"]]: h unknown until 'shell'`,
    ]);
    await apply(two, hosts);
    expect(hosts[0]?.slots.get('a')).toBe('deep');
  });
});

describe('what a task may change of which only the run decides', () => {
  it.each([
    ['whether it is done', `${"set: { key: k, value: other }\n      when: made.out == 'x'"}`],
    ['with which text', 'set: { key: k, value: "{{ made.out }}" }'],
    [
      'for which entries',
      `${'set: { key: k, value: "{{ item }}" }\n      loop: [other]\n      when: made.out != item'}`,
    ],
  ])('is uncertain behind it, so that a later task may change it back: %s', async (_what, task) => {
    const play = `- hosts: all
  tasks:
    - shell: x
      changed_when: false
      register: made
    - ${task}
    - set: { key: k, value: "1" }
    - set: { key: z, value: "1" }
`;
    const fleet = () => [new FakeHost('a', { k: '1', z: '1' })];
    const shown = await plan(play, fleet());
    const tasks = shown.result.plans[0]?.hosts[0]?.tasks.map(({ action }) => action);
    expect(tasks).toEqual(['change', 'unknown', 'unknown', 'none']);
    const [host] = fleet();
    const { result } = await apply(play, host ? [host] : []);
    expect(result).toMatchObject({ refused: [], failed: [] });
    expect(host?.slots.get('k')).toBe('1');
    expect(host?.changes.at(-1)).toBe('set k 1');
  });
});

describe('a result that nobody knows before the run', () => {
  const tasks = play(
    'name: Ask\nshell: "yes"\nregister: answer',
    'name: Perhaps\nset: { key: a, value: "1" }\nwhen: answer.out == "yes"',
    'name: Hardly\nset: { key: b, value: "1" }\nwhen: answer.out == "no"',
    'name: Sure\nset: { key: c, value: "1" }',
  );

  it('leaves open in the plan what depends on it, and decides it in the run', async () => {
    const host = new FakeHost('h');
    const report = await apply(tasks, [host]);
    expect(lines(report.events, 'play-planned')).toEqual([
      `planned linear [["h"]]: h change [run yes], unknown until 'Ask', unknown until 'Ask', change [update c]`,
    ]);
    expect(outcomes(report)).toEqual([
      'Ask on h: changed, run yes [run yes]',
      'Perhaps on h: changed, update a [update a]',
      `Hardly on h: skipped, not when answer.out == "no"`,
      'Sure on h: changed, update c [update c]',
    ]);
    expect(Object.fromEntries(host.slots)).toEqual({ a: '1', c: '1' });
  });

  it('refuses the host when it is not to come', async () => {
    const tasks = play(
      'name: Ask\nshell: "yes"\nregister: answer\nwhen: false',
      'name: Use\nset: { key: a, value: "{{ answer.out }}" }',
    );
    const report = await apply(tasks, [new FakeHost('h')]);
    expect(lines(report.events, 'play-planned')).toEqual(['planned linear [["h"]]: h skip, refuse']);
    expect(report.result).toMatchObject({ refused: ['h'], hosts: [{ refused: 1, state: 'unchanged' }] });
  });

  it('refuses the host in the run when it has not come', async () => {
    const host = new FakeHost('h').break(/^say/, 'fails');
    const report = await apply(
      play(
        'name: Ask\nshell: "yes"\nregister: answer\nignore_errors: true',
        'name: Use\nset: { key: a, value: "{{ answer.out }}" }',
        'name: More\nsay: never',
      ),
      [host],
    );
    expect(outcomes(report)).toEqual([
      'Ask on h: ignored, a command on the host ended with 1',
      "Use on h: refused, play.yml:8:33: 'answer.out' is undefined",
    ]);
  });
});

describe('when', () => {
  it.each(['v', 'true and v', 'not_there | default("no")'])('refuses a condition that is a text: %s', async (when) => {
    const host = new FakeHost('h');
    const report = await apply(play(`name: T\nset: { key: a, value: b }\nwhen: ${when}`), [host], {
      extra: { v: 'false' },
    });
    expect(report.result).toMatchObject({ refused: ['h'] });
    expect(JSON.stringify(report.result.plans)).toContain('| bool, or compare it');
    expect(host.changes).toEqual([]);
  });

  it.each([
    ['v | bool', 'skipped'],
    ['v == "false"', 'changed'],
  ])('takes what says how a text is meant: %s', async (when, outcome) => {
    const report = await apply(play(`name: T\nset: { key: a, value: b }\nwhen: ${when}`), [new FakeHost('h')], {
      extra: { v: 'false' },
    });
    expect(report.events.find(({ type }) => type === 'task-finished')).toMatchObject({ outcome });
  });

  it('needs all of its conditions, and says which does not hold', async () => {
    const report = await apply(play('name: T\nset: { key: a, value: b }\nwhen: [true, 1 > 2, false]'), [
      new FakeHost('h'),
    ]);
    expect(outcomes(report)).toEqual(['T on h: skipped, not when 1 > 2']);
  });
});

describe('loop', () => {
  it('goes through its entries in order, on worlds that the ones before have made', async () => {
    const host = new FakeHost('h');
    await apply(play('set: { key: a, value: "{{ item }}" }\nloop: ["1", "2", "1"]'), [host]);
    expect(host.changes).toEqual(['set a 1', 'set a 2', 'set a 1']);
  });

  it('does nothing for no entries', async () => {
    const report = await apply(play('name: T\nset: { key: a, value: "{{ item }}" }\nloop: []'), [new FakeHost('h')]);
    expect(outcomes(report)).toEqual(['T on h: skipped, the loop is empty']);
  });

  it('tells of one entry as of one', async () => {
    const host = new FakeHost('h', { a: '1' });
    const report = await apply(play('name: T\nset: { key: a, value: "{{ item }}" }\nloop: ["1"]'), [host]);
    expect(outcomes(report)).toEqual(['T on h: ok, nothing to do for 1 entry']);
  });

  it('goes on with the next entry after one that fails, and fails at the end', async () => {
    const host = new FakeHost('h').break(/set b/, 'fails');
    const report = await apply(play('name: T\nset: { key: "{{ item }}", value: x }\nloop: [a, b, c]'), [host]);
    expect(outcomes(report)).toEqual(['T on h: failed, a command on the host ended with 1 [update a, update c]']);
    expect(host.changes).toEqual(['set a x', 'set b x', 'set c x']);
    expect(report.result).toMatchObject({
      failed: ['h'],
      hosts: [{ state: 'partly-changed', stopped: { why: 'failed', at: 'T' } }],
    });
  });

  it('ends at once when the host is lost', async () => {
    const host = new FakeHost('h').break(/set b/, 'lost-before');
    const report = await apply(play('name: T\nset: { key: "{{ item }}", value: x }\nloop: [a, b, c]'), [host]);
    expect(report.result).toMatchObject({ unreachable: ['h'], failed: [] });
    expect(host.changes).toEqual(['set a x']);
  });

  it('names all entries that failed', async () => {
    const host = new FakeHost('h').break(/set b/, 'fails').break(/set c/, 'fails');
    const report = await apply(play('name: T\nset: { key: "{{ item }}", value: x }\nloop: [a, b, c]'), [host]);
    expect(report.events.find(({ type }) => type === 'task-finished')).toMatchObject({
      outcome: 'failed',
      reason: '2 of 3 entries failed',
      details: [
        ['b', 'a command on the host ended with 1'],
        ['c', 'a command on the host ended with 1'],
      ],
    });
  });

  it('is judged entry by entry, with the item', async () => {
    const host = new FakeHost('h');
    const judged =
      'shell: "{{ item }}"\nloop: [a, b]\nregister: r\nchanged_when: item == "a"\nfailed_when: r.out == "b"';
    const report = await apply(play(`name: T\n${judged}\nignore_errors: true`), [host]);
    expect(report.result.registered.get('h')?.get('r')).toMatchObject({
      changed: true,
      failed: true,
      results: [
        { changed: true, failed: false, out: 'a' },
        { changed: false, failed: true, out: 'b' },
      ],
    });
    expect(report.result.hosts).toMatchObject([{ ok: 1, changed: 1, ignored: 1, failed: 0 }]);
  });

  const labelled =
    'name: T\nset: { key: "{{ item.k }}", value: x }\nloop: [{ k: a }, { k: b }]\nloop_control: { label: "slot {{ item.k }}" }';

  it('shows its entries as their label says, in the plan and in what was done', async () => {
    const { result, events } = await apply(play(labelled), [new FakeHost('h')]);
    const items = [
      { target: 'a', item: 'slot a' },
      { target: 'b', item: 'slot b' },
    ];
    expect(result.plans[0]?.hosts[0]?.tasks).toMatchObject([{ action: 'change', changes: items }]);
    expect(events.find(({ type }) => type === 'task-finished')).toMatchObject({ changes: items });
  });

  it.each([
    [labelled, 'slot b'],
    [labelled.replace(/\nloop_control.*/, ''), '{"k":"b"}'],
  ])('says which entry failed (%#)', async (task, entry) => {
    const { events } = await apply(play(task), [new FakeHost('h').break(/^set b/, 'fails')]);
    expect(events.find(({ type }) => type === 'task-finished')).toMatchObject({
      details: [
        ['entry', entry],
        ['output', 'no, thank you'],
      ],
    });
  });

  it('says which entry is refused', async () => {
    const shun = 'shun: { key: "{{ item }}", value: bad }\nloop: [a, b]\nloop_control: { label: "slot {{ item }}" }';
    const { result } = await plan(play(shun), [new FakeHost('h', { b: 'bad' })]);
    expect(result.plans[0]?.hosts[0]?.tasks).toMatchObject([{ action: 'refuse', reason: 'slot b: b is bad' }]);
  });

  it('is stopped by nothing that ignore_errors ignores', async () => {
    const host = new FakeHost('h').break(/set b/, 'fails');
    const report = await apply(
      play('name: T\nset: { key: "{{ item }}", value: x }\nloop: [a, b]\nignore_errors: true', 'say: on'),
      [host],
    );
    expect(report.result).toMatchObject({ failed: [], hosts: [{ ok: 2, changed: 1, failed: 0, ignored: 1 }] });
  });
});

describe('a failure that is ignored', () => {
  it.each([
    ['b', 'failed'],
    ['a', 'ignored'],
  ])('is one of entries that all ignore it: %s fails', async (failing, outcome) => {
    const host = new FakeHost('h').break(new RegExp(`^set ${failing}`), 'fails');
    const set = 'name: T\nset: { key: "{{ item }}", value: x }\nloop: [a, b]\nignore_errors: "{{ item == \'a\' }}"';
    const report = await apply(play(set, 'name: Next\nsay: on'), [host]);
    expect(outcomes(report)[0]).toContain(`T on h: ${outcome}`);
    expect(report.result.failed).toEqual(outcome === 'failed' ? ['h'] : []);
  });

  const shaky = 'name: Shaky\nset: { key: "{{ item }}", value: x }\nloop: [a, b]\nignore_errors: true';

  it('leaves in the recap what was changed before it', async () => {
    const host = new FakeHost('h').break(/^set b/, 'fails');
    const { result } = await apply(play(shaky), [host]);
    expect(host.slots.get('a')).toBe('x');
    expect(result.hosts[0]?.changes.map(({ target }) => target)).toEqual(['a']);
  });

  it('lets a later task make up for it, on what it has really come to', async () => {
    const host = new FakeHost('h').break(/^set b/, 'fails');
    const report = await apply(play(shaky, 'name: Again\nset: { key: b, value: x }', shaky), [host]);
    expect(outcomes(report).slice(1)).toEqual([
      'Again on h: changed, update b [update b]',
      'Shaky on h: ok, nothing to do for 2 entries',
    ]);
    expect(report.result).toMatchObject({ refused: [], failed: [], hosts: [{ state: 'changed' }] });
  });

  it('lets no later task do what nobody was shown', async () => {
    const host = new FakeHost('h', { c: 'y' });
    host.onMessage = (message) => void (message === 'set b x' && host.slots.set('c', 'z'));
    host.break(/^set b/, 'fails');
    const { result } = await apply(play(shaky, 'name: Other\nset: { key: c, value: y }'), [host]);
    expect(result.refused).toEqual(['h']);
    expect(host.slots.get('c')).toBe('z');
  });

  it('is still taken back by what comes after it and fails', async () => {
    const host = new FakeHost('h').break(/^set b/, 'fails').break(/^set c/, 'fails');
    const { result } = await apply(play('guard: { keys: [a, b] }', shaky, 'set: { key: c, value: y }'), [host]);
    expect(result.hosts).toMatchObject([{ state: 'restored', restored: 1, changes: [] }]);
    expect(host.slots.size).toBe(0);
  });
});

describe('a look', () => {
  it('that fails has changed nothing', async () => {
    const host = new FakeHost('h').break(/^say odd/, 'fails');
    const report = await apply(play('guard: { keys: [a] }', 'shell: odd\nchanged_when: false'), [host]);
    expect(report.result).toMatchObject({ failed: ['h'], hosts: [{ state: 'unchanged', restored: 0, changes: [] }] });
    expect(lines(report.events, 'undo-started')).toEqual([]);
  });

  it.each(['false', 'item == "c"'])('at several things counts no changes (changed_when: %s)', async (condition) => {
    const tasks = play(`name: T\nshell: "{{ item }}"\nloop: [a, b]\nchanged_when: ${condition}`);
    const { events } = await apply(tasks, [new FakeHost('h')]);
    expect(events.filter(({ type }) => type === 'task-finished')).toMatchObject([
      { outcome: 'ok', reason: 'unchanged' },
    ]);
  });

  it('may tell what the next task has to look at', async () => {
    const host = new FakeHost('h');
    const tasks = play('shell: deep\nchanged_when: false\nregister: r', 'set: { key: "{{ r.out }}", value: x }');
    const { result } = await apply(tasks, [host]);
    expect(result).toMatchObject({ failed: [], hosts: [{ changes: [{ target: 'deep' }] }] });
  });

  it('stands in the journal as one entry, which is no intent', async () => {
    const tasks = play('name: Look\nshell: odd\nchanged_when: false', 'name: Set\nset: { key: a, value: x }');
    const { journal } = await apply(tasks, [new FakeHost('h')]);
    expect(journal.flatMap((entry) => ('task' in entry ? `${entry.type} ${entry.task}` : []))).toEqual([
      'look Look',
      'intent Set',
      'done Set',
    ]);
  });

  it('is as old as its answer, however often the host was asked for something else since', async () => {
    const tasks = play(
      'serve: { key: page, value: two }',
      'age: { key: a }\nregister: r',
      'age: { key: page }\nregister: s',
    );
    const { result } = await apply(tasks, [new FakeHost('h')]);
    const asked = (name: string) => result.registered.get('h')?.get(name);
    expect(asked('r')).toMatchObject({ asked: '2026-11-24T15:12:44.000Z' });
    expect(asked('s')).not.toEqual(asked('r'));
  });
});

describe('changed_when and failed_when', () => {
  it.each([
    ['changed_when: false', 'ok', []],
    ['changed_when: r.out == "odd"\nregister: r', 'changed', []],
    ['changed_when: [true, r.out == "even"]\nregister: r', 'ok', []],
    ['failed_when: r.out == "odd"\nregister: r', 'failed', ['h']],
    ['failed_when: r.out == "even"\nregister: r', 'changed', []],
    ['failed_when: true\nignore_errors: true', 'ignored', []],
  ])('decide: %s', async (keyword, outcome, failed) => {
    const report = await apply(play(`name: T\nshell: odd\n${keyword}`), [new FakeHost('h')]);
    expect(report.events.filter(({ type }) => type === 'task-finished')).toMatchObject([{ outcome }]);
    expect(report.result.failed).toEqual(failed);
  });
});

describe('changed_when: false of a step whose effect is known', () => {
  const tasks = `- hosts: all
  tasks:
    - set: { key: k, value: x }
      changed_when: false
      notify: Tell
  handlers:
    - name: Tell
      set: { key: told, value: x }
`;

  it('does not hide what it changes, and notifies nobody', async () => {
    const { result } = await plan(tasks, [new FakeHost('a')]);
    expect(result.plans[0]?.hosts[0]?.tasks).toMatchObject([
      { action: 'change', changes: [{ kind: 'update', target: 'k' }] },
    ]);
    const host = new FakeHost('a');
    const done = await apply(tasks, [host]);
    expect(host.changes).toEqual(['set k x']);
    expect(done.result.hosts).toMatchObject([{ changed: 0, ok: 1, state: 'changed', changes: [{ target: 'k' }] }]);
    expect(done.events.filter(({ type }) => type === 'task-finished')).toMatchObject([{ outcome: 'ok' }]);
  });
});

describe('a NUL in what a host has said', () => {
  const nul = JSON.stringify('a\0b');

  it('is refused by the task that would hand it on, and not by one that shows it', async () => {
    const tasks = play(`say: ${nul}`, `name: T\nset: { key: a, value: ${nul} }`);
    const { events } = await apply(tasks, [new FakeHost('h')]);
    const shown = events.flatMap((event) => (event.type === 'play-planned' ? [JSON.stringify(event)] : [])).join();
    expect(shown).toContain('set: value contains a NUL character');
    expect(shown).not.toContain('say: ');
  });
});

describe('a step that does not do what it said', () => {
  it('fails its task: after it there is still something to do', async () => {
    const report = await apply(play('name: T\npretend: { key: a, value: b }', 'say: never'), [new FakeHost('h')]);
    expect(outcomes(report)).toEqual([
      'T on h: failed, it did not converge: after the task there is still something to do (update a) [update a]',
    ]);
  });

  it('is not asked of an entry of a loop for what a later entry changes again', async () => {
    const host = new FakeHost('h');
    const report = await apply(
      play('name: T\nset: { key: a, value: "{{ item }}" }\nloop: [x, y, y]', 'set: { key: b, value: z }'),
      [host],
    );
    expect(report.result.failed).toEqual([]);
    expect(host.changes).toEqual(['set a x', 'set a y', 'set b z']);
    const unkept = play('name: T\npretend: { key: "{{ item }}", value: b }\nloop: [a, c]');
    expect(outcomes(await apply(unkept, [new FakeHost('i')]))[0]).toContain('still something to do (update a)');
  });

  it('has the time that it asks for until that is so', async () => {
    const host = new FakeHost('h');
    let looks = 0;
    host.onMessage = (message) => {
      if (message === 'look a' && host.log.includes('pretend a')) looks += 1;
      if (looks === 3) host.slots.set('a', 'b');
    };
    const tasks = play('name: T\nstumble: { key: a, value: b }');
    expect((await apply(tasks, [host])).result.failed).toEqual([]);
    expect(looks).toBe(3);
    expect(outcomes(await apply(tasks, [new FakeHost('i')]))).toEqual([
      'T on i: failed, it did not converge: after the task there is still something to do (update a) [update a]',
    ]);
  });

  it('goes on where nothing is left to do but what the step has allowed to be', async () => {
    const host = new FakeHost('h');
    const tasks = play('name: T\nendeavour: { key: hard, value: b }', 'name: U\nset: { key: c, value: d }');
    const report = await apply(tasks, [host]);
    expect(report.result.failed).toEqual([]);
    expect(host.slots.get('c')).toBe('d');
    expect((await apply(play('endeavour: { key: easy, value: b }'), [new FakeHost('i')])).result.failed).toEqual(['i']);
  });

  it('fails where a proof does not come', async () => {
    const host = new FakeHost('h');
    const report = await apply(play('name: T\nexpect: { key: a, value: b }'), [host]);
    expect(outcomes(report)).toEqual(['T on h: failed, timed out after 1.0s waiting for a is b']);
    expect(report.events.find(({ type }) => type === 'task-finished')).toMatchObject({
      details: [['last seen', 'a is null']],
    });
  });

  it('goes on where it comes late', async () => {
    const host = new FakeHost('h');
    let looks = 0;
    host.onMessage = (message) => {
      if (message === 'look a' && ++looks === 4) host.slots.set('a', 'b');
    };
    const report = await apply(play('name: T\nexpect: { key: a, value: b }\nregister: r'), [host]);
    expect(outcomes(report)).toEqual(['T on h: ok, as expected']);
    expect(report.result.registered.get('h')?.get('r')).toMatchObject({ proven: true });
  });
});

describe('tags', () => {
  const tasks = play('name: A\nsay: a\ntags: [one]', 'name: B\nsay: b\ntags: [two, three]', 'name: C\nsay: c');
  const always = play('name: A\nsay: a\ntags: [always]', 'name: B\nsay: b\ntags: [never, debug]', 'name: C\nsay: c');
  it.each([
    [tasks, { only: ['two'], skip: [] }, ['B']],
    [tasks, { only: ['one', 'three'], skip: ['one'] }, ['B']],
    [tasks, { only: [], skip: ['two'] }, ['A', 'C']],
    [tasks, { only: ['untagged'], skip: [] }, ['C']],
    [tasks, { only: ['tagged'], skip: [] }, ['A', 'B']],
    [always, { only: ['none'], skip: [] }, ['A']],
    [always, { only: ['debug'], skip: ['always'] }, ['B']],
    [always, { only: [], skip: [] }, ['A', 'C']],
  ])('select tasks (%#)', async (playbook, tags, expected) => {
    const { events } = await apply(playbook, [new FakeHost('h')], { tags });
    const names = events.flatMap((event) => (event.type === 'task-finished' ? [event.task.name] : []));
    expect(names).toEqual(expected);
  });

  it('of a play are those of its tasks', async () => {
    const tagged = tasks.replace('hosts: all\n', 'hosts: all\n  tags: [whole]\n');
    const { events } = await apply(tagged, [new FakeHost('h')], { tags: { only: ['whole'], skip: ['one'] } });
    expect(lines(events, 'task-finished')).toEqual(['B on h: ok, b', 'C on h: ok, c']);
  });
});

describe('variables', () => {
  it('win in the order of Ansible: -e, results, the loop, the task, the play', async () => {
    const playbook = `- hosts: all
  vars: { a: play, b: play, c: play, item: play }
  tasks:
    - say: "{{ a }} {{ b }} {{ c }} {{ item }} {{ inventory_hostname }} {{ groups.all | length }} {{ play_hosts }}"
      vars: { b: task, c: task }
      loop: [loop]
`;
    const { result } = await apply(
      playbook.replace('loop: [loop]', 'loop: [loop]\n      register: r'),
      [new FakeHost('h')],
      {
        extra: { c: 'extra' },
      },
    );
    expect(result.registered.get('h')?.get('r')).toMatchObject({
      results: [{ msg: 'play task extra loop h 1 ["h"]' }],
    });
  });
});
