import { describe, expect, it } from 'vitest';
import { DurationEstimator, type ExpectedOf } from '../../src/fleet/expected-duration.ts';
import type { ClusterDuration } from '../../src/journal/cluster-durations.ts';
import { fc } from '../support/random-cases.ts';

const MINUTE = 60_000;
const prod = { name: 'prod', hosts: 3, declared: undefined, fallback: 30 * MINUTE };

const expectedDuration = (of: ExpectedOf, recorded: readonly ClusterDuration[]) =>
  new DurationEstimator(recorded).estimate(of);

function took(cluster: string, hosts: number, ...minutes: readonly number[]): readonly ClusterDuration[] {
  return minutes.map((each) => ({ cluster, hosts, changed: hosts, elapsedMs: each * MINUTE }));
}

describe('the expected duration of a run', () => {
  it('is the 95th percentile of the runs on the cluster with all of its hosts', () => {
    const many = took('prod', 3, ...Array.from({ length: 20 }, (_, index) => index + 1));
    const others = [...took('prod', 1, 90, 90, 90), ...took('dev', 3, 80, 80, 80)];
    expect(expectedDuration(prod, [...many, ...others])).toEqual({
      ms: 19 * MINUTE,
      source: '95th percentile of 20 runs',
    });
  });

  it('is that of clusters with as many hosts where it has too few runs, and the default where they have, too', () => {
    const own = took('prod', 3, 5, 6);
    const alike = [...took('dev', 3, 10, 20), ...took('stage', 3, 15)];
    expect(expectedDuration(prod, [...own, ...alike, ...took('big', 9, 99, 99, 99)])).toEqual({
      ms: 20 * MINUTE,
      source: '95th percentile of 3 runs on clusters with 3 hosts',
    });
    expect(expectedDuration(prod, own)).toEqual({ ms: 30 * MINUTE, source: 'default' });
  });

  it('is what is declared, unless earlier runs took longer', () => {
    const declared = { ...prod, declared: 45 * MINUTE };
    expect(expectedDuration(declared, took('prod', 3, 5, 5, 5))).toEqual({ ms: 45 * MINUTE, source: 'declared' });
    expect(expectedDuration(declared, took('dev', 3, 90, 90, 90))).toEqual({ ms: 45 * MINUTE, source: 'declared' });
    expect(expectedDuration(declared, took('prod', 3, 50, 60, 55))).toEqual({
      ms: 60 * MINUTE,
      source: '95th percentile of 3 runs; declared are 45m',
    });
  });

  it('does not count runs that changed fewer hosts than others did', () => {
    const part = took('prod', 3, 1, 1, 1, 1).map((each) => ({ ...each, changed: 1 }));
    expect(expectedDuration(prod, [...took('prod', 3, 10, 12, 11), ...part]).ms).toBe(12 * MINUTE);
    expect(expectedDuration(prod, [...took('prod', 3, 10, 12), ...part])).toEqual({
      ms: 30 * MINUTE,
      source: 'default',
    });
  });

  it('is that of clusters with as many hosts when there are a year of daily runs on hundreds of them', () => {
    const recorded = Array.from({ length: 150_000 }, () => took('dev', 3, 10)).flat();
    expect(expectedDuration(prod, recorded).ms).toBe(10 * MINUTE);
  });

  it('looks at a run once, however many clusters there are', () => {
    let looks = 0;
    const names = Array.from({ length: 100 }, (_, index) => `prod-${index}`);
    const recorded = names.flatMap((cluster) =>
      Array.from({ length: 10 }, () => ({
        cluster,
        changed: 3,
        elapsedMs: MINUTE,
        get hosts() {
          looks += 1;
          return 3;
        },
      })),
    );
    const estimator = new DurationEstimator(recorded);
    for (const name of names) expect(estimator.estimate({ ...prod, name }).ms).toBe(MINUTE);
    expect(looks).toBe(1_000);
  });

  it('looks at the runs of others once for all clusters that have none of their own', () => {
    let looks = 0;
    const recorded = Array.from({ length: 100 }, () => ({
      cluster: 'prod',
      hosts: 3,
      elapsedMs: MINUTE,
      get changed() {
        looks += 1;
        return 3;
      },
    }));
    const estimator = new DurationEstimator(recorded);
    estimator.estimate({ ...prod, name: 'new' });
    const once = looks;
    for (let cluster = 0; cluster < 10; cluster += 1) estimator.estimate({ ...prod, name: `new-${cluster}` });
    expect(looks).toBe(once);
  });

  const anyDuration = fc.record({
    cluster: fc.constantFrom('prod', 'dev', 'stage'),
    hosts: fc.constantFrom(1, 3),
    changed: fc.constantFrom(1, 3),
    elapsedMs: fc.nat(10_000_000),
  });
  const anyOf = fc.record({
    name: fc.constantFrom('prod', 'dev'),
    hosts: fc.constantFrom(1, 3),
    declared: fc.option(fc.nat(10_000_000), { nil: undefined }),
    fallback: fc.constant(30 * MINUTE),
  });

  it('never depends on the order of the record, is no shorter than what is declared, and lasts for 95 of 100 runs', () => {
    fc.assert(
      fc.property(anyOf, fc.array(anyDuration, { maxLength: 60 }), (of, recorded) => {
        const said = expectedDuration(of, recorded);
        expect(expectedDuration(of, recorded.toReversed())).toEqual(said);
        if (of.declared !== undefined) expect(said.ms).toBeGreaterThanOrEqual(of.declared);
        const alike = recorded.filter(({ cluster, hosts }) => cluster === of.name && hosts === of.hosts);
        const own = alike.filter(({ changed }) => alike.every((other) => other.changed <= changed));
        if (own.length < 3) return;
        const longer = own.filter(({ elapsedMs }) => elapsedMs > said.ms);
        expect(longer.length).toBeLessThanOrEqual(own.length * 0.05);
        // And it is a run's that took place, or somebody's word.
        expect([of.declared, ...own.map(({ elapsedMs }) => elapsedMs)]).toContain(said.ms);
      }),
      { seed: 12, numRuns: 2_000 },
    );
  });
});
