import { nearest } from '../core/suggest.ts';

/** `did you mean 'upper'?` if one of the names is similar to the one that was written. */
export function didYouMean(written: string, names: Iterable<string>): string | undefined {
  const closest = nearest(written, names);
  return closest === undefined ? undefined : `did you mean '${closest}'?`;
}
