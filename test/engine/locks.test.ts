import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/events/event.ts';
import type { Connector, WriteSession } from '../../src/core/session.ts';
import type { HostRun } from '../../src/engine/run/host-run.ts';
import { releaseLocks } from '../../src/engine/run/run-locks.ts';
import { lines } from './support/event-lines.ts';
import { FakeHost, fakeConnector } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const PLAY = '- hosts: all\n  tasks:\n    - set: { key: x, value: "1" }\n';

describe('locks', () => {
  it('are taken on every host before the first is changed, and given back', async () => {
    const order: string[] = [];
    const fleet = ['a', 'b', 'c'].map((name) => new FakeHost(name));
    for (const host of fleet) host.onMessage = (message) => void order.push(`${host.name} ${message}`);
    await apply(PLAY.replace('all\n', 'all\n  serial: 1\n'), fleet);
    const marks = order.filter((message) => /lock|set/.test(message));
    expect(marks.slice(0, 3).toSorted()).toEqual(['a lock', 'b lock', 'c lock']);
    expect(marks.slice(3, 6)).toEqual(['a set x 1', 'b set x 1', 'c set x 1']);
    expect(marks.slice(6).toSorted()).toEqual(['a unlock', 'b unlock', 'c unlock']);
  });

  it('of somebody else keep the whole play from beginning', async () => {
    const fleet = ['a', 'b', 'c'].map((name) => new FakeHost(name));
    if (fleet[1]) fleet[1].lockedBy = 'ann@ctl, pid 7';
    const { events, result } = await apply(PLAY, fleet);
    expect(lines(events, 'host-refused')).toEqual([
      'a refused: not started, because b was refused []',
      'b refused: another run holds its lock [["held by","ann@ctl, pid 7"]]',
      'c refused: not started, because b was refused []',
    ]);
    expect(result).toMatchObject({ refused: ['a', 'b', 'c'], failed: [] });
    expect(result.hosts.map(({ state, refused }) => `${state} ${refused}`)).toEqual(Array(3).fill('unchanged 1'));
    expect(fleet.flatMap(({ changes }) => changes)).toEqual([]);
    expect(fleet.map(({ log }) => log.filter((message) => message === 'unlock').length)).toEqual([1, 0, 1]);
  });

  it('are given back, and nothing is touched, when a host is lost while they are taken', async () => {
    for (const lost of [0, 1, 2]) {
      const fleet = ['a', 'b', 'c'].map((name) => new FakeHost(name));
      fleet[lost]?.break(/^lock/, 'lost-before');
      const { events, result } = await apply(PLAY, fleet);
      const names = fleet.map(({ name }) => name);
      expect(lines(events, 'host-refused')).toEqual(
        result.refused.map((name) => `${name} refused: not started, because ${names[lost]} was lost []`),
      );
      expect(result.unreachable).toEqual(names.filter((_, index) => index === lost));
      expect(result.refused).toEqual(names.filter((_, index) => index !== lost));
      expect(fleet.flatMap(({ changes }) => changes)).toEqual([]);
      for (const { log } of fleet.filter((_, index) => index !== lost))
        expect(log.filter((word) => word === 'lock')).toHaveLength(log.filter((word) => word === 'unlock').length);
    }
  });

  it('are asked for on all hosts at once', async () => {
    const fleet = ['c', 'a', 'b'].map((name) => new FakeHost(name));
    const real = fakeConnector(new Map(fleet.map((host) => [host.name, host])));
    let asked = 0;
    let answer: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (answer = resolve));
    const connector: Connector = {
      ...real,
      openForWriting: async (host, options) => {
        const session = await real.openForWriting(host, options);
        const run: WriteSession['run'] = async (script) => {
          if (script.reveal().includes('mkdir "$L"')) asked += 1;
          if (asked === fleet.length) answer();
          await all;
          return session.run(script);
        };
        return { ...session, run };
      },
    };
    const { result } = await apply(PLAY, fleet, { connector });
    expect(result.refused).toEqual([]);
  });

  it('of a run that lacks the first host are waited for by the run that has it', async () => {
    const fleet = ['a', 'b'].map((name) => new FakeHost(name));
    const [, other] = fleet;
    if (!other) throw new Error('there is no b');
    Object.assign(other, { lockedBy: 'ann@ctl, pid 7', lockedWith: 'a a:22' });
    other.onMessage = (message) => {
      if (message === 'lock' && other.log.filter((sent) => sent === 'lock').length === 2) other.lockedBy = undefined;
    };
    const { events, result } = await apply(PLAY, fleet);
    expect(lines(events, 'host-waiting')).toEqual([
      'b is waited for: a run that came at the same moment gives it back',
    ]);
    expect(result.refused).toEqual([]);
    expect(fleet.flatMap(({ changes }) => changes)).toEqual(['set x 1', 'set x 1']);
  });

  it('of such a run are not waited for for ever', async () => {
    const fleet = ['a', 'b'].map((name) => new FakeHost(name));
    Object.assign(fleet[1] ?? {}, { lockedBy: 'ann@ctl, pid 7', lockedWith: 'a a:22' });
    const { events, result } = await apply(PLAY, fleet);
    expect(lines(events, 'host-refused')).toEqual([
      'a refused: not started, because b was refused []',
      'b refused: another run holds its lock [["held by","ann@ctl, pid 7"]]',
    ]);
    expect(result.refused).toEqual(['a', 'b']);
    expect(fleet.flatMap(({ changes }) => changes)).toEqual([]);
  });

  it('are not waited for by a run that lacks the first host', async () => {
    const fleet = ['a', 'b'].map((name) => new FakeHost(name));
    for (const host of fleet) Object.assign(host, { lockedBy: 'ann@ctl, pid 7', lockedWith: 'a a:22' });
    const { events, result } = await apply(PLAY, fleet);
    expect(lines(events, 'host-waiting')).toEqual([]);
    expect(lines(events, 'host-refused')).toEqual([
      'a refused: another run holds its lock [["held by","ann@ctl, pid 7"]]',
      'b refused: not started, because a was refused []',
    ]);
    expect(result.refused).toEqual(['a', 'b']);
  });

  it('are waited for while a lost run is put back, and what is done is planned on the host as it is then', async () => {
    const host = new FakeHost('a', { x: 'half done' });
    host.putsBack = 2;
    host.onMessage = (message) => {
      if (message === 'look x' && host.log.filter((sent) => sent === message).length === 2)
        host.slots.set('x', 'as before');
    };
    const { events, result } = await apply(PLAY, [host]);
    expect(lines(events, 'host-waiting')).toEqual(
      Array(2).fill('a is waited for: it restores itself after a lost run'),
    );
    expect(events.find(({ type }) => type === 'play-planned')).toMatchObject({
      plan: { hosts: [{ tasks: [{ changes: [{ before: 'as before' }] }] }] },
    });
    expect(host.changes).toEqual(['set x 1']);
    expect(result).toMatchObject({ failed: [], refused: [], unreachable: [] });
  });

  it('that are waited for after the look make for another look', async () => {
    const host = new FakeHost('a');
    host.onMessage = (message) => {
      if (message === 'lock' && !host.log.includes('lock')) host.putsBack = 1;
    };
    await apply(PLAY, [host]);
    expect(host.log).toEqual([
      'open-write',
      'look x',
      'lock',
      'lock',
      'look x',
      'set x 1',
      'look x',
      'unlock',
      'close',
    ]);
  });

  it('of a run that has ended are waited for, and what hangs is told of', async () => {
    const host = new FakeHost('a');
    host.lockedBy = 'a lost run';
    const { events, result } = await apply(PLAY, [host]);
    expect(events.find(({ type }) => type === 'host-refused')).toMatchObject({
      reason: 'another run holds its lock',
      remedy: expect.stringMatching(/pid 7.*unlock a with the options of this run/),
    });
    expect(result.refused).toEqual(['a']);
    expect(host.changes).toEqual([]);
  });

  it('of a host that does not come to an end are not waited for for ever', async () => {
    const host = new FakeHost('a');
    host.putsBack = Number.POSITIVE_INFINITY;
    const { events, result } = await apply(PLAY, [host]);
    expect(lines(events, 'host-unreachable')).toEqual([
      'a unreachable (shell): it is still restoring itself after a lost run',
    ]);
    expect(result.unreachable).toEqual(['a']);
    expect(host.log).not.toContain('lock');
  });

  it('that cannot be made are not said to be held by another run', async () => {
    const fleet = [new FakeHost('a'), new FakeHost('b')];
    if (fleet[0]) fleet[0].lockFails = '/run/kplay.lock cannot be made';
    const { events, result } = await apply(PLAY, fleet);
    expect(lines(events, 'host-refused')).toEqual([
      'a refused: its lock cannot be taken [["output","/run/kplay.lock cannot be made"]]',
      'b refused: not started, because a was refused []',
    ]);
    expect(result).toMatchObject({ refused: ['a', 'b'], failed: [] });
    expect(fleet.flatMap(({ changes }) => changes)).toEqual([]);
  });

  it('are given back when hosts fail', async () => {
    const host = new FakeHost('a').break(/^set/, 'fails');
    await apply(PLAY, [host]);
    expect(host.log.slice(-2)).toEqual(['unlock', 'close']);
  });

  it('that cannot be given back are no failure', async () => {
    const host = new FakeHost('a').break(/^unlock/, 'lost-before');
    const { events, result } = await apply(PLAY, [host]);
    expect(lines(events, 'warning')).toEqual(['warning a: its lock was not released: the connection was lost']);
    expect(result).toMatchObject({ failed: [], unreachable: [] });
  });

  it.each([
    ['has been', true],
    ['is', false],
  ])('are not waited for on a host that does not answer, if the run %s interrupted twice', async (_when, isBefore) => {
    const abort = new AbortController();
    if (isBefore) abort.abort(new Error('interrupted'));
    const run: WriteSession['run'] = async (_script, { signal } = {}) => {
      const ended = new Promise((resolve) => signal?.addEventListener('abort', resolve));
      if (!isBefore) abort.abort(new Error('interrupted'));
      await ended;
      return { exitCode: null, stdout: '', stderr: '', truncated: false, timedOut: false };
    };
    const held = { name: 'a', lock: 'held', sessions: { strongest: { run } } } as unknown as HostRun;
    const events: Event[] = [];
    await releaseLocks([held], { forks: 1, emit: (event) => void events.push(event), abort: abort.signal });
    expect(lines(events, 'warning')).toEqual(['warning a: its lock was not released: the host did not remove it']);
  });

  it('are not taken by what does nothing, nor by a plan', async () => {
    const done = new FakeHost('a', { x: '1' });
    await apply(PLAY, [done]);
    const planned = new FakeHost('a');
    await plan(PLAY, [planned]);
    expect([...done.log, ...planned.log].filter((message) => message.includes('lock'))).toEqual([]);
  });

  it('are not taken by looks, not even where the result of one decides about the next', async () => {
    const looks = `- hosts: all
  tasks:
    - { shell: a, changed_when: false, register: a }
    - { shell: b, changed_when: false, register: b, when: a is success }
    - { say: hello, when: b is success }
`;
    const looking = new FakeHost('a');
    await apply(looks, [looking]);
    expect(looking.log).toEqual(['open-write', 'say a', 'say b', 'close']);
    const changing = new FakeHost('a');
    await apply(`${looks}    - { shell: c, when: b is success }\n`, [changing]);
    expect(changing.log).toEqual(['open-write', 'lock', 'say a', 'say b', 'say c', 'unlock', 'close']);
  });

  it('of a play are given back before the next begins', async () => {
    const host = new FakeHost('a');
    await apply(PLAY + PLAY.replace('"1"', '"2"'), [host]);
    expect(host.log).toEqual(
      [
        ['open-write', 'look x'],
        ['lock', 'set x 1', 'look x', 'unlock'],
        ['look x'],
        ['lock', 'set x 2', 'look x', 'unlock', 'close'],
      ].flat(),
    );
  });
});
