import { expect, test } from 'vitest';
import { globTest } from '../../src/core/glob.ts';
import { wildcard } from '../../src/transport/settings/wildcard.ts';
import { fc } from '../support/random-cases.ts';

const plain = (pattern: string) =>
  new RegExp(`^${pattern.replace(/[^*?]/g, '[$&]').replaceAll('*', '.*').replaceAll('?', '.')}$`);

test('globs fit what plain regular expressions fit', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 8 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 });
  fc.assert(
    fc.property(pattern, name, (glob, text) => {
      expect(globTest(glob)(text)).toBe(plain(glob).test(text));
      expect(wildcard(glob).test(text)).toBe(plain(glob).test(text));
    }),
    { numRuns: 2_000 },
  );
});

test('a pattern of ssh with many stars is compared in a moment', () => {
  expect(wildcard(`${'*a'.repeat(25)}b`).test('a'.repeat(60))).toBe(false);
});

// As Python's fnmatch has it.
test.each([
  ['m[z-a]', false],
  ['m[!z-a]', true],
  ['m[!a-z]', false],
  ['m[!a]', true],
])('%s fits mb: %s', (pattern, expected) => {
  expect(globTest(pattern)('mb')).toBe(expected);
});
