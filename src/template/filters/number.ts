import { Complaint } from '../errors.ts';
import { integer, number, oneOf } from '../shape.ts';
import { type Filter, filter, withDefault } from '../signature.ts';
import { fixedText } from '../values/number-text.ts';

export const NUMBER_FILTERS: readonly Filter[] = [
  filter('abs', number, {}, (value) => Math.abs(value)),
  filter(
    'round',
    number,
    { precision: withDefault(integer, 0), method: withDefault(oneOf('common', 'ceil', 'floor'), 'common') },
    (value, { precision, method }) => {
      if (precision < 0 || precision > 20) throw new Complaint("filter 'round': 'precision' is between 0 and 20");
      if (method === 'common') return roundHalfEven(value, precision);
      const scale = 10 ** precision;
      return (method === 'ceil' ? Math.ceil(value * scale) : Math.floor(value * scale)) / scale + 0;
    },
  ),
];

/** Python's `round`: ties go to the even neighbour, so 2.5 becomes 2. */
function roundHalfEven(value: number, precision: number): number {
  if (Math.abs(value) >= 1e21) return value;
  return Number(fixedText(value, precision)) + 0;
}
