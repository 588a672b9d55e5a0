import type { Json } from '../core/json.ts';
import type { Located } from '../core/source.ts';
import type { GroupDraft } from './draft.ts';
import { withAncestors } from './graph.ts';
import { ALL, type InventoryVariables } from './inventory.ts';
import type { VarsDirectory } from './vars-directory.ts';

/**
 * Merges the variables of a host in Ansible's order. Later values win, and replace earlier ones as a whole: `all` in the
 * inventory files, the other groups there, `group_vars/all`, the other `group_vars`, the host in the inventory files,
 * `host_vars`. Among groups the deeper one wins, then the one with higher priority, then the alphabetically later one.
 * `group_vars` and `host_vars` of a later source win over those of an earlier one, whichever group they belong to.
 */
export class Precedence {
  readonly #depth: ReadonlyMap<GroupDraft, number>;
  readonly #directories: readonly VarsDirectory[];
  readonly #merged = new Map<string, MergedGroups>();

  constructor(depth: ReadonlyMap<GroupDraft, number>, directories: readonly VarsDirectory[]) {
    this.#depth = depth;
    this.#directories = directories;
  }

  /** The names of a host's groups, and its variables. `groups` and `vars` are those in the inventory files. */
  forHost(
    name: string,
    vars: InventoryVariables,
    groups: readonly GroupDraft[],
  ): { readonly groups: readonly string[]; readonly vars: InventoryVariables } {
    const merged = this.#ofGroups(groups);
    const layers = [merged.vars, vars, ...this.#directories.map((directory) => directory.ofHost(name))];
    return { groups: merged.groups, vars: merge(layers) };
  }

  /** The variables of one group in the inventory files and `group_vars`. */
  forGroup({ name, vars }: GroupDraft): InventoryVariables {
    return merge([vars, ...this.#directories.map((directory) => directory.ofGroup(name))]);
  }

  /** Shared by hosts in the same groups. */
  #ofGroups(own: readonly GroupDraft[]): MergedGroups {
    const key = own.map(({ name }) => name).join(' ');
    const known = this.#merged.get(key);
    if (known) return known;
    const groups = [...withAncestors(own)].sort((a, b) => this.#compare(a, b));
    const others = groups.filter(({ name }) => name !== ALL);
    const vars = merge([
      ...groups.map((group) => group.vars),
      ...this.#directories.map((directory) => directory.ofGroup(ALL)),
      ...this.#directories.flatMap((directory) => others.map(({ name }) => directory.ofGroup(name))),
    ]);
    const merged = { groups: groups.map(({ name }) => name), vars };
    this.#merged.set(key, merged);
    return merged;
  }

  #compare(a: GroupDraft, b: GroupDraft): number {
    const depth = (this.#depth.get(a) ?? 0) - (this.#depth.get(b) ?? 0);
    return depth || a.priority - b.priority || (a.name < b.name ? -1 : 1);
  }
}

interface MergedGroups {
  readonly groups: readonly string[];
  readonly vars: InventoryVariables;
}

/** Merges maps; later ones win. */
function merge(layers: readonly InventoryVariables[]): InventoryVariables {
  const merged = new Map<string, Located<Json>>();
  for (const layer of layers) for (const [name, value] of layer) merged.set(name, value);
  return merged;
}
