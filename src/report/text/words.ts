import type { ClusterWindow } from '../../core/cluster.ts';
import { count } from '../../core/count.ts';
import { nameList } from '../../core/name-list.ts';
import type { Change } from '../../core/plan.ts';

/** `2 hosts: m1, m2`, or `0 hosts`. */
export function countedNames(hosts: readonly string[]): string {
  return [count(hosts.length, 'host'), nameList(hosts)].filter((text) => text !== '').join(': ');
}

/** `batch 2 of 3: prod-m2`. */
export function batchName(number: number, of: number, hosts: readonly string[]): string {
  return `batch ${number} of ${of}: ${nameList(hosts, 3)}`;
}

/** Groups items by key, with keys in the order in which they first appear. */
export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** The windows of a cluster as detail of a note, under the name that events have for them. @param behind the cluster whose they are, if it is another one */
export function windowsDetail({ windows }: ClusterWindow, behind?: string): readonly [label: string, text: string] {
  return [behind === undefined ? 'windows' : `windows of ${behind}`, windows];
}

/** The target of a change, with its loop item: `/etc/motd (greeting)`. */
export function targetText({ target, item }: Change): string {
  return item === undefined ? target : `${target} (${item})`;
}

/** Why nothing under "Next" undoes a run on some of its hosts; undefined if there are none. */
export function noUndoText(all: readonly unknown[], without: readonly string[] = []): string | undefined {
  if (without.length === 0) return undefined;
  const where = without.length === all.length ? '' : ` on ${nameList(without)}`;
  return `No undo is offered${where}: the certificates before it have expired, expire within a day, or cannot be used.`;
}

/** The text before the command in a line under "Next", and the command: `to undo it: kplay rollback …`. Some lines have no such text. */
export function nextParts(line: string): readonly [lead: string, command: string | undefined] {
  const [, lead = line, command] = /^(|[^`]*?: )(kplay .*)$/s.exec(line) ?? [];
  return [lead, command];
}
