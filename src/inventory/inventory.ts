import type { Host } from '../core/host.ts';
import type { Json } from '../core/json.ts';
import type { Located } from '../core/source.ts';

/** What the sources given with `-i` say, all of them put together. */
export interface Inventory {
  /** In the order in which they are first named. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** `all` and `ungrouped` first, then in the order in which they are first named. */
  readonly groups: ReadonlyMap<string, Group>;
  /** The sources as they were given. */
  readonly sources: readonly string[];
  /**
   * What `localhost`, `127.0.0.1` and `::1` mean in a pattern when no host has that name: the inventory's own host of one
   * of the other two names, else a host that stands in no group, not even in `all`, and is reached without a connection.
   */
  readonly localhosts: ReadonlyMap<string, Host>;
}

export interface Group {
  readonly name: string;
  /** Every host of it and of its descendants, in inventory order: its own first, then level by level. */
  readonly hosts: readonly string[];
  /** Hosts that were put into this group itself. */
  readonly own: readonly string[];
  /** Its immediate children. */
  readonly children: readonly string[];
  /** What the inventory and `group_vars` say of this group itself; nothing is inherited. */
  readonly vars: Variables;
}

/** Values by name, each with the place that gave it. */
export type Variables = ReadonlyMap<string, Located<Json>>;

/** One variable as it was written. */
export interface Assignment {
  readonly name: Located<string>;
  readonly value: Located<Json>;
}

/** The group that holds everything. */
export const ALL = 'all';

/** The group of the hosts that are in no other group. */
export const UNGROUPED = 'ungrouped';
