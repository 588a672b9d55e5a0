import { isJsonArray, isJsonObject, type Json } from '../../core/json.ts';
import type { LoopForm } from '../../playbook/model.ts';
import { Complaint } from '../../template/errors.ts';
import { MAX_VALUES } from '../../template/limits.ts';
import { subelements } from '../../template/values/subelements.ts';
import { numberSequence } from './number-sequence.ts';

/** The input of each form of a loop, for messages. */
export const NEEDS: Readonly<Record<LoopForm, string>> = {
  items: 'a list',
  list: 'a list',
  dict: 'a mapping',
  indexed_items: 'a list',
  nested: 'a list of at least one list, and of nothing but lists',
  together: 'a list of at least one list, and of nothing but lists',
  sequence: 'start=…, end=… or count=…, stride=…, which is negative to count backwards, and format=… with one %d',
  flattened: 'a list',
  subelements: 'a list or a mapping of mappings, and the name of a list in each of them',
  file: 'names of files',
  fileglob: 'patterns of names of files',
  first_found: 'names of files, or files and paths',
};

/**
 * The entries of a loop, as Ansible's lookups of the same names produce them; undefined if the form does not accept the value.
 * Without a form the value is the list itself.
 */
export function entriesOf(value: Json, form: Exclude<LoopForm, FileForm> | undefined): readonly Json[] | undefined {
  switch (form) {
    case 'dict':
      return isJsonObject(value) ? Object.entries(value).map(([key, one]) => ({ key, value: one })) : undefined;
    case 'sequence':
      return sequences(asList(value));
    case 'subelements':
      return isJsonArray(value) ? subelementsOf(value) : undefined;
    default:
      return isJsonArray(value) ? listed(value, form) : undefined;
  }
}

/** Forms that read files on the machine that runs kplay: see loop-files. */
export type FileForm = 'file' | 'fileglob' | 'first_found';

function sequences(texts: readonly Json[]): readonly Json[] | undefined {
  const all = texts.map((text) => (typeof text === 'string' ? numberSequence(text) : undefined));
  return all.includes(undefined) ? undefined : all.flatMap((one) => one ?? []);
}

function listed(
  list: readonly Json[],
  form: Exclude<LoopForm, FileForm | 'dict' | 'sequence' | 'subelements'> | undefined,
): readonly Json[] | undefined {
  switch (form) {
    case undefined:
    case 'list':
      return list;
    case 'items':
      return flat(list, 1);
    case 'flattened':
      return flat(list, Number.POSITIVE_INFINITY);
    case 'indexed_items':
      return flat(list, 1).map((item, index) => [index, item]);
    case 'nested':
    case 'together':
      // Of anything but a list, versions of Ansible make different things: of a text its letters or one entry, of a mapping its keys.
      if (list.length === 0 || !list.every(isJsonArray)) return undefined;
      return form === 'nested' ? nested(list) : together(list);
  }
}

/** The terms of Ansible's lookup: the mappings, the name of the list in each, and whether it may be missing. */
function subelementsOf([all = null, key, flags]: readonly Json[]): readonly Json[] | undefined {
  if (typeof key !== 'string') return undefined;
  const mappings = isJsonObject(all) ? Object.values(all) : isJsonArray(all) ? all : undefined;
  if (!mappings) return undefined;
  const kept = mappings.filter((one) => !isJsonObject(one) || (one['skipped'] ?? false) === false);
  const pairs = subelements(kept, key, isJsonObject(flags) && flags['skip_missing'] === true);
  return pairs.map((pair) => asList(pair).map((part, index) => (index === 0 ? without(part, key.split('.')) : part)));
}

/** A mapping without the member at this path: the lookup takes the list out of it, which the filter leaves there. */
function without(value: Json, [name = '', ...rest]: readonly string[]): Json {
  if (!isJsonObject(value)) return value;
  if (rest.length > 0) return { ...value, [name]: without(value[name] ?? null, rest) };
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
}

/** A value that is no list is the only entry of one. */
export function asList(value: Json): readonly Json[] {
  return isJsonArray(value) ? value : [value];
}

function flat(list: readonly Json[], depth: number): readonly Json[] {
  return list.flatMap((item): readonly Json[] =>
    isJsonArray(item) && depth > 0 ? (depth > 1 ? flat(item, depth - 1) : item) : [item],
  );
}

/** The Cartesian product. As in Ansible, a row consists of the parts of entries that are lists themselves. */
function nested(lists: readonly (readonly Json[])[]): readonly Json[] {
  const count = lists.reduce((product, { length }) => product * length, 1);
  if (count > MAX_VALUES) throw new Complaint(`with_nested makes at most ${MAX_VALUES} entries, not ${count}`);
  const [first = [], ...rest] = lists;
  let rows: readonly (readonly Json[])[] = first.map((item) => asList(item));
  for (const list of rest) rows = rows.flatMap((row) => list.map((item) => [...row, ...asList(item)]));
  return rows.map((row) => flat(row, 1));
}

/** The first entries of all lists, then the second ones, and so on; null where a list is shorter. Rows are like those of `nested`. */
function together(lists: readonly (readonly Json[])[]): readonly Json[] {
  const length = Math.max(...lists.map((list) => list.length));
  return Array.from({ length }, (_, index) =>
    flat(
      lists.map((list) => list[index] ?? null),
      1,
    ),
  );
}
