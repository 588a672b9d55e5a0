import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply } from './support/workshop.ts';

const before = { x: 'old', y: 'old', z: 'old' };

const GUARDED = `- hosts: all
  tasks:
    - set: { key: z, value: new }
    - guard: { keys: [y, x] }
    - set: { key: x, value: new }
    - set: { key: y, value: new }
    - set: { key: last, value: new }
`;

/** No connection to it is made any more, however often that is tried. */
function staysAway(host: FakeHost): void {
  for (let attempt = 0; attempt < 20; attempt += 1) host.break(/^open/, 'lost-before');
}

describe('a host that fails after something was guarded', () => {
  it('is put back, in the order that the guard says; what was done before the guard stays', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    const { events, result, journal } = await apply(GUARDED, [host]);
    expect(Object.fromEntries(host.slots)).toEqual({ x: 'old', y: 'old', z: 'new' });
    expect(host.changes).toEqual(['set z new', 'set x new', 'set y new', 'set last new', 'set y old', 'set x old']);
    expect(lines(events, 'undo-started', 'undo-finished')).toEqual([
      "h: undo by put_back, because 'set' failed",
      'h: undo done, update y',
      "h: undo by put_back, because 'set' failed",
      'h: undo done, update x',
    ]);
    expect(result).toMatchObject({
      failed: ['h'],
      hosts: [{ restored: 1, failed: 1, state: 'restored', changes: [{ target: 'z' }] }],
    });
    expect(journal.filter(({ type }) => type === 'undo')).toMatchObject([
      { host: 'h', step: 'put_back', remaining: ['put_back'], succeeded: true },
      { host: 'h', step: 'put_back', remaining: [], succeeded: true },
    ]);
  });

  it('has only what was changed put back', async () => {
    const host = new FakeHost('h', before).break(/^set y/, 'fails');
    await apply(GUARDED, [host]);
    expect(host.changes).toEqual(['set z new', 'set x new', 'set y new', 'set x old']);
  });

  it('has nothing put back when nothing was begun since', async () => {
    const host = new FakeHost('h', before);
    const playbook = GUARDED.replace(
      '    - set: { key: x',
      '    - expect: { key: never, value: so }\n    - set: { key: x',
    );
    const { result, events } = await apply(playbook, [host]);
    expect(lines(events, 'undo-started')).toEqual([]);
    expect(result.hosts).toMatchObject([
      { restored: 0, state: 'partly-changed', stopped: { at: 'expect', path: 'tasks.2' } },
    ]);
  });

  it('says what it waits for while it is put back', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    const playbook = `- hosts: all
  tasks:
    - guard: { keys: [x], by: serve }
    - set: { key: x, value: new }
    - set: { key: last, value: new }
`;
    const { events, result } = await apply(playbook, [host]);
    expect(lines(events, 'host-waiting')).toEqual(['h is waited for: x-drained settles', 'h is waited for: x settles']);
    expect(result.hosts).toMatchObject([{ restored: 1, state: 'restored' }]);
  });

  it('says so when it cannot be put back, and does not go on', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails').break(/^set y old/, 'fails');
    const { events, result } = await apply(GUARDED, [host]);
    expect(lines(events, 'undo-finished')).toEqual(['h: undo failed, a command on the host ended with 1']);
    expect(events.find(({ type }) => type === 'undo-finished')).toMatchObject({
      details: [['output', 'no, thank you']],
    });
    expect(Object.fromEntries(host.slots)).toEqual({ x: 'new', y: 'new', z: 'new' });
    expect(result.hosts).toMatchObject([
      {
        restored: 0,
        state: 'not-restored',
        stopped: { why: 'failed', at: 'set' },
        changes: [{ target: 'z' }, { target: 'x' }, { target: 'y' }],
      },
    ]);
  });

  it.each([
    [
      'says so when that fails, and is not told to try it by itself',
      'fails',
      'not-restored',
      'arm disarm unlock close',
    ],
    ['restores itself when it is lost meanwhile', 'lost-before', 'restoring', 'arm close close'],
  ] as const)('that is armed only while it is put back %s', async (_what, fault, state, end) => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails').break(/^set x old/, fault);
    const { result } = await apply(GUARDED.replace('[y, x]', '[x], by: halve'), [host]);
    expect(result.hosts[0]).toMatchObject({ state });
    const said = host.log.filter((message) => /arm|^unlock|^close/.test(message));
    expect(said.join(' ')).toBe(end);
  });

  it('that was armed before and fails while it is put back does not count as restoring itself: it will try in vain', async () => {
    const host = new FakeHost('h', before).break(/^set y new/, 'fails').break(/^set x old/, 'fails');
    const playbook = GUARDED.replace('[y, x]', '[x]')
      .replace('- set: { key: x,', '- halve: { key: x,')
      .replace('- set: { key: y,', '- complete: { key: y,');
    const { result } = await apply(playbook, [host]);
    expect(result.hosts[0]).toMatchObject({ state: 'not-restored' });
    expect(host.log.filter((message) => /arm|^unlock/.test(message))).toEqual(['arm']);
  });

  it.each(['lost-before', 'lost-after'] as const)(
    'that is lost (%s) just when it is armed to be put back is connected again, and put back',
    async (fault) => {
      const host = new FakeHost('h', before).break(/^set last/, 'fails').break(/^arm/, fault);
      const { result } = await apply(GUARDED.replace('[y, x]', '[x], by: halve'), [host]);
      expect(host.slots.get('x')).toBe('old');
      expect(result.hosts[0]).toMatchObject({ state: 'restored' });
    },
  );

  it('that begins to restore itself just when its lock is to be taken over is waited for', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails').break(/^arm/, 'lost-after');
    host.onMessage = (message) => {
      if (message === 'adopt lock' && !host.log.includes(message)) host.putsBack = 2;
    };
    const { events, result } = await apply(GUARDED.replace('[y, x]', '[x], by: halve'), [host]);
    expect(lines(events, 'host-waiting')).toHaveLength(2);
    expect(host.log.filter((message) => /lock|^set x old/.test(message)).slice(-7)).toEqual([
      'adopt lock',
      'lock',
      'lock',
      'lock',
      'adopt lock',
      'set x old',
      'unlock',
    ]);
    expect(result.hosts[0]).toMatchObject({ state: 'restored' });
  });

  it('that stays away then is not said to restore itself: it may never have been armed', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails').break(/^arm/, 'lost-before');
    host.onMessage = (message) => void (message === 'arm' && staysAway(host));
    const { events, result } = await apply(GUARDED.replace('[y, x]', '[x], by: halve'), [host]);
    expect(lines(events, 'undo-finished')).toEqual([
      'h: undo failed, the connection was lost; it may still restore its files by itself',
    ]);
    expect(result.hosts[0]).toMatchObject({ state: 'not-restored' });
  });

  it('does not count as put back when what was to be undone is there again', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    let isDone = false;
    host.onMessage = (message) => {
      if (isDone && message.startsWith('look')) host.slots.set('x', 'new');
      isDone ||= message === 'set x old';
    };
    const { events, result } = await apply(GUARDED, [host]);
    expect(lines(events, 'undo-finished')).toEqual([
      'h: undo done, update y',
      'h: undo failed, it did not converge: after this step of the undo there is still something to do (update x)',
    ]);
    expect(result.hosts[0]).toMatchObject({ restored: 0, state: 'not-restored' });
  });

  it('has the later steps of its undo carried out as well when one has left something', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    let isDone = false;
    host.onMessage = (message) => {
      if (isDone && message.startsWith('look')) host.slots.set('y', 'other');
      isDone ||= message === 'set y old';
    };
    const { events, result, journal } = await apply(GUARDED, [host]);
    const left = 'it did not converge: after this step of the undo there is still something to do (update y)';
    expect(lines(events, 'undo-finished')).toEqual([`h: undo failed, ${left}`, 'h: undo done, update x']);
    expect(host.slots.get('x')).toBe('old');
    expect(result.hosts[0]).toMatchObject({
      restored: 0,
      state: 'not-restored',
      undone: { done: ['put_back'], failed: 'put_back', reason: left },
    });
    // Nobody may take the end of the last step for the end of the undo.
    expect(journal.filter(({ type }) => type === 'undo')).toMatchObject([
      { succeeded: false, remaining: ['put_back'] },
      { succeeded: true, remaining: ['put_back'] },
    ]);
  });

  it('keeps what did not exist before where its undo leaves that, and says so', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    const playbook = GUARDED.replace('[y, x]', '[kept, x]').replace('key: y,', 'key: kept,');
    const { events, result, journal } = await apply(playbook, [host]);
    expect(lines(events, 'undo-finished')).toEqual([
      'h: undo done, nothing is to be undone; kept stays, which was not there before',
      'h: undo done, update x',
    ]);
    expect(result.hosts[0]).toMatchObject({ state: 'restored', changes: [{ target: 'z' }, { target: 'kept' }] });
    expect(journal.find(({ type }) => type === 'undo')).toMatchObject({ stays: ['kept'] });
  });

  it('says so when it is lost while it is put back', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails').break(/^set x old/, 'lost-before');
    const { events, result } = await apply(GUARDED, [host]);
    expect(lines(events, 'undo-finished')).toEqual([
      'h: undo done, update y',
      'h: undo failed, the connection was lost',
    ]);
    expect(result.hosts[0]).toMatchObject({
      state: 'not-restored',
      undone: { done: ['put_back'], failed: 'put_back', reason: 'the connection was lost' },
    });
  });

  it('is connected again when it is lost while that is proven, and it is proven again', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    host.onMessage = (message) => void (message === 'set x old' && host.break(/^look/, 'lost-after'));
    const { events, result, journal } = await apply(GUARDED, [host]);
    expect(lines(events, 'undo-finished')).toEqual(['h: undo done, update y', 'h: undo done, update x']);
    expect(result).toMatchObject({ failed: ['h'], unreachable: [], hosts: [{ state: 'restored', restored: 1 }] });
    expect(journal.filter(({ type }) => type === 'undo').at(-1)).toMatchObject({ remaining: [], succeeded: true });
    const end = host.log.slice(host.log.indexOf('set x old')).filter((message) => message !== 'close');
    const again = ['open-write', 'look at lock', 'lock', 'adopt lock', 'look x'];
    expect(end).toEqual(['set x old', 'look x', ...again, 'unlock']);
  });

  it('is restored when it is away for some seconds, and says what it waits for', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    host.onMessage = (message) =>
      void (message === 'set y old' && host.break(/^look/, 'lost-after').break(/^open/, 'lost-before'));
    const { events, result } = await apply(GUARDED, [host]);
    expect(result.hosts[0]).toMatchObject({ state: 'restored', restored: 1 });
    expect(events.filter(({ type }) => type === 'host-waiting')).toMatchObject([
      { host: 'h', message: 'not connected again yet: the connection was lost', elapsedMs: 0, limitMs: 30_000 },
    ]);
  });

  it('is not asked again when it rejects the login', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    host.onMessage = (message) =>
      void (message === 'set y old' && host.break(/^look/, 'lost-after').break(/^open/, 'rejected'));
    const { events, result } = await apply(GUARDED, [host]);
    expect(lines(events, 'undo-finished')).toEqual([
      'h: undo failed, put_back was carried out, but not proven: it rejects the login',
    ]);
    expect(events.filter(({ type }) => type === 'host-waiting')).toEqual([]);
    expect(result.hosts[0]).toMatchObject({ state: 'not-restored' });
  });

  it('is restored when what was started on it has ended after some seconds', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    host.onMessage = (message) => {
      if (message !== 'set y old') return;
      host.break(/^look/, 'lost-after');
      host.isBusy = true;
    };
    const onEvent = ({ type }: { type: string }) => {
      if (type === 'host-waiting') host.isBusy = false;
    };
    const { events, result } = await apply(GUARDED, [host], { onEvent });
    expect(result.hosts[0]).toMatchObject({ state: 'restored' });
    expect(lines(events, 'host-waiting')).toEqual([
      'h is waited for: not connected again yet: what was started on it before it was lost has not ended yet',
    ]);
  });

  it('is not waited for after the second Ctrl-C', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    host.onMessage = (message) => void (message === 'set y old' && staysAway(host.break(/^look/, 'lost-after')));
    const abort = new AbortController();
    const onEvent = ({ type }: { type: string }) => void (type === 'host-waiting' && abort.abort());
    const { events } = await apply(GUARDED, [host], { onEvent, abort });
    expect(events.filter(({ type }) => type === 'host-waiting')).toHaveLength(1);
    expect(lines(events, 'undo-finished')).toEqual([
      'h: undo failed, put_back was carried out, but not proven: interrupted',
    ]);
  });

  it('is restored, but not proven, when it stays away after that', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    host.onMessage = (message) => void (message === 'set x old' && staysAway(host.break(/^look/, 'lost-after')));
    const { events, result, journal } = await apply(GUARDED, [host]);
    expect(events.findLast(({ type }) => type === 'undo-finished')).toMatchObject({
      succeeded: false,
      unproven: true,
      message: 'the connection was lost',
      remedy: expect.stringMatching(/^as soon as it can be reached, kplay check/),
    });
    expect(result.hosts[0]).toMatchObject({
      restored: 0,
      state: 'unproven',
      undone: { done: ['put_back'], failed: 'put_back', reason: 'the connection was lost' },
      changes: [{ target: 'z' }, { target: 'x' }, { target: 'y' }],
    });
    expect(journal.filter(({ type }) => type === 'undo').at(-1)).toMatchObject({
      remaining: [],
      succeeded: false,
      unproven: true,
    });
  });

  it('is not restored when it stays away before what is done last of all', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    let looks = 0;
    host.onMessage = (message) => {
      if (message === 'look x') looks += host.changes.includes('set last new') ? 1 : 0;
      if (looks === 1) staysAway(host.break(/^look/, 'lost-after'));
    };
    const { events, result } = await apply(GUARDED.replace('[y, x]', '[x], by: put_back_late'), [host]);
    expect(host.slots.get('x')).toBe('new');
    expect(events.findLast(({ type }) => type === 'undo-finished')).not.toHaveProperty('unproven');
    expect(result.hosts[0]).toMatchObject({ restored: 0, state: 'not-restored' });
  });

  it('is not connected again while another run has it', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    host.onMessage = (message) => {
      if (message !== 'set x old') return;
      host.break(/^look/, 'lost-after');
      host.lockedBy = 'another run';
    };
    const { result } = await apply(GUARDED, [host]);
    expect(result.hosts[0]).toMatchObject({
      state: 'unproven',
      undone: { reason: expect.stringContaining('its lock') },
    });
  });

  it('is partly restored when it stays away with steps left to undo: what was carried out is said to be', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    host.onMessage = (message) => void (message === 'set y old' && staysAway(host.break(/^look/, 'lost-after')));
    const { events, result } = await apply(GUARDED, [host]);
    const reason = 'put_back was carried out, but not proven: the connection was lost';
    expect(lines(events, 'undo-finished')).toEqual([`h: undo failed, ${reason}`]);
    expect(result.hosts[0]).toMatchObject({
      state: 'not-restored',
      restored: 0,
      undone: { done: ['put_back'], failed: 'put_back', reason },
    });
  });

  it('is restored, but not proven, when the second Ctrl-C comes while that is proven', async () => {
    const host = new FakeHost('h', before).break(/^set last/, 'fails');
    const abort = new AbortController();
    let isDone = false;
    host.onMessage = (message) => {
      if (isDone && message.startsWith('look')) abort.abort();
      isDone ||= message === 'set x old';
    };
    const { events, result } = await apply(GUARDED, [host], { abort });
    expect(Object.fromEntries(host.slots)).toMatchObject({ x: 'old', y: 'old' });
    expect(result.hosts[0]).toMatchObject({ state: 'unproven', undone: { reason: 'interrupted' } });
    expect(events.findLast(({ type }) => type === 'undo-finished')).toMatchObject({
      remedy: expect.stringMatching(/^kplay check/),
    });
  });

  it('is put back before the others go on', async () => {
    const order: string[] = [];
    const fleet = [new FakeHost('a', before).break(/^set y new/, 'fails'), new FakeHost('b', before)];
    for (const host of fleet) host.onMessage = (message) => void order.push(`${host.name} ${message}`);
    await apply(GUARDED, fleet);
    expect(order.indexOf('a set x old')).toBeLessThan(order.indexOf('b set last new'));
    expect(fleet[1]?.slots.get('last')).toBe('new');
  });
});

