import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const PLAY = `- hosts: all
  tasks:
    - name: First
      set: { key: x, value: "1" }
    - name: Second
      serve: { key: page, value: two }
    - name: Third
      expect: { key: late, value: so }
`;

function fleet(): readonly [FakeHost, FakeHost] {
  return [new FakeHost('a', { late: 'so' }), new FakeHost('b', { late: 'so' })];
}

describe('a host that cannot be reached', () => {
  it.each([
    ['when it is opened', /^open/, 'a unreachable (lost): the connection was lost'],
    ['while it is looked at', /^look/, 'a unreachable (lost): the connection was lost'],
  ])('%s takes no part, and the others do', async (_when, pattern, told) => {
    const [a, b] = fleet();
    a.break(pattern, 'lost-before');
    const { result, events } = await apply(PLAY, [a, b]);
    expect(lines(events, 'host-unreachable')).toEqual([told]);
    expect(result).toMatchObject({ unreachable: ['a'], failed: [], refused: [] });
    expect(a.changes).toEqual([]);
    expect(b.slots.get('page')).toBe('two');
    expect(result.hosts.find(({ host }) => host === 'a')).toMatchObject({ unreachable: 1, changed: 0, changes: [] });
  });

  it('is not counted twice, and not tried again in the next play', async () => {
    const [a, b] = fleet();
    a.break(/^open/, 'lost-before');
    const { result, events } = await apply(PLAY + PLAY, [a, b]);
    expect(lines(events, 'host-unreachable')).toHaveLength(1);
    expect(result.hosts.find(({ host }) => host === 'a')).toMatchObject({ unreachable: 1, state: 'unchanged' });
  });

  it('has no place in a plan', async () => {
    const [a, b] = fleet();
    a.break(/^look/, 'lost-before');
    const { result } = await plan(PLAY, [a, b]);
    expect(result.plans[0]?.hosts.map(({ host }) => host)).toEqual(['b']);
    expect(result).toMatchObject({ unreachable: ['a'], hosts: [{ host: 'a', state: 'unchanged' }] });
  });
});

describe('a host that is lost in the middle', () => {
  it.each([
    ['before a change', /^set x/, 'lost-before', 'First', [], undefined],
    ['in a change that was made', /^set x/, 'lost-after', 'First', [], '1'],
    ['while it is seen whether it came to what it should', /^look x$/, 'lost-before', 'First', ['x'], '1'],
    ['in a stage', /^set page two/, 'lost-before', 'Second', ['x', 'page-drained'], '1'],
    ['while it settles', /^look page$/, 'lost-before', 'Second', ['x', 'page-drained', 'page'], '1'],
  ] as const)('%s: nobody says that they know its state', async (_when, pattern, fault, at, changes, x) => {
    const [a, b] = fleet();
    a.break(pattern, fault);
    const { result, events } = await apply(PLAY, [a, b]);
    expect(result).toMatchObject({ unreachable: ['a'], failed: [] });
    const recap = result.hosts.find(({ host }) => host === 'a');
    expect(recap).toMatchObject({ unreachable: 1, failed: 0, state: 'unknown', stopped: { why: 'unreachable', at } });
    expect(recap?.changes.map(({ target }) => target)).toEqual(changes);
    expect(a.slots.get('x')).toBe(x);
    expect(lines(events, 'task-finished').filter((text) => text.includes('unreachable'))).toHaveLength(1);
    expect(b.slots.get('page')).toBe('two');
    expect(b.log.at(-2)).toBe('unlock');
    expect(a.log).not.toContain('unlock');
  });

  it('is let go at once, so that it can put itself back while the run goes on with others', async () => {
    const [a, b] = fleet();
    a.break(/^look page$/, 'lost-before');
    const logs: string[][] = [];
    b.onMessage = (message) => void (message === 'unlock' && logs.push([...a.log]));
    await apply(PLAY, [a, b]);
    expect(logs.at(-1)?.at(-1)).toBe('close');
  });

  it('does not stop the others, and is no part of later stages', async () => {
    const [a, b] = fleet();
    a.break(/^set page-drained/, 'lost-after');
    const { events } = await apply(PLAY, [a, b]);
    expect(lines(events, 'stage-started')).toEqual(['Second › drain: started on a b', 'Second › fill: started on b']);
    expect(lines(events, 'task-started').at(-1)).toBe('Third: started on b');
  });

  it('counts among those that failed for max_fail_percentage', async () => {
    const [a, b] = fleet();
    a.break(/^set x/, 'lost-before');
    await apply(PLAY.replace('all\n', 'all\n  max_fail_percentage: 40\n'), [a, b]);
    expect(b.slots.has('page')).toBe(false);
  });

  it('ends a play that goes one host at a time', async () => {
    const [a, b] = fleet();
    a.break(/^set x/, 'lost-after');
    const { result } = await apply(PLAY.replace('all\n', 'all\n  serial: 1\n'), [a, b]);
    expect(b.changes).toEqual([]);
    expect(result.hosts.map(({ state }) => state)).toEqual(['unknown', 'unchanged']);
  });

  it('in the look before its batch is not started', async () => {
    const [a, b] = fleet();
    b.break(/^look/, 'lost-before', 1);
    const { result, events } = await apply(PLAY.replace('all\n', 'all\n  serial: 1\n'), [a, b]);
    expect(lines(events, 'host-unreachable')).toEqual(['b unreachable (lost): the connection was lost']);
    expect(result).toMatchObject({ unreachable: ['b'], failed: [] });
    expect(result.hosts.find(({ host }) => host === 'b')).toMatchObject({ unreachable: 1, state: 'unchanged' });
    expect(b.changes).toEqual([]);
    expect(a.slots.get('page')).toBe('two');
  });

  it('can be brought to its end by the same run again', async () => {
    const [a] = fleet();
    a.break(/^set page two/, 'lost-after');
    await apply(PLAY, [a]);
    const { result } = await apply(PLAY, [a]);
    expect(result).toMatchObject({ failed: [], unreachable: [], hosts: [{ state: 'unchanged' }] });
  });
});

