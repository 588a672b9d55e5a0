import { anything, flag, text } from '../shape.ts';
import { type Filter, filter, optional, required, withDefault } from '../signature.ts';
import { isTruthy } from '../values/value.ts';

/** The evaluator handles undefined subjects of these filters; here the subject has a value, as under `map`. */
export const PRESENCE_FILTERS: readonly Filter[] = [
  filter(
    ['default', 'd'],
    anything,
    { default_value: withDefault(anything, ''), boolean: withDefault(flag, false) },
    (value, { default_value: fallback, boolean }) => (boolean && !isTruthy(value) ? fallback : value),
  ),
  filter('mandatory', anything, { msg: optional(text) }, (value) => value),
  filter(
    'ternary',
    anything,
    { true_val: required(anything), false_val: required(anything), none_val: optional(anything) },
    (value, { true_val: whenTrue, false_val: whenFalse, none_val: whenNull }) => {
      // As in Ansible, a null for null is none at all.
      if (value === null && whenNull !== undefined && whenNull !== null) return whenNull;
      return isTruthy(value) ? whenTrue : whenFalse;
    },
  ),
];
