import type { SourceFile } from '../source.ts';

/** The parser recurses; nesting that is too deep would end the process instead of throwing. */
const MAX_DEPTH = 200;

/** Where a text nests brackets, or list items on one line, too deeply. A rough count that no sane file reaches. */
export function tooDeep({ text }: SourceFile): number | undefined {
  let depth = 0;
  for (const match of text.matchAll(/[[{]|[\]}]|(?:^|(?<=\n)) *(?:[-?] +)+|\n/g)) {
    const [token] = match;
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth = Math.max(0, depth - 1);
    else if ((token.match(/[-?]/g)?.length ?? 0) > MAX_DEPTH) return match.index;
    if (depth > MAX_DEPTH) return match.index;
  }
  return undefined;
}

/**
 * Kubernetes texts usually come from a host, which may send anything. A kubeconfig with a thousand clusters has half as many
 * marks; parsing this many of the worst ones blocks the process for a second.
 */
const MAX_MARKS = 100_000;

/** Whether a text has more YAML marks, which determine how long parsing takes, than a Kubernetes text may. */
export function hasTooManyMarks({ text }: SourceFile): boolean {
  let marks = 0;
  for (const _ of text.matchAll(/[\n,[{*&"']|:(?=\s)/g)) {
    marks += 1;
    if (marks > MAX_MARKS) return true;
  }
  return false;
}
