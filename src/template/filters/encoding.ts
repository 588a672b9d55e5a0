import { createHash } from 'node:crypto';
import { Complaint } from '../errors.ts';
import { flag, number, oneOf, text } from '../shape.ts';
import { type Filter, filter, optional, withDefault } from '../signature.ts';
import { fixedText } from '../values/number-text.ts';

export const ENCODING_FILTERS: readonly Filter[] = [
  filter('b64encode', text, {}, (value) => Buffer.from(value, 'utf8').toString('base64')),
  filter('b64decode', text, {}, decodeBase64),
  filter(
    'hash',
    text,
    { hashtype: withDefault(oneOf('sha1', 'sha256', 'sha384', 'sha512', 'md5'), 'sha1') },
    (value, { hashtype }) => createHash(hashtype).update(value, 'utf8').digest('hex'),
  ),
  filter(
    'human_readable',
    number,
    { isbits: withDefault(flag, false), unit: optional(oneOf('B', 'K', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y')) },
    (value, { isbits, unit }) => humanReadable(value, isbits, unit),
  ),
];

function decodeBase64(value: string): string {
  const compact = value.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0) {
    throw new Complaint("filter 'b64decode': the text is not base64");
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(compact, 'base64'));
  } catch {
    throw new Complaint("filter 'b64decode': the decoded data is not UTF-8 text");
  }
}

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];

/** A size in Ansible's format: `1.50 KB`, in powers of 1024. */
function humanReadable(size: number, isBits: boolean, unit: string | undefined): string {
  const largest = UNITS.findLastIndex((_, power) => size >= 1024 ** power);
  const power = unit === undefined ? Math.max(0, largest) : UNITS.indexOf(unit);
  const base = isBits ? 'bits' : 'Bytes';
  return `${fixedText(size / 1024 ** power, 2)} ${power === 0 ? base : `${UNITS[power]}${base.charAt(0)}`}`;
}
