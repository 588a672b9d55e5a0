/** More than one look at a host holds, and few enough to be forgotten when a fleet goes by. */
const LIMIT = 500;

/**
 * The same function, which remembers what it made of the last texts: a host is looked at many times in a run, and most of its
 * files are then as they were. For pure functions alone, whose results nobody changes; what throws is not remembered.
 */
export function remembering<Result>(make: (text: string) => Result, limit = LIMIT): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    const made = known.has(text) ? (known.get(text) as Result) : make(text);
    // The last that was asked for is the last to be forgotten.
    known.delete(text);
    known.set(text, made);
    for (const oldest of known.keys()) {
      if (known.size <= limit) break;
      known.delete(oldest);
    }
    return made;
  };
}
