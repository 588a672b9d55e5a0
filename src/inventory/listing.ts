import type { Json, JsonObject } from '../core/json.ts';
import { ALL, type Inventory } from './inventory.ts';

/** What Ansible sets itself, and does not list. */
const INTERNAL = new Set(['inventory_dir', 'inventory_file']);

/** Shows one variable; what it returns is listed. */
export type ShowVariable = (name: string, value: Json) => Json;

/** An inventory as `ansible-inventory --list` prints it, which is what a script that is an inventory has to print. */
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

/** The variables of one host, as `ansible-inventory --host` prints them; none for a host that is not there. */
export function hostListing({ hosts }: Inventory, name: string, show: ShowVariable): JsonObject {
  const vars = [...(hosts.get(name)?.vars ?? [])].filter(([variable]) => !INTERNAL.has(variable));
  return Object.fromEntries(vars.map(([variable, { value }]) => [variable, show(variable, value)]));
}

/** Groups and hosts as a tree, a line each, as `ansible-inventory --graph` prints them. */
export function inventoryGraph({ groups }: Inventory): readonly string[] {
  const below = (name: string, depth: number): readonly string[] => {
    const group = groups.get(name);
    if (!group) return [];
    const lead = depth === 0 ? '' : `${'  |'.repeat(depth)}--`;
    const hosts = name === ALL ? [] : group.own.map((host) => `${'  |'.repeat(depth + 1)}--${host}`);
    return [`${lead}@${name}:`, ...group.children.flatMap((child) => below(child, depth + 1)), ...hosts];
  };
  return below(ALL, 0);
}
