import { expect, it } from 'vitest';
import type { CompiledPlay } from '../../src/engine/program/compiled.ts';
import { exceededTolerance } from '../../src/engine/walk/tolerance.ts';
import { fc } from '../support/random-cases.ts';

function isExceeded(maxFailPercentage: number, out: number, of: number): boolean {
  return exceededTolerance({ anyErrorsFatal: false, maxFailPercentage } as CompiledPlay, out, of) !== undefined;
}

// Seven of twenty-five are 28.000000000000004 % where the quotient is rounded first.
it('bears exactly the percentage that is written', () => {
  const fleets = fc.record({ percentage: fc.integer({ min: 1, max: 100 }), hundreds: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(fleets, ({ percentage, hundreds }) => {
      expect(isExceeded(percentage, percentage * hundreds, 100 * hundreds)).toBe(false);
      expect(isExceeded(percentage, percentage * hundreds + 1, 100 * hundreds)).toBe(true);
    }),
  );
  expect([7, 8].map((out) => isExceeded(28, out, 25))).toEqual([false, true]);
});
