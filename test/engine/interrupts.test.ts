import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const PLAY = `- name: Three
  hosts: all
  tasks:
    - name: First
      set: { key: x, value: "1" }
    - name: Second
      serve: { key: page, value: two }
    - name: Third
      set: { key: y, value: "1" }
`;

/** A host that sees to it that something happens when it gets a message. */
function host(name: string, at: string, happens: () => void): FakeHost {
  const made = new FakeHost(name);
  made.onMessage = (message) => void (message === at && happens());
  return made;
}

describe('a run that is asked to stop', () => {
  it('brings the task in hand to its end on all hosts, and begins none', async () => {
    const stop = new AbortController();
    const fleet = [host('a', 'set page-drained two', () => stop.abort()), new FakeHost('b')];
    const { events, result } = await apply(PLAY, fleet, { stop });
    expect(lines(events, 'task-started')).toEqual(['First: started on a b', 'Second: started on a b']);
    expect(fleet.map(({ slots }) => [...slots.keys()])).toEqual(Array(2).fill(['x', 'page-drained', 'page']));
    expect(result).toMatchObject({ failed: [], refused: [], unreachable: [] });
    expect(result.hosts.map(({ state, stopped }) => `${state} ${stopped?.at}`)).toEqual(
      Array(2).fill('partly-changed Third'),
    );
    expect(fleet.map(({ log }) => log.slice(-2))).toEqual(Array(2).fill(['unlock', 'close']));
  });

  it('begins no further batch, and says of those hosts that they are unchanged', async () => {
    const stop = new AbortController();
    const fleet = [host('a', 'set y 1', () => stop.abort()), new FakeHost('b')];
    const { result } = await apply(PLAY.replace('all\n', 'all\n  serial: 1\n'), fleet, { stop });
    expect(result.hosts.map(({ state }) => state)).toEqual(['changed', 'unchanged']);
    expect(fleet[1]?.changes).toEqual([]);
  });

  it('begins no further play', async () => {
    const stop = new AbortController();
    const { events } = await apply(PLAY + PLAY, [host('a', 'set y 1', () => stop.abort())], { stop });
    expect(lines(events, 'play-started')).toHaveLength(1);
  });

  it('changes nothing when it is asked before anything was begun', async () => {
    const stop = new AbortController();
    const fleet = [host('a', 'look x page page-drained y', () => stop.abort())];
    const { result, events } = await apply(PLAY, fleet, { stop });
    expect(fleet[0]?.changes).toEqual([]);
    expect(lines(events, 'batch-started')).toEqual([]);
    expect(result.hosts).toMatchObject([{ state: 'unchanged' }]);
  });

  it('still puts back a host that fails in the task in hand', async () => {
    const stop = new AbortController();
    const guarded = PLAY.replace('tasks:\n', 'tasks:\n    - guard: { keys: [x, page, page-drained] }\n');
    const fleet = [host('a', 'set page-drained two', () => stop.abort()).break(/^set page two/, 'fails')];
    const { result } = await apply(guarded, fleet, { stop });
    expect(result).toMatchObject({ failed: ['a'], hosts: [{ state: 'restored', restored: 1 }] });
    expect(fleet[0]?.slots.size).toBe(0);
  });
});

