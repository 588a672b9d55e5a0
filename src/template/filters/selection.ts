import type { Json } from '../../core/json.ts';
import { Complaint } from '../errors.ts';
import type { Machine } from '../machine.ts';
import { anything, attributePath, list, text } from '../shape.ts';
import { type Filter, filter, optional, required, rest } from '../signature.ts';
import { lookUpPath } from '../values/lookup.ts';
import { Undefined } from '../values/undefined.ts';
import { isTruthy } from '../values/value.ts';

const byTest = { test: optional(text, 'test'), args: rest(anything) };
const byAttribute = { attribute: required(attributePath), ...byTest };

export const SELECTION_FILTERS: readonly Filter[] = [
  filter(
    'map',
    list,
    {
      filter: optional(text, 'filter'),
      args: rest(anything),
      attribute: optional(attributePath),
      default: optional(anything),
    },
    (items, { filter: name, args, attribute, default: fallback }, machine) => {
      if ((name === undefined) === (attribute === undefined)) {
        throw new Complaint(
          "filter 'map' takes the name of a filter, or attribute=",
          "for example map(attribute='name')",
        );
      }
      return items.map((item) =>
        attribute === undefined ? applied(name ?? '', item, args, machine) : mapped(item, attribute, fallback),
      );
    },
  ),
  filter('select', list, byTest, (items, { test, args }, machine) =>
    items.filter((item) => passes(item, test, args, machine)),
  ),
  filter('reject', list, byTest, (items, { test, args }, machine) =>
    items.filter((item) => !passes(item, test, args, machine)),
  ),
  filter('selectattr', list, byAttribute, (items, { attribute, test, args }, machine) =>
    items.filter((item) => attributePasses(item, attribute, test, args, machine)),
  ),
  filter('rejectattr', list, byAttribute, (items, { attribute, test, args }, machine) =>
    items.filter((item) => !attributePasses(item, attribute, test, args, machine)),
  ),
];

function applied(name: string, item: Json, args: readonly Json[], machine: Machine): Json {
  const result = machine.applyFilter(name, item, args);
  if (result instanceof Undefined) throw new Complaint(result.reason, result.hint);
  return result;
}

function mapped(item: Json, attribute: string | number, fallback: Json | undefined): Json {
  const value = lookUpPath(item, attribute) ?? fallback;
  if (value !== undefined) return value;
  throw new Complaint(`an item has no '${attribute}'`, `give a default: map(attribute='${attribute}', default=…)`);
}

/** Without a test, values that are true pass. */
function passes(value: Json, test: string | undefined, args: readonly Json[], machine: Machine): boolean {
  machine.budget.charge(1);
  return test === undefined ? isTruthy(value) : machine.applyTest(test, value, args);
}

/** Only the tests `defined` and `undefined` accept items that lack the attribute. */
function attributePasses(
  item: Json,
  attribute: string | number,
  test: string | undefined,
  args: readonly Json[],
  machine: Machine,
): boolean {
  const value = lookUpPath(item, attribute);
  if (value !== undefined) return passes(value, test, args, machine);
  if (test === 'defined' || test === 'undefined') return test === 'undefined';
  throw new Complaint(
    `an item has no '${attribute}'`,
    `select those that have it first: selectattr('${attribute}', 'defined')`,
  );
}
