import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const set = (key: string): string => `set: { key: ${key}, value: "1" }`;

/** Two plays; the first one ends with a meta action. */
const twoPlays = (more = '', head = ''): string => `- hosts: all
${head}  tasks:
    - ${set('x')}
    - meta: clear_host_errors
${more}    - ${set('y')}
- hosts: all
  tasks:
    - ${set('z')}
`;

const done = (host: FakeHost): readonly string[] => host.changes.map((message) => message.split(' ')[1] ?? '');

describe('clear_host_errors', () => {
  it('lets a host that has failed take part in the next play, not in the rest of this one', async () => {
    const hosts = [new FakeHost('a'), new FakeHost('b').break(/^set x/, 'fails')] as const;
    const { result } = await apply(twoPlays(), hosts);
    expect(hosts.map(done)).toEqual([
      ['x', 'y', 'z'],
      ['x', 'z'],
    ]);
    expect(result).toMatchObject({ failed: [], unreachable: [] });
    expect(result.hosts.map(({ host, failed, ok }) => ({ host, failed, ok }))).toEqual([
      { host: 'a', failed: 0, ok: 3 },
      { host: 'b', failed: 1, ok: 1 },
    ]);
  });

  it('lets a host that was lost be connected again', async () => {
    const host = new FakeHost('b').break(/^set x/, 'lost-before');
    const { result, events } = await apply(twoPlays(), [new FakeHost('a'), host]);
    expect(done(host)).toEqual(['z']);
    expect(host.log.filter((message) => message.startsWith('open'))).toHaveLength(2);
    expect(result).toMatchObject({ failed: [], unreachable: [] });
    expect(result.hosts[1]).toMatchObject({ unreachable: 1, ok: 1 });
    expect(lines(events, 'host-connected').filter((line) => line.startsWith('b'))).toHaveLength(2);
  });

  it.each([
    ['failed', 'fails', 'failed'],
    ['was lost', 'lost-before', 'unreachable'],
  ] as const)('lets a host that %s in an earlier play take part in the next one', async (_what, how, counter) => {
    const hosts = [new FakeHost('a'), new FakeHost('b').break(/^set x/, how)] as const;
    const play = (...tasks: readonly string[]): string =>
      `- hosts: all\n  tasks:\n${tasks.map((task) => `    - ${task}\n`).join('')}`;
    const clearing = play('meta: clear_host_errors', set('y'));
    const { result } = await apply(play(set('x')) + clearing + play(set('z')), hosts);
    expect(hosts.map(done)).toEqual([['x', 'y', 'z'], how === 'fails' ? ['x', 'z'] : ['z']]);
    expect(result).toMatchObject({ failed: [], unreachable: [] });
    expect(result.hosts[1]).toMatchObject({ [counter]: 1, ok: 1 });
  });

  it('lets a host that could not be reached be tried again, in a plan as in a run', async () => {
    for (const doing of [plan, apply]) {
      const host = new FakeHost('b').break(/^open/, 'lost-before');
      const { result } = await doing(twoPlays(), [new FakeHost('a'), host]);
      expect(result.plans[1]?.hosts.map((one) => one.host)).toEqual(['a', 'b']);
      expect(result.unreachable).toEqual([]);
    }
  });

  it.each([
    ['could not be put back', 'fails', 'not-restored', ['b']],
    ['was lost in a change', 'lost-after', 'unknown', []],
  ] as const)('does not make a host well that %s', async (_what, how, state, failed) => {
    const host = new FakeHost('b', { w: 'old' }).break(/^set x 1/, how).break(/^set w old/, 'fails');
    const play = twoPlays().replace('tasks:', `tasks:\n    - guard: { keys: [w] }\n    - ${set('w')}`);
    const { result } = await apply(play, [new FakeHost('a'), host]);
    expect(done(host)).toContain('z');
    expect(result.hosts).toMatchObject([{ state: 'changed' }, { state }]);
    expect(result).toMatchObject({ failed, unreachable: [] });
  });

  it('does not hide how far a host was put back', async () => {
    const host = new FakeHost('b', { v: 'old', w: 'old' }).break(/^set x 1/, 'fails').break(/^set w old/, 'fails');
    const guarded = `tasks:\n    - guard: { keys: [v, w] }\n    - ${set('v')}\n    - ${set('w')}`;
    const { result } = await apply(twoPlays().replace('tasks:', guarded), [host]);
    expect(result.hosts).toMatchObject([{ state: 'not-restored', undone: { done: ['put_back'], failed: 'put_back' } }]);
  });

  it('does nothing where its condition does not hold on the first host', async () => {
    const hosts = [new FakeHost('a'), new FakeHost('b').break(/^set x/, 'fails')] as const;
    const { result } = await apply(twoPlays("      when: inventory_hostname == 'b'\n"), hosts);
    expect(done(hosts[1])).toEqual(['x']);
    expect(result.failed).toEqual(['b']);
  });

  it('lets the batches behind it begin', async () => {
    const hosts = [new FakeHost('a'), new FakeHost('b').break(/^set x/, 'fails'), new FakeHost('c')] as const;
    await apply(twoPlays('', '  serial: 2\n'), hosts);
    expect(done(hosts[2])).toEqual(['x', 'y', 'z']);
  });

  it('is for the hosts of its batch', async () => {
    const hosts = [new FakeHost('a').break(/^set y/, 'fails'), new FakeHost('b'), new FakeHost('c')] as const;
    const { result } = await apply(twoPlays('', '  serial: [2, 1]\n  max_fail_percentage: 60\n'), hosts);
    expect(hosts.map(done)).toEqual([
      ['x', 'y'],
      ['x', 'y', 'z'],
      ['x', 'y', 'z'],
    ]);
    expect(result.failed).toEqual(['a']);
  });

  it('has nobody to hear it where all hosts have failed', async () => {
    const hosts = [new FakeHost('a').break(/^set x/, 'fails')] as const;
    const { result } = await apply(twoPlays(), hosts);
    expect(done(hosts[0])).toEqual(['x']);
    expect(result.failed).toEqual(['a']);
  });

  it('leaves out what was refused', async () => {
    const play = `- hosts: all
  tasks:
    - shun: { key: sick, value: very }
    - meta: clear_host_errors
- hosts: all
  tasks:
    - ${set('z')}
`;
    const hosts = [new FakeHost('a'), new FakeHost('b', { sick: 'very' })] as const;
    const { result } = await apply(play, hosts);
    expect(result.refused).toEqual(['b']);
    expect(done(hosts[1])).toEqual([]);
  });
});
