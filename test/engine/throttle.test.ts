import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

/** What hosts were sent, all of them in one list: `a set x 1`. */
function watched(names: readonly string[]) {
  const sent: string[] = [];
  const hosts = names.map((name) => {
    const host = new FakeHost(name);
    host.onMessage = (message) => /^(look|set)/.test(message) && sent.push(`${name} ${message}`);
    return host;
  });
  return { hosts, sent };
}

const TASK = '- hosts: all\n  tasks:\n    - set: { key: x, value: "1" }\n';

describe('throttle', () => {
  it('lets one host do the whole task before it is the turn of the next', async () => {
    const { hosts, sent } = watched(['a', 'b', 'c']);
    await apply(`${TASK}      throttle: 1\n`, hosts);
    const work = sent.slice(sent.findIndex((message) => message.includes(' set ')));
    expect(work.map((message) => message[0])).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    expect(hosts.map(({ slots }) => slots.get('x'))).toEqual(['1', '1', '1']);
  });

  it.each(['  throttle: 1\n  tasks:\n    - set:', '  tasks:\n    - throttle: 1\n      block:\n        - set:'])(
    'is had from what stands around the task: %j',
    async (head) => {
      const { hosts, sent } = watched(['a', 'b']);
      await apply(`- hosts: all\n${head} { key: x, value: "1" }\n`, hosts);
      expect(sent.filter((message) => message.includes(' set ') || message.startsWith('a look')).at(-1)).toBe(
        'b set x 1',
      );
    },
  );

  it('goes on with the others when one has failed', async () => {
    const { hosts } = watched(['a', 'b']);
    hosts[0]?.break(/^set/, 'fails');
    const { result } = await apply(`${TASK}      throttle: 1\n`, hosts);
    expect(result.failed).toEqual(['a']);
    expect(hosts[1]?.slots.get('x')).toBe('1');
  });

  it('is not for a step whose stages all hosts pass together', async () => {
    const play = '- hosts: all\n  throttle: 1\n  tasks:\n    - serve: { key: x, value: "1" }\n';
    await expect(plan(play, [new FakeHost('a')])).rejects.toThrow(
      'serve has stages that all hosts pass together, so it cannot have throttle',
    );
    const { result } = await plan(`${play}      throttle: 0\n`, [new FakeHost('a')]);
    expect(result.refused).toEqual([]);
  });
});

describe('until', () => {
  it('is not for a step whose stages all hosts pass together, which would be repeated one by one', async () => {
    const play =
      "- hosts: all\n  tasks:\n    - serve: { key: x, value: '1' }\n      register: r\n      until: r is succeeded\n";
    await expect(plan(play, [new FakeHost('a')])).rejects.toThrow(
      'serve has stages that all hosts pass together, so it cannot be repeated with until',
    );
  });
});

describe('order', () => {
  const batches = async (order: string) => {
    const hosts = ['b', 'c', 'a'].map((name) => new FakeHost(name));
    const { events } = await apply(`- hosts: all\n  order: ${order}\n  serial: 1\n  tasks:\n    - say: x\n`, hosts);
    return lines(events, 'play-planned')[0];
  };

  it.each([
    ['inventory', 'b', 'c', 'a'],
    ['reverse_inventory', 'a', 'c', 'b'],
    ['sorted', 'a', 'b', 'c'],
    ['reverse_sorted', 'c', 'b', 'a'],
  ])('%s takes the hosts so', async (order, ...names) => {
    expect(await batches(order)).toContain(JSON.stringify(names.map((name) => [name])));
  });
});
