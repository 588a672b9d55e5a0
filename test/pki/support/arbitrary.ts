import { canonicalIp } from '../../../src/pki/ip-address.ts';
import { fc } from '../../support/random-cases.ts';

/** Whom a certificate is for, at random. */
export interface RandomIdentity {
  readonly subject: { readonly commonName: string; readonly organizations: readonly string[] };
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly extendedKeyUsages: readonly string[];
}

/** What X.520 allows in a name: 1 to 64 characters; of every kind that has its own encoding or must be escaped. */
const nameText = fc
  .array(fc.constantFrom(...'abcXYZ019 :.-_@*&,+"<>;=#/\\\'', 'ö', '漢', '😀'), { minLength: 1, maxLength: 40 })
  .map((characters) => characters.join(''));

export const identities: fc.Arbitrary<RandomIdentity> = fc.record({
  subject: fc.record({
    commonName: nameText,
    organizations: fc.uniqueArray(nameText, { maxLength: 3 }),
  }),
  dnsNames: fc.array(
    fc.oneof(
      fc.domain(),
      fc.domain().map((name) => `*.${name}`),
      fc.constant('localhost'),
    ),
    {
      maxLength: 5,
    },
  ),
  ipAddresses: fc.array(fc.oneof(fc.ipV4(), fc.ipV6()).map(canonical), { maxLength: 5 }),
  extendedKeyUsages: fc.subarray(['serverAuth', 'clientAuth', 'codeSigning', '1.3.6.1.4.1.311.10.3.4']),
});

/** Whole seconds around the borders where the encoding of dates changes, and anywhere. */
export const times: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom('1950-01-01T00:00:00Z', '2049-12-31T23:59:59Z', '2050-01-01T00:00:00Z').map(Date.parse),
  fc
    .integer({ min: Date.parse('1950-01-01T00:00:00Z') / 1000, max: Date.parse('9999-12-31T23:59:59Z') / 1000 })
    .map((seconds) => seconds * 1000),
);

export const serials: fc.Arbitrary<Uint8Array> = fc
  .uint8Array({ minLength: 1, maxLength: 19 })
  .filter((bytes) => bytes.some((octet) => octet !== 0));

function canonical(text: string): string {
  const address = canonicalIp(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}
