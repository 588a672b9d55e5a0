export const DAY_MS = 86_400_000;

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS, w: 604_800_000, y: 31_536_000_000 } as const;
type Unit = keyof typeof UNITS;

/** Pattern of a duration in a playbook: `30d`, `1h30m`, `0s`. For JSON Schemas and messages. */
export const DURATION_PATTERN = '^(\\d+y)?(\\d+w)?(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?$';

/** Schema of the timeout of a step: hours, minutes and seconds, or, as in Ansible, a number of seconds (`withUnit`). */
export const TIMEOUT = {
  type: ['string', 'integer'],
  pattern: '^\\d+$|^(\\d+h)?(\\d+m)?(\\d+s)?$',
  minLength: 1,
  minimum: 0,
} as const;

const DURATION = new RegExp(DURATION_PATTERN);

/** Whether a text is a duration. */
export function isDuration(text: string): boolean {
  return text !== '' && DURATION.test(text);
}

/** A timeout as a duration: `10`, `'10'` and `'10s'` are all `10s`. */
export function withUnit(timeout: string | number): string {
  return /^\d+$/.test(String(timeout)) ? `${timeout}s` : String(timeout);
}

/** Milliseconds of a timeout, with or without a unit. @throws {RangeError} as `parseDuration` does */
export function parseTimeout(timeout: string | number): number {
  return parseDuration(withUnit(timeout));
}

/**
 * Milliseconds of a duration such as `30d`, `1h30m` or `0s`; units in descending order: y (365 days) w d h m s.
 * @throws {RangeError} for anything else, including a bare number, whose unit would be a guess
 */
export function parseDuration(text: string): number {
  if (!isDuration(text)) {
    throw new RangeError(`'${text}' is not a duration: write it like 30d, 12h or 1h30m`);
  }
  let total = 0;
  for (const part of text.match(/\d+[ywdhms]/g) ?? [])
    total += Number(part.slice(0, -1)) * UNITS[part.slice(-1) as Unit];
  if (!Number.isSafeInteger(total)) throw new RangeError(`'${text}' is too long a duration`);
  return total;
}

/** A duration in its two largest units: `364d`, `1d 4h`, `-2h 10m`, `0.4s`. */
export function formatDuration(milliseconds: number): string {
  const sign = milliseconds < 0 ? '-' : '';
  const size = Math.abs(milliseconds);
  if (size < 10_000) return `${sign}${(Math.floor(size / 100) / 10).toFixed(1)}s`;
  const units: readonly Unit[] = ['d', 'h', 'm', 's'];
  const first = units.findIndex((unit) => size >= UNITS[unit]);
  const unit = units[first] ?? 's';
  const count = Math.floor(size / UNITS[unit]);
  const next = units[first + 1];
  const rest = next ? Math.floor((size % UNITS[unit]) / UNITS[next]) : 0;
  return rest > 0 && next && !(unit === 'd' && count >= 10)
    ? `${sign}${count}${unit} ${rest}${next}`
    : `${sign}${count}${unit}`;
}
