import { expect, test } from 'vitest';
import { cached } from '../../src/core/cached.ts';

test('what was made of a text is made once, until others have been asked for since', () => {
  const made: string[] = [];
  const length = cached((text) => {
    made.push(text);
    return text.length;
  }, 2);
  expect(['a', 'bb', 'a', 'ccc', 'a', 'bb'].map(length)).toEqual([1, 2, 1, 3, 1, 2]);
  expect(made).toEqual(['a', 'bb', 'ccc', 'bb']);
});

test('also where that is undefined; not what throws', () => {
  let calls = 0;
  const odd = cached((text) => {
    calls += 1;
    if (text === 'bad') throw new RangeError('bad');
    return undefined;
  });
  expect([odd(''), odd('')]).toEqual([undefined, undefined]);
  expect(calls).toBe(1);
  expect(() => odd('bad')).toThrow('bad');
  expect(() => odd('bad')).toThrow('bad');
  expect(calls).toBe(3);
});
