import type { Json } from '../core/json.ts';
import type { Unknown } from '../core/world.ts';

/** A variable whose value is a text, in a comparison. */
export interface Compared {
  readonly text: string;
  /** Records that only this matters: whether the text is one of these. */
  among(texts: readonly string[]): void;
}

/**
 * The variables visible to an expression. The scope resolves variables whose value is a template; so it also detects variables
 * that refer to themselves, and caches results.
 */
export interface Scope {
  /** The value of a variable; `Unknown` if it is only known during the run; undefined if there is no such variable. */
  get(name: string): Json | Unknown | undefined;
  /** For a comparison with texts; undefined if nothing is gained by telling it from other uses of the variable. */
  compare?(name: string): Compared | undefined;
  /** The scope for variables that only become part of a text, or are passed on unchanged. */
  readonly inTexts?: Scope;
  /** All names, for "did you mean". */
  names?(): Iterable<string>;
  /** What to do about a variable that does not exist, if more is known than names like it. */
  hintFor?(name: string): string | undefined;
}
