import type { Json } from '../../core/json.ts';
import { Complaint } from '../errors.ts';
import type { Machine } from '../machine.ts';
import { anything, attributePath, text } from '../shape.ts';
import { type Filter, itemFilter, optional, required, rest } from '../signature.ts';
import { lookUpPath } from '../values/lookup.ts';
import { listOf, SparseList } from '../values/sparse-list.ts';
import { Undefined } from '../values/undefined.ts';
import { isTruthy } from '../values/value.ts';

const byTest = { test: optional(text, 'test'), args: rest(anything) };
const byAttribute = { attribute: required(attributePath), ...byTest };

export const SELECTION_FILTERS: readonly Filter[] = [
  itemFilter(
    'map',
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
      return listOf(
        items.map((item) =>
          attribute === undefined
            ? applied(name ?? '', item, args, machine)
            : mapped(item, attribute, fallback ?? undefined),
        ),
      );
    },
  ),
  itemFilter('select', byTest, (items, { test, args }, machine) =>
    listOf(items.filter((item) => passes(item, test, args, machine))),
  ),
  itemFilter('reject', byTest, (items, { test, args }, machine) =>
    listOf(items.filter((item) => !passes(item, test, args, machine))),
  ),
  itemFilter('selectattr', byAttribute, (items, { attribute, test, args }, machine) =>
    listOf(items.filter((item) => attributePasses(item, attribute, test, args, machine))),
  ),
  itemFilter('rejectattr', byAttribute, (items, { attribute, test, args }, machine) =>
    listOf(items.filter((item) => !attributePasses(item, attribute, test, args, machine))),
  ),
];

function applied(name: string, item: Json | Undefined, args: readonly Json[], machine: Machine): Json | Undefined {
  if (item instanceof Undefined) {
    if (name === 'default' || name === 'd') return args[0] === undefined ? '' : args[0];
    throw new Complaint(item.reason, item.hint);
  }
  const result = machine.applyFilter(name, item, args);
  if (result instanceof SparseList) throw new Complaint(result.gap.reason, result.gap.hint);
  return result;
}

function mapped(item: Json | Undefined, attribute: string | number, fallback: Json | undefined): Json | Undefined {
  if (item instanceof Undefined) return fallback ?? item;
  const value = lookUpPath(item, attribute);
  if (value !== undefined) return value;
  if (fallback !== undefined) return fallback;
  return new Undefined(
    `an item has no '${attribute}'`,
    () => `give a default: map(attribute='${attribute}', default=…)`,
  );
}

/** Without a test, values that are true pass. Undefined items have only the tests `defined` and `undefined`. */
function passes(value: Json | Undefined, test: string | undefined, args: readonly Json[], machine: Machine): boolean {
  machine.budget.charge(1);
  if (value instanceof Undefined) {
    if (test === 'defined' || test === 'undefined') return test === 'undefined';
    throw new Complaint(value.reason, value.hint);
  }
  return test === undefined ? isTruthy(value) : machine.applyTest(test, value, args);
}

function attributePasses(
  item: Json | Undefined,
  attribute: string | number,
  test: string | undefined,
  args: readonly Json[],
  machine: Machine,
): boolean {
  const found = item instanceof Undefined ? item : lookUpPath(item, attribute);
  const missing = () => `select those that have it first: selectattr('${attribute}', 'defined')`;
  const value = found === undefined ? new Undefined(`an item has no '${attribute}'`, missing) : found;
  return passes(value, test, args, machine);
}
