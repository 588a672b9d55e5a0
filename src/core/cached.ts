/** More than one observation of a host needs, and few enough that a fleet does not fill the memory. */
const LIMIT = 500;

/**
 * The same function, with a cache of its latest results: a host is observed many times in a run, and most of its files have
 * not changed. Only for pure functions whose results nobody mutates; exceptions are not cached.
 */
export function cached<Result>(make: (text: string) => Result, limit = LIMIT): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    const result = known.has(text) ? (known.get(text) as Result) : make(text);
    // Least recently used entries are dropped first.
    known.delete(text);
    known.set(text, result);
    for (const oldest of known.keys()) {
      if (known.size <= limit) break;
      known.delete(oldest);
    }
    return result;
  };
}
