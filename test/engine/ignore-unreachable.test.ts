import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan, type Report } from './support/workshop.ts';

const set = (key: string, value = '1'): string => `set: { key: ${key}, value: "${value}" }`;

/** A play that goes on with hosts that cannot be reached. */
const bearing = (tasks: readonly string[], head = ''): string =>
  `- hosts: all\n  ignore_unreachable: true\n${head}  tasks:\n${tasks.map((text) => `    - ${text}\n`).join('')}`;

const outcomes = ({ events }: Report, host: string): readonly string[] =>
  events.flatMap((event) =>
    event.type === 'task-finished' && event.host === host ? [`${event.task.name}: ${event.outcome}`] : [],
  );
const recapOf = ({ result }: Report, host: string) => result.hosts.find((recap) => recap.host === host);
const registered = ({ result }: Report, host: string, name: string) => result.registered.get(host)?.get(name);

const AWAY = { changed: false, unreachable: true, msg: 'the connection was lost' };
const ALWAYS = 50;

/** A host that is never there. */
function absent(name: string): FakeHost {
  const host = new FakeHost(name);
  for (let times = 0; times < ALWAYS; times += 1) host.break(/^open/, 'lost-before');
  return host;
}

describe('a host that cannot be reached at first, in a play that ignores it', () => {
  const PLAY = bearing([
    'say: hello',
    `${set('x')}\n      register: made`,
    `${set('"{{ item }}"')}\n      loop: [y, z]\n      register: looped`,
    'remember: { told: "{{ made is unreachable }} {{ made is failed }} {{ made is changed }}" }',
  ]);

  it('goes through the play: what needs it is ignored, and registered as Ansible does', async () => {
    const hosts = [new FakeHost('a'), absent('b')];
    const report = await apply(PLAY, hosts);
    expect(report.result).toMatchObject({ failed: [], unreachable: [], refused: [] });
    expect(outcomes(report, 'b')).toEqual(['say: ok', 'set: ignored', 'set: ignored', 'remember: ok']);
    expect(recapOf(report, 'b')).toMatchObject({ ok: 4, ignored: 2, changed: 0, unreachable: 0, state: 'unchanged' });
    expect(registered(report, 'b', 'made')).toEqual(AWAY);
    expect(registered(report, 'b', 'looped')).toEqual({
      changed: false,
      unreachable: true,
      skipped: false,
      msg: 'All items completed',
      results: [
        { ...AWAY, item: 'y', ansible_loop_var: 'item' },
        { ...AWAY, item: 'z', ansible_loop_var: 'item' },
      ],
    });
    expect(registered(report, 'b', 'told')).toBe('True False False');
    expect(recapOf(report, 'a')).toMatchObject({ changed: 2, ignored: 0 });
    expect(lines(report.events, 'host-unreachable')).toEqual([]);
  });

  it('is shown in the plan with what does not need it, and changes nothing', async () => {
    const report = await plan(PLAY, [new FakeHost('a'), absent('b')]);
    expect(report.result).toMatchObject({ unreachable: [], refused: [], failed: [] });
    expect(report.result.plans[0]?.hosts[1]?.tasks.map(({ action }) => action)).toEqual([
      'none',
      'none',
      'none',
      'none',
    ]);
    expect(lines(report.events, 'warning')).toEqual([
      'warning b: it cannot be reached, and is tried again task by task: the connection was lost',
    ]);
  });

  it('is tried again, and changed by nothing that was not shown', async () => {
    const host = new FakeHost('b').break(/^open/, 'lost-before');
    const report = await apply(PLAY, [new FakeHost('a'), host]);
    expect(host.changes).toEqual([]);
    expect(report.result.refused).toEqual(['b']);
    expect(lines(report.events, 'task-finished').find((line) => line.includes('refused'))).toBe(
      'set on b: refused, the host has changed since the plan was made: it would need update x as well',
    );
  });

  it('goes on where it is back, and there is nothing to do', async () => {
    const host = new FakeHost('b', { x: '1', y: '1', z: '1' }).break(/^open/, 'lost-before');
    const report = await apply(PLAY, [new FakeHost('a'), host]);
    expect(outcomes(report, 'b')).toEqual(['say: ok', 'set: ok', 'set: ok', 'remember: ok']);
    expect(report.result).toMatchObject({ failed: [], unreachable: [], refused: [] });
    expect(host.log).toContain('unlock');
  });

  it('may be lost in the first look as well', async () => {
    const host = absent('b');
    const lost = new FakeHost('c').break(/^look/, 'lost-before').break(/^open/, 'lost-before', 1);
    for (let times = 0; times < ALWAYS; times += 1) lost.break(/^open/, 'lost-before');
    const report = await apply(PLAY, [new FakeHost('a'), host, lost]);
    expect(report.result).toMatchObject({ failed: [], unreachable: [], refused: [] });
    expect(recapOf(report, 'c')).toMatchObject({ ok: 4, ignored: 2 });
  });
});

