/** By host, the places in a list of what is about it. A list is asked about once for each cluster, and never changes. */
const places = new WeakMap<readonly unknown[], ReadonlyMap<string, readonly number[]>>();

/** What in a list is about one of these hosts, in the order of the list. @param hostsOf which hosts something is about */
export function aboutHosts<T>(
  list: readonly T[],
  hostsOf: (each: T) => readonly string[],
  hosts: readonly string[],
): readonly T[] {
  const known = places.get(list) ?? placesIn(list, hostsOf);
  places.set(list, known);
  const found = new Set(hosts.flatMap((host) => known.get(host) ?? []));
  return [...found].sort((a, b) => a - b).flatMap((place) => list[place] ?? []);
}

/** Those of these hosts that are in a list of hosts. */
export function hostsAmong(list: readonly string[], hosts: readonly string[]): readonly string[] {
  return aboutHosts(list, (host) => [host], hosts);
}

function placesIn<T>(
  list: readonly T[],
  hostsOf: (each: T) => readonly string[],
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const [place, each] of list.entries())
    for (const host of hostsOf(each)) {
      const own = found.get(host) ?? [];
      own.push(place);
      found.set(host, own);
    }
  return found;
}
