import type { HostPlan, PlannedTask, PlayPlan } from '../../core/events/plan.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import { isJsonObject, type Json } from '../../core/json.ts';
import { type Change, endOf } from '../../core/plan.ts';

/** So many bytes of JSON recaps may have: the server takes no message above 2 MB, and what else is in it needs some room. */
const RECAPS_BYTES = 1_200_000;

/** So long a text may be that goes through the server; a longer one stands in the log of the worker. */
const TEXT_LENGTH = 4_000;

/** The size of a value as it goes through the server. */
function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** As many of the first entries as fit into so many bytes; the first one in any case. */
export function fitting<T>(entries: readonly T[], bytes: number): readonly T[] {
  let left = bytes;
  const over = entries.findIndex((entry, index) => {
    left -= jsonBytes(entry) + 1;
    return left < 0 && index > 0;
  });
  return over === -1 ? entries : entries.slice(0, over);
}

/** Plain JSON with its long texts cut. */
export function clipped<T>(value: T): T {
  const text = JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'string' && each.length > TEXT_LENGTH ? `${each.slice(0, TEXT_LENGTH)}…` : each,
  );
  return JSON.parse(text);
}

/**
 * What waves are decided by: the facts of a cluster, its hosts, and whether something is due on each. One task of a host is enough for
 * that, and one of its changes.
 */
export function planForWaves({ tasks: _, ...plan }: PlayPlan): PlayPlan {
  return {
    ...plan,
    tasks: [],
    hosts: plan.hosts.map(({ host, tasks }): HostPlan => {
      const due = tasks.find(
        ({ action, condition }) => condition === undefined && (action === 'change' || action === 'unknown'),
      );
      return { host, tasks: due ? [withOneChange(due)] : [] };
    }),
  };
}

function withOneChange(task: PlannedTask): PlannedTask {
  if (task.action !== 'change') return task;
  const [{ kind, target, disruptive }] = task.changes;
  return { ...task, changes: [{ kind, target, disruptive, before: null, after: null }] };
}

/**
 * What has come of hosts, as it fits into one message: so much of their changes as the sentence at the end of a run is made of, and
 * none at all where there are too many.
 */
export function recapsForEnd(recaps: readonly HostRecap[]): readonly HostRecap[] {
  const short = recaps.map(({ changes, ...recap }): HostRecap => {
    const certificates = changes.filter(({ after }) => endOf(after) !== undefined);
    return { ...recap, changes: (certificates.length > 0 ? certificates : changes).map(changeForEnd) };
  });
  return jsonBytes(short) <= RECAPS_BYTES ? short : short.map((recap) => ({ ...recap, changes: [] }));
}

function changeForEnd({ kind, target, before, after, disruptive }: Change): Change {
  return { kind, target, before: sideForEnd(before), after: sideForEnd(after), disruptive };
}

function sideForEnd(side: Json): Json {
  const ends = endOf(side);
  if (ends === undefined || !isJsonObject(side)) return null;
  return { ends, ...(side['restored'] !== undefined && { restored: true }) };
}
