import { dirname, resolve } from 'node:path';
import type { Problems } from '../core/diagnostic.ts';
import type { Host } from '../core/host.ts';
import type { Json } from '../core/json.ts';
import { type Located, SourceFile } from '../core/source.ts';
import { declaredClusters } from './clusters.ts';
import type { GroupDraft, HostDraft, InventoryDraft } from './draft.ts';
import { depths, withDescendants } from './graph.ts';
import { ALL, type Cluster, type Group, type Inventory, type InventoryVariables } from './inventory.ts';
import { Precedence } from './precedence.ts';
import type { VarsDirectory } from './vars-directory.ts';

const LOCALHOSTS = ['localhost', '127.0.0.1', '::1'];

/**
 * The inventory made of a complete draft and the `group_vars` and `host_vars` beside it (in order of source).
 * @param ofClusters takes the problems in the declarations of clusters
 */
export function resolveInventory(
  draft: InventoryDraft,
  directories: readonly VarsDirectory[],
  sources: readonly string[],
  problems: Problems,
  ofClusters: Problems,
): Inventory {
  const precedence = new Precedence(depths(draft.groups.values()), directories);
  const groups = new Map([...draft.groups].map(([name, group]) => [name, resolveGroup(group, precedence)]));
  const known = resolveHosts(draft, precedence);
  const clusters = declaredClusters(groups, known, ofClusters);
  const hosts = withClusters(known, clusters);
  for (const [name, { range }] of draft.hosts) {
    if (!groups.has(name)) continue;
    problems.warning(
      `${name} is the name of a host and of a group`,
      range,
      'in patterns it means the host, and behind ! and & the group; rename one',
    );
  }
  return { hosts, groups, clusters, sources, localhosts: resolveLocalhosts(draft, hosts, precedence) };
}

function resolveHosts(draft: InventoryDraft, precedence: Precedence): ReadonlyMap<string, Host> {
  const own = new Map<HostDraft, GroupDraft[]>([...draft.hosts.values()].map((host) => [host, []]));
  for (const group of draft.groups.values()) for (const host of group.hosts) own.get(host)?.push(group);
  const files = new Set([...own.keys()].map(({ range }) => range.file));
  const paths = new Map([...files].map((file) => [file, resolve(file.path)]));
  return new Map(
    [...own].map(([host, groups]) => [
      host.name,
      { name: host.name, ...precedence.forHost(host.name, ownVariables(host, paths), groups) },
    ]),
  );
}

function withClusters(
  hosts: ReadonlyMap<string, Host>,
  clusters: ReadonlyMap<string, Cluster>,
): ReadonlyMap<string, Host> {
  const clusterOf = new Map([...clusters.values()].flatMap(({ name, hosts: own }) => own.map((host) => [host, name])));
  return new Map(
    [...hosts].map(([name, host]) => {
      const cluster = clusterOf.get(name);
      return [name, cluster === undefined ? host : { ...host, cluster }];
    }),
  );
}

/** The variables of a host in the inventory files, plus the two with which Ansible tells where it was first named. */
function ownVariables({ range, vars }: HostDraft, paths: ReadonlyMap<SourceFile, string>): InventoryVariables {
  const path = paths.get(range.file) ?? range.file.path;
  return new Map<string, Located<Json>>([
    ['inventory_file', { value: path, range }],
    ['inventory_dir', { value: dirname(path), range }],
    ...vars,
  ]);
}

function resolveGroup(group: GroupDraft, precedence: Precedence): Group {
  const hosts = new Set(withDescendants(group).flatMap((member) => [...member.hosts]));
  return {
    name: group.name,
    hosts: [...hosts].map(({ name }) => name),
    own: [...group.hosts].map(({ name }) => name),
    children: [...group.children].map(({ name }) => name),
    vars: precedence.forGroup(group),
    priority: group.priority,
  };
}

function resolveLocalhosts(
  draft: InventoryDraft,
  hosts: ReadonlyMap<string, Host>,
  precedence: Precedence,
): ReadonlyMap<string, Host> {
  const listed = [...hosts.values()].find(({ name }) => LOCALHOSTS.includes(name));
  const all = draft.groups.get(ALL);
  const range = new SourceFile('implicit localhost', '').range(0, 0);
  const own: InventoryVariables = new Map([['ansible_connection', { value: 'local', range }]]);
  const implicit = (name: string): Host => ({
    name,
    groups: [],
    vars: precedence.forHost(name, own, all ? [all] : []).vars,
  });
  return new Map(LOCALHOSTS.map((name) => [name, hosts.get(name) ?? listed ?? implicit(name)]));
}
