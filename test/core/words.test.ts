import { expect, test } from 'vitest';
import { splitWords } from '../../src/core/words.ts';

test('only blanks, tabs and line ends separate words', () => {
  expect(splitWords(' a\tb\r\nc\u00a0d e\ff ')).toEqual(['a', 'b', 'c\u00a0d', 'e\ff']);
});