describe('a host that drops out between two plays', () => {
  const first = '- hosts: all\n  tasks:\n    - set: { key: x, value: "1" }\n';

  it('counts as unreachable in the recap, and keeps what was changed', async () => {
    const host = new FakeHost('h').break(/^look y/, 'lost-before');
    const { result } = await apply(`${first}- hosts: all\n  tasks:\n    - set: { key: y, value: "1" }\n`, [host]);
    expect(result).toMatchObject({ unreachable: ['h'], hosts: [{ host: 'h', changed: 1, unreachable: 1 }] });
    expect(result.hosts[0]?.state).toBe('changed');
  });

  it('counts as refused in the recap', async () => {
    const host = new FakeHost('h');
    const { result } = await apply(`${first}- hosts: all\n  tasks:\n    - shun: { key: x, value: "1" }\n`, [host]);
    expect(result).toMatchObject({ refused: ['h'], hosts: [{ host: 'h', changed: 1, refused: 1 }] });
  });
});

describe('a host that answers what nobody understands', () => {
  it('takes no part', async () => {
    const [a, b] = fleet();
    a.slots.set('x', 'garbage');
    const { result, events } = await apply(PLAY, [a, b]);
    expect(lines(events, 'host-unreachable')).toEqual(['a unreachable (shell): slot: nobody understands this']);
    expect(result).toMatchObject({ unreachable: ['a'], failed: [] });
    expect(b.slots.get('page')).toBe('two');
  });

  it('in the look before its batch drops out, and the others are told of', async () => {
    const [a, b] = [new FakeHost('a'), new FakeHost('b')];
    a.onMessage = (message) => void (message === 'set x 1' && b.slots.set('x', 'garbage'));
    const playbook = '- hosts: all\n  serial: 1\n  tasks:\n    - set: { key: x, value: "1" }\n';
    const { result, events } = await apply(playbook, [a, b]);
    expect(lines(events, 'host-unreachable')).toEqual(['b unreachable (shell): slot: nobody understands this']);
    expect(result).toMatchObject({
      unreachable: ['b'],
      failed: [],
      hosts: [{ state: 'changed' }, { state: 'unchanged', unreachable: 1 }],
    });
    expect(b.log.slice(-2)).toEqual(['unlock', 'close']);
  });

  it('fails where it does so after a change', async () => {
    const [a, b] = fleet();
    a.onMessage = (message) => void (message === 'look x' && a.slots.set('x', 'garbage'));
    const { result } = await apply(PLAY, [a, b]);
    expect(result).toMatchObject({ failed: ['a'], unreachable: [] });
  });
});
