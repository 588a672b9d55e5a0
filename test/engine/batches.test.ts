import { describe, expect, it, vi } from 'vitest';
import { World } from '../../src/core/world.ts';
import { HostRun } from '../../src/engine/run/host-run.ts';
import { lines } from './support/event-lines.ts';
import { FakeHost, fakeConnector } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];

function hosts(broken: Readonly<Record<string, RegExp>> = {}): readonly FakeHost[] {
  return NAMES.map((name) => {
    const host = new FakeHost(name);
    const pattern = broken[name];
    return pattern ? host.break(pattern, 'fails') : host;
  });
}

const SET = '  tasks:\n    - set: { key: x, value: "1" }\n    - set: { key: y, value: "1" }\n';

/** What each host has been changed to, by its name. */
function changed(fleet: readonly FakeHost[]): Readonly<Record<string, string>> {
  return Object.fromEntries(fleet.map(({ name, slots }) => [name, [...slots.keys()].join(' ')]));
}

describe('serial', () => {
  it.each([
    ['1', ['a', 'b', 'c', 'd', 'e']],
    ['2', ['a b', 'c d', 'e']],
    ['[1, 3]', ['a', 'b c d', 'e']],
    ['"40%"', ['a b', 'c d', 'e']],
    ['"1%"', ['a', 'b', 'c', 'd', 'e']],
    ['["20%", "100%"]', ['a', 'b c d e']],
    ['9', ['a b c d e']],
  ])('%s makes batches', async (serial, expected) => {
    const { events } = await apply(`- hosts: all\n  serial: ${serial}\n${SET}`, hosts());
    const batches = lines(events, 'batch-started');
    expect(batches).toEqual(expected.map((names, index) => `batch ${index + 1}/${expected.length}: ${names}`));
  });

  it('tells the batches by their number, one as one', async () => {
    const orders = ['2', '9'].map(async (serial) => {
      const { result } = await plan(`- hosts: all\n  serial: ${serial}\n${SET}`, hosts());
      return result.plans[0]?.order.reason;
    });
    expect(await Promise.all(orders)).toEqual(['in 3 batches, as serial says', 'in 1 batch, as serial says']);
  });

  it('goes on behind a batch of which some have come through, as do the plays behind it', async () => {
    const fleet = hosts({ c: /^set y/ });
    const { result, events } = await apply(
      `- hosts: all\n  serial: 2\n${SET}- name: Second\n  hosts: all\n${SET}`,
      fleet,
    );
    expect(changed(fleet)).toEqual({ a: 'x y', b: 'x y', c: 'x', d: 'x y', e: 'x y' });
    expect(result.failed).toEqual(['c']);
    expect(lines(events, 'play-started')[1]).toBe("play 'Second' on a b d e");
  });

  it('goes on where no more of a batch failed than max_fail_percentage bears', async () => {
    const fleet = hosts({ b: /^set x/ });
    await apply(`- hosts: all\n  serial: 2\n  max_fail_percentage: 50\n${SET}`, fleet);
    expect(changed(fleet)).toEqual({ a: 'x y', b: '', c: 'x y', d: 'x y', e: 'x y' });
  });

  it('begins neither a batch nor a play after more failed than that', async () => {
    const fleet = hosts({ b: /^set x/ });
    const { events } = await apply(
      `- hosts: all\n  serial: 2\n  max_fail_percentage: 49\n${SET}- hosts: all\n${SET}`,
      fleet,
    );
    expect(changed(fleet)).toEqual({ a: 'x', b: '', c: '', d: '', e: '' });
    expect(lines(events, 'play-started')).toHaveLength(1);
  });

  it('goes through all hosts together when none has anything to do', async () => {
    const fleet = NAMES.map((name) => new FakeHost(name, { x: '1', y: '1' }));
    const { events } = await apply(`- hosts: all\n  serial: 1\n${SET}`, fleet);
    expect(lines(events, 'batch-started')).toEqual(['batch 1/1: a b c d e']);
  });

  it('holds for what only the run decides, such as handlers, which is asked for too', async () => {
    const play = `- hosts: all
  serial: 1
  tasks:
    - say: hello
      changed_when: true
      notify: restart
  handlers:
    - name: restart
      set: { key: x, value: "1" }
`;
    const order: string[] = [];
    const fleet = ['a', 'b'].map((name) => {
      const host = new FakeHost(name);
      host.onMessage = (message) => void order.push(`${name} ${message}`);
      return host;
    });
    const { events } = await apply(play, fleet);
    expect(lines(events, 'batch-started')).toHaveLength(2);
    expect(order.lastIndexOf('b look x')).toBeGreaterThan(order.indexOf('a set x 1'));
    const unchanged = new FakeHost('a');
    const { result } = await apply(play, [unchanged], { confirm: () => Promise.resolve(false) });
    expect(result.wasConfirmed).toBe(false);
    expect(unchanged.changes).toEqual([]);
  });

  it('looks at a batch again that others went before', async () => {
    const fleet = hosts().slice(0, 2);
    await apply(`- hosts: all\n  serial: 1\n${SET}`, fleet);
    expect(fleet.map(({ log }) => log.filter((message) => message === 'look x y').length)).toEqual([1, 2]);
  });
});

