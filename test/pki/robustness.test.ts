import { describe, expect, test } from 'vitest';
import { readCertificate, readCertificates } from '../../src/pki/certificate.ts';
import { contextTag, oid, primitive, sequence, TAG } from '../../src/pki/der.ts';
import { EXTENSION } from '../../src/pki/extensions.ts';
import { PkiError } from '../../src/pki/pki-error.ts';
import { overgrowth } from '../support/growth.ts';
import { fc } from '../support/random-cases.ts';
import { craft, extension } from './support/craft.ts';

/** A certificate with every extension that is read. */
const COMPLETE = craft({
  extensions: [
    extension(EXTENSION.keyUsage, primitive(TAG.bitString, Uint8Array.of(5, 0xa0))),
    extension(EXTENSION.extendedKeyUsage, sequence(oid('1.3.6.1.5.5.7.3.1'))),
    extension(EXTENSION.basicConstraints, sequence(primitive(TAG.boolean, Uint8Array.of(0xff)))),
    extension(EXTENSION.subjectKeyIdentifier, primitive(TAG.octetString, Buffer.alloc(20, 1))),
    extension(EXTENSION.authorityKeyIdentifier, sequence(primitive(contextTag(0, 'primitive'), Buffer.alloc(20, 1)))),
    extension(
      EXTENSION.subjectAltName,
      sequence(
        primitive(contextTag(2, 'primitive'), Buffer.from('example.org')),
        primitive(contextTag(7, 'primitive'), Buffer.alloc(16)),
      ),
    ),
  ],
});

describe('whatever the bytes, the only error is a PkiError', () => {
  test('arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => expectOnlyPkiError(() => readCertificate(bytes))),
      { numRuns: 1_000 },
    );
  });

  test('a certificate with some bytes changed', () => {
    const change = fc.tuple(fc.nat(COMPLETE.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(COMPLETE);
        for (const [at, octet] of changes) bytes[at] = octet;
        expectOnlyPkiError(() => readCertificate(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  test('every type in every place of a certificate', () => {
    for (let at = 0; at < COMPLETE.length; at += 1) {
      for (const tag of [0x00, 0x02, 0x1e, 0x1f, 0x30, 0x80]) {
        const bytes = Buffer.from(COMPLETE);
        bytes[at] = tag;
        expectOnlyPkiError(() => readCertificate(bytes));
      }
    }
  });

  test('a certificate cut off anywhere', () => {
    for (let length = 0; length < COMPLETE.length; length += 1) {
      expect(() => readCertificate(COMPLETE.subarray(0, length))).toThrow(PkiError);
    }
  });

  test('arbitrary text around the marks of PEM', () => {
    const part = fc.oneof(
      fc.constantFrom('-----BEGIN CERTIFICATE-----\n', '\n-----END CERTIFICATE-----\n', COMPLETE.toString('base64')),
      fc.string({ unit: 'binary-ascii' }),
      fc.base64String(),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => expectOnlyPkiError(() => readCertificates(parts.join('')))),
      { numRuns: 100 },
    );
  });

  test('empty elements are refused, however many, and none is looked for from the beginning', () => {
    const refuse = (size: number) => {
      const header = Buffer.of(0x30, 0x83, size >> 16, (size >> 8) & 0xff, size & 0xff);
      const bytes = Buffer.concat([header, Buffer.alloc(size, Buffer.of(0x05, 0x00))]);
      expect(() => readCertificate(bytes)).toThrow(PkiError);
    };
    refuse(262_000);
    expect(overgrowth(1_048_576, refuse)).toBe(undefined);
  });
});

function expectOnlyPkiError(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
  }
}