describe('a run that is stopped between the halves of something', () => {
  const HALVES = `- hosts: all
  tasks:
    - guard: { keys: [x, y] }
    - halve: { key: x, value: "1" }
    - name: Other half
      complete: { key: y, value: "1" }
    - name: Rest
      set: { key: z, value: "1" }
`;
  const UNGUARDED = HALVES.replace('    - guard: { keys: [x, y] }\n', '');
  const ended = (fleet: readonly FakeHost[]) => fleet.map(({ log }) => log.at(-2));

  it('puts it back', async () => {
    const stop = new AbortController();
    const fleet = [host('a', 'set x 1', () => stop.abort()), new FakeHost('b')];
    const { events, result } = await apply(HALVES, fleet, { stop });
    expect(lines(events, 'undo-started')).toEqual(
      ['a', 'a', 'b', 'b'].map((name) => `${name}: undo by put_back, because the run was interrupted`),
    );
    expect(result.hosts.map(({ state, restored }) => [state, restored])).toEqual(Array(2).fill(['restored', 1]));
    expect(fleet.map(({ slots }) => slots.size)).toEqual([0, 0]);
    expect(ended(fleet)).toEqual(['unlock', 'unlock']);
  });

  it.each([
    ['when there is no other way back', UNGUARDED, 'set x 1', 'stop', 'Other half'],
    ['when it is to end at once', HALVES, 'set x 1', 'abort', 'halve'],
    ['when the other half fails', UNGUARDED, 'set y 1', 'failure', 'Other half'],
  ] as const)('leaves the host its lock %s: it puts itself back', async (_when, play, message, what, at) => {
    const stop = new AbortController();
    const abort = new AbortController();
    const happens = { stop: () => stop.abort(), abort: () => abort.abort(new Error('interrupted')), failure: () => {} };
    const fleet = [host('a', message, happens[what])];
    if (what === 'failure') fleet[0]?.break(/^set y/, 'fails');
    const { result } = await apply(play, fleet, { stop, abort });
    expect(result.hosts).toMatchObject([{ state: 'restoring', stopped: { at } }]);
    expect(fleet[0]?.log).toContain('arm');
    expect(fleet[0]?.log).not.toContain('unlock');
  });

  it('lets such a host go when its play ends, not only when the run does', async () => {
    const a = new FakeHost('a').break(/^set y/, 'fails');
    const logs: string[][] = [];
    const b = host('b', 'set late 1', () => logs.push([...a.log]));
    await apply(`${UNGUARDED}- hosts: all\n  tasks:\n    - set: { key: late, value: "1" }\n`, [a, b]);
    expect(logs.map((log) => log.at(-1))).toEqual(['close']);
  });

  it('puts back all hosts before a task that one of them runs for all', async () => {
    const stop = new AbortController();
    const fleet = [host('a', 'set x 1', () => stop.abort()), new FakeHost('b'), new FakeHost('c')];
    const once = HALVES.replace(
      '    - name: Other half',
      '    - { say: hello, run_once: true }\n    - name: Other half',
    );
    const { result } = await apply(once, fleet, { stop });
    expect(result.hosts.map(({ state }) => state)).toEqual(Array(3).fill('restored'));
    expect(fleet.map(({ slots }) => slots.size)).toEqual([0, 0, 0]);
  });

  it('goes no further and keeps what is whole', async () => {
    const stop = new AbortController();
    const fleet = [host('a', 'set y 1', () => stop.abort())];
    const { result } = await apply(HALVES, fleet, { stop });
    expect(result.hosts).toMatchObject([{ state: 'partly-changed', stopped: { at: 'Rest' } }]);
    expect(ended(fleet)).toEqual(['unlock']);
  });
});

describe('a run that is stopped behind a failure', () => {
  const TASKS = `- guard: { keys: [x, y] }
- set: { key: x, value: "1" }
- name: Fails
  set: { key: y, value: "1" }`;
  const indented = (by: number) => TASKS.replaceAll(/^/gm, ' '.repeat(by));
  const block = (then: string) =>
    `- hosts: all\n  tasks:\n    - block:\n${indented(8)}\n      ${then}:\n        - set: { key: z, value: "1" }\n`;
  const handler = '  handlers:\n    - name: tell\n      set: { key: z, value: "1" }\n';

  it.each([
    ['an always', block('always')],
    ['an always, with any_errors_fatal', block('always').replace('all\n', 'all\n  any_errors_fatal: true\n')],
    ['a rescue', block('rescue')],
    [
      'forced handlers',
      `- hosts: all\n  force_handlers: true\n  tasks:\n${indented(4).replace('"1" }', '"1" }\n      notify: tell')}\n${handler}`,
    ],
  ])('puts the host back where %s would have come next, and says that it has failed', async (_what, play) => {
    const stop = new AbortController();
    const fleet = [host('a', 'set y 1', () => stop.abort()).break(/^set y/, 'fails')];
    const { result, events } = await apply(play, fleet, { stop });
    expect(result.failed).toEqual(['a']);
    expect(result.hosts).toMatchObject([{ state: 'restored', failed: 1, rescued: 0, stopped: { at: 'Fails' } }]);
    expect(lines(events, 'task-rescued')).toEqual([]);
    expect(fleet[0]?.slots.size).toBe(0);
  });
});

describe('a play that ends in the middle of a change', () => {
  const halves = (last: string) => `- hosts: all
  tasks:
    - guard: { keys: [x, y] }
    - block:
        - halve: { key: x, value: "1" }
        - complete: { key: y, value: "1" }
${last}`;

  it.each([
    ['was rescued', '      rescue:\n        - say: hello\n', 1],
    ['was ignored', '      ignore_errors: true\n', 0],
  ])('because a failure %s puts its hosts back, and they have failed', async (_how, last, rescued) => {
    const a = new FakeHost('a').break(/^set y/, 'fails');
    const { result, events } = await apply(halves(last), [a, new FakeHost('b')]);
    expect(result.failed).toEqual(['a']);
    expect(result.hosts).toMatchObject([
      { state: 'restored', failed: 1, rescued, stopped: { at: 'the end of the play' } },
      { state: 'changed', failed: 0 },
    ]);
    expect(lines(events, 'undo-started')).toContain(
      'a: undo by put_back, because the play has ended in the middle of a change',
    );
    expect(a.slots.size).toBe(0);
    expect(a.log.at(-2)).toBe('unlock');
  });
});

