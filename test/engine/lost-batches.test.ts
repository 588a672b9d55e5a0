import { describe, expect, it } from 'vitest';
import type { PlayPlan } from '../../src/core/events/plan.ts';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan, type Report } from './support/workshop.ts';

const set = (key: string): string => `set: { key: ${key}, value: "1" }`;
const SHUN = 'shun: { key: sick, value: very }';

/** Two plays, the first in batches. */
const twoPlays = (serial: string, tasks: readonly string[] = [set('x')], head = ''): string =>
  `- name: First
  hosts: a,b,c,d
  serial: ${serial}
${head}  tasks:
${tasks.map((text) => `    - ${text}\n`).join('')}- name: Second
  hosts: all
  tasks:
    - ${set('y')}
`;

const fleet = (): readonly FakeHost[] => ['a', 'b', 'c', 'd', 'e'].map((name) => new FakeHost(name));
const done = (hosts: readonly FakeHost[]): Readonly<Record<string, string>> =>
  Object.fromEntries(hosts.map(({ name, slots }) => [name, ['x', 'y'].filter((key) => slots.has(key)).join(' ')]));
const shown = ({ result }: Report): readonly string[] =>
  result.plans.map(({ play, hosts }: PlayPlan) => `${play}: ${hosts.map(({ host }) => host).join(' ')}`);

const warnings = (events: Report['events']): readonly string[] =>
  lines(events, 'warning').map((line) => line.replace('warning ', ''));

const NOT_BEGUN = 'not started: no host of the previous batch succeeded';
const NO_SECOND = "the play 'Second' is not started: no host of a batch of 'First' succeeded";

