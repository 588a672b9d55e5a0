import { describe, expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import { SourceFile } from '../../src/core/source.ts';
import { parseYaml } from '../../src/core/yaml/yaml.ts';
import { checkRollout } from '../../src/fleet/rollout/check-rollout.ts';
import { type Candidate, failureLimit, planWaves, withRecordedWaves } from '../../src/fleet/rollout/waves.ts';
import { rollout } from '../../src/playbook/rollout/rollout.ts';
import type { Rollout } from '../../src/playbook/rollout/rollout-model.ts';
import { fc } from '../support/random-cases.ts';

function read(text: string): Rollout {
  const problems = new Problems();
  const tree = parseYaml(new SourceFile('rollout.yml', text), problems, 'ansible');
  const found = tree && rollout.read(tree, { label: 'a rollout', problems });
  expect(problems.all).toEqual([]);
  if (!found) throw new Error('no rollout');
  return found;
}

const cluster = (name: string, more: Partial<Candidate> = {}): Candidate => ({
  name,
  labels: new Map(),
  traits: [],
  ...more,
});

const waves = (text: string, candidates: readonly Candidate[], total = candidates.length) =>
  planWaves(read(text), candidates, total).map(({ name, clusters }) => `${name}: ${clusters.join(' ')}`);

describe('the waves of a rollout', () => {
  test('are one of all clusters where none is said: what expires first goes first', () => {
    const fleet = [
      cluster('a', { expires: 3 }),
      cluster('b', { expires: 1 }),
      cluster('c'),
      cluster('d', { expires: 1 }),
    ];
    expect(waves('order: urgency', fleet)).toEqual(['all: b d a c']);
    expect(waves('order: name', fleet)).toEqual(['all: a b c d']);
  });

  test('take those that name them, those that they choose, and the last one all that are left', () => {
    const fleet = [
      cluster('a', { wave: 'canary' }),
      cluster('b', { labels: new Map([['env', 'test']]) }),
      cluster('c'),
      cluster('d'),
    ];
    const text =
      'waves: [{ name: canary }, { name: early, label: env=test }, { name: some, clusters: c }, { name: rest }]';
    expect(waves(text, fleet)).toEqual(['canary: a', 'early: b', 'some: c', 'rest: d']);
  });

  test('that are of a size meet each version and topology early', () => {
    const of = (name: string, expires: number, ...traits: string[]) => cluster(name, { expires, traits });
    const fleet = [
      of('a', 1, '1.33', '3 masters'),
      of('b', 2, '1.33', '3 masters'),
      of('c', 3, '1.33', '1 master'),
      of('d', 4, '1.32', '1 master'),
      of('e', 5, '1.32', '3 masters'),
    ];
    expect(waves('waves: [{ name: canary, size: 2 }, { name: rest }]', fleet)).toEqual(['canary: a d', 'rest: b c e']);
    // What a wave before has met is known already.
    expect(waves('waves: [{ name: x, size: 1 }, { name: y, size: 1 }, { name: rest }]', fleet)).toEqual([
      'x: a',
      'y: d',
      'rest: b c e',
    ]);
  });

  test('that are of a size take none that a later wave names or labels, however urgent', () => {
    const fleet = [
      cluster('dev', { expires: 4 }),
      cluster('p1', { expires: 1 }),
      cluster('p2', { expires: 2, labels: new Map([['env', 'prod']]) }),
    ];
    expect(waves('waves: [{ name: canary, size: 1 }, { name: prod, clusters: [p1, p2] }]', fleet)).toEqual([
      'canary: dev',
      'prod: p1 p2',
    ]);
    expect(waves('waves: [{ name: canary, size: 2 }, { name: prod, label: env=prod }]', fleet)).toEqual([
      'canary: p1 dev',
      'prod: p2',
    ]);
  });

  test('that are a share are one of all clusters, those included that --limit leaves out', () => {
    const text = 'waves: [{ name: a, clusters: [c1, c2] }, { name: b, size: 50% }]';
    expect(waves(text, [cluster('c3'), cluster('c4')], 4)).toEqual(['a: ', 'b: c3 c4']);
  });

  test('reach every cluster that they reach before anything is known of it, and of those every one that is not left out', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const choice = fc.oneof(
      fc.constantFrom('size: 1', 'size: 2', 'size: 40%', 'label: env=x', ''),
      fc.subarray(names, { minLength: 1 }).map((some) => `clusters: [${some.join(', ')}]`),
    );
    const fleets = fc.tuple(
      ...names.map((name) =>
        fc.record({
          name: fc.constant(name),
          labels: fc.constantFrom(new Map([['env', 'x']]), new Map<string, string>()),
          wave: fc.option(fc.constantFrom('w0', 'w1'), { nil: undefined }),
          expires: fc.option(fc.nat(9), { nil: undefined }),
          traits: fc.subarray(['1.33', '1.32', '3 masters']),
          isLeftOut: fc.boolean(),
        }),
      ),
    );
    fc.assert(
      fc.property(fc.array(choice, { minLength: 2, maxLength: 4 }), fleets, (choices, fleet) => {
        const named = choices.flatMap((text) => /\[(.*)\]/.exec(text)?.[1]?.split(', ') ?? []);
        // A cluster that two waves name is refused.
        fc.pre(new Set(named).size === named.length);
        const list = choices.map((text, index) => `{ name: w${index}${text === '' ? '' : `, ${text}`} }`);
        const plan = read(`waves: [${list.join(', ')}]`);
        const known: Candidate[] = fleet.map(({ name, labels, wave, expires, traits }) => ({
          name,
          labels,
          traits,
          ...(wave && { wave }),
          ...(expires !== undefined && { expires }),
        }));
        const unseen = known.map(({ name, labels, wave }) => cluster(name, { labels, ...(wave && { wave }) }));
        const reached = (candidates: readonly Candidate[]) =>
          planWaves(plan, candidates, names.length).flatMap(({ clusters }) => clusters);
        fc.pre(reached(unseen).length === names.length);
        expect(reached(known).toSorted()).toEqual(names);
        const limited = known.filter((_, index) => fleet[index]?.isLeftOut === false);
        expect(reached(limited).toSorted()).toEqual(limited.map(({ name }) => name));
      }),
      { seed: 20261126, numRuns: 500 },
    );
  });

  test('that are a share are rounded up, and what may fail is rounded down', () => {
    const fleet = ['a', 'b', 'c', 'd', 'e'].map((name) => cluster(name));
    expect(waves('waves: [{ name: x, size: 25% }, { name: rest }]', fleet)).toEqual(['x: a b', 'rest: c d e']);
    expect(failureLimit({ kind: 'share', percent: 50 }, 5)).toBe(2);
    expect(failureLimit({ kind: 'share', percent: 10 }, 5)).toBe(0);
    expect(failureLimit(undefined, 5)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a cluster that its wave names, and that names its wave', () => {
  const value = 'canary';
  const { range } = read('order: name');
  const own = { name: 'a', range, hosts: ['m1'], labels: new Map<string, string>(), wave: { value, range } };
  const problemsOf = (text: string): readonly string[] => {
    const problems = new Problems();
    checkRollout(read(text), new Map([['a', own]]), [own], problems);
    return problems.all.map(({ message }) => message);
  };

  test('is in one wave, whichever of the two says so', () => {
    expect(problemsOf('waves: [{ name: canary, clusters: a }]')).toEqual([]);
    expect(problemsOf('waves: [{ name: canary }, { name: late, clusters: a }]')).toEqual([
      'cluster a is in wave canary: the inventory says so',
    ]);
  });
});

describe('a cluster that its wave names, and that an earlier wave has by its label', () => {
  const { range } = read('order: name');
  const clusters = ['a', 'b'].map((name) => ({ name, range, hosts: [name], labels: new Map([['env', 'test']]) }));
  const problemsOf = (text: string, all: Parameters<typeof checkRollout>[2] = clusters): readonly string[] => {
    const problems = new Problems();
    checkRollout(read(text), new Map(all.map((each) => [each.name, each])), all, problems);
    return problems.all.map(({ message }) => message);
  };

  test('is refused: it would not be in the wave that names it', () => {
    const text =
      'waves: [{ name: tests, label: env=test }, { name: late, clusters: [b] }, { name: rest, clusters: [a] }]';
    expect(problemsOf(text)).toEqual([
      'cluster b is already in wave tests, by its label',
      'cluster a is already in wave tests, by its label',
    ]);
  });

  test('is in the wave that names it where that comes first, or where it names that wave itself', () => {
    expect(problemsOf('waves: [{ name: late, clusters: [b] }, { name: tests, label: env=test }]')).toEqual([]);
    const own = clusters.map((each) => (each.name === 'b' ? { ...each, wave: { value: 'late', range } } : each));
    expect(problemsOf('waves: [{ name: tests, label: env=test }, { name: late, clusters: [b] }]', own)).toEqual([]);
  });
});

describe('a rollout that goes on with another', () => {
  const text =
    'waves: [{ name: canary, size: 1 }, { name: named, clusters: d }, { name: labelled, label: env=test }, { name: rest }]';
  const fleet = [
    cluster('a', { expires: 9 }),
    cluster('b', { expires: 1 }),
    cluster('c', { labels: new Map([['env', 'test']]) }),
    cluster('d'),
    cluster('e', { wave: 'rest' }),
  ];
  const resumed = (recorded: Readonly<Record<string, string>>) =>
    waves(text, withRecordedWaves(read(text), fleet, new Map(Object.entries(recorded))));

  test('leaves each cluster in the wave that was chosen for it by how it was then', () => {
    expect(resumed({})).toEqual(['canary: b', 'named: d', 'labelled: c', 'rest: a e']);
    expect(resumed({ a: 'canary', b: 'rest', c: 'labelled', d: 'named', e: 'rest' })).toEqual([
      'canary: a',
      'named: d',
      'labelled: c',
      'rest: b e',
    ]);
  });

  test('goes by what the rollout and the inventory say where they say it, and forgets waves that are no more', () => {
    expect(resumed({ c: 'canary', d: 'rest', e: 'canary', a: 'gone' })).toEqual([
      'canary: b',
      'named: d',
      'labelled: c',
      'rest: a e',
    ]);
  });
});
