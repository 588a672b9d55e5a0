import { expect, test } from 'vitest';
import { type Evidence, firstEvidence } from '../../src/core/events/evidence.ts';

const pieces = (count: number): readonly Evidence[] =>
  Array.from({ length: count }, (_, index) => ['file', `${index}`]);

test.each([0, 1, 5])('of %i pieces of evidence all are shown', (count) => {
  expect(firstEvidence(pieces(count))).toEqual(pieces(count));
});

test('of more it says how many are left out', () => {
  expect(firstEvidence(pieces(12))).toEqual([...pieces(5), ['…', '7 more']]);
});
