import { describe, expect, it } from 'vitest';
import type { PlayPlan } from '../../src/core/events/plan.ts';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const PLAY = `- name: Two
  hosts: all
  tasks:
    - name: X
      set: { key: x, value: new }
    - name: Y
      set: { key: y, value: new }
`;

function fleet(): readonly [FakeHost, FakeHost] {
  return [new FakeHost('a', { x: 'old' }), new FakeHost('b', { x: 'old' })];
}

/** A plan, as a file keeps it. */
async function saved(playbook: string, hosts: readonly FakeHost[]): Promise<readonly PlayPlan[]> {
  const { result } = await plan(playbook, hosts);
  return JSON.parse(JSON.stringify(result.plans));
}

describe('a saved plan', () => {
  it('is applied exactly as it is where nothing has changed', async () => {
    const hosts = fleet();
    const plans = await saved(PLAY, hosts);
    const { result } = await apply(PLAY, hosts, { saved: plans });
    expect(result.refused).toEqual([]);
    expect(result.plans).toEqual(plans);
    expect(result.hosts.map(({ changes }) => changes.map(({ target }) => target))).toEqual([
      ['x', 'y'],
      ['x', 'y'],
    ]);
  });

  it.each([
    [
      'less is left to do',
      { x: 'new' },
      [
        ['X: planned', 'update x (was "old")'],
        ['X: now', 'x is new'],
      ],
    ],
    [
      'something else is there',
      { x: 'other' },
      [
        ['X: planned', 'update x (was "old")'],
        ['X: now', 'update x (was "other")'],
      ],
    ],
  ])(
    'is refused for a host on which %s, with the difference, and applied to the others',
    async (_what, now, details) => {
      const hosts = fleet();
      const plans = await saved(PLAY, hosts);
      for (const [key, value] of Object.entries(now)) hosts[0].slots.set(key, value);
      const { result, events } = await apply(PLAY, hosts, { saved: plans });
      const refusals = events.filter((event) => event.type === 'host-refused');
      expect(refusals).toMatchObject([{ host: 'a', reason: 'the host has changed since the plan was made', details }]);
      expect(result.refused).toEqual(['a']);
      expect(hosts[0].changes).toEqual([]);
      expect(hosts[1].changes).toEqual(['set x new', 'set y new']);
    },
  );

  it.each([
    ['has come about', 'no', 'yes'],
    ['has yet to come about again', 'yes', 'no'],
  ])('is applied where what it only waits for %s', async (_what, then, now) => {
    const playbook = `${PLAY}    - expect: { key: ready, value: "yes" }\n`;
    const host = new FakeHost('a', { x: 'old', ready: then });
    const plans = await saved(playbook, [host]);
    host.slots.set('ready', now);
    host.onMessage = (message) => void (message === 'set y new' && host.slots.set('ready', 'yes'));
    const { result } = await apply(playbook, [host], { saved: plans });
    expect([result.refused, result.failed, host.changes]).toEqual([[], [], ['set x new', 'set y new']]);
  });

  it('holds in another order where nothing is to be done, and only there', async () => {
    const hosts = [new FakeHost('a', { x: 'new', y: 'new' }), new FakeHost('b', { x: 'new' })];
    const plans = await saved(PLAY, hosts);
    const other = plans.map((one) => ({ ...one, order: { ...one.order, name: 'recovery' } }));
    const { result } = await apply(PLAY, hosts, { saved: other });
    expect(result.refused).toEqual(['b']);
  });

  it.each<[what: string, once: string, refused: readonly string[], made: readonly string[]]>([
    ['the same', '{ key: once, value: new }', [], ['set once new']],
    ['something else', '{ key: once, value: "{{ inventory_hostname }}" }', ['b', 'c'], []],
  ])(
    'lets the next host do what one does for all where that one is out by now: %s',
    async (_what, once, refused, made) => {
      const playbook = `- hosts: all
  tasks: [{ shell: ask, changed_when: false }]
- name: Two
  hosts: all
  tasks:
    - { set: ${once}, run_once: true }
    - set: { key: y, value: new }
`;
      const hosts = ['a', 'b', 'c'].map((name) => new FakeHost(name));
      const plans = await saved(playbook, hosts);
      hosts[0]?.break(/^say ask/, 'fails');
      const { result } = await apply(playbook, hosts, { saved: plans });
      expect(result).toMatchObject({ failed: ['a'], refused });
      const done = hosts.map(({ changes }) => changes.filter((one) => one.startsWith('set')));
      const last = refused.length > 0 ? [] : ['set y new'];
      expect(done).toEqual([[], [...made, ...last], last]);
    },
  );

  it.each<[what: string, serial: string, out: string, done: readonly string[], refused: readonly string[]]>([
    ['of the same batch', '"75%"', 'a', ['b', 'd'], []],
    ['whose batch has come apart, so that there would be more of them', '"50%"', 'a', ['b', 'c'], ['d']],
    ['of another batch', '2', 'a', ['b'], ['c', 'd']],
    ['where that one was to do nothing', '2', 'b', ['a'], ['c', 'd']],
  ])(
    'lets only one host do what one does for its batch that is out by now: one %s',
    async (_what, serial, out, done, refused) => {
      const playbook = `- hosts: all
  tasks: [{ shell: ask, changed_when: false }]
- name: Two
  hosts: all
  serial: ${serial}
  tasks:
    - { set: { key: once, value: new }, run_once: true }
    - set: { key: y, value: new }
`;
      const hosts = ['a', 'b', 'c', 'd'].map((name) => new FakeHost(name));
      const plans = await saved(playbook, hosts);
      hosts.find(({ name }) => name === out)?.break(/^say ask/, 'fails');
      const { result, events } = await apply(playbook, hosts, { saved: plans });
      expect(result).toMatchObject({ failed: [out], refused });
      expect(hosts.flatMap(({ name, changes }) => (changes.includes('set once new') ? [name] : []))).toEqual(done);
      for (const event of events) {
        if (event.type !== 'host-refused') continue;
        const details = new Map(event.details);
        // Its own, not those of the whole fleet.
        expect(details.get('batch: planned')).toBe(['a + b', 'c + d'].find((batch) => batch.includes(event.host)));
        expect(details.get('batch: now')).toContain(event.host);
      }
    },
  );

  it('is refused for a host that it does not know', async () => {
    const hosts = fleet();
    const plans = await saved(PLAY, hosts.slice(0, 1));
    const { result, events } = await apply(PLAY, hosts, { saved: plans });
    expect(lines(events, 'host-refused')).toEqual([
      'b refused: the host has changed since the plan was made [["planned","nothing: the host is not in the plan"]]',
    ]);
    expect(result.refused).toEqual(['b']);
  });

  it('is refused a second time', async () => {
    const hosts = fleet();
    const plans = await saved(PLAY, hosts);
    await apply(PLAY, hosts, { saved: plans });
    const { result } = await apply(PLAY, hosts, { saved: plans });
    expect(result.refused).toEqual(['a', 'b']);
  });

  it('is applied to what only the run tells, where that was in the plan', async () => {
    const playbook = `- hosts: all
  tasks:
    - name: Ask
      shell: "yes"
      register: answer
    - name: Use
      set: { key: x, value: "{{ answer.out }}" }
`;
    const hosts = fleet();
    const { result } = await apply(playbook, hosts, { saved: await saved(playbook, hosts) });
    expect(result.refused).toEqual([]);
    expect(hosts[0].slots.get('x')).toBe('yes');
  });
});

