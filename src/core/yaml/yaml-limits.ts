import type { SourceFile } from '../source.ts';

/** The parser recurses; far enough down it ends the process instead of throwing. */
const MAX_DEPTH = 200;

/** Where a text opens more brackets, or more list items on one line, than it may; a rough count that no sane file reaches. */
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
 * A text of Kubernetes is as a rule a host's, which may send what it likes. A kubeconfig of a thousand clusters has half as
 * many; reading this many of the worst marks takes a second, in which nothing else is done.
 */
const MAX_MARKS = 100_000;

/** Whether a text has more of the marks of YAML, which cost the time to read it, than a text of Kubernetes may. */
export function hasTooMuch({ text }: SourceFile): boolean {
  let marks = 0;
  for (const _ of text.matchAll(/[\n,[{*&"']|:(?=\s)/g)) {
    marks += 1;
    if (marks > MAX_MARKS) return true;
  }
  return false;
}
