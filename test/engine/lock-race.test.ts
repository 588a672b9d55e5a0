import { describe, expect, it } from 'vitest';
import { LockRace } from './support/lock-race.ts';

/** Each run with its hosts. */
type Runs = Readonly<Record<string, readonly string[]>>;

interface Way {
  readonly forks?: number;
  /** So many runs are killed, whenever. */
  readonly kills?: number;
}

/** Runs that come at the same moment. @param choose which of so many messages arrives next */
async function together(runs: Runs, { forks = 10, kills = 0 }: Way, choose: (of: number) => number): Promise<LockRace> {
  const race = new LockRace(forks);
  for (const [run, hosts] of Object.entries(runs)) void race.begin(run, hosts);
  await race.settled();
  for (let killed = 0; race.left.size > 0; ) {
    const deaths = killed < kills && race.left.size > 1 ? [...race.left].map((run) => `kill ${run}`) : [];
    const choices = [...race.choices, ...deaths];
    // In which order the messages of a single run arrive decides nothing.
    const choice = choices[race.left.size > 1 ? choose(choices.length) : 0];
    if (choice === undefined) throw new Error(`nothing is under way, and ${[...race.left].join()} have not ended`);
    if (choice.startsWith('kill ')) {
      killed += 1;
      race.kill(choice.slice('kill '.length));
    } else await race.deliver(choice);
  }
  return race;
}

/** All ways in which the messages can arrive, and what came of each. */
async function inEveryWay(runs: Runs, way: Way = {}): Promise<readonly LockRace[]> {
  const races: LockRace[] = [];
  let path: { taken: number; readonly of: number }[] = [];
  do {
    let step = 0;
    const race = await together(runs, way, (of) => {
      const at = path[step] ?? { taken: 0, of };
      path[step] = at;
      step += 1;
      return at.taken;
    });
    races.push(race);
    path = path.slice(0, path.findLastIndex(({ taken, of }) => taken + 1 < of) + 1);
    const last = path.at(-1);
    if (last) last.taken += 1;
  } while (path.length > 0);
  return races;
}

describe('of runs that come at the same moment', () => {
  it.each<readonly [what: string, runs: Runs, way: Way, least: number]>([
    ['on one host', { ann: ['a'], bob: ['a'], eve: ['a'] }, {}, 150],
    ['on two hosts', { ann: ['a', 'b'], bob: ['a', 'b'] }, {}, 1_500],
    ['on three hosts, which are asked one by one', { ann: ['a', 'b', 'c'], bob: ['a', 'b', 'c'] }, { forks: 1 }, 1_500],
    ['where one wants fewer', { ann: ['a', 'b', 'c'], bob: ['a'] }, {}, 1_000],
  ])('one goes on, and none beside another, whatever arrives first: %s', async (_, runs, way, least) => {
    const races = await inEveryWay(runs, way);
    expect(races.length).toBeGreaterThan(least);
    expect(races.flatMap(({ faults }) => faults)).toEqual([]);
    expect(races.filter(({ winners }) => winners.length === 0)).toEqual([]);
    expect(races.flatMap(({ locks }) => [...locks])).toEqual([]);
  });

  it('none waits for one whose first host has the same name and is another machine, and one goes on', async () => {
    const races = await inEveryWay({ ann: ['a=10.1.0.1', 'b'], bob: ['a=10.2.0.1', 'b'] });
    expect(races.length).toBeGreaterThan(1_000);
    expect(races.flatMap(({ waits, faults }) => [...waits, ...faults])).toEqual([]);
    expect(races.filter(({ winners }) => winners.length === 0)).toEqual([]);
  });

  it.each<readonly [what: string, runs: Runs, way: Way, least: number]>([
    ['where their first hosts differ', { ann: ['a', 'b'], bob: ['b', 'c'] }, {}, 1_000],
    ['where one is killed', { ann: ['a', 'b'], bob: ['a', 'b'] }, { forks: 1, kills: 1 }, 100],
  ])('none changes a host without having all of its own, also %s', async (_, runs, way, least) => {
    const races = await inEveryWay(runs, way);
    expect(races.length).toBeGreaterThan(least);
    expect(races.flatMap(({ faults }) => faults)).toEqual([]);
    expect(races.flatMap(({ locks }) => [...locks])).toEqual([]);
  });
});
