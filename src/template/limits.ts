/*
 * Limits on the work and results of one evaluation: a "template bomb" quickly ends in an error. Limits on parsing are in
 * parser.ts and bind.ts.
 */

/** Operations of one evaluation: one for each evaluated node, for 10 visited values, and for 128 processed characters. */
export const MAX_STEPS = 1_000_000;

/** Characters (UTF-16 units) of a string that is built, and of all strings together in a list or mapping that is built. */
export const MAX_CHARACTERS = 1_048_576;

/** Values (items, members, and their contents) of a list or mapping that is built. */
export const MAX_VALUES = 100_000;

/** Nesting of lists and mappings. */
export const MAX_DEPTH = 100;

/** Characters of a regular expression. */
export const MAX_PATTERN = 1_000;

/** Milliseconds per evaluation for regular expressions that may backtrack exponentially. */
export const REGEX_MILLISECONDS = 500;
