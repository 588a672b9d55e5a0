import { contents, type DerNode, malformed, primitive, TAG, tagOf } from './der.ts';
import { PkiError } from './pki-error.ts';

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?(Z|[+-]\d{4})$/;
/** RFC 5280 section 4.1.2.5: dates through 2049 are UTCTime, later ones GeneralizedTime. */
const FIRST_GENERALIZED_YEAR = 2050;

/** Milliseconds since 1970 of a UTCTime or GeneralizedTime; fractions of a second are dropped. */
export function readTime(node: DerNode): number {
  const what = 'its validity';
  const short = tagOf(node) === TAG.utcTime;
  const text = contents(node, short ? TAG.utcTime : TAG.generalizedTime, what).toString('latin1');
  const match = (short ? UTC_TIME : GENERALIZED_TIME).exec(text);
  if (!match) throw malformed(what);
  const [, years = '', month, day, hour, minute, second = '00', zone = 'Z'] = match;
  const year = short ? `${Number(years) < 50 ? '20' : '19'}${years}` : years;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const time = Date.parse(iso);
  // Date.parse turns 30 February into 2 March.
  if (Number.isNaN(time) || new Date(time).toISOString() !== iso) throw malformed(what);
  return time - offset(zone);
}

/** The time in the format of RFC 5280, in whole seconds. @throws {PkiError} outside the years 1950 to 9999 */
export function encodeTime(milliseconds: number): DerNode {
  const date = new Date(Math.floor(milliseconds / 1000) * 1000);
  const year = date.getUTCFullYear();
  // Also true for an invalid date, whose year is NaN.
  if (!(year >= 1950 && year <= 9999)) throw new PkiError('certificates only support dates from 1950 to 9999');
  const digits = `${date.toISOString().slice(0, 19).replace(/\D/g, '')}Z`;
  return year < FIRST_GENERALIZED_YEAR
    ? primitive(TAG.utcTime, Buffer.from(digits.slice(2)))
    : primitive(TAG.generalizedTime, Buffer.from(digits));
}

/** The UTC date of a time in ISO 8601: `2027-11-24`. */
export function isoDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

/** Milliseconds of `+0130` or `Z`. */
function offset(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