it('is not applied where another step has taken the place of a task that only the run decides about', async () => {
  const ask = '- hosts: all\n  tasks:\n    - { shell: "yes", register: answer }\n';
  const host = new FakeHost('h');
  const plans = await saved(`${ask}    - { name: Use, set: { key: x, value: "{{ answer.out }}" } }\n`, [host]);
  const other = `${ask}    - { name: Use, say: "{{ answer.out }}" }\n`;
  const { result, events } = await apply(other, [host], { saved: plans });
  expect(lines(events, 'host-refused')[0]).toContain(
    '[["Use: planned","a task of set, left to the run"],["Use: now","a task of say"]]',
  );
  expect(result.refused).toEqual(['h']);
});

describe('a saved plan of two plays', () => {
  const TWO = `- hosts: all
  tasks:
    - shell: "yes"
      register: answer
- hosts: all
  tasks:
    - name: X
      set: { key: x, value: "{{ answer.out }}" }
    - name: Y
      set: { key: y, value: "yes" }
`;

  it('is applied where the second depends on what the first has found', async () => {
    const host = new FakeHost('h');
    const { result } = await apply(TWO, [host], { saved: await saved(TWO, [host]) });
    expect(result.refused).toEqual([]);
    expect(host.slots.get('x')).toBe('yes');
  });

  it('may come to less where the first does what nobody could foresee, and to no more', async () => {
    const [less, more] = [new FakeHost('a', { x: 'no' }), new FakeHost('b', { x: 'no', y: 'yes' })];
    const plans = await saved(TWO, [less, more]);
    less.onMessage = (message) => void (message === 'say yes' && less.slots.set('y', 'yes'));
    more.onMessage = (message) => void (message === 'say yes' && more.slots.set('y', 'no'));
    const { result, events } = await apply(TWO, [less, more], { saved: plans });
    expect(lines(events, 'host-refused')).toEqual([
      `b refused: the host has changed since the plan was made ${JSON.stringify([
        ['Y: planned', 'y is yes'],
        ['Y: now', 'update y (was "no")'],
      ])}`,
    ]);
    expect(result.refused).toEqual(['b']);
    expect(less.changes).toEqual(['say yes', 'set x yes']);
  });
});