describe('hosts that have failed together', () => {
  it('are put back together, also where the run changes one at a time: one may need what another has back', async () => {
    const fleet = ['a', 'b'].map((name) => new FakeHost(name, { x: 'old' }).break(/^set last/, 'fails'));
    const [a, b] = fleet;
    if (a && b) b.onMessage = (message) => void (message === 'set x old' && a.slots.set('quorum', 'there'));
    const playbook = `- hosts: all
  tasks:
    - need: { key: x, needed: quorum }
    - set: { key: x, value: new }
    - set: { key: last, value: new }
`;
    if (a && b) b.slots.set('quorum', 'there');
    const { result } = await apply(playbook, fleet, { forks: 1 });
    expect(result.hosts.map(({ state }) => state)).toEqual(['restored', 'restored']);
  });
});

describe('hosts whose play ends because others failed', () => {
  it('are put back as well', async () => {
    const fleet = [new FakeHost('a', before).break(/^set y new/, 'fails'), new FakeHost('b', before)];
    const { result, events } = await apply(GUARDED.replace('all\n', 'all\n  any_errors_fatal: true\n'), fleet);
    expect(fleet.map(({ slots }) => slots.get('x'))).toEqual(['old', 'old']);
    expect(lines(events, 'undo-started')).toEqual([
      "a: undo by put_back, because 'set' failed",
      "a: undo by put_back, because 'set' failed",
      'b: undo by put_back, because too many other hosts failed',
      'b: undo by put_back, because too many other hosts failed',
    ]);
    expect(result.hosts.map(({ state }) => state)).toEqual(['restored', 'restored']);
  });
});