describe('a host that fails', () => {
  it('does not hold up the others', async () => {
    const fleet = hosts({ b: /^set x/ });
    const { result } = await apply(`- hosts: all\n${SET}`, fleet);
    expect(changed(fleet)).toEqual({ a: 'x y', b: '', c: 'x y', d: 'x y', e: 'x y' });
    expect(result.failed).toEqual(['b']);
  });

  it('ends everything under any_errors_fatal when it is lost in the look before its batch', async () => {
    const fleet = hosts().slice(0, 3);
    fleet[1]?.break(/^look/, 'lost-before', 1);
    const { result, events } = await apply(
      `- hosts: all\n  serial: [1, 2]\n  any_errors_fatal: true\n${SET}- hosts: a\n${SET}`,
      fleet,
    );
    expect(changed(fleet)).toEqual({ a: 'x y', b: '', c: '' });
    expect(result.hosts.map(({ state }) => state)).toEqual(['changed', 'unchanged', 'unchanged']);
    expect(lines(events, 'play-started')).toHaveLength(1);
  });

  it('ends everything under any_errors_fatal when somebody else has its lock', async () => {
    const fleet = hosts().slice(0, 2);
    if (fleet[0]) fleet[0].lockedBy = 'they';
    const { events } = await apply(`- hosts: a\n  any_errors_fatal: true\n${SET}- hosts: b\n${SET}`, fleet);
    expect(changed(fleet)).toEqual({ a: '', b: '' });
    expect(lines(events, 'play-started')).toHaveLength(1);
  });

  it('ends everything under any_errors_fatal, after the task in hand', async () => {
    const fleet = hosts({ b: /^set x/ });
    const { result, events } = await apply(`- hosts: all\n  any_errors_fatal: true\n${SET}`, fleet);
    expect(changed(fleet)).toEqual({ a: 'x', b: '', c: 'x', d: 'x', e: 'x' });
    expect(lines(events, 'task-started')).toHaveLength(1);
    expect(result.failed).toEqual(['b']);
    expect(result.hosts[0]?.state).toBe('partly-changed');
  });

  it.each([
    ['cannot be reached', (host: FakeHost) => void host.break(/^open/, 'lost-before')],
    ['is refused', (host: FakeHost) => void host.slots.set('bad', 'very')],
  ])('ends everything under any_errors_fatal before anything is begun when it %s', async (_what, spoil) => {
    const fleet = hosts();
    if (fleet[1]) spoil(fleet[1]);
    const shun = 'tasks:\n    - shun: { key: bad, value: very }\n';
    const { events, result } = await apply(
      `- hosts: all\n  any_errors_fatal: true\n${SET.replace('tasks:\n', shun)}- hosts: all\n${SET}`,
      fleet,
    );
    expect(fleet.flatMap(({ changes }) => changes)).toEqual([]);
    expect(lines(events, 'play-refused')).toEqual(['play refused: 1 of 5 hosts take no part, and any_errors_fatal']);
    expect(result.hosts).toHaveLength(5);
    expect(lines(events, 'play-started')).toHaveLength(1);
  });

  it.each([
    [19, 'x'],
    [20, 'x y'],
    [40, 'x y'],
  ])('ends everything when it is more than max_fail_percentage: %i', async (percentage, expected) => {
    const fleet = hosts({ b: /^set x/ });
    await apply(`- hosts: all\n  max_fail_percentage: ${percentage}\n${SET}`, fleet);
    expect(changed(fleet)['a']).toBe(expected);
  });

  it('is out of the plays that follow', async () => {
    const fleet = hosts({ b: /^set x/ });
    const { events } = await apply(`- hosts: all\n${SET}- name: Second\n  hosts: all\n${SET}`, fleet);
    expect(lines(events, 'play-started')).toEqual(["play 'all' on a b c d e", "play 'Second' on a c d e"]);
  });
});

