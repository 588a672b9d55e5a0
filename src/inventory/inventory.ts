import type { Host } from '../core/host.ts';
import type { Json } from '../core/json.ts';
import type { Located, SourceRange } from '../core/source.ts';
import type { Tree } from '../core/yaml/yaml.ts';

/** What the sources given with `-i` say, all of them put together. */
export interface Inventory {
  /** In the order in which they are first named. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** `all` and `ungrouped` first, then in the order in which they are first named. */
  readonly groups: ReadonlyMap<string, Group>;
  /** The clusters that groups declare, by name, in the order of these groups. */
  readonly clusters: ReadonlyMap<string, Cluster>;
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

/** What `kplay_cluster` of a group, or of several groups that are one cluster, says. */
export interface Cluster {
  readonly name: string;
  readonly range: SourceRange;
  /** Every host of it, in inventory order. */
  readonly hosts: readonly string[];
  /** What it can be selected by, by name. */
  readonly labels: ReadonlyMap<string, string>;
  /** The wave that it is in, of a play with a rollout. */
  readonly wave?: Located<string>;
  /** Whom to turn to when it needs attention. */
  readonly contact?: Located<string>;
  /** Whose workers reach it, of a run that workers carry out. */
  readonly site?: Located<string>;
  /** When it may be changed: windows, days on which nothing is, how long a run on it takes. As they are written: whoever asks for the time reads them. */
  readonly window?: Tree;
  readonly closed?: Tree;
  readonly expected?: Tree;
}

/** Of a group: it is a cluster. */
export const CLUSTER_VARIABLE = 'kplay_cluster';

/** Values by name, each with the place that gave it. */
export type Variables = ReadonlyMap<string, Written>;

/** A value, and where what is in it stands as far as anybody asks for that: of `kplay_cluster`, in YAML. */
export interface Written extends Located<Json> {
  readonly tree?: Tree;
}

/** One variable as it was written. */
export interface Assignment {
  readonly name: Located<string>;
  readonly value: Written;
}

/** The group that holds everything. */
export const ALL = 'all';

/** The group of the hosts that are in no other group. */
export const UNGROUPED = 'ungrouped';