describe('a batch of which no host comes through', () => {
  it.each([
    ['has failed', /^set x/, 'fails', 0],
    ['was lost', /^set x/, 'lost-before', 0],
    ['was lost in the look before it', /^look x/, 'lost-before', 1],
  ] as const)('because it %s ends the run', async (_why, pattern, fault, skip) => {
    const hosts = fleet();
    hosts[1]?.break(pattern, fault, skip);
    const { result, events } = await apply(twoPlays('1'), hosts);
    expect(done(hosts)).toEqual({ a: 'x', b: '', c: '', d: '', e: '' });
    expect(lines(events, 'play-started')).toHaveLength(1);
    expect(warnings(events)).toEqual([`c, d: ${NOT_BEGUN}`, `a, e: ${NO_SECOND}`]);
    expect([...result.failed, ...result.unreachable]).toEqual(['b']);
    expect(result.hosts.map(({ host, stopped }) => [host, stopped?.why])).toEqual([
      ['a', undefined],
      ['b', fault === 'fails' ? 'failed' : 'unreachable'],
      ['c', 'cancelled'],
      ['d', 'cancelled'],
      ['e', undefined],
    ]);
  });

  it('ends it whatever share of failures the play bears', async () => {
    const hosts = fleet();
    hosts[0]?.break(/^set x/, 'fails');
    await apply(twoPlays('1', [set('x')], '  max_fail_percentage: 100\n'), hosts);
    expect(done(hosts)).toEqual({ a: '', b: '', c: '', d: '', e: '' });
  });

  it('does not where its failures are caught, or cleared', async () => {
    const rescued = fleet();
    rescued[0]?.break(/^set x/, 'fails');
    await apply(twoPlays('1', [`block: [{ ${set('x')} }]\n      rescue: [{ say: sorry }]`]), rescued);
    expect(done(rescued)).toEqual({ a: 'y', b: 'x y', c: 'x y', d: 'x y', e: 'y' });
    const cleared = fleet();
    cleared[0]?.break(/^set x/, 'fails');
    cleared[1]?.break(/^set y/, 'fails');
    await apply(twoPlays('2', [set('x'), 'meta: clear_host_errors', set('y')]), cleared);
    expect(done(cleared)).toEqual({ a: 'y', b: 'x', c: 'x y', d: 'x y', e: 'y' });
  });

  it('does not when it is the hosts of two batches, or a play without serial', async () => {
    const hosts = fleet();
    for (const index of [1, 3]) hosts[index]?.break(/^set x/, 'fails');
    await apply(twoPlays('2'), hosts);
    expect(done(hosts)).toEqual({ a: 'x y', b: '', c: 'x y', d: '', e: 'y' });
  });

  it.each([
    ['cannot be reached', (host: FakeHost) => host.break(/^open/, 'lost-before')],
    ['is refused', (host: FakeHost) => host.slots.set('sick', 'very')],
  ])('because it %s is known in the plan, which shows what the run does', async (_why, spoil) => {
    const text = twoPlays('1', [SHUN, set('x')]);
    const [planned, applied] = [fleet(), fleet()];
    for (const hosts of [planned, applied]) if (hosts[1]) spoil(hosts[1]);
    const before = await plan(text, planned);
    const after = await apply(text, applied);
    expect(done(planned)).toEqual({ a: '', b: '', c: '', d: '', e: '' });
    expect(done(applied)).toEqual({ a: 'x', b: '', c: '', d: '', e: '' });
    const hosts = applied[1]?.slots.has('sick') ? 'a b' : 'a';
    expect(shown(before)).toEqual([`First: ${hosts}`]);
    expect(shown(after)).toEqual(shown(before));
    expect(warnings(before.events)).toEqual([`c, d: ${NOT_BEGUN}`, `a, c, d, e: ${NO_SECOND}`]);
    expect(warnings(after.events)).toEqual([`c, d: ${NOT_BEGUN}`, `a, e: ${NO_SECOND}`]);
    expect(after.result.hosts.map(({ host }) => host).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('is known in the plan where it is the last one', async () => {
    const hosts = fleet();
    hosts[3]?.slots.set('sick', 'very');
    const { result, events } = await plan(twoPlays('1', [SHUN, set('x')]), hosts);
    expect(shown({ result, events, journal: [] })).toEqual(['First: a b c d']);
    expect(warnings(events)).toEqual([`a, b, c, e: ${NO_SECOND}`]);
  });

  it('ends the run too where nothing is to be done on the others', async () => {
    const hosts = fleet();
    for (const { slots } of hosts) slots.set('x', '1');
    hosts[1]?.break(/^open/, 'lost-before');
    const { events } = await apply(twoPlays('1'), hosts);
    expect(done(hosts)).toEqual({ a: 'x', b: 'x', c: 'x', d: 'x', e: 'x' });
    expect(lines(events, 'task-finished').map((line) => line.split(':')[0])).toEqual(['set on a']);
  });

  it('cannot be changed by a saved plan behind it, although it can be reached by then', async () => {
    const gone = fleet();
    gone[1]?.break(/^open/, 'lost-before');
    const { result } = await plan(twoPlays('1'), gone);
    const hosts = fleet();
    const applied = await apply(twoPlays('1'), hosts, { saved: result.plans });
    expect(done(hosts)).toEqual({ a: 'x', b: '', c: '', d: '', e: '' });
    expect(applied.result.refused).toEqual(['b', 'c', 'd']);
  });

  it('ends the run for its own cluster', async () => {
    const clusters = { a: 'one', b: 'one', c: 'two', d: 'two', e: 'one' };
    for (const act of [plan, apply]) {
      const hosts = fleet();
      hosts[0]?.slots.set('sick', 'very');
      const { result, events } = await act(twoPlays('1', [SHUN, set('x')]), hosts, { clusters });
      if (act === apply) expect(done(hosts)).toEqual({ a: '', b: '', c: 'x y', d: 'x y', e: '' });
      expect(lines(events, 'play-started')[1]).toBe("play 'Second' on c d");
      const last = act === apply ? 'e' : 'b, e';
      expect(warnings(events)).toEqual([`b: ${NOT_BEGUN}`, `${last}: ${NO_SECOND}`]);
      expect(result.refused).toEqual(['a']);
    }
  });
});
