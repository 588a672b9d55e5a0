import { describe, expect, it } from 'vitest';
import type { Connector } from '../../src/core/session.ts';
import { FakeHost, fakeConnector } from './support/fake-fleet.ts';
import { apply, plan, type Report, type RunOptions } from './support/workshop.ts';

const HEAD = '- hosts: all\n  strategy: free\n';
const SET_X = '    - set: { key: x, value: "1" }\n';
const SET_Y = '    - set: { key: y, value: "1" }\n';
const BOTH = `${HEAD}  tasks:\n${SET_X}${SET_Y}`;

function hostsOf(...names: readonly string[]): readonly FakeHost[] {
  return names.map((name) => new FakeHost(name));
}

/** Hosts whose messages may be held: `hold` is awaited before each. */
function holding(hosts: readonly FakeHost[], hold: (message: string) => Promise<void>): Connector {
  const inner = fakeConnector(new Map(hosts.map((host) => [host.name, host])));
  return {
    ...inner,
    openForWriting: async (host, options) => {
      const session = await inner.openForWriting(host, options);
      return {
        ...session,
        run: async (script, ...more) => {
          await hold(`${host.name} ${script.reveal()}`);
          return session.run(script, ...more);
        },
      };
    },
  };
}

/** What was sent to change something, in the order in which it came. */
function sentTo(hosts: readonly FakeHost[]): readonly string[] {
  const sent: string[] = [];
  for (const host of hosts)
    host.onMessage = (message) => /^(set|unset|say)/.test(message) && sent.push(`${host.name} ${message}`);
  return sent;
}

/** The tasks of a run in the order in which they ended: `a x changed`. */
function ends({ events }: Report): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'task-finished' ? [`${event.host} ${event.task.name}: ${event.outcome}`] : [],
  );
}

const slotsOf = (hosts: readonly FakeHost[]) => hosts.map(({ slots }) => [...slots.keys()].join(' '));

