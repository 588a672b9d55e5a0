import type { Json, JsonObject } from '../core/json.ts';
import { ALL, type Inventory, type InventoryVariables } from './inventory.ts';
import { pythonText } from './python-text.ts';
import { PRIORITY } from './variables.ts';

/** Variables that Ansible sets itself and does not list. */
const INTERNAL = new Set(['inventory_dir', 'inventory_file']);

/** Formats one variable for the listing. */
export type ShowVariable = (name: string, value: Json) => Json;

/** An inventory in the format of `ansible-inventory --list`, which inventory scripts have to print. */
export function inventoryListing(inventory: Inventory, show: ShowVariable): JsonObject {
  const { groups, hosts } = inventory;
  const listed = [...groups.values()].flatMap((group) => {
    const { children } = group;
    const all: JsonObject = {
      ...(group.name !== ALL && group.own.length > 0 && { hosts: group.own }),
      ...(children.length > 0 && { children }),
    };
    return Object.keys(all).length > 0 ? [[group.name, all] as const] : [];
  });
  const variables = [...hosts.keys()].flatMap((name) => {
    const own = hostListing(inventory, name, show);
    return Object.keys(own).length > 0 ? [[name, own] as const] : [];
  });
  return { _meta: { hostvars: Object.fromEntries(variables) }, ...Object.fromEntries(listed) };
}

/** The variables of one host, in the format of `ansible-inventory --host`; empty for an unknown host. */
export function hostListing({ hosts }: Inventory, name: string, show: ShowVariable): JsonObject {
  return listed(hosts.get(name)?.vars, show);
}

function listed(vars: InventoryVariables | undefined, show: ShowVariable): JsonObject {
  const own = [...(vars ?? [])].filter(([variable]) => !INTERNAL.has(variable));
  return Object.fromEntries(own.map(([variable, { value }]) => [variable, show(variable, value)]));
}

/** The nested groups, in the format of `ansible-inventory --list --yaml`: the variables of a host are at its first occurrence. */
export function inventoryTree(inventory: Inventory, show: ShowVariable): JsonObject {
  const seen = new Set<string>();
  const membersOf = (name: string): JsonObject => {
    const { children = [], own = [] } = inventory.groups.get(name) ?? {};
    const groups = children.map((child) => [child, membersOf(child)] as const);
    const hosts = (name === ALL ? [] : own).map((host) => {
      const vars = seen.has(host) ? {} : hostListing(inventory, host, show);
      seen.add(host);
      return [host, vars] as const;
    });
    return {
      ...(groups.length > 0 && { children: Object.fromEntries(groups) }),
      ...(hosts.length > 0 && { hosts: Object.fromEntries(hosts) }),
    };
  };
  return { [ALL]: membersOf(ALL) };
}

/**
 * Groups and hosts as a tree, one per line, in the format of `ansible-inventory --graph`.
 * @param show includes the variables, in this format
 */
export function inventoryGraph(inventory: Inventory, show?: ShowVariable): readonly string[] {
  const line = (depth: number, text: string) => (depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`);
  const variables = (
    depth: number,
    vars: InventoryVariables | undefined,
    others: JsonObject = {},
  ): readonly string[] =>
    show
      ? Object.entries({ ...listed(vars, show), ...others })
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, value]) => line(depth, `{${name} = ${typeof value === 'string' ? value : pythonText(value)}}`))
      : [];
  const subtree = (name: string, depth: number): readonly string[] => {
    const group = inventory.groups.get(name);
    if (!group) return [];
    const hosts = (name === ALL ? [] : group.own).flatMap((host) => [
      line(depth + 1, host),
      ...variables(depth + 2, inventory.hosts.get(host)?.vars),
    ]);
    return [
      line(depth, `@${name}:`),
      ...group.children.flatMap((child) => subtree(child, depth + 1)),
      ...hosts,
      ...variables(depth + 1, group.vars, group.priority === 1 ? {} : { [PRIORITY]: group.priority }),
    ];
  };
  return subtree(ALL, 0);
}
