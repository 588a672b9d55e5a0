import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const MIXED = `- hosts: all
  become: false
  tasks:
    - set: { key: a, value: "1" }
    - set: { key: b, value: "1" }
      become: true
`;

describe('become', () => {
  it('of a task wins over the play, for what it asks and for what it does', async () => {
    const host = new FakeHost('h');
    await apply(MIXED, [host]);
    expect(host.log).toEqual([
      'open-write',
      'open-write as root',
      'sudo look b',
      'look a',
      'lock',
      'set a 1',
      'look a',
      'sudo set b 1',
      'sudo look b',
      'unlock',
      'close',
      'close',
    ]);
  });

  it('of a play is that of its tasks, on one connection', async () => {
    const host = new FakeHost('h');
    await plan(MIXED.replace('become: false', 'become: true'), [host]);
    expect(host.log).toEqual(['open-read as root', 'sudo look a b', 'close']);
  });

  it('has a question of several tasks asked once, by root', async () => {
    const host = new FakeHost('h');
    await plan(MIXED.replace('key: b', 'key: a'), [host]);
    expect(host.log).toEqual(['open-read', 'open-read as root', 'sudo look a', 'close', 'close']);
  });

  it('is the same for the way back as for the task that knew it', async () => {
    const host = new FakeHost('h', { a: 'old' }).break(/^set b/, 'fails');
    const playbook = `- hosts: all
  tasks:
    - guard: { keys: [a] }
      become: true
    - set: { key: a, value: new }
    - set: { key: b, value: new }
`;
    const { result } = await apply(playbook, [host]);
    expect(host.changes).toEqual(['set a new', 'set b new', 'sudo set a old']);
    expect(result.hosts).toMatchObject([{ state: 'restored' }]);
  });

  it('that fails on a host makes it unreachable, once', async () => {
    const host = new FakeHost('h').break(/as root/, 'lost-before');
    const { result, events } = await apply(MIXED, [host]);
    expect(lines(events, 'host-connected', 'host-unreachable')).toEqual([
      'h unreachable (lost): the connection was lost',
    ]);
    expect(result).toMatchObject({ unreachable: ['h'], failed: [] });
  });
});