describe('stages', () => {
  it('are passed by all hosts of a batch together, and settled before the next', async () => {
    const order: string[] = [];
    const fleet = hosts().slice(0, 3);
    for (const host of fleet) host.onMessage = (message) => void order.push(`${host.name} ${message}`);
    await apply('- hosts: all\n  tasks:\n    - serve: { key: page, value: two }\n', fleet);
    const work = order.filter((message) => /set|look page-drained$|look page$/.test(message));
    const phases = ['set page-drained two', 'look page-drained', 'set page two', 'look page'];
    const seen = work.map((message) => phases.indexOf(message.slice(2)));
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(new Set(seen)).toEqual(new Set([0, 1, 2, 3]));
  });

  it('are not entered by a host that failed in one before', async () => {
    const fleet = hosts({ b: /^set page-drained/ }).slice(0, 2);
    const { events } = await apply('- hosts: all\n  tasks:\n    - serve: { key: page, value: two }\n', fleet);
    expect(lines(events, 'stage-started')).toEqual(['serve › drain: started on a b', 'serve › fill: started on a']);
  });

  it('are only entered by hosts that have something to do in them', async () => {
    const { events } = await apply('- hosts: all\n  tasks:\n    - serve: { key: page, value: two }\n', [
      new FakeHost('a'),
      new FakeHost('b', { page: 'two' }),
    ]);
    expect(lines(events, 'stage-started')).toEqual(['serve › drain: started on a', 'serve › fill: started on a']);
  });
});