describe('a bug', () => {
  it('ends the run, but not before its host was put back and the others have done their task', async () => {
    const fleet = [new FakeHost('a', before), new FakeHost('b', before)];
    const playbook = GUARDED.replace(
      'set: { key: last, value: new }',
      'buggy: { key: last, value: new }\n      when: inventory_hostname == "a"',
    );
    const { result } = await apply(playbook, fleet);
    expect(result).toMatchObject({ mistake: new TypeError('undefined is not a function'), failed: ['a'] });
    expect(fleet.map(({ slots }) => [slots.get('x'), slots.get('y')])).toEqual([
      ['old', 'old'],
      ['new', 'new'],
    ]);
    expect(fleet.map(({ log }) => log.slice(-2))).toEqual(Array(2).fill(['unlock', 'close']));
  });
});

describe('a host that is refused half-way', () => {
  it('is put back', async () => {
    const host = new FakeHost('h', before);
    host.onMessage = (message) => void (message === 'set x new' && host.slots.set('bad', 'very'));
    const playbook = `- hosts: all
  tasks:
    - guard: { keys: [x] }
    - set: { key: x, value: new }
    - shell: something
    - shun: { key: bad, value: very }
`;
    const { result } = await apply(playbook, [host]);
    expect(result).toMatchObject({ refused: ['h'], failed: [], hosts: [{ state: 'restored', restored: 1 }] });
    expect(host.slots.get('x')).toBe('old');
  });
});

describe('what a way back cannot take back', () => {
  it('is not tried on a host that cannot be reached', async () => {
    const host = new FakeHost('h', before).break(/^set y new/, 'lost-after');
    const { events, result } = await apply(GUARDED, [host]);
    expect(lines(events, 'undo-started')).toEqual([]);
    expect(result).toMatchObject({
      unreachable: ['h'],
      hosts: [{ state: 'unknown', stopped: { at: 'set' }, changes: [{ target: 'z' }, { target: 'x' }] }],
    });
  });
});
