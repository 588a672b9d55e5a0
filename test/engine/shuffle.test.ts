import { describe, expect, it } from 'vitest';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan, type Report } from './support/workshop.ts';

const PLAY = '- hosts: all\n  order: shuffle\n  serial: 1\n  tasks:\n    - set: { key: x, value: "1" }\n';
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

function fleet(names = NAMES, log: string[] = []): readonly FakeHost[] {
  return names.map((name) => {
    const host = new FakeHost(name);
    host.onMessage = (message) => message.startsWith('set') && log.push(name);
    return host;
  });
}

const planned = ({ result }: Report) => result.plans.flatMap(({ hosts }) => hosts.map(({ host }) => host));

describe('order: shuffle', () => {
  it('is drawn once for a run, which goes as its plan shows', async () => {
    const log: string[] = [];
    const shown = planned(await plan(PLAY, fleet()));
    expect(shown).not.toEqual(NAMES);
    expect(shown.toSorted()).toEqual(NAMES);
    await apply(PLAY, fleet(NAMES, log));
    expect(log).toEqual(shown);
  });

  it('is another one in another run', async () => {
    const one = planned(await plan(PLAY, fleet(), { runId: 'one' }));
    expect(planned(await plan(PLAY, fleet(), { runId: 'other' }))).not.toEqual(one);
  });

  it('is kept by a saved plan', async () => {
    const log: string[] = [];
    const saved = JSON.parse(JSON.stringify((await plan(PLAY, fleet(), { runId: 'saved' })).result.plans));
    const { result } = await apply(PLAY, fleet(NAMES, log), { saved, runId: 'saved' });
    expect(result.refused).toEqual([]);
    expect(result.plans).toEqual(saved);
    expect(log).toEqual(planned({ result, events: [], journal: [] }));
  });

  it('leaves some of the hosts in the order that they have among all', async () => {
    const all = planned(await plan(PLAY, fleet()));
    const some = planned(await plan(PLAY, fleet(['b', 'd', 'e'])));
    expect(some).toEqual(all.filter((name) => some.includes(name)));
  });

  it('is what templates see of the hosts', async () => {
    const host = new FakeHost('a');
    const play = PLAY.replace('"1"', '"{{ ansible_play_hosts_all | join }}"');
    await apply(play, [host, ...fleet(['b', 'c', 'd', 'e', 'f'])]);
    expect(host.changes).toEqual([`set x ${planned(await plan(PLAY, fleet())).join('')}`]);
  });
});
