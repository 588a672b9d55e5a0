import { nearest } from '../core/suggest.ts';

/** `did you mean 'upper'?` when one of the names is near enough to the one that was written. */
export function didYouMean(written: string, names: Iterable<string>): string | undefined {
  const meant = nearest(written, names);
  return meant === undefined ? undefined : `did you mean '${meant}'?`;
}