describe('ignore_unreachable at some tasks', () => {
  const TASKS = (first: boolean, second: boolean): string =>
    `- hosts: all\n  tasks:\n    - ${set('x')}\n      ignore_unreachable: ${first}\n    - ${set('y')}\n      ignore_unreachable: ${second}\n    - say: hello\n`;

  it.each([
    [true, false, ['set: ignored', 'set: unreachable']],
    [false, true, ['set: unreachable']],
  ] as const)('%s and %s: the first task that does not decides', async (first, second, expected) => {
    const report = await apply(TASKS(first, second), [new FakeHost('a'), absent('b')]);
    expect(outcomes(report, 'b')).toEqual(expected);
    expect(report.result).toMatchObject({ failed: [], unreachable: ['b'], refused: [] });
    expect(recapOf(report, 'b')).toMatchObject({ unreachable: 1, state: 'unchanged' });
    const before = await plan(TASKS(first, second), [new FakeHost('a'), absent('b')]);
    expect(before.result.unreachable).toEqual(['b']);
  });

  it('may be taken back by a task of a play that says it', async () => {
    const text = bearing([set('x'), `${set('y')}\n      ignore_unreachable: false`]);
    const report = await apply(text, [new FakeHost('a'), absent('b')]);
    expect(outcomes(report, 'b')).toEqual(['set: ignored', 'set: unreachable']);
  });

  it('ends the run behind its batch as any other loss does, and a loss that is ignored does not', async () => {
    const ended = [absent('a'), new FakeHost('b')];
    await apply(bearing([set('x'), `${set('y')}\n      ignore_unreachable: false`], '  serial: 1\n'), ended);
    expect(ended[1]?.changes).toEqual([]);
    const going = [absent('a'), new FakeHost('b')];
    await apply(bearing([set('x')], '  serial: 1\n'), going);
    expect(going[1]?.changes).toEqual(['set x 1']);
  });
});

