import dns from 'node:dns';
import { vi } from 'vitest';

/** Until it is restored, every name has these addresses. */
export function everyNameIs(addresses: Addresses) {
  return vi
    .spyOn(dns, 'lookup')
    .mockImplementation(((_name: string, _options: object, done: (error: null, addresses: Addresses) => void) =>
      done(null, addresses)) as unknown as typeof dns.lookup);
}

type Addresses = readonly { readonly address: string; readonly family: number }[];
