import type { Json } from '../core/json.ts';
import type { Unknown } from '../core/world.ts';

/**
 * The variables that an expression sees. A variable whose value is a template is resolved by the scope, which therefore
 * guards against variables that refer to themselves, and remembers what it has resolved.
 */
export interface Scope {
  /** The value of a variable; `Unknown` when only a run will tell it; undefined when there is none of that name. */
  get(name: string): Json | Unknown | undefined;
  /** What is asked in its place for a variable that only becomes a part of a text, or is handed on as it is. */
  readonly inTexts?: Scope;
  /** All names, for "did you mean". */
  names?(): Iterable<string>;
}
