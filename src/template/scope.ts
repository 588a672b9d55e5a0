import type { Json } from '../core/json.ts';
import type { Unknown } from '../core/world.ts';

/**
 * The variables visible to an expression. The scope resolves variables whose value is a template; so it also detects variables
 * that refer to themselves, and caches results.
 */
export interface Scope {
  /** The value of a variable; `Unknown` if it is only known during the run; undefined if there is no such variable. */
  get(name: string): Json | Unknown | undefined;
  /** The scope for variables that only become part of a text, or are passed on unchanged. */
  readonly inTexts?: Scope;
  /** All names, for "did you mean". */
  names?(): Iterable<string>;
  /** What to do about a variable that does not exist, if more is known than names like it. */
  hintFor?(name: string): string | undefined;
}
