/** Checks whose messages tell what was seen: a scenario has no debugger. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [seen, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (seen !== wanted) throw new Error(`${what}: ${seen}, not ${wanted}`);
}

export function contains(text: string, part: string, what: string): void {
  if (!text.includes(part)) throw new Error(`${what}: '${part}' is not in\n${text.slice(-3000)}`);
}

export function matches(text: string, pattern: RegExp, what: string): void {
  if (!pattern.test(text)) throw new Error(`${what}: ${pattern} does not match\n${text.slice(-3000)}`);
}

export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}
