/** More entries than anybody would want. */
const MAX_ENTRIES = 100_000;

const NUMBER = '(-?(?:0x[0-9a-f]+|0o[0-7]+|0+|[1-9]\\d*))';
/** `[start-]end[/stride][:format]` */
const SHORT = new RegExp(`^(?:${NUMBER}-)?${NUMBER}(?:/${NUMBER})?(?::(.+))?$`, 'i');
const WHOLE = new RegExp(`^${NUMBER}$`, 'i');
const NAMED = /(start|end|count|stride|format)=("[^"]*"|'[^']*'|\S+)/g;
/** The only place for the number. */
const FORMAT = /^([^%]*)%([-+0 ]*)(\d{0,3})([diusxXo])([^%]*)$/;

/**
 * The entries of `with_sequence`, which are strings as in Ansible: of `start=1 end=5 stride=2 format=n%02d`, of `count=3`, or in short
 * of `1-5/2:n%02d`. Undefined if the text is not of this form, or never gets from start to end.
 */
export function numberSequence(text: string): readonly string[] | undefined {
  const { start = '1', end, count, stride: step = '1', format = '%d' } = partsOf(text) ?? {};
  const first = numberIn(start);
  const stride = numberIn(step);
  if ((end === undefined) === (count === undefined) || first === undefined || !stride) return undefined;
  if (!FORMAT.test(format)) return undefined;
  const length = count === undefined ? lengthTo(numberIn(end), first, stride) : numberIn(count);
  if (length === undefined || length < 0 || length > MAX_ENTRIES) return undefined;
  return Array.from({ length }, (_, index) => formatted(format, first + index * stride));
}

type Parts = Readonly<Partial<Record<'start' | 'end' | 'count' | 'stride' | 'format', string>>>;

function partsOf(text: string): Parts | undefined {
  const [, start, end, stride, format] = SHORT.exec(text.trim()) ?? [];
  if (end !== undefined) return { ...(start && { start }), end, ...(stride && { stride }), ...(format && { format }) };
  if (text.replaceAll(NAMED, '').trim() !== '') return undefined;
  const named = [...text.matchAll(NAMED)].map(([, name = '', value = '']) => [name, unquoted(value)] as const);
  return Object.fromEntries(named);
}

function unquoted(value: string): string {
  return /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value;
}

function numberIn(text: string | undefined): number | undefined {
  if (text === undefined || !WHOLE.test(text)) return undefined;
  const number = text.startsWith('-') ? 0 - Number(text.slice(1)) : Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** How many numbers there are up to the last one. */
function lengthTo(last: number | undefined, first: number, stride: number): number | undefined {
  if (last === undefined) return undefined;
  return last === first || last > first === stride > 0 ? Math.floor((last - first) / stride) + 1 : undefined;
}

/** As Python's `format % value`. */
function formatted(format: string, value: number): string {
  const [, before = '', flags = '', width = '', kind = '', after = ''] = FORMAT.exec(format) ?? [];
  const sign = value < 0 ? '-' : kind === 's' ? '' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const digits = digitsOf(Math.abs(value), kind);
  if (flags.includes('-')) return before + (sign + digits).padEnd(Number(width)) + after;
  if (!flags.includes('0') || kind === 's') return before + (sign + digits).padStart(Number(width)) + after;
  return before + sign + digits.padStart(Number(width) - sign.length, '0') + after;
}

function digitsOf(value: number, kind: string): string {
  if (kind === 'X') return value.toString(16).toUpperCase();
  return value.toString(kind === 'x' ? 16 : kind === 'o' ? 8 : 10);
}
