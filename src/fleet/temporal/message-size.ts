import type { HostPlan, PlannedTask, PlayPlan } from '../../core/events/plan.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import { isJsonObject, type Json } from '../../core/json.ts';
import { type Change, endOf } from '../../core/plan.ts';
import { isDue, mayAlter } from '../../core/plan-totals.ts';
import { shortened } from '../../core/shortened.ts';

/** Maximum bytes of recaps as JSON: the server accepts messages up to 2 MB, and the rest of the message needs some room. */
const RECAPS_BYTES = 1_200_000;

/** Maximum length of a text that goes through the server; longer ones are in the worker's log. */
const TEXT_LENGTH = 4_000;

/** The size of a value in a message to the server. */
function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** As many of the first entries as fit into the given size, at least one. */
export function firstFitting<T>(entries: readonly T[], bytes: number): readonly T[] {
  let left = bytes;
  const over = entries.findIndex((entry, index) => {
    left -= jsonBytes(entry) + 1;
    return left < 0 && index > 0;
  });
  return over === -1 ? entries : entries.slice(0, over);
}

/** Plain JSON with its long texts cut. */
export function withShortTexts<T>(value: T): T {
  const text = JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'string' ? shortened(each, TEXT_LENGTH) : each,
  );
  return JSON.parse(text);
}

/**
 * What the choice of waves depends on: the facts of a cluster, its hosts, and whether something is due on each, or is to be
 * changed. A task of each kind per host, and one of its changes, is enough for that.
 */
export function planForWaves({ tasks: _, ...plan }: PlayPlan): PlayPlan {
  return {
    ...plan,
    tasks: [],
    hosts: plan.hosts.map(({ host, tasks }): HostPlan => {
      const all = tasks.filter(isDue);
      // For a rollout of an older version only what is certain counts.
      const certain = all.filter(({ condition }) => condition === undefined);
      const due = certain.find(mayAlter) ?? certain[0] ?? all.find(mayAlter) ?? all[0];
      const altering = due && !mayAlter(due) ? all.find(mayAlter) : undefined;
      return { host, tasks: [due, altering].flatMap((task) => (task ? [withOneChange(task)] : [])) };
    }),
  };
}

function withOneChange(task: PlannedTask): PlannedTask {
  if (task.action !== 'change') return task;
  const [first] = task.changes;
  const { kind, target, disruptive } = task.changes.find((change) => change.kind !== 'look') ?? first;
  return { ...task, changes: [{ kind, target, disruptive, before: null, after: null }] };
}

/**
 * The results of hosts, reduced to fit into one message: only as much of their changes as the final sentence of a run needs,
 * and none if there are too many.
 */
export function compactRecaps(recaps: readonly HostRecap[]): readonly HostRecap[] {
  const short = recaps.map(({ changes, ...recap }): HostRecap => {
    const certificates = changes.filter(({ after }) => endOf(after) !== undefined);
    return { ...recap, changes: (certificates.length > 0 ? certificates : changes).map(compactChange) };
  });
  return jsonBytes(short) <= RECAPS_BYTES ? short : short.map((recap) => ({ ...recap, changes: [] }));
}

function compactChange({ kind, target, before, after, disruptive }: Change): Change {
  return { kind, target, before: compactSide(before), after: compactSide(after), disruptive };
}

function compactSide(side: Json): Json {
  const end = endOf(side);
  if (end === undefined || !isJsonObject(side)) return null;
  return { ends: end, ...(side['restored'] !== undefined && { restored: true }) };
}
