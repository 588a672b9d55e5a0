/*
 * What one evaluation may do and build: a "template bomb" ends in an error, quickly. What a text may hold to be an
 * expression at all is limited in parser.ts and bind.ts.
 */

/** Operations of one evaluation: one for each part evaluated, for 10 values walked through, and for 128 characters worked on. */
export const MAX_STEPS = 1_000_000;

/** Characters (UTF-16 units) of a string that is built, and of all strings together in a list or mapping that is built. */
export const MAX_CHARACTERS = 1_048_576;

/** Values (items, members, and what is inside them) of a list or mapping that is built. */
export const MAX_VALUES = 100_000;

/** How deep lists and mappings may lie in one another. */
export const MAX_DEPTH = 100;

/** Characters of a regular expression. */
export const MAX_PATTERN = 1_000;

/** Milliseconds that one evaluation may spend in regular expressions that can backtrack without end. */
export const REGEX_MILLISECONDS = 500;
