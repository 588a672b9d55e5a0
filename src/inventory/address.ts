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
// Without the flag i: V8 takes twelve milliseconds to find all case variants of letters.
const HOST_NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'u');

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
  return HOST_NAME.test(text) || isIpv6(text);
}

function address(host: string, port: string | undefined): Address {
  return port === undefined ? { host } : { host, port: Number(port) };
}
