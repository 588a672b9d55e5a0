import { afterAll, beforeAll, describe, it } from 'vitest';
import { fc, seedOfCases } from '../support/random-cases.ts';
import { scenarios } from './support/arbitrary.ts';
import { Bench } from './support/bench.ts';
import { expectPromiseKept } from './support/promise.ts';

/** Lanes run side by side, because a case mostly waits. */
const LANES = 3;
const CASES_OF_A_LANE = 8;

let bench: Bench;

beforeAll(async () => {
  bench = new Bench();
});
afterAll(() => bench.close());

describe('whatever state a cluster is in', () => {
  it('does exactly what its plan says, and then has nothing left to do', { timeout: 600_000 }, async () => {
    const seed = seedOfCases(285_024_409);
    const property = fc.asyncProperty(scenarios(), (scenario) => expectPromiseKept(bench, scenario));
    const lanes = Array.from({ length: LANES }, (_, lane) =>
      fc.assert(property, { numRuns: CASES_OF_A_LANE, seed: seed + lane, endOnFailure: true }),
    );
    await Promise.all(lanes);
  });
});
