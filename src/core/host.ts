import type { Json } from './json.ts';
import type { Located } from './source.ts';

/** A machine of the inventory, with everything that the inventory says of it. */
export interface Host {
  readonly name: string;
  /** Every group that holds it, `all` first, then from the farthest ancestor to the nearest group. */
  readonly groups: readonly string[];
  /** Variables after the groups have been merged into the host; templates in them are not expanded yet. */
  readonly vars: ReadonlyMap<string, Located<Json>>;
  /** The cluster that the inventory says it is of (`kplay_cluster` of one of its groups). */
  readonly cluster?: string;
}
