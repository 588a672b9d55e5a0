/** A node of the graph of groups. */
interface Node<Self> {
  readonly parents: ReadonlySet<Self>;
  readonly children: ReadonlySet<Self>;
}

/** A group and everything reachable from it, level by level, each once, in the order of the edges. */
function reachable<Group extends Node<Group>>(start: Group, next: (group: Group) => Iterable<Group>): readonly Group[] {
  const seen = new Set([start]);
  for (const group of seen) for (const neighbour of next(group)) seen.add(neighbour);
  return [...seen];
}

/** A group and its descendants, level by level: the order in which a group's hosts are listed. */
export function withDescendants<Group extends Node<Group>>(group: Group): readonly Group[] {
  return reachable(group, ({ children }) => children);
}

/** Groups and all their ancestors. */
export function withAncestors<Group extends Node<Group>>(groups: Iterable<Group>): ReadonlySet<Group> {
  const all = new Set<Group>();
  for (const group of groups) for (const ancestor of reachable(group, ({ parents }) => parents)) all.add(ancestor);
  return all;
}

/** A path down from one group to another, including both; undefined if there is none. */
export function pathBetween<Group extends Node<Group>>(from: Group, to: Group): readonly Group[] | undefined {
  const predecessors = new Map<Group, Group | undefined>([[from, undefined]]);
  for (const [group] of predecessors) {
    if (group === to) return pathTo(predecessors, to);
    for (const child of group.children) if (!predecessors.has(child)) predecessors.set(child, group);
  }
  return undefined;
}

function pathTo<Group>(predecessors: ReadonlyMap<Group, Group | undefined>, to: Group): readonly Group[] {
  const path: Group[] = [];
  for (let group: Group | undefined = to; group !== undefined; group = predecessors.get(group)) path.unshift(group);
  return path;
}

/** The depth of each group below the root, by the longest path. The groups must not contain cycles. */
export function depths<Group extends Node<Group>>(groups: Iterable<Group>): ReadonlyMap<Group, number> {
  const depth = new Map<Group, number>();
  const waiting = new Map([...groups].map((group) => [group, group.parents.size] as const));
  const ready = [...waiting].filter(([, parents]) => parents === 0).map(([group]) => group);
  for (const group of ready) depth.set(group, 0);
  for (const group of ready) {
    for (const child of group.children) {
      depth.set(child, Math.max(depth.get(child) ?? 0, (depth.get(group) ?? 0) + 1));
      const left = (waiting.get(child) ?? 0) - 1;
      waiting.set(child, left);
      if (left === 0) ready.push(child);
    }
  }
  return depth;
}
