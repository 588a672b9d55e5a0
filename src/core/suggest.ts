import { distance } from 'fastest-levenshtein';

const SHOWN = 12;

/**
 * The candidate that a mistyped word most likely means; undefined when none is close.
 * @param most how many letters may be other, missing or too many; two neighbours that are swapped count as one
 */
export function nearest(word: string, candidates: Iterable<string>, most = lettersOf(word)): string | undefined {
  let best: string | undefined;
  let bestDistance = most + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > bestDistance) continue;
    const current = errorsBetween(word.toLowerCase(), candidate.toLowerCase());
    const isNearer =
      current < bestDistance ||
      (best !== undefined && current === bestDistance && !holds(best, word) && holds(candidate, word));
    if (isNearer) [best, bestDistance] = [candidate, current];
  }
  return best;
}

function errorsBetween(word: string, candidate: string): number {
  return isSwapped(word, candidate) ? 1 : distance(word, candidate);
}

/** Whether a word is another one with two neighbouring letters swapped: `rnu`. */
function isSwapped(word: string, other: string): boolean {
  const at = [...word].findIndex((letter, index) => letter !== other[index]);
  const [first = '', second = ''] = word.slice(at, at + 2);
  return at >= 0 && `${word.slice(0, at)}${second}${first}${word.slice(at + 2)}` === other;
}

function lettersOf({ length }: string): number {
  return length < 4 ? 1 : Math.max(2, Math.floor(length / 3));
}

/**
 * Whether the candidate contains every letter of the word: typing errors swap and omit letters more often than they add others
 * (`taks`).
 */
function holds(candidate: string, word: string): boolean {
  const left = [...candidate.toLowerCase()];
  return [...word.toLowerCase()].every((letter) => {
    const at = left.indexOf(letter);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/**
 * The required keys that a mapping lacks, without those for which it has a mistyped one: that is a problem of its own.
 * @param known all keys that the mapping may have
 */
export function missingKeys<T extends string>(
  required: readonly T[],
  present: readonly string[],
  known: readonly string[],
): readonly T[] {
  const meant = present.map((key) => (known.includes(key) ? key : nearest(key, known)));
  return required.filter((key) => !meant.includes(key));
}

/**
 * A hint for an unknown word: what was probably meant, and what there is; of a long list only similar ones, if there are any.
 * `what` introduces the list: `the groups are`; `otherCandidates` are further words that may have been meant.
 */
export function suggestion(
  word: string,
  candidates: Iterable<string>,
  what: string,
  otherCandidates: Iterable<string> = [],
): string {
  const all = [...candidates];
  const best = nearest(word, [...all, ...otherCandidates]);
  const like = all.length > SHOWN ? similarTo(word, all) : [];
  const list = `${what} ${firstOf(like.length > 0 ? like : all, SHOWN, all.length)}`;
  return best === undefined ? list : `did you mean ${best}? ${list}`;
}

/** The first of some names: `a, b, … (9 in all)`. */
export function firstOf(names: readonly string[], most: number, total = names.length): string {
  const shown = names.slice(0, most);
  return `${shown.join(', ')}${total > shown.length ? `, … (${total} in all)` : ''}`;
}

/** Candidates that share parts with a mistyped or truncated word, best first. */
export function similarTo(word: string, candidates: readonly string[]): readonly string[] {
  const parts = partsOf(word);
  return candidates
    .map((candidate) => {
      const own = partsOf(candidate);
      return { candidate, shared: parts.filter((part) => own.some((other) => isSimilar(part, other))).length };
    })
    .filter(({ shared }) => shared > 0)
    .toSorted((one, other) => other.shared - one.shared)
    .map(({ candidate }) => candidate);
}

function partsOf(word: string): readonly string[] {
  return word
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part.length >= 3);
}

/** Short words have too many neighbours. */
function isSimilar(part: string, other: string): boolean {
  if (part.startsWith(other) || other.startsWith(part)) return true;
  return Math.min(part.length, other.length) > 4 && nearest(part, [other]) !== undefined;
}