describe('strategy: free', () => {
  it('lets no host wait for another: one waits in its first task for what another does in its last', async () => {
    const hosts = hostsOf('a', 'b');
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const connector = holding(hosts, async (message) => {
      if (message === 'a set x 1') await opened;
      if (message === 'b set y 1') open();
    });
    const sent = sentTo(hosts);
    const { result } = await apply(BOTH, hosts, { connector });
    expect(result).toMatchObject({ failed: [], refused: [], unreachable: [] });
    expect(sent).toEqual(['b set x 1', 'b set y 1', 'a set x 1', 'a set y 1']);
  });

  it('says so in its plan', async () => {
    const { result } = await plan(BOTH, hostsOf('a', 'b'));
    expect(result.plans[0]?.order).toEqual({
      name: 'free',
      reason: 'each host on its own, none waits for another',
      batches: [['a', 'b']],
    });
  });

  it('lets all begin what comes first, also where there are fewer forks than hosts', async () => {
    const hosts = hostsOf('a', 'b', 'c');
    const sent = sentTo(hosts);
    await apply(BOTH, hosts, { forks: 1 });
    expect(sent).toEqual(['a set x 1', 'b set x 1', 'c set x 1', 'a set y 1', 'b set y 1', 'c set y 1']);
  });

  it.each([
    ['forks', '', { forks: 2 }],
    ['throttle', '  throttle: 2\n', {}],
  ] as const)('does no more at a time than %s say', async (_what, throttle, options: RunOptions) => {
    const hosts = hostsOf('a', 'b', 'c', 'd', 'e');
    const under = { now: 0, most: 0 };
    const connector = holding(hosts, async (message) => {
      if (!/^\w set /.test(message)) return;
      under.now += 1;
      under.most = Math.max(under.most, under.now);
      for (let tick = 0; tick < 50; tick += 1) await undefined;
      under.now -= 1;
    });
    await apply(`${HEAD}${throttle}  tasks:\n${SET_X}`, hosts, { connector, ...options });
    expect(under.most).toBe(2);
    expect(slotsOf(hosts)).toEqual(['x', 'x', 'x', 'x', 'x']);
  });

  it('runs the handlers of a host when that has come to its end, or to where they are flushed', async () => {
    const play = `${HEAD}  tasks:
    - set: { key: x, value: "1" }
      notify: Reload
    - meta: flush_handlers
    - set: { key: y, value: "1" }
      notify: Reload
  handlers:
    - name: Reload
      shell: reload
`;
    const hosts = hostsOf('a', 'b');
    for (const host of hosts) host.pace = host.name === 'a' ? 40 : 0;
    const sent = sentTo(hosts);
    await apply(play, hosts);
    const own = ['set x 1', 'say reload', 'set y 1', 'say reload'];
    for (const name of ['a', 'b'])
      expect(sent.filter((message) => message.startsWith(name))).toEqual(own.map((message) => `${name} ${message}`));
    expect(sent.indexOf('b set y 1')).toBeLessThan(sent.indexOf('a say reload'));
  });

  it('does not stop the others where one fails, and puts that one back meanwhile', async () => {
    const play = `${HEAD}  tasks:\n    - guard: { keys: [x] }\n${SET_X}${SET_Y}`;
    const hosts = hostsOf('a', 'b');
    hosts[0]?.break(/^set y/, 'fails');
    const { result } = await apply(play, hosts);
    expect(result.hosts.map(({ host, state }) => `${host} ${state}`)).toEqual(['a restored', 'b changed']);
    expect(slotsOf(hosts)).toEqual(['', 'x y']);
  });

  it('rescues each host by itself', async () => {
    const play = `${HEAD}  tasks:
    - block:
        - set: { key: x, value: "1" }
      rescue:
        - set: { key: rescued, value: "1" }
      always:
        - set: { key: done, value: "1" }
`;
    const hosts = hostsOf('a', 'b');
    hosts[0]?.break(/^set x/, 'fails');
    const { result } = await apply(play, hosts);
    expect(result.failed).toEqual([]);
    expect(slotsOf(hosts)).toEqual(['rescued done', 'x done']);
  });

  it('ends a host by itself', async () => {
    const hosts = hostsOf('a', 'b');
    await apply(`${HEAD}  tasks:\n    - meta: end_host\n      when: inventory_hostname == 'a'\n${SET_X}`, hosts);
    expect(slotsOf(hosts)).toEqual(['', 'x']);
  });

  it('goes batch by batch with serial, and begins none behind one of which no host has come through', async () => {
    const hosts = hostsOf('a', 'b', 'c', 'd', 'e', 'f');
    for (const at of [1, 2, 3]) hosts[at]?.break(/^set x/, 'fails');
    const { result } = await apply(BOTH.replace('free\n', 'free\n  serial: 2\n'), hosts);
    expect(slotsOf(hosts)).toEqual(['x y', '', '', '', '', '']);
    expect(result.plans[0]?.order.reason).toBe(
      'in 3 batches, as serial says; each host on its own, none waits for another',
    );
  });

  it('begins no task once the run is to stop', async () => {
    const hosts = hostsOf('a', 'b', 'c');
    const stop = new AbortController();
    for (const host of hosts)
      host.onMessage = (message) => {
        if (host.name === 'a' && message === 'set x 1') stop.abort();
      };
    const { result } = await apply(BOTH, hosts, { stop, forks: 1 });
    expect(slotsOf(hosts)).toEqual(['x', '', '']);
    expect(result.hosts.map(({ stopped }) => stopped?.why)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  it('ends over a bug: what others are in the midst of comes to its end, and no task is begun', async () => {
    const play = `${HEAD}  tasks:
    - buggy: { key: x, value: "1" }
      when: inventory_hostname == 'a'
${SET_X}${SET_Y}`;
    const hosts = hostsOf('a', 'b');
    for (const host of hosts) host.pace = host.name === 'b' ? 20 : 0;
    const { result } = await apply(play, hosts);
    expect(result.mistake).toBeInstanceOf(TypeError);
    expect(slotsOf(hosts)[1]).not.toContain('y');
    expect(result.hosts.map(({ stopped }) => stopped?.why)).toEqual(['failed', 'cancelled']);
    expect(hosts.every(({ log }) => log.includes('unlock'))).toBe(true);
  });

  it('plans what a task of the same host tells as decided in the run', async () => {
    const play = `${HEAD}  tasks:
    - shell: x
      register: made
    - set: { key: "{{ made.out }}", value: "1" }
`;
    const hosts = hostsOf('a', 'b');
    const shown = await plan(play, hosts);
    expect(shown.result.plans[0]?.hosts.map(({ tasks }) => tasks.map(({ action }) => action))).toEqual([
      ['change', 'unknown'],
      ['change', 'unknown'],
    ]);
    expect(ends(await apply(play, hosts))).toHaveLength(4);
  });
});
