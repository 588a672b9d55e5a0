/** A host in Ansible's notation: a name or an address, possibly with ranges and a port. */
export interface Address {
  readonly host: string;
  readonly port?: number;
}

const STEP = '(?::[0-9]+)?';
const NUMBER_RANGE = `\\[[0-9]+:[0-9]+${STEP}\\]`;
const HEX_RANGE = `\\[[0-9a-f]+:[0-9a-f]+${STEP}\\]`;
const WORD_RANGE = `\\[(?:[a-zA-Z]:[a-zA-Z]|[0-9]+:[0-9]+)${STEP}\\]`;

const LABEL = `(?:[\\p{L}\\p{N}_]|${WORD_RANGE})(?:[\\p{L}\\p{N}_\\-]|${WORD_RANGE})*(?<![_\\-])`;
/** Without ranges. */
const ASCII_NAME = /^\w[\w-]*(?<![_-])(?:\.\w[\w-]*(?<![_-]))*$/;

const OCTET = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${NUMBER_RANGE})`;
const IPV4 = `(?:${OCTET}\\.){3}${OCTET}`;
const HEX = `(?:[0-9a-f]{1,4}|${HEX_RANGE})`;
const IPV6_FORMS = [
  `(?:${HEX}:){7}${HEX}`,
  `(?:${HEX}:){1,7}:`,
  ...[1, 2, 3, 4, 5, 6].map((before) => `(?:${HEX}:){${before}}(?::${HEX}){1,${7 - before}}`),
  `:(?::${HEX}){1,7}`,
  '::',
  `(?:0:){6}${IPV4}`,
  `::(?:ffff:)?${IPV4}`,
  `(?:0:){5}ffff:${IPV4}`,
];
const IPV6 = new RegExp(`^(?:${IPV6_FORMS.join('|')})$`, 'iu');

const BRACKETED = /^\[([^[\]]+)\](?::([0-9]+))?$/;
const WITH_PORT = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/;

/** Whether it is an IPv6 address without brackets, possibly with ranges. */
export function isIpv6(text: string): boolean {
  return text.includes(':') && IPV6.test(text);
}

/** Parses an address by Ansible's rules; undefined if it is none. */
export function parseAddress(text: string): Address | undefined {
  const bracketed = BRACKETED.exec(text);
  if (bracketed?.[1] !== undefined && (isIpv6(bracketed[1]) || bracketed[2] !== undefined)) {
    return isHost(bracketed[1]) ? address(bracketed[1], bracketed[2]) : undefined;
  }
  const withPort = WITH_PORT.exec(text);
  const host = withPort?.[1] ?? text;
  return isHost(host) ? address(host, withPort?.[2]) : undefined;
}

function isHost(text: string): boolean {
  return ASCII_NAME.test(text) || anyName().test(text) || isIpv6(text);
}

/** Any alphabet, and ranges. Made only for a name that needs it: that takes V8 a millisecond. */
function anyName(): RegExp {
  // Without the flag i, with which it would take twelve, to find all case variants of letters.
  madeForAnyName ??= new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'u');
  return madeForAnyName;
}
let madeForAnyName: RegExp | undefined;

function address(host: string, port: string | undefined): Address {
  return port === undefined ? { host } : { host, port: Number(port) };
}
