import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { scenarios } from './support/arbitrary.ts';
import { Bench } from './support/bench.ts';
import { expectPromiseKept } from './support/promise.ts';

/** Lanes run side by side, because a case mostly waits. */
const LANES = 3;
const CASES_OF_A_LANE = 8;
/** CI runs the same cases each time, so that what fails there is what was changed; elsewhere there are new ones each time. */
const SEED_OF_CI = 285_024_409;

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());

describe('whatever state a cluster is in', () => {
  // A failure prints the seed and the case. KPLAY_SEED=… runs the same cases again.
  it('does exactly what its plan says, and then has nothing left to do', { timeout: 600_000 }, async () => {
    const otherwise = process.env['CI'] ? SEED_OF_CI : Date.now() % 0x7fff_ffff;
    const seed = Number(process.env['KPLAY_SEED'] ?? otherwise);
    const property = fc.asyncProperty(scenarios(), (scenario) => expectPromiseKept(bench, scenario));
    const lanes = Array.from({ length: LANES }, (_, lane) =>
      fc.assert(property, { numRuns: CASES_OF_A_LANE, seed: seed + lane, endOnFailure: true }),
    );
    await Promise.all(lanes);
  });
});
