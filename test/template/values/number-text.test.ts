import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { numberText } from '../../../src/template/values/number-text.ts';
import { needing } from '../../support/programs.ts';
import { fc } from '../../support/random-cases.ts';

describe('a number in a text', () => {
  test.each<[number, string]>([
    [4.5, '4.5'],
    [0.1 + 0.2, '0.30000000000000004'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [-0.000025, '-2.5e-05'],
    [1e-7, '1e-07'],
    [1.5e-10, '1.5e-10'],
    [5e-324, '5e-324'],
    [7, '7'],
    [-0, '0'],
    [1e21, '1e+21'],
  ])('%d is written as %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });

  test('is that of Python, where it has a fraction', needing('python3'), () => {
    const numbers = fc.sample(
      fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.double({ min: -1e-3, max: 1e-3, noNaN: true })),
      2_000,
    );
    const fractions = numbers.filter((value) => !Number.isInteger(value));
    const script = 'import json, sys\nfor x in json.load(sys.stdin): print(repr(x))';
    const { stdout } = spawnSync('python3', ['-c', script], { input: JSON.stringify(fractions), encoding: 'utf8' });
    expect(fractions.map(numberText)).toEqual(stdout.trim().split('\n'));
  });
});
