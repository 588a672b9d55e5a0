import { describe, expect, test } from 'vitest';
import { canonicalIp, formatIp, ipBytes } from '../../src/pki/ip-address.ts';
import { fc } from '../support/random-cases.ts';

describe('the spelling of IP addresses', () => {
  // RFC 5952 sections 4 and 5.
  test.each([
    ['10.96.0.1', '10.96.0.1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['FD00:0:0:0:0:0:0:1', 'fd00::1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });

  test.each(['', 'localhost', '10.0.0', '10.0.0.256', 'fe80::1%eth0', '1::2::3', '10.0.0.1/24', '[::1]'])(
    "'%s' is none",
    (text) => {
      expect(canonicalIp(text)).toBeUndefined();
    },
  );

  test('bytes of another length are no address', () => {
    expect(formatIp(new Uint8Array(8))).toBeUndefined();
  });

  test('bytes survive being written and read', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ minLength: 4, maxLength: 4 }),
          // Many zeros, so that runs of them are common.
          fc
            .array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 })
            .map((bytes) => Uint8Array.from(bytes)),
        ),
        (bytes) => {
          const text = formatIp(bytes) ?? '';
          expect(ipBytes(text)).toEqual(text.includes(':') ? bytes : bytes.slice(-4));
          expect(canonicalIp(text)).toBe(text);
        },
      ),
    );
  });

  test('all spellings of an address are one', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const bytes = ipBytes(text) ?? new Uint8Array();
        expect(canonicalIp(text)).toBe(formatIp(bytes));
        // The URL parser of Node is a second opinion; it writes mapped addresses in hex.
        if (bytes.length === 16) expect(`[${canonicalIp(text)}]`).toBe(new URL(`http://[${text}]`).hostname);
      }),
    );
  });
});