it('a complete change stays when the run is stopped behind it, whatever was ignored before', async () => {
  const stop = new AbortController();
  const play = `- hosts: all
  tasks:
    - guard: { keys: [x, y] }
    - { set: { key: w, value: "1" }, ignore_errors: true }
    - halve: { key: x, value: "1" }
    - complete: { key: y, value: "1" }
    - say: hello
`;
  const a = host('a', 'set y 1', () => stop.abort()).break(/^set w/, 'fails');
  await apply(play, [a], { stop });
  expect([a.slots.get('x'), a.slots.get('y')]).toEqual(['1', '1']);
});

it('a batch that is left in the middle of a change ends a play that bears no failure', async () => {
  const play = `- hosts: all
  serial: 1
  any_errors_fatal: true
  tasks:
    - guard: { keys: [x, y] }
    - halve: { key: x, value: "1" }
    - complete: { key: y, value: "1" }
      ignore_errors: true
`;
  const fleet = ['a', 'b'].map((name) => new FakeHost(name).break(/^set y/, 'fails'));
  const { result } = await apply(play, fleet);
  expect(result.hosts.map(({ state }) => state)).toEqual(['restored', 'unchanged']);
  expect(fleet[1]?.changes).toEqual([]);
});

describe('a change that no later task completes', () => {
  const halves = (between: string, last = '') => `- hosts: all
  tasks:
    - guard: { keys: [x, y] }
    - shell: known
      register: said
    - name: One half
      halve: { key: x, value: "1" }
${between}    - name: Other half
      complete: { key: y, value: "1" }
${last}`;

  it.each([
    ['ends the host', halves('    - meta: end_host\n'), {}],
    ['ends the play', halves('    - meta: end_play\n'), {}],
    ['leaves the task out by a condition', halves('', '      when: false\n'), {}],
    ['leaves the task out by tags', halves('', '      tags: never\n'), {}],
    [
      'has it in another play',
      halves('').replace(/ {4}- name: Other/, '- hosts: all\n  tasks:\n    - name: Other'),
      {},
    ],
  ])('is refused before anything is done where the plan %s', async (_what, play) => {
    const a = new FakeHost('a');
    const { result, events } = await apply(play, [a]);
    expect(result).toMatchObject({ refused: ['a'], hosts: [{ state: 'unchanged' }] });
    expect(a.changes).toEqual([]);
    expect(JSON.stringify(events)).toContain("'One half' begins a change that no later task of the play completes");
  });

  it.each([
    ['a host is ended', '    - meta: end_host\n      when: said.out == "known"\n', ''],
    ['the play is ended', '    - meta: end_play\n      when: said.out == "known"\n', ''],
    ['a condition does not hold', '', '      when: said.out != "known"\n'],
  ])('is undone if %s in the run, and the host has failed', async (_what, between, last) => {
    const a = new FakeHost('a');
    const { result, events } = await apply(halves(between, last), [a]);
    expect(result.failed).toEqual(['a']);
    expect(result.hosts).toMatchObject([{ state: 'restored', stopped: { at: 'the end of the play' } }]);
    expect(lines(events, 'undo-started')).toContain(
      'a: undo by put_back, because the play has ended in the middle of a change',
    );
    expect([a.slots.size, a.log.at(-2)]).toEqual([0, 'unlock']);
  });

  it('is left to the host, which keeps its lock, if there is no other way back', async () => {
    const a = new FakeHost('a');
    const play = halves('', '      when: said.out != "known"\n').replace('    - guard: { keys: [x, y] }\n', '');
    const { result } = await apply(play, [a]);
    expect(result).toMatchObject({ failed: ['a'], hosts: [{ state: 'restoring' }] });
    expect(a.log).not.toContain('unlock');
    expect(a.log).not.toContain('disarm');
  });

  it('is undone when what asks before each task breaks', async () => {
    const a = new FakeHost('a');
    let answers = 0;
    const { result } = await apply(halves(''), [a], {
      confirmTask: async () => {
        answers += 1;
        if (answers === 3) throw new Error('the terminal is gone');
        return true;
      },
    });
    expect(result.mistake).toMatchObject({ message: 'the terminal is gone' });
    expect(result.hosts).toMatchObject([{ state: 'restored' }]);
    expect(a.slots.size).toBe(0);
  });
});