describe('a saved plan whose order no longer holds', () => {
  it('is refused: all together is not one by one', async () => {
    const playbook = PLAY.replace('all\n', 'all\n  strategy: backwards\n');
    const hosts = fleet();
    const plans = await saved(playbook, hosts);
    const other = playbook.replace('backwards\n', 'backwards\n  order: sideways\n');
    const { result, events } = await apply(other, hosts, { saved: plans });
    expect(lines(events, 'host-refused')[0]).toContain(
      '[["order: planned","backwards: because it can"],["order: now","sideways: because it can"]]',
    );
    expect(result.refused).toEqual(['a', 'b']);
    expect(hosts.flatMap(({ changes }) => changes)).toEqual([]);
  });
});

describe('a host that changes while the run is under way', () => {
  it('is refused when more would have to be done than was shown', async () => {
    const [a, b] = [new FakeHost('a'), new FakeHost('b', { x: 'new' })];
    a.onMessage = (message) => void (message === 'set y new' && b.slots.set('x', 'old'));
    const { result, events } = await apply(PLAY.replace('all\n', 'all\n  serial: 1\n'), [a, b]);
    expect(lines(events, 'task-finished').filter((text) => text.includes('on b'))).toEqual([
      'X on b: refused, the host has changed since the plan was made: it would need update x as well',
    ]);
    expect(result).toMatchObject({ refused: ['b'], failed: [] });
    expect(b.changes).toEqual([]);
  });

  it('is refused when something else would come of the same change', async () => {
    const [a, b] = [new FakeHost('a', { from: '1', x: '1' }), new FakeHost('b', { from: '1', x: '0' })];
    a.onMessage = (message) => void (message === 'set y new' && b.slots.set('from', '2'));
    const playbook = `- hosts: all
  serial: 1
  tasks:
    - set: { key: y, value: new }
    - name: Trace
      trace: { from: from, key: x }
`;
    const { result, events } = await apply(playbook, [a, b]);
    const [refusal] = events.filter((event) => event.type === 'task-finished' && event.outcome === 'refused');
    expect(refusal).toMatchObject({
      host: 'b',
      reason: 'the host has changed since the plan was made: update x would not come out as planned',
      details: [
        ['update x: shown', '"1"'],
        ['update x: now', '"2"'],
      ],
    });
    expect(result).toMatchObject({ refused: ['b'], failed: [] });
    expect(b.slots.get('x')).toBe('0');
  });

  it('is refused although a task before has only looked', async () => {
    const [a, b] = [new FakeHost('a'), new FakeHost('b', { x: 'new' })];
    a.onMessage = (message) => void (message === 'set x new' && b.slots.set('x', 'old'));
    const playbook = `- hosts: all
  serial: 1
  tasks:
    - shell: uptime
      changed_when: false
    - set: { key: x, value: new }
`;
    const { result } = await apply(playbook, [a, b]);
    expect(result.refused).toEqual(['b']);
    expect(b.slots.get('x')).toBe('old');
  });

  it('is let be where less has to be done than was shown', async () => {
    const [a, b] = [new FakeHost('a'), new FakeHost('b', { x: 'old' })];
    a.onMessage = (message) => void (message === 'set y new' && b.slots.set('x', 'new'));
    const { result } = await apply(PLAY.replace('all\n', 'all\n  serial: 1\n'), [a, b]);
    expect(result).toMatchObject({ refused: [], failed: [] });
    expect(b.changes).toEqual(['set y new']);
  });
});

describe('a question whether to apply', () => {
  it.each([
    [true, ['set x new', 'set y new']],
    [false, []],
  ])('answered with %s', async (answer, changes) => {
    const [host] = fleet();
    const asked: string[] = [];
    const confirm = async (shown: readonly PlayPlan[]): Promise<boolean> => {
      asked.push(...shown.map(({ play }) => play));
      return answer;
    };
    const { result } = await apply(PLAY + PLAY.replace('Two', 'More'), [host], { confirm });
    expect(asked).toEqual(['Two']);
    expect(host.changes).toEqual(changes);
    expect(result.wasConfirmed).toBe(answer);
  });
});