describe('a strategy', () => {
  const BACKWARDS = `- hosts: all\n  strategy: backwards\n${SET}`;

  it('chooses the order, and is told to everybody', async () => {
    const { events } = await apply(BACKWARDS, hosts().slice(0, 3));
    expect(lines(events, 'batch-started')).toEqual(['batch 1/3: c', 'batch 2/3: b', 'batch 3/3: a']);
    expect(lines(events, 'play-planned')[0]).toMatch(/^planned backwards \[\["c"\],\["b"\],\["a"\]\]/);
    const forced = await plan(BACKWARDS.replace('backwards\n', 'backwards\n  order: sideways\n'), hosts());
    expect(forced.result.plans[0]?.order.name).toBe('sideways');
  });

  it('is asked with its own facts, in the same look', async () => {
    const [host] = hosts();
    await plan(BACKWARDS, host ? [host] : []);
    expect(host?.log).toEqual(['open-read', 'look x y sick team', 'close']);
  });

  it('refuses a play that has no order', async () => {
    const fleet = [new FakeHost('a', { team: 'red' }), new FakeHost('b', { team: 'blue' })];
    const { events, result } = await apply(BACKWARDS, fleet);
    expect(lines(events, 'play-refused')).toEqual(['play refused: they are of several teams']);
    expect(result.refused).toEqual(['a', 'b']);
    expect(fleet.flatMap(({ changes }) => changes)).toEqual([]);
  });

  it('refuses none that was lost in the look: it is unreachable', async () => {
    const fleet = [
      new FakeHost('a', { team: 'red' }),
      new FakeHost('b', { team: 'blue' }),
      new FakeHost('c').break(/^look/, 'lost-before'),
    ];
    const { result } = await apply(BACKWARDS, fleet);
    expect(result).toMatchObject({ refused: ['a', 'b'], unreachable: ['c'] });
  });

  const SERVE = '- hosts: all\n  strategy: backwards\n  tasks:\n    - serve: { key: page, value: two }\n';

  it('lets no batch be disrupted while another host is not well, as it is then', async () => {
    const [a, b, c] = hosts();
    if (!a || !b || !c) throw new Error('three hosts');
    c.onMessage = (message) => void (message === 'set page two' && a.slots.set('sick', 'very'));
    const { events, result } = await apply(SERVE, [a, b, c]);
    expect(lines(events, 'warning')).toEqual(['warning b: not started: a is sick']);
    expect(result).toMatchObject({ refused: ['b'], failed: [] });
    expect([a, b, c].map(({ slots }) => slots.get('page'))).toEqual([undefined, undefined, 'two']);
  });

  it('lets no batch be disrupted while nobody knows how a host before it is', async () => {
    const [a, b, c] = hosts();
    if (!a || !b || !c) throw new Error('three hosts');
    c.break(/^look sick team/, 'lost-before');
    const { events, result } = await apply(SERVE, [a, b, c]);
    expect(lines(events, 'warning')).toEqual([
      'warning b: not started: the state of c is unknown: the connection was lost',
    ]);
    expect(result).toMatchObject({ refused: ['b'], unreachable: ['c'] });
    expect(b.changes).toEqual([]);
  });

  /** Somebody takes so long to confirm the plan, and does this meanwhile. */
  const whileConfirming = (seconds: number, change: () => void) => {
    let time = Date.parse('2026-11-24T15:12:44Z');
    const confirm = async () => {
      time += seconds * 1000;
      change();
      return true;
    };
    return { confirm, clock: () => new Date(time) };
  };

  it('is asked again before the first batch when that was seen long ago, and must choose the same order', async () => {
    const fleet = hosts().slice(0, 2);
    const change = () => {
      for (const { slots } of fleet) slots.set('team', 'up');
    };
    const { events, result } = await apply(BACKWARDS, fleet, whileConfirming(61, change));
    expect(lines(events, 'warning')).toEqual([
      'warning a, b: not started: the plan was made for the order backwards (because it can), and it would now be upwards (they are up)',
    ]);
    expect(events.find(({ type }) => type === 'warning')).toMatchObject({ code: 'order-changed' });
    expect(result.refused).toEqual(['a', 'b']);
    expect(fleet.flatMap(({ changes }) => changes)).toEqual([]);
  });

  it('may refuse by then what it has planned', async () => {
    const fleet = hosts().slice(0, 2);
    const change = () => void fleet[0]?.slots.set('team', 'red');
    const { events, result } = await apply(BACKWARDS, fleet, whileConfirming(61, change));
    expect(lines(events, 'warning')).toEqual(['warning a, b: not started: they are of several teams']);
    expect(result.refused).toEqual(['a', 'b']);
    expect(fleet.flatMap(({ changes }) => changes)).toEqual([]);
  });

  it('lets the first batch not be disrupted either when another host has fallen ill since', async () => {
    const fleet = hosts().slice(0, 3);
    const change = () => void fleet[0]?.slots.set('sick', 'very');
    const { events } = await apply(SERVE, fleet, whileConfirming(61, change));
    expect(lines(events, 'warning')).toContain('warning c: not started: a is sick');
    expect(fleet.flatMap(({ changes }) => changes)).toEqual([]);
  });

  it.each([
    [59, 0],
    [61, 1],
  ])('of which all was seen %s s ago is looked at %s more times before the first batch', async (seconds, more) => {
    const [host] = hosts();
    if (!host) throw new Error('a host');
    let before = 0;
    const { confirm, clock } = whileConfirming(seconds, () => {
      before = host.log.filter((message) => message.startsWith('look')).length;
    });
    await apply(BACKWARDS, [host], { confirm, clock });
    const begun = host.log.indexOf('set x 1');
    const looks = host.log.slice(0, begun).filter((message) => message.startsWith('look')).length;
    expect(begun).toBeGreaterThan(0);
    expect(looks - before).toBe(more);
  });

  it('counts a host that is refused among those that have to be well', async () => {
    const [a, b] = [new FakeHost('a', { sick: 'very', bad: 'very' }), new FakeHost('b')];
    const shun = SERVE.replace('tasks:\n', 'tasks:\n    - shun: { key: bad, value: very }\n');
    const { events, result } = await apply(shun, [a, b]);
    expect(lines(events, 'play-planned')[0]).toMatch(/: a refuse; b none, refuse$/);
    expect(result.plans[0]?.hosts[1]?.tasks[1]).toMatchObject({ reason: 'a is sick', remedy: 'heal it' });
    expect(result.refused).toEqual(['a', 'b']);
    expect([a, b].flatMap(({ log }) => log.filter((message) => message === 'lock'))).toEqual([]);
  });

  it('does not count beforehand one that is still to be mended', async () => {
    const [a, b, c] = [new FakeHost('a', { bad: 'very' }), new FakeHost('b'), new FakeHost('c', { sick: 'very' })];
    const shun = SERVE.replace('tasks:\n', 'tasks:\n    - shun: { key: bad, value: very }\n');
    const { events } = await plan(shun, [a, b, c]);
    expect(lines(events, 'play-planned')[0]).toMatch(/: a refuse; b none, change .*; c none, change /);
  });

  it('has no say where nobody is disrupted', async () => {
    const [a, b] = [new FakeHost('a', { sick: 'very' }), new FakeHost('b')];
    const { result } = await apply(BACKWARDS, [a, b]);
    expect(result.refused).toEqual([]);
  });
});