describe('a host that is lost in a task which ignores it', () => {
  const PLAY = bearing([`${set('x')}\n      register: made`, set('y'), set('z')]);

  it.each([
    ['before it was changed', 'lost-before', undefined],
    ['after it was changed', 'lost-after', '1'],
  ] as const)('%s is connected, locked and looked at again for the next', async (_when, fault, x) => {
    const host = new FakeHost('b').break(/^set x/, fault);
    const report = await apply(PLAY, [new FakeHost('a'), host]);
    expect(outcomes(report, 'b')).toEqual(['set: ignored', 'set: changed', 'set: changed']);
    expect(report.result).toMatchObject({ failed: [], unreachable: [], refused: [] });
    expect(registered(report, 'b', 'made')).toEqual(AWAY);
    expect(Object.fromEntries(host.slots)).toEqual({ ...(x && { x }), y: '1', z: '1' });
    const back = host.log.slice(host.log.lastIndexOf('open-write'));
    expect(back.slice(0, 6)).toEqual(['open-write', 'look at lock', 'lock', 'adopt lock', 'look y', 'set y 1']);
    expect(back.slice(-2)).toEqual(['unlock', 'close']);
  });

  it('is refused where it is no longer as it was shown', async () => {
    const host = new FakeHost('b', { y: '1' }).break(/^set x/, 'lost-before');
    host.onMessage = (message) => void (message === 'look at lock' && host.slots.set('y', '0'));
    const report = await apply(PLAY, [new FakeHost('a'), host]);
    expect(report.result.refused).toEqual(['b']);
    expect(host.changes).toEqual([]);
  });

  it('is refused where another run has it by then', async () => {
    const host = new FakeHost('b').break(/^set x/, 'lost-before');
    host.onMessage = (message) => {
      if (message === 'look at lock') host.lockedBy = 'they';
    };
    const report = await apply(PLAY, [new FakeHost('a'), host]);
    expect(report.result.refused).toEqual(['b']);
    expect(lines(report.events, 'task-finished').find((line) => line.includes('refused'))).toBe(
      'set on b: refused, another run holds its lock',
    );
  });

  it('is not there as long as its shell of before is at what was cut off', async () => {
    const host = new FakeHost('b').break(/^set x/, 'lost-before');
    host.isBusy = true;
    const report = await apply(PLAY, [new FakeHost('a'), host]);
    expect(outcomes(report, 'b')).toEqual(['set: ignored', 'set: ignored', 'set: ignored']);
    expect(host.changes).toEqual([]);
  });

  it('takes part in the next play again', async () => {
    const host = new FakeHost('b').break(/^set z/, 'lost-before');
    const report = await apply(`${PLAY}- hosts: all\n  tasks:\n    - ${set('z')}\n`, [new FakeHost('a'), host]);
    expect(host.slots.get('z')).toBe('1');
    expect(report.result).toMatchObject({ failed: [], unreachable: [], refused: [] });
  });

  it('is lost for good when it puts itself back', async () => {
    const host = new FakeHost('b').break(/^set x/, 'lost-after');
    const report = await apply(bearing(['halve: { key: x, value: "1" }', 'complete: { key: y, value: "1" }']), [
      new FakeHost('a'),
      host,
    ]);
    expect(report.result.unreachable).toEqual(['b']);
    expect(recapOf(report, 'b')).toMatchObject({ unreachable: 1, state: 'unknown' });
    expect(host.log.filter((message) => message.startsWith('open'))).toHaveLength(1);
  });

  it('may be lost while its lock is taken, or in the look before its batch', async () => {
    const locking = new FakeHost('b').break(/^lock/, 'lost-before');
    const first = await apply(PLAY, [new FakeHost('a'), locking]);
    expect(outcomes(first, 'b')).toEqual(['set: changed', 'set: changed', 'set: changed']);
    const looking = new FakeHost('b').break(/^look/, 'lost-before', 1);
    const second = await apply(bearing([set('x')], '  serial: 1\n'), [new FakeHost('a'), looking]);
    expect(outcomes(second, 'b')).toEqual(['set: changed']);
    expect(second.result).toMatchObject({ failed: [], unreachable: [], refused: [] });
  });

  it('keeps the results of the entries before', async () => {
    const host = new FakeHost('b').break(/^set y/, 'lost-before');
    const text = bearing([`${set('"{{ item }}"')}\n      loop: [x, y, z]\n      register: looped`]);
    const report = await apply(text, [host]);
    expect(registered(report, 'b', 'looped')).toMatchObject({
      unreachable: true,
      changed: true,
      results: [
        { changed: true, item: 'x', ansible_loop_var: 'item' },
        { ...AWAY, item: 'y', ansible_loop_var: 'item' },
        { ...AWAY, item: 'z', ansible_loop_var: 'item' },
      ],
    });
    expect(recapOf(report, 'b')).toMatchObject({ ignored: 1, changed: 1 });
  });

  it('does not end what it does for others', async () => {
    const host = new FakeHost('a').break(/^set x/, 'lost-before');
    const text = bearing([`${set('x')}\n      run_once: true\n      register: made`, set('y')]);
    const report = await apply(text, [host, new FakeHost('b')]);
    expect(registered(report, 'b', 'made')).toEqual(AWAY);
    expect(outcomes(report, 'b')).toEqual(['set: changed']);
  });
});

describe('a task that is delegated to a host that cannot be reached', () => {
  const DELEGATED = `shell: x\n      delegate_to: b\n      when: inventory_hostname == 'a'\n      register: made`;

  it('is ignored for the host that it is for', async () => {
    const report = await apply(bearing([DELEGATED, set('y')]), [new FakeHost('a'), absent('b')]);
    expect(outcomes(report, 'a')).toEqual(['shell: ignored', 'set: changed']);
    expect(registered(report, 'a', 'made')).toEqual({
      ...AWAY,
      msg: 'b, to which it is delegated, cannot be reached',
    });
  });

  it('can be done by another for one that cannot be reached', async () => {
    const text = bearing(["shell: x\n      delegate_to: a\n      when: inventory_hostname == 'b'", set('y')]);
    const report = await apply(text, [new FakeHost('a'), absent('b')]);
    expect(outcomes(report, 'b')).toEqual(['shell: changed', 'set: ignored']);
  });
});

it('does not go with a strategy', async () => {
  await expect(apply(bearing([set('x')], '  strategy: backwards\n'), [new FakeHost('a')])).rejects.toThrow(
    'ignore_unreachable does not go with the strategy backwards',
  );
});

it('goes with strategy: free, for each host by itself', async () => {
  const lost = new FakeHost('c').break(/^set x/, 'lost-before');
  const hosts = [new FakeHost('a'), absent('b'), lost];
  const report = await apply(bearing([set('x'), set('y')], '  strategy: free\n'), hosts);
  expect(report.result).toMatchObject({ failed: [], unreachable: [], refused: [] });
  expect(outcomes(report, 'b')).toEqual(['set: ignored', 'set: ignored']);
  expect(outcomes(report, 'c')).toEqual(['set: ignored', 'set: changed']);
});
