const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** Larger than any fleet: a larger range is a typing error. */
const MAX_HOSTS = 100_000;

/** The names that a pattern with ranges expands to, or why it does not. */
export type Expansion = { readonly names: readonly string[] } | { readonly problem: string };

/** Expands `m[01:03]`, `m[a:c]`, `m[0:10:2]`, also with several ranges in one name; the last range varies fastest. */
export function expandRanges(text: string): Expansion {
  let names: readonly string[] = [''];
  for (const piece of text.split(/(\[[^[\]]*\])/)) {
    const range = /^\[(.*)\]$/.exec(piece)?.[1];
    if (range === undefined && /[[\]]/.test(piece))
      return { problem: `a bracket in '${text}' is not closed or not opened` };
    const values = range === undefined ? [piece] : rangeValues(range);
    if (!Array.isArray(values)) return values;
    if (names.length * values.length > MAX_HOSTS)
      return { problem: `'${text}' stands for more than ${MAX_HOSTS} hosts` };
    names = names.flatMap((name) => values.map((value) => name + value));
  }
  return { names };
}

type Values = string[] | { readonly problem: string };

function rangeValues(range: string): Values {
  const [first = '', last = '', step = '1', ...rest] = range.split(':');
  if (rest.length > 0 || !range.includes(':')) return { problem: `[${range}] is not a range` };
  if (!/^0*[1-9][0-9]{0,8}$/.test(step)) return { problem: `the step of [${range}] must be a whole number from 1` };
  if (/^[A-Za-z]$/.test(first) && /^[A-Za-z]$/.test(last)) {
    return consume(range, LETTERS.indexOf(first), LETTERS.indexOf(last), Number(step), (index) =>
      LETTERS.charAt(index),
    );
  }
  if (!/^[0-9]{0,15}$/.test(first) || !/^[0-9]{1,15}$/.test(last)) {
    return { problem: `[${range}] must run from number to number or from letter to letter` };
  }
  const width = first.startsWith('0') && first.length > 1 ? first.length : 0;
  if (width > 0 && width !== last.length) {
    return { problem: `the ends of [${range}] must have the same number of digits` };
  }
  return consume(range, Number(first), Number(last), Number(step), (number) => String(number).padStart(width, '0'));
}

function consume(range: string, from: number, to: number, step: number, show: (index: number) => string): Values {
  if (from > to) return { problem: `[${range}] runs backwards` };
  const count = Math.floor((to - from) / step) + 1;
  if (count > MAX_HOSTS) return { problem: `[${range}] stands for more than ${MAX_HOSTS} hosts` };
  return Array.from({ length: count }, (_, index) => show(from + index * step));
}