describe('a host that a step refuses', () => {
  const SHUN = `- hosts: all\n  tasks:\n    - shun: { key: bad, value: very }\n    - set: { key: x, value: "1" }\n`;

  it('takes no part, and the others go on', async () => {
    const fleet = [new FakeHost('a', { bad: 'very' }), new FakeHost('b')];
    const { events, result } = await apply(SHUN, fleet);
    expect(lines(events, 'play-planned')).toEqual(['planned linear [["a","b"]]: a refuse; b none, change [update x]']);
    expect(result).toMatchObject({ refused: ['a'], failed: [], unreachable: [] });
    expect(fleet.map(({ changes }) => changes)).toEqual([[], ['set x 1']]);
    expect(result.hosts.find(({ host }) => host === 'a')).toMatchObject({ state: 'unchanged', refused: 1, ok: 0 });
  });

  it.each([
    ['the others do without it', 'b change [update x], none; c change [update x], none', ['a'], [undefined, 'c', 'b']],
    ['one that cannot is refused too', 'b refuse', ['a', 'b'], [undefined, undefined]],
  ])('helps no other, in the plan as in the run: %s', async (_, planned, refused, leaning) => {
    const play = '- hosts: all\n  tasks:\n    - lean: { key: x }\n    - shun: { key: bad, value: very }\n';
    const fleet = leaning.map((__, index) => new FakeHost(NAMES[index] ?? '', index === 0 ? { bad: 'very' } : {}));
    const { events, result } = await apply(play, fleet);
    expect(lines(events, 'play-planned')[0]).toMatch(`: a change [update x], refuse; ${planned}`);
    expect(result).toMatchObject({ refused, failed: [] });
    expect(fleet.map(({ slots }) => slots.get('x'))).toEqual(leaning);
  });

  it('is refused in the run when it only then has become so', async () => {
    const [host, other] = [new FakeHost('a'), new FakeHost('b')];
    other.onMessage = (message) => void (message === 'set x 1' && host.slots.set('bad', 'very'));
    const { result, events } = await apply(SHUN.replace('all\n', 'b,a\n  serial: 1\n'), [host, other]);
    expect(result.refused).toEqual(['a']);
    expect(lines(events, 'task-finished').filter((text) => text.includes('on a'))).toEqual([
      'shun on a: refused, bad is very',
    ]);
  });
});

describe('--forks', () => {
  it.each([
    ['a plan', plan],
    ['a run', apply],
  ])('is how many hosts are connected to at the same time, in the first look of %s', async (_what, act) => {
    const fleet = Array.from({ length: 9 }, (_, index) => new FakeHost(`h${index}`));
    const real = fakeConnector(new Map(fleet.map((host) => [host.name, host])));
    let opening = 0;
    let most = 0;
    const counted = async <T>(open: () => Promise<T>): Promise<T> => {
      opening += 1;
      most = Math.max(most, opening);
      await new Promise((resolve) => setImmediate(resolve));
      opening -= 1;
      return open();
    };
    const connector: typeof real = {
      openForReading: (host, options) => counted(() => real.openForReading(host, options)),
      openForWriting: (host, options) => counted(() => real.openForWriting(host, options)),
    };
    const { result } = await act(`- hosts: all\n${SET}`, fleet, { forks: 3, connector });
    expect(result.unreachable).toEqual([]);
    expect(most).toBe(3);
  });

  it('is how many hosts are worked on at a time', async () => {
    const order: string[] = [];
    const fleet = hosts();
    for (const host of fleet) host.onMessage = (message) => void order.push(`${host.name} ${message}`);
    await apply(`- hosts: all\n${SET}`, fleet, { forks: 1 });
    expect(order.filter((message) => message.includes('open'))).toEqual(NAMES.map((name) => `${name} open-write`));
    expect(order.filter((message) => /set x|look x$/.test(message))).toEqual([
      ...NAMES.map((name) => `${name} set x 1`),
      ...NAMES.map((name) => `${name} look x`),
    ]);
  });
});

