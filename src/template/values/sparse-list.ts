import type { Json } from '../../core/json.ts';
import type { SourceRange } from '../../core/source.ts';
import { Undefined } from './undefined.ts';

/**
 * A list in which some items are undefined, as `map` makes one. It becomes a value when `select('defined')` removes them or
 * `map('default', …)` replaces them; until then it is an error wherever a value is needed.
 */
export class SparseList {
  readonly items: readonly (Json | Undefined)[];
  /** The first of its undefined items, which says why there is no value. */
  readonly gap: Undefined;
  /** Where that item is written; undefined if it was computed. */
  readonly range: SourceRange | undefined;

  constructor(items: readonly (Json | Undefined)[], gap: Undefined, range: SourceRange | undefined) {
    this.items = items;
    this.gap = gap;
    this.range = range;
  }

  /** The item at an index; undefined if there is none. */
  at(index: Json): Json | Undefined | undefined {
    return Number.isInteger(index) ? this.items.at(index as number) : undefined;
  }

  /** Its other items. */
  get defined(): readonly Json[] {
    return this.items.filter(isDefined);
  }
}

/** What a filter, or any expression, yields. */
export type FilterResult = Json | Undefined | SparseList;

/** The list as a value if all of its items are defined. @param range where the first undefined item is written */
export function listOf(items: readonly (Json | Undefined)[], range?: SourceRange): readonly Json[] | SparseList {
  const gap = items.find((item) => item instanceof Undefined);
  return gap ? new SparseList(items, gap, range) : items.filter(isDefined);
}

function isDefined(item: Json | Undefined): item is Json {
  return !(item instanceof Undefined);
}
