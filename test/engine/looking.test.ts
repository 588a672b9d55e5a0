import { describe, expect, it } from 'vitest';
import type { Connector, WriteSession } from '../../src/core/session.ts';
import { lines } from './support/event-lines.ts';
import { FakeHost, fakeConnector } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const MANY = `- hosts: all
  tasks:
    - set: { key: a, value: "1" }
    - set: { key: b, value: "1" }
    - guard: { keys: [a, b, c] }
    - follow: { from: link }
    - set: { key: "{{ item }}", value: "1" }
      loop: [b, c, d]
    - expect: { key: a, value: "1" }
`;

describe('looking at a host', () => {
  it('asks for everything in one message, and for what follows from the answers in another', async () => {
    const host = new FakeHost('h', { link: 'target', target: 'found' });
    await plan(MANY, [host]);
    expect(host.log).toEqual(['open-read', 'look a b c link d', 'look target', 'close']);
  });

  it('asks nothing twice', async () => {
    const host = new FakeHost('h', { link: 'a' });
    await plan(MANY, [host]);
    expect(host.log).toEqual(['open-read', 'look a b c link d', 'close']);
  });

  it('asks again only for what a task has changed, or may have changed', async () => {
    const host = new FakeHost('h', { a: '1', c: '1', d: '1' });
    await apply(MANY, [host]);
    expect(host.log).toEqual(['open-write', 'look a b c link d', 'lock', 'set b 1', 'look b', 'unlock', 'close']);
  });

  it.each([
    ['everything that a task has read', 'trace', 'look pattern a'],
    ['only what it was to change where its step foresees all', 'trace_all', 'look a'],
  ])('asks again after a task for %s', async (_, step, again) => {
    const host = new FakeHost('h', { pattern: 'x' });
    await apply(`- hosts: all\n  tasks:\n    - ${step}: { from: pattern, key: a }\n`, [host]);
    expect(host.log).toEqual(['open-write', 'look pattern a', 'lock', 'set a x', again, 'unlock', 'close']);
  });

  it('costs a run that has nothing to do one message', async () => {
    const host = new FakeHost('h', { a: '1', b: '1', c: '1', d: '1' });
    await apply(MANY, [host]);
    expect(host.log).toEqual(['open-write', 'look a b c link d', 'close']);
  });

  it('costs one connection, whatever the number of plays', async () => {
    const host = new FakeHost('h', { link: 'a' });
    await apply(MANY + MANY, [host]);
    expect(host.log.filter((message) => message.startsWith('open'))).toHaveLength(1);
  });

  it('tells how much was asked', async () => {
    const { events } = await plan(MANY, [new FakeHost('h', { link: 'target' })]);
    expect(lines(events, 'host-observed')).toEqual(['h observed: 5', 'h observed: 1']);
  });

  it('asks nothing that a skipped task would need', async () => {
    const host = new FakeHost('h');
    await plan('- hosts: all\n  tasks:\n    - set: { key: a, value: "1" }\n      when: false\n    - say: hello\n', [
      host,
    ]);
    expect(host.log).toEqual(['open-read', 'close']);
  });
});

describe('a plan', () => {
  it('is made without a way to write: the connector has none', async () => {
    const hosts = new Map([['h', new FakeHost('h')]]);
    const { openForReading } = fakeConnector(hosts);
    const connector: Connector = {
      openForReading: async (...words) => {
        const session = await openForReading(...words);
        expect(Object.keys(session)).toEqual(['host', 'observe', 'close']);
        return session;
      },
      openForWriting: async (): Promise<WriteSession> => {
        throw new Error('a plan has opened a session that can write');
      },
    };
    const { result } = await plan(MANY, [...hosts.values()], { connector });
    expect(result.plans).toHaveLength(1);
  });

  it('of a later play builds on what the plays before will have made', async () => {
    const host = new FakeHost('h');
    const second =
      '- name: Later\n  hosts: all\n  tasks:\n    - set: { key: a, value: "1" }\n    - set: { key: b, value: "2" }\n';
    const { events } = await plan(MANY + second, [host]);
    expect(lines(events, 'play-planned')[1]).toBe('planned linear [["h"]]: h none, change [update b]');
    expect(host.log).toEqual(['open-read', 'look a b c link d', 'close']);
  });
});

describe('the head of the plan of a host', () => {
  it('is what its first task that says something says, by its own parameters', async () => {
    const playbook = `- hosts: all
  tasks:
    - set: { key: a, value: x }
    - age: { key: z }
      when: inventory_hostname == "nobody"
    - age: { key: "{{ inventory_hostname }}" }
    - age: { key: c }
`;
    const { result } = await plan(playbook, [new FakeHost('a', { a: 'old' }), new FakeHost('b', { b: 'own' })]);
    expect(result.plans[0]?.hosts.map(({ about }) => about)).toEqual(['a is x', 'b is own']);
  });

  it('says nothing of what only the run will tell', async () => {
    const playbook = '- hosts: all\n  tasks:\n    - shell: k\n      register: r\n    - age: { key: "{{ r.out }}" }\n';
    const { result } = await plan(playbook, [new FakeHost('h')]);
    expect(result.plans[0]?.hosts).toMatchObject([{ host: 'h' }]);
    expect(result.plans[0]?.hosts[0]?.about).toBeUndefined();
  });
});

describe('another host of the play', () => {
  it('can be asked by a step to do something for it', async () => {
    const [a, b] = [new FakeHost('a'), new FakeHost('b')];
    const playbook =
      '- hosts: all\n  tasks:\n    - borrow: { key: x, value: lent, peer: b }\n      when: inventory_hostname == "a"\n';
    await apply(playbook, [a, b]);
    expect([a.changes, b.changes]).toEqual([['set x lent'], ['lend x']]);
  });

  it('that is lost while it helps fails the task, and is not taken for the host', async () => {
    const [a, b] = [new FakeHost('a'), new FakeHost('b').break(/^lend/, 'lost-before')];
    const playbook = `- hosts: all
  tasks:
    - guard: { keys: [y] }
    - set: { key: y, value: "1" }
      when: inventory_hostname == "a"
    - borrow: { key: x, value: lent, peer: b }
      when: inventory_hostname == "a"
`;
    const { result, events } = await apply(playbook, [a, b]);
    expect(lines(events, 'task-finished').find((text) => text.startsWith('borrow on a'))).toMatch(
      /^borrow on a: failed, b, which this task needs, cannot be reached: the connection was lost/,
    );
    expect(result).toMatchObject({ failed: ['a'], hosts: [{ state: 'restored' }, { state: 'unchanged' }] });
    expect(a.slots.size).toBe(0);
  });

  it('is no longer there when it has failed', async () => {
    const [a, b] = [new FakeHost('a'), new FakeHost('b').break(/^set y/, 'fails')];
    const playbook = `- hosts: all
  tasks:
    - set: { key: y, value: "1" }
    - borrow: { key: x, value: lent, peer: b }
`;
    const { result } = await apply(playbook, [a, b]);
    expect(a.slots.get('x')).toBe('alone');
    expect(result.failed).toEqual(['a', 'b']);
  });
});