describe('a run that is aborted', () => {
  it('waits for nothing more, and says where each host was stopped', async () => {
    const stop = new AbortController();
    const abort = new AbortController();
    const waiting =
      '- hosts: all\n  tasks:\n    - set: { key: x, value: "1" }\n    - name: Wait\n      expect: { key: never, value: so }\n';
    const fleet = [
      host('a', 'look never', () => {
        stop.abort();
        abort.abort(new Error('interrupted'));
      }),
    ];
    const { result, events } = await apply(waiting, fleet, { stop, abort });
    expect(lines(events, 'task-finished').at(-1)).toBe('Wait on a: cancelled, interrupted');
    expect(result).toMatchObject({
      failed: [],
      hosts: [{ state: 'partly-changed', stopped: { why: 'cancelled', at: 'Wait' } }],
    });
  });
});

describe('a run that is aborted outside of its tasks', () => {
  const TWO = '- hosts: all\n  serial: 1\n  tasks:\n    - set: { key: x, value: "1" }\n';

  it.each([
    ['while it connects', 'open-write', 'a', 1, ['unchanged', 'unchanged']],
    ['while it looks', 'look x', 'a', 1, ['unchanged', 'unchanged']],
    ['in the look before a batch', 'look x', 'b', 2, ['changed', 'unchanged']],
  ])('%s ends with what came of it, and leaves no lock', async (_when, message, name, times, states) => {
    const abort = new AbortController();
    let count = 0;
    const fleet = ['a', 'b'].map((each) =>
      each === name
        ? host(each, message, () => {
            count += 1;
            if (count === times) abort.abort(new Error('interrupted'));
          })
        : new FakeHost(each),
    );
    const { result } = await apply(TWO, fleet, { abort, forks: 1 });
    expect(result.hosts.map(({ state }) => state)).toEqual(states);
    expect(result.failed).toEqual([]);
    const counts = (word: string) => fleet.map(({ log }) => log.filter((text) => text.startsWith(word)).length);
    expect(counts('unlock')).toEqual(counts('lock'));
    expect(counts('close')).toEqual(counts('open'));
  });

  it('while a host is put back says that it is between', async () => {
    const abort = new AbortController();
    const guarded = PLAY.replace('tasks:\n', 'tasks:\n    - guard: { keys: [x, page] }\n');
    const fleet = [host('a', 'look page', () => abort.abort(new Error('interrupted'))).break(/^set y/, 'fails')];
    if (fleet[0]) fleet[0].slots.set('page', 'two');
    const { result, events } = await apply(guarded, fleet, { abort });
    expect(lines(events, 'undo-finished').at(-1)).toBe('a: undo failed, interrupted');
    expect(result.hosts).toMatchObject([
      { state: 'not-restored', stopped: { why: 'failed', at: 'Third' }, changes: [{ target: 'x' }] },
    ]);
  });
});

describe.each([
  ['a plan', plan, 'open-read'],
  ['a run', apply, 'open-write'],
] as const)('%s that is asked to stop before anything was begun', (_what, carryOut, opening) => {
  /** What three hosts were asked for, one after another, when the first of them got that message. */
  const stoppedAt = async (message: string) => {
    const stop = new AbortController();
    const fleet = [host('a', message, () => stop.abort()), new FakeHost('b'), new FakeHost('c')];
    const { result, events } = await carryOut(PLAY, fleet, { stop, forks: 1 });
    expect(result).toMatchObject({ plans: [], unreachable: [], refused: [], failed: [] });
    expect(result.mistake).toBeUndefined();
    expect(lines(events, 'host-unreachable')).toEqual([]);
    return { logs: fleet.map(({ log }) => log.map((line) => line.replace(/ .*/, ''))), hosts: result.hosts };
  };

  it('connects to no further host', async () => {
    const { logs, hosts } = await stoppedAt(opening);
    expect(logs).toEqual([[opening, 'close'], [], []]);
    if (carryOut === apply) expect(hosts.map(({ state }) => state)).toEqual(Array(3).fill('unchanged'));
  });

  it('reads no further host', async () => {
    const { logs } = await stoppedAt('look x page page-drained y');
    expect(logs).toEqual([
      [opening, 'look', 'close'],
      [opening, 'close'],
      [opening, 'close'],
    ]);
  });
});
