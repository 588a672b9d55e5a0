import { hasClusterSelectors } from './cluster-pattern.ts';
import { ALL, type Inventory, UNGROUPED } from './inventory.ts';

/** So many names are read faster than groups are looked up. */
const FEW = 8;

/** A name that has no meaning besides itself in a pattern. */
const PLAIN = /^\w[\w.-]*$/;

/** A word of a limit that stands for several hosts. */
interface Several {
  readonly word: string;
  readonly hosts: ReadonlySet<string>;
}

/** The shortest limit that selects exactly these hosts of an inventory: their names, or groups and clusters, or what is left out of one. */
export function shortPattern(hosts: readonly string[], inventory: Inventory): string {
  const names = hosts.join(',');
  if (hosts.length <= FEW) return names;
  const wanted = new Set(hosts);
  const several = severalIn(inventory);
  const all: Several = { word: ALL, hosts: new Set(inventory.groups.get(ALL)?.hosts) };
  const parts = [all, ...several]
    .filter((whole) => hosts.every((host) => whole.hosts.has(host)))
    .map(({ word, hosts: whole }) => {
      const others = new Set([...whole].filter((host) => !wanted.has(host)));
      return [word, ...coverOf(others, several).map((other) => `!${other}`)];
    })
    // Behind ! the name of a host that is also one of a group means the group.
    .filter(
      ([, ...others]) =>
        !others.some((other) => inventory.hosts.has(other.slice(1)) && inventory.groups.has(other.slice(1))),
    );
  const patterns = [coverOf(wanted, several), ...parts].map((words) => words.join(','));
  return patterns.reduce((shortest, pattern) => (pattern.length < shortest.length ? pattern : shortest), names);
}

/** Words for exactly these hosts: those for most of them first, then the names of the rest. */
function coverOf(hosts: ReadonlySet<string>, several: readonly Several[]): readonly string[] {
  const rest = new Set(hosts);
  const words: string[] = [];
  for (const { word, hosts: own } of several) {
    const news = [...own].filter((host) => rest.has(host));
    if (news.length < 2 || ![...own].every((host) => hosts.has(host))) continue;
    words.push(word);
    for (const host of news) rest.delete(host);
  }
  return [...words, ...rest];
}

/** The largest first. Without a sign before it, the name means a host rather than a group. */
function severalIn(inventory: Inventory): readonly Several[] {
  const { groups, clusters, hosts } = inventory;
  const found = [
    ...[...groups.values()]
      .filter(({ name }) => name !== ALL && name !== UNGROUPED && PLAIN.test(name) && !hosts.has(name))
      .map((group) => ({ word: group.name, hosts: new Set(group.hosts) })),
    ...(hasClusterSelectors(inventory) ? [...clusters.values()] : []).map((cluster) => {
      return { word: `cluster:${cluster.name}`, hosts: new Set(cluster.hosts) };
    }),
  ];
  return found.toSorted((one, other) => other.hosts.size - one.hosts.size);
}
