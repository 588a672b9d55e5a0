import { describe, expect, test } from 'vitest';
import { type ClusterProgress, type ClusterState, decide, type Situation } from '../../src/fleet/rollout/decide.ts';
import { fc } from '../support/random-cases.ts';

interface Fleet {
  readonly waves: readonly (readonly {
    readonly end: 'ok' | 'failed' | 'left';
    readonly opens: number;
    readonly takes: number;
  }[])[];
  readonly waveBudgets: readonly number[];
  /** Of waves that settle. */
  readonly soaks: readonly boolean[];
  /** Of waves that let no next one start once a cluster has failed. */
  readonly stops: readonly boolean[];
  readonly maxFailed: number;
  readonly sideBySide: number;
  /** From one moment to another nothing is to be begun; from a third on nothing more. */
  readonly pause?: readonly [from: number, to: number];
  readonly abort?: number | undefined;
}

const budget = fc.oneof(fc.nat(4), fc.constant(Number.POSITIVE_INFINITY));
const fleets: fc.Arbitrary<Fleet> = fc
  .array(
    fc.array(
      fc.record({
        end: fc.constantFrom('ok', 'ok', 'ok', 'failed', 'failed', 'left'),
        opens: fc.nat(20),
        takes: fc.integer({ min: 1, max: 9 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    { minLength: 1, maxLength: 4 },
  )
  .chain((waves) =>
    fc.record({
      waves: fc.constant(waves),
      waveBudgets: fc.array(budget, { minLength: waves.length, maxLength: waves.length }),
      soaks: fc.array(fc.boolean(), { minLength: waves.length, maxLength: waves.length }),
      stops: fc.array(fc.boolean(), { minLength: waves.length, maxLength: waves.length }),
      maxFailed: budget,
      sideBySide: fc.integer({ min: 1, max: 5 }),
      pause: fc.tuple(fc.nat(20), fc.nat(9)).map(([from, takes]): [number, number] => [from, from + takes]),
      abort: fc.option(fc.nat(40), { nil: undefined, freq: 2 }),
    }),
  );

interface Seen {
  /** After each decision. */
  readonly situations: readonly Situation[];
  readonly end: ReturnType<typeof decide>;
}

/** A rollout in a world that does what it is told: each cluster takes its time and then fails or not. */
function live({ waves, waveBudgets, soaks, stops, maxFailed, sideBySide, pause, abort }: Fleet): Seen {
  const haltAt = (moment: number): Situation['halt'] => {
    if (abort !== undefined && moment >= abort) return 'aborted';
    return pause && moment >= pause[0] && moment < pause[1] ? 'paused' : undefined;
  };
  const planned = waves.map((clusters, wave) =>
    clusters.map((cluster, index) => ({ ...cluster, name: `${wave}.${index}` })),
  );
  const states = new Map<string, ClusterState>(planned.flat().map(({ name }) => [name, 'waiting']));
  const ends = new Map<string, number>();
  const situations: Situation[] = [];
  const settled = new Set<number>();
  const approved = new Set<number>();
  let now = 0;
  for (let step = 0; step < 1_000; step += 1) {
    const progress = ({ name, opens }: { name: string; opens: number }): ClusterProgress => ({
      name,
      state: states.get(name) ?? 'waiting',
      opens,
    });
    const halt = haltAt(now);
    const situation: Situation = {
      waves: planned.map((clusters, wave) => ({
        maxFailed: waveBudgets[wave] ?? 0,
        clusters: clusters.map(progress),
        isApproved: approved.has(wave),
        isSettled: soaks[wave] !== true || settled.has(wave),
        stopsOnFailure: stops[wave] === true,
      })),
      maxFailed,
      sideBySide,
      now,
      ...(halt && { halt }),
    };
    situations.push(situation);
    const decision = decide(situation);
    if (['done', 'stopped', 'held', 'aborted'].includes(decision.kind)) return { situations, end: decision };
    if (decision.kind === 'approve') {
      approved.add(decision.wave);
      continue;
    }
    if (decision.kind === 'settle') {
      settled.add(decision.wave);
      continue;
    }
    if (decision.kind === 'start') {
      for (const name of decision.clusters) {
        states.set(name, 'running');
        ends.set(name, now + (planned.flat().find((each) => each.name === name)?.takes ?? 0));
      }
      continue;
    }
    if (decision.kind !== 'wait') throw new Error(decision.kind);
    const said = [...(pause ?? []), ...(abort === undefined ? [] : [abort])].filter((moment) => moment > now);
    const moments = [...ends.values(), ...(decision.until === undefined ? [] : [decision.until]), ...said];
    now = Math.min(...moments);
    for (const [name, end] of ends) {
      if (end > now) continue;
      ends.delete(name);
      states.set(name, planned.flat().find((each) => each.name === name)?.end ?? 'ok');
    }
  }
  throw new Error('it does not end');
}

const count = (clusters: readonly ClusterProgress[], wanted: ClusterState) =>
  clusters.filter(({ state }) => state === wanted).length;
const always = (property: (fleet: Fleet, seen: Seen) => void) =>
  fc.assert(
    fc.property(fleets, (fleet) => property(fleet, live(fleet))),
    { seed: 20261126, numRuns: 500 },
  );

describe('a rollout', () => {
  test('never has more failed and running than one above its budgets, of a wave as of the whole', () => {
    always((_fleet, { situations }) => {
      for (const { waves, maxFailed } of situations) {
        const all = waves.flatMap(({ clusters }) => clusters);
        for (const { clusters, maxFailed: allowed } of [{ clusters: all, maxFailed }, ...waves])
          if (count(clusters, 'running') > 0)
            expect(count(clusters, 'failed') + count(clusters, 'running')).toBeLessThanOrEqual(allowed + 1);
      }
    });
  });

  test('never has more side by side than are asked for, nor two waves in hand, nor one before its window', () => {
    always((_fleet, { situations }) => {
      for (const [index, { waves, sideBySide, now }] of situations.entries()) {
        expect(
          count(
            waves.flatMap(({ clusters }) => clusters),
            'running',
          ),
        ).toBeLessThanOrEqual(sideBySide);
        for (const { clusters, isApproved } of waves)
          if (!isApproved) expect(clusters.every(({ state }) => state === 'waiting')).toBe(true);
        const inProgress = waves.filter(({ clusters }) => count(clusters, 'running') > 0);
        expect(inProgress.length).toBeLessThanOrEqual(1);
        const first = waves.findIndex(({ clusters }) => count(clusters, 'running') > 0);
        if (first > 0 && waves[first - 1]?.stopsOnFailure)
          expect(count(waves[first - 1]?.clusters ?? [], 'failed')).toBe(0);
        for (const { clusters, isSettled } of waves.slice(0, Math.max(0, first))) {
          expect(count(clusters, 'waiting')).toBe(0);
          expect(count(clusters, 'left')).toBe(0);
          expect(isSettled).toBe(true);
        }
        const before = situations[index - 1]?.waves.flatMap(({ clusters }) => clusters) ?? [];
        for (const { name, state, opens = 0 } of waves.flatMap(({ clusters }) => clusters))
          if (state === 'running' && before.find((each) => each.name === name)?.state === 'waiting')
            expect(opens).toBeLessThanOrEqual(now);
      }
    });
  });

  test('ends when all clusters have, or as soon as a budget is exceeded and what runs has ended', () => {
    always((fleet, { situations, end }) => {
      const last = situations.at(-1)?.waves ?? [];
      const all = last.flatMap(({ clusters }) => clusters);
      expect(count(all, 'running')).toBe(0);
      if (end.kind === 'done') {
        expect(count(all, 'waiting')).toBe(0);
        expect(count(all, 'failed')).toBeLessThanOrEqual(fleet.maxFailed);
      } else if (end.kind === 'stopped') expect(end.failed).toBe(end.maxFailed + 1);
      else if (end.kind === 'held') {
        const behind = last.slice(end.wave + 1).flatMap(({ clusters }) => clusters);
        const { clusters = [], stopsOnFailure = false } = last[end.wave] ?? {};
        expect(count(clusters, 'left') + (stopsOnFailure ? count(clusters, 'failed') : 0)).toBeGreaterThan(0);
        expect(count(behind, 'waiting')).toBe(behind.length);
      }
    });
  });

  test('begins nothing while it is paused, nor when it has been aborted, and asks nobody to approve a wave', () => {
    always((_fleet, { situations, end }) => {
      for (const [index, situation] of situations.entries()) {
        const before = situations[index - 1];
        if (before?.halt === undefined) continue;
        const begun = ({ waves }: Situation) =>
          waves.flatMap(({ clusters }) => clusters).filter(({ state }) => state !== 'waiting').length;
        expect(begun(situation)).toBe(begun(before));
        expect(situation.waves.map(({ isApproved }) => isApproved)).toEqual(
          before.waves.map(({ isApproved }) => isApproved),
        );
      }
      if (end.kind === 'aborted') expect(situations.at(-1)?.halt).toBe('aborted');
    });
  });

  test.each([
    [0, 1, 1],
    [3, 4, 4],
  ])('with max_failed %i stops at failure %i, of so many begun: %i', (maxFailed, failures, begun) => {
    const waves = [Array.from({ length: 9 }, () => ({ end: 'failed' as const, opens: 0, takes: 1 }))];
    const { situations, end } = live({
      waves,
      waveBudgets: [Number.POSITIVE_INFINITY],
      soaks: [false],
      stops: [true],
      maxFailed,
      sideBySide: 4,
    });
    expect(end).toEqual({ kind: 'stopped', failed: failures, maxFailed });
    const all = situations.at(-1)?.waves.flatMap(({ clusters }) => clusters) ?? [];
    expect(all.filter(({ state }) => state !== 'waiting').length).toBe(begun);
  });
});
