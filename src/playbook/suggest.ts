import { nearest, suggestion } from '../core/suggest.ts';

/** A hint for an unknown word: what it most likely means, else what there is. `what` introduces the list: `the steps are`. */
export function didYouMean(word: string, candidates: readonly string[], what: string): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? suggestion(word, candidates, what) : `did you mean ${meant}?`;
}
