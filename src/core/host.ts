import type { Json } from './json.ts';
import type { Located } from './source.ts';

/** A machine of the inventory, with everything that the inventory says about it. */
export interface Host {
  readonly name: string;
  /** All of its groups: `all` first, then from the farthest ancestor to the nearest group. */
  readonly groups: readonly string[];
  /** Variables after merging those of the groups; templates in them are not expanded yet. */
  readonly vars: ReadonlyMap<string, Located<Json>>;
  /** The cluster that the inventory assigns it to (`kplay_cluster` of one of its groups). */
  readonly cluster?: string;
}
