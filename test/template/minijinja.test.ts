import { Environment } from 'minijinja-js';
import { expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { fc } from '../support/random-cases.ts';
import { sharedExpressions, VARIABLES } from './expressions.ts';
import { evaluated, isFailure } from './harness.ts';

/** What minijinja says; undefined when it has no value for it. */
function oracle(expression: string): Json | undefined {
  try {
    return plain(environment().evalExpr(expression, VARIABLES));
  } catch {
    return undefined;
  }
}

/** A new one each time: one that has failed may be dead. The tests in which minijinja is not Jinja are added. */
function environment(): Environment {
  const fresh = new Environment();
  fresh.addTest('startswith', (text: string, part: string) => text.startsWith(part));
  fresh.addTest('endswith', (text: string, part: string) => text.endsWith(part));
  fresh.addTest('number', (value: unknown) => ['number', 'bigint', 'boolean'].includes(typeof value));
  return fresh;
}

/** Its mappings are Maps, its integers sometimes bigints, its none is undefined. */
function plain(value: unknown): Json {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [String(key), plain(member)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'bigint') return Number(value);
  return (value ?? null) as Json;
}

/** Where kplay is stricter on purpose: true is no number, and an empty list has no first item. */
const STRICTER = /^(filter '\w+' finds nothing|'.+' cannot take a number and a boolean)/;

test('an expression of the common language has the value that minijinja gives it', () => {
  let compared = 0;
  const runs = 3_000;
  fc.assert(
    fc.property(sharedExpressions(), (expression) => {
      const expected = oracle(expression);
      if (expected === undefined) return;
      const actual = evaluated(expression, VARIABLES);
      if (isFailure(actual)) {
        expect(actual.error).toMatch(STRICTER);
      } else {
        compared += 1;
        expect(actual).toEqual(expected);
      }
    }),
    { numRuns: runs },
  );
  expect(compared / runs).toBeGreaterThan(0.8);
});
