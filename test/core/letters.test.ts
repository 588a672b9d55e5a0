import { expect, test } from 'vitest';
import { identifierAt, isAscii, isIdentifier } from '../../src/core/letters.ts';
import { fc } from '../support/random-cases.ts';

/** ASCII, letters and digits of other alphabets, some beyond two bytes, and what is neither. */
const text = fc.string({
  unit: fc.constantFrom('a', 'Z', '_', '7', '-', ' ', 'é', 'ß', 'Ω', '漢', '٣', '𝒳', '😀', '\ud835'),
});

test('the short way for ASCII answers as the expression for all alphabets', () => {
  fc.assert(
    fc.property(text, fc.nat(8), (any, at) => {
      expect(isIdentifier(any)).toBe(/^[\p{L}_][\p{L}\p{N}_]*$/u.test(any));
      const whole = /[\p{L}_][\p{L}\p{N}_]*/uy;
      whole.lastIndex = at;
      expect(identifierAt(any, at)).toBe(whole.exec(any)?.[0]);
      expect(isAscii(any)).toBe(Buffer.from(any, 'utf8').every((byte) => byte < 0x80));
    }),
    { numRuns: 2_000 },
  );
});
