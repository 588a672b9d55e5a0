import type { TaskRef } from '../../core/events/task.ts';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Registered } from './place.ts';

/** Variables that a host has once a rescue will catch its failure: what has failed, and with what result. */
export const RESCUE_VARIABLES: ReadonlySet<string> = new Set(['ansible_failed_task', 'ansible_failed_result']);

/** Adds them. @param result what the task would have registered */
export function withFailure(
  registered: Registered,
  { task, message, result }: { readonly task: TaskRef; readonly message: string; readonly result?: Json },
): Registered {
  return new Map([
    ...registered,
    ['ansible_failed_task', { name: task.name, action: task.step }],
    ['ansible_failed_result', result ?? { failed: true, msg: message }],
  ]);
}

/** An entry of a loop; outside of loops, nothing. */
export interface EntryOfLoop {
  readonly item?: Json | undefined;
  /** Its other loop variables: `ansible_loop_var`, that of `index_var`, `ansible_loop`. */
  readonly loop?: JsonObject | undefined;
}

/** An entry of a loop for which `when` does not hold. */
export interface SkippedEntry extends EntryOfLoop {
  /** Its index in the loop, from 0. */
  readonly at: number;
  readonly item: Json;
  readonly reason: string;
  /** Additional registered values. */
  readonly result?: JsonObject;
}

/** The result of one entry of a loop. */
export interface EntryResult {
  readonly at: number;
  readonly result: JsonObject;
}

/** The shape of `register`: the step's own result with the flags that tests such as `is changed` read. */
export function registeredResult(
  { result, changed }: { readonly result: Json; readonly changed: boolean },
  entry: EntryOfLoop = {},
): JsonObject {
  const own = isJsonObject(result) ? result : result === null ? {} : { value: result };
  return { changed, failed: false, ...own, ...entryMembers(entry) };
}

/** Which entry a result is of: `item`, or what its loop calls it, and its index if that has a name. */
function entryMembers({ item, loop = {} }: EntryOfLoop): JsonObject {
  if (item === undefined) return {};
  const { ansible_loop: _, ...names } = loop;
  const { ansible_loop_var: variable = 'item' } = names;
  return { ...names, [String(variable)]: item };
}

/** What `register` contains for a skipped task; for a loop with its entries, as in Ansible. It has no `failed` flag. */
export function skippedResult(reason: string, entries?: readonly SkippedEntry[], more: JsonObject = {}): JsonObject {
  const result = { ...more, changed: false, skipped: true };
  if (entries?.length === 0) return { ...result, skipped_reason: 'No items in the list', results: [] };
  if (entries) return { ...result, msg: 'All items skipped', results: entries.map(ofSkipped) };
  return { ...result, skip_reason: reason };
}

/** What `register` contains for a loop: the results of all entries in order, including skipped ones. */
export function loopResult(entries: readonly EntryResult[], skipped: readonly SkippedEntry[]): JsonObject {
  const all = [...entries, ...skipped.map((entry) => ({ at: entry.at, result: ofSkipped(entry) }))];
  const results = all.toSorted((a, b) => a.at - b.at).map(({ result }) => result);
  const failed = results.some((result) => result['failed'] === true);
  return {
    changed: results.some((result) => result['changed'] === true),
    failed,
    skipped: false,
    msg: failed ? 'One or more items failed' : 'All items completed',
    results,
  };
}

/**
 * What `register` contains for an unreachable host, as in ansible-core 2.19. It has no `failed` flag.
 * @param entries of a loop, in order: completed ones have their own result
 */
export function unreachableResult(
  message: string,
  entries?: readonly {
    readonly at: number;
    readonly entry: EntryOfLoop;
    readonly result?: JsonObject | undefined;
  }[],
  skipped: readonly SkippedEntry[] = [],
): JsonObject {
  const result = { changed: false, msg: message, unreachable: true };
  if (!entries) return result;
  const all = entries.map(({ at, entry, result: own }) => ({
    at,
    result: own ?? { ...result, ...entryMembers(entry) },
  }));
  const { failed: _, ...rest } = loopResult(all, skipped);
  return { ...rest, unreachable: true };
}

function ofSkipped({ reason, result, ...entry }: SkippedEntry): JsonObject {
  return { ...skippedResult(reason, undefined, result), ...entryMembers(entry) };
}