describe('the events before a plan', () => {
  const TYPES = ['host-connecting', 'host-connected', 'host-observing', 'host-observed'] as const;
  const PLAY = `- hosts: all\n${SET}`;

  it('tell which host is contacted, not before its turn', async () => {
    const { events } = await plan(PLAY, hosts(), { forks: 1 });
    const told = events.filter(({ type }) => TYPES.some((known) => known === type));
    expect(told.map((event) => `${event.type} ${'host' in event ? event.host : ''}`)).toEqual([
      ...NAMES.flatMap((name) => [`host-connecting ${name}`, `host-connected ${name}`]),
      ...NAMES.flatMap((name) => [`host-observing ${name}`, `host-observed ${name}`]),
    ]);
  });

  it('tell of no new connection where a play before has made it', async () => {
    const { events } = await plan(`${PLAY}${PLAY}`, hosts(), { forks: 1 });
    expect(events.filter(({ type }) => type === 'play-started')).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'host-connecting')).toHaveLength(NAMES.length);
  });
});

describe('a task that reads the other hosts', () => {
  const TALLY = '  tasks:\n    - tally: { key: x }\n';
  const planned = (events: Parameters<typeof lines>[0]) =>
    events.flatMap((event) =>
      event.type === 'play-planned'
        ? event.plan.hosts.map(({ tasks: [task] }) =>
            task?.action === 'change' ? task.changes[0].after : task?.action,
          )
        : [],
    );

  it.each([
    ['one by one', '  serial: 1\n', ['0', '1', '2']],
    ['in two batches', '  serial: 2\n', ['0', '0', '2']],
    ['side by side', '', ['0', '0', '0']],
    ['in the order of a strategy', '  strategy: backwards\n', ['2', '1', '0']],
  ])('does to hosts that go %s what the plan has shown', async (_how, order, expected) => {
    const fleet = hosts().slice(0, 3);
    const play = `- hosts: all\n${order}${TALLY}`;
    expect(planned((await plan(play, fleet)).events)).toEqual(expected);
    const { events, result } = await apply(play, fleet);
    expect(planned(events)).toEqual(expected);
    expect(fleet.map(({ slots }) => slots.get('x'))).toEqual(expected);
    expect(result.refused).toEqual([]);
  });

  it('is refused when a host that it counts on has failed', async () => {
    const fleet = hosts({ a: /^set x/ }).slice(0, 3);
    const { events, result } = await apply(`- hosts: all\n  serial: 2\n${TALLY}`, fleet);
    expect(result).toMatchObject({ failed: ['a'], refused: ['c'] });
    expect(lines(events, 'task-finished')[2]).toBe(
      'tally on c: refused, the host has changed since the plan was made: update x would not come out as planned',
    );
    expect(fleet[2]?.changes).toEqual([]);
  });
});

describe('hosts that go one by one', () => {
  /** How often the state of a host is looked up, and whether it still takes part, per host of the play. */
  async function lookUps(size: number, order: string): Promise<number> {
    const fleet = Array.from({ length: size }, (_, index) => new FakeHost(`h${index}`, { x: '0' }));
    const merged = vi.spyOn(World.prototype, 'merge');
    const asked = vi.spyOn(HostRun.prototype, 'takesPart', 'get');
    try {
      await apply(`- hosts: all\n  ${order}\n${SET}`, fleet);
      return (merged.mock.calls.length + asked.mock.calls.length) / size;
    } finally {
      merged.mockRestore();
      asked.mockRestore();
    }
  }

  it.each(['serial: 1', 'strategy: free'])('are asked as often however many others there are: %s', async (order) => {
    expect(await lookUps(12, order)).toBeCloseTo(await lookUps(6, order), 0);
  });
});
