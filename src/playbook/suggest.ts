import { nearest, suggestion } from '../core/suggest.ts';

/** A hint for an unknown word: what was probably meant, else the candidates. `what` introduces the list: `the steps are`. */
export function didYouMean(word: string, candidates: readonly string[], what: string): string {
  const closest = nearest(word, candidates);
  return closest === undefined ? suggestion(word, candidates, what) : `did you mean ${closest}?`;
}
