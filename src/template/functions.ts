import { Complaint } from './errors.ts';
import { MAX_VALUES } from './limits.ts';
import { integer } from './shape.ts';
import { optional, required, type TemplateFunction, templateFunction, withDefault } from './signature.ts';

const range = templateFunction(
  'range',
  { start: required(integer), stop: optional(integer), step: withDefault(integer, 1) },
  ({ start, stop, step }) => {
    if (step === 0) throw new Complaint("function 'range': 'step' cannot be 0");
    const [first, end] = stop === undefined ? [0, start] : [start, stop];
    const length = Math.max(0, Math.ceil((end - first) / step));
    if (length > MAX_VALUES) throw new Complaint(`function 'range' makes at most ${MAX_VALUES} numbers, not ${length}`);
    return Array.from({ length }, (_, index) => first + index * step);
  },
);

export const FUNCTIONS: readonly TemplateFunction[] = [range];
