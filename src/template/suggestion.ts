import { closest, distance } from 'fastest-levenshtein';

/** `did you mean 'upper'?` when one of the names is near enough to the one that was written. */
export function didYouMean(written: string, names: Iterable<string>): string | undefined {
  const candidates = [...names];
  if (candidates.length === 0 || written.length > 100) return undefined;
  const nearest = closest(written, candidates);
  const length = Math.max(written.length, nearest.length);
  const allowed = length < 4 ? 1 : Math.max(2, Math.floor(length / 3));
  return distance(written, nearest) <= allowed ? `did you mean '${nearest}'?` : undefined;
}
