import type { Json } from '../core/json.ts';
import type { Located } from '../core/source.ts';
import type { GroupDraft } from './draft.ts';
import { withAncestors } from './graph.ts';
import { ALL, type Variables } from './inventory.ts';
import type { VarsDirectory } from './vars-directory.ts';

/**
 * Merges what the inventory says of a host, by Ansible's order. What comes later wins, and replaces a value as a whole:
 * `all` in the inventory files, the other groups there, `group_vars/all`, the other `group_vars`, the host in the
 * inventory files, `host_vars`. Groups: the deeper, then the one of higher priority, then the one later in the alphabet wins.
 * `group_vars` and `host_vars` of a later source win over those of an earlier one, whichever group they are of.
 */
export class Precedence {
  readonly #depth: ReadonlyMap<GroupDraft, number>;
  readonly #directories: readonly VarsDirectory[];
  readonly #merged = new Map<string, MergedGroups>();

  constructor(depth: ReadonlyMap<GroupDraft, number>, directories: readonly VarsDirectory[]) {
    this.#depth = depth;
    this.#directories = directories;
  }

  /** The names of the groups that hold a host, and its variables. `groups` and `vars` are what the inventory files say of it. */
  ofHost(
    name: string,
    vars: Variables,
    groups: readonly GroupDraft[],
  ): { readonly groups: readonly string[]; readonly vars: Variables } {
    const merged = this.#ofGroups(groups);
    const layers = [merged.vars, vars, ...this.#directories.map((directory) => directory.ofHost(name))];
    return { groups: merged.groups, vars: merge(layers) };
  }

  /** What the inventory files and `group_vars` say of one group. */
  ofGroup({ name, vars }: GroupDraft): Variables {
    return merge([vars, ...this.#directories.map((directory) => directory.ofGroup(name))]);
  }

  /** Hosts of the same groups share this. */
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
  readonly vars: Variables;
}

/** One map of them all; later ones win. */
function merge(layers: readonly Variables[]): Variables {
  const merged = new Map<string, Located<Json>>();
  for (const layer of layers) for (const [name, value] of layer) merged.set(name, value);
  return merged;
}
