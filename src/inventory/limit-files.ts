import { resolve } from 'node:path';
import { Problems } from '../core/diagnostic.ts';
import { SourceFile } from '../core/source.ts';
import { CLUSTER_SELECTORS } from './cluster-pattern.ts';
import { parsePattern } from './pattern.ts';

/** A limit that reads the same files (`@file`) from any directory. One that is wrong is returned as it is: it is refused where it is used. */
export function withAbsoluteFiles(limit: string): string {
  const source = new SourceFile('--limit', limit);
  const problems = new Problems();
  const parts = parsePattern({ value: limit, range: source.range(0, limit.length) }, problems, CLUSTER_SELECTORS);
  const texts = parts.map(({ range }) => limit.slice(range.start, range.end));
  if (problems.hasErrors || !texts.some(isFile)) return limit;
  const [first = '', ...others] = texts.map((text) => (isFile(text) ? `@${resolve(text.slice(1))}` : text));
  // Without a comma, a blank or a colon in the path would separate parts.
  return others.length === 0 && /[\s:]/.test(first) ? `${first},` : [first, ...others].join(',');
}

function isFile(part: string): boolean {
  return part.startsWith('@');
}
