import { distance } from 'fastest-levenshtein';

const SHOWN = 12;

/** The candidate that a mistyped word most likely means; undefined when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > bestDistance) continue;
    const current = distance(word.toLowerCase(), candidate.toLowerCase());
    const isNearer =
      current < bestDistance ||
      (best !== undefined && current === bestDistance && !holds(best, word) && holds(candidate, word));
    if (isNearer) [best, bestDistance] = [candidate, current];
  }
  return best;
}

/** Every letter of a word is in it: fingers swap letters and leave some out more often than they type others (`taks`). */
function holds(candidate: string, word: string): boolean {
  const left = [...candidate.toLowerCase()];
  return [...word.toLowerCase()].every((letter) => {
    const at = left.indexOf(letter);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/**
 * A hint for an unknown word: what it may have meant, and what there is. `what` introduces the list: `the groups are`;
 * `alsoMeant` are further words that it may have meant.
 */
export function suggestion(
  word: string,
  candidates: Iterable<string>,
  what: string,
  alsoMeant: Iterable<string> = [],
): string {
  const all = [...candidates];
  const meant = nearest(word, [...all, ...alsoMeant]);
  const more = all.length > SHOWN ? `, … (${all.length} in all)` : '';
  const list = `${what} ${all.slice(0, SHOWN).join(', ')}${more}`;
  return meant === undefined ? list : `did you mean ${meant}? ${list}`;
}
