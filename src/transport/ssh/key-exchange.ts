import type { AlgorithmKind, OfferedAlgorithms } from '../settings/algorithms.ts';
import { isLegacy } from '../settings/algorithms.ts';

const KEXINIT = 20;
/** Packet length, padding length, message number, cookie (RFC 4253, sections 6 and 7.1). */
const LISTS_OFFSET = 4 + 1 + 1 + 16;
/** The lists of a KEXINIT in their order; the languages at the end are not used. */
const LISTS = [
  'KexAlgorithms',
  'HostKeyAlgorithms',
  'Ciphers',
  'Ciphers',
  'MACs',
  'MACs',
  'compression',
  'compression',
] as const;

type OfferKind = AlgorithmKind | 'compression';
type Offers = readonly { readonly kind: OfferKind; readonly names: readonly string[] }[];

/** The kind of algorithm on which client and sshd cannot agree. */
export interface Disagreement {
  /** For display: `host key type`. */
  readonly what: string;
  /** What the host offers. */
  readonly offered: readonly string[];
  readonly remedy: string;
}

const NAMES: Readonly<Record<OfferKind, string>> = {
  KexAlgorithms: 'key exchange method',
  HostKeyAlgorithms: 'host key type',
  Ciphers: 'cipher',
  MACs: 'MAC',
  compression: 'compression (kplay uses none)',
};

/** Ciphers that include authentication. */
const AUTHENTICATED_CIPHERS = /gcm|poly1305/;

/**
 * Finds out from the first bytes of a host for which kind of algorithm there is no common one.
 * Undefined if the bytes contain no complete offer, or there is no disagreement.
 */
export function disagreement(opening: Buffer, offered: OfferedAlgorithms): Disagreement | undefined {
  const own = (kind: OfferKind): readonly string[] => (kind === 'compression' ? ['none'] : offered[kind]);
  const hostOffers = readOffers(opening) ?? [];
  const isAgreed = (kind: OfferKind, names: readonly string[]): boolean =>
    own(kind).some((name) => names.includes(name));
  const needsMac = hostOffers.some(
    ({ kind, names }) =>
      kind === 'Ciphers' && !AUTHENTICATED_CIPHERS.test(own(kind).find((name) => names.includes(name)) ?? ''),
  );
  for (const { kind, names } of hostOffers) {
    if (isAgreed(kind, names) || (kind === 'MACs' && !needsMac)) continue;
    return { what: NAMES[kind], offered: names, remedy: remedyFor(kind, names, own(kind)) };
  }
  return undefined;
}

function remedyFor(kind: OfferKind, offered: readonly string[], own: readonly string[]): string {
  if (kind === 'compression') return 'allow connections without compression in the configuration of its sshd';
  const legacy = offered.find((name) => isLegacy(kind, name));
  return legacy === undefined
    ? `add one of kplay's to ${kind} in its sshd_config: ${own.slice(0, 3).join(', ')}`
    : `update sshd on the host; until then '-o ${kind}=+${legacy}' in ansible_ssh_common_args accepts it`;
}

function readOffers(opening: Buffer): Offers | undefined {
  const version = /(?:^|\n)SSH-[^\n]*\n/.exec(opening.toString('latin1'));
  if (!version) return undefined;
  const packet = opening.subarray(version.index + version[0].length);
  if (packet.length < LISTS_OFFSET || packet[5] !== KEXINIT) return undefined;
  const offers: { kind: OfferKind; names: readonly string[] }[] = [];
  let at = LISTS_OFFSET;
  for (const kind of LISTS) {
    if (at + 4 > packet.length) return undefined;
    const end = at + 4 + packet.readUInt32BE(at);
    if (end > packet.length) return undefined;
    offers.push({
      kind,
      names: packet
        .toString('latin1', at + 4, end)
        .split(',')
        .filter(Boolean),
    });
    at = end;
  }
  return offers;
}
