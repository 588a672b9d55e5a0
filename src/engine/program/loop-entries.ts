import { isJsonObject, type Json } from '../../core/json.ts';
import type { LoopForm } from '../../playbook/model.ts';
import { subelements } from '../../template/values/subelements.ts';

/** The input of each form of a loop, for messages. */
export const NEEDS: Readonly<Record<LoopForm, string>> = {
  items: 'a list',
  list: 'a list',
  dict: 'a mapping',
  indexed_items: 'a list',
  nested: 'a list of lists',
  together: 'a list of lists',
  sequence: 'start=…, end=… or count=…, and stride=… or format=… where they are wanted',
  flattened: 'a list',
  subelements: 'a list or a mapping of mappings, and the name of a list in each of them',
  file: 'names of files',
  fileglob: 'patterns of names of files',
  first_found: 'names of files, or files and paths',
};

/** More entries than anybody would want. */
const MAX_ENTRIES = 100_000;

/**
 * The entries of a loop, as Ansible's lookups of the same names produce them; undefined if the form does not accept the value.
 * Without a form the value is the list itself.
 */
export function entriesOf(value: Json, form: Exclude<LoopForm, FileForm> | undefined): readonly Json[] | undefined {
  switch (form) {
    case 'dict':
      return isJsonObject(value) ? Object.entries(value).map(([key, one]) => ({ key, value: one })) : undefined;
    case 'sequence':
      return typeof value === 'string' ? sequence(value) : Array.isArray(value) ? value.flatMap(bounds) : undefined;
    case 'subelements':
      return Array.isArray(value) ? subelementsOf(value as readonly Json[]) : undefined;
    default:
      return Array.isArray(value) ? listed(value as readonly Json[], form) : undefined;
  }
}

/** Forms that read files on the machine that runs kplay: see loop-files. */
export type FileForm = 'file' | 'fileglob' | 'first_found';

function bounds(value: Json): readonly Json[] {
  return (typeof value === 'string' && sequence(value)) || [];
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
      return nested(list.map(asList));
    case 'together':
      return together(list.map(asList));
  }
}

/** The terms of Ansible's lookup: the mappings, the name of the list in each, and whether it may be missing. */
function subelementsOf([all = null, key, flags]: readonly Json[]): readonly Json[] | undefined {
  if (typeof key !== 'string') return undefined;
  const mappings = isJsonObject(all) ? Object.values(all) : Array.isArray(all) ? (all as readonly Json[]) : undefined;
  if (!mappings) return undefined;
  const kept = mappings.filter((one) => !isJsonObject(one) || (one['skipped'] ?? false) === false);
  return subelements(kept, key, isJsonObject(flags) && flags['skip_missing'] === true);
}

function asList(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

function flat(list: readonly Json[], depth: number): readonly Json[] {
  return list.flatMap((item): readonly Json[] =>
    Array.isArray(item) && depth > 0
      ? depth > 1
        ? flat(item as readonly Json[], depth - 1)
        : (item as readonly Json[])
      : [item],
  );
}

/** The Cartesian product. */
function nested(lists: readonly (readonly Json[])[]): readonly Json[] {
  const [first = [], ...rest] = lists;
  let rows: readonly (readonly Json[])[] = first.map((item) => asList(item));
  for (const list of rest) rows = rows.flatMap((row) => list.map((item) => [...row, item]));
  return rows.map((row) => [...row]);
}

/** The first entries of all lists, then the second ones, and so on; null where a list is shorter. */
function together(lists: readonly (readonly Json[])[]): readonly Json[] {
  const length = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length }, (_, index) => lists.map((list) => list[index] ?? null));
}

const NUMBER = '(-?(?:0x[0-9a-fA-F]+|0[0-7]*|[1-9]\\d*))';
const SHORT = new RegExp(`^(?:${NUMBER}-)?${NUMBER}(?:/${NUMBER})?(?::(.+))?$`);

/** `start=1 end=5 stride=2 format=n%02d`, `count=3`, or in short `1-5/2:n%02d`. Entries are strings, as in Ansible. */
function sequence(text: string): readonly string[] | undefined {
  const short = SHORT.exec(text.trim());
  const named = new Map(
    [...text.matchAll(/(start|end|count|stride|format)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  );
  if (!short && named.size === 0) return undefined;
  const start = Number(short ? (short[1] ?? 1) : (named.get('start') ?? 1));
  const stride = Number((short ? short[3] : named.get('stride')) ?? 1);
  const count = named.get('count');
  const end = count === undefined ? Number(short ? short[2] : named.get('end')) : start + (Number(count) - 1) * stride;
  const format = (short ? short[4] : named.get('format')) ?? '%d';
  if (![start, stride, end].every(Number.isSafeInteger) || stride === 0) return undefined;
  const length = Math.max(0, Math.floor((end - start) / stride) + 1);
  if (length > MAX_ENTRIES) return undefined;
  return Array.from({ length }, (_, index) => formatted(format, start + index * stride));
}

function formatted(format: string, value: number): string {
  return format.replace(/%(0?)(\d*)([dxo])/, (_, zero: string, width: string, kind: string) =>
    value.toString(kind === 'x' ? 16 : kind === 'o' ? 8 : 10).padStart(Number(width), zero === '0' ? '0' : ' '),
  );
}
