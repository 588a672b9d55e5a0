import type { Host } from '../core/host.ts';
import type { Json } from '../core/json.ts';
import type { Located, SourceRange } from '../core/source.ts';
import type { Tree } from '../core/yaml/yaml.ts';

/** The merged contents of all sources given with `-i`. */
export interface Inventory {
  /** In order of first occurrence. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** `all` and `ungrouped` first, then in order of first occurrence. */
  readonly groups: ReadonlyMap<string, Group>;
  /** The clusters declared by groups, by name, in the order of the groups. */
  readonly clusters: ReadonlyMap<string, Cluster>;
  /** The sources as they were given. */
  readonly sources: readonly string[];
  /**
   * The meaning of `localhost`, `127.0.0.1` and `::1` in a pattern if no host has that name: the inventory's own host of one
   * of the other two names, else a host that belongs to no group, not even `all`, and is reached without a connection.
   */
  readonly localhosts: ReadonlyMap<string, Host>;
}

export interface Group {
  readonly name: string;
  /** All hosts of the group and its descendants, in inventory order: its own first, then level by level. */
  readonly hosts: readonly string[];
  /** Hosts that are direct members of this group. */
  readonly own: readonly string[];
  /** Its immediate children. */
  readonly children: readonly string[];
  /** The variables of this group itself in the inventory and `group_vars`; nothing is inherited. */
  readonly vars: InventoryVariables;
  /** Its precedence among groups of the same depth, `ansible_group_priority`; 1 unless it is set. */
  readonly priority: number;
}

/** The contents of `kplay_cluster` of a group, or of several groups that form one cluster. */
export interface Cluster {
  readonly name: string;
  readonly range: SourceRange;
  /** All of its hosts, in inventory order. */
  readonly hosts: readonly string[];
  /** Labels for selecting it, by key. */
  readonly labels: ReadonlyMap<string, string>;
  /** Its wave in plays with a rollout. */
  readonly wave?: Located<string>;
  /** Whom to contact when it needs attention. */
  readonly contact?: Located<string>;
  /** The site whose workers reach it, for runs by workers. */
  readonly site?: Located<string>;
  /** When it may be changed: windows, closed days, the duration of a run. Unparsed until the time is needed. */
  readonly window?: Tree;
  readonly closed?: Tree;
  readonly expected?: Tree;
  /** Properties whose values are not known because of mistakes, which were reported; absent: none. */
  readonly unread?: ReadonlySet<Selector>;
}

/** The properties by which a cluster is selected. */
export type Selector = 'name' | 'labels' | 'wave' | 'site';

/** Set on a group, it makes the group a cluster. */
export const CLUSTER_VARIABLE = 'kplay_cluster';

/** Values by name, each with its source range. */
export type InventoryVariables = ReadonlyMap<string, Written>;

/** A value, with the tree of its YAML if its inner positions are needed: for `kplay_cluster`. */
export interface Written extends Located<Json> {
  readonly tree?: Tree;
}

/** One variable as it was written. */
export interface Assignment {
  readonly name: Located<string>;
  readonly value: Written;
}

/** The group of all hosts. */
export const ALL = 'all';

/** The group of the hosts that are in no other group. */
export const UNGROUPED = 'ungrouped';
