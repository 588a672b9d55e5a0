import { resolve } from 'node:path';
import { Problems } from '../core/diagnostic.ts';
import { SourceFile } from '../core/source.ts';
import { CLUSTER_SELECTORS } from './cluster-pattern.ts';
import { type PatternPart, parsePattern } from './pattern.ts';

/** A limit that reads the same files (`@file`) from any directory. One that is wrong is returned as it is: it is refused where it is used. */
export function withAbsoluteFiles(limit: string): string {
  const problems = new Problems();
  const parts = partsOf(limit, problems);
  const texts = parts.map(({ range }) => limit.slice(range.start, range.end));
  if (problems.hasErrors || !texts.some(isFile)) return limit;
  const [first = '', ...others] = texts.map((text) => (isFile(text) ? `@${resolve(text.slice(1))}` : text));
  // Without a comma, a blank or a colon in the path would separate parts.
  const absolute = others.length === 0 && /[\s:]/.test(first) ? `${first},` : [first, ...others].join(',');
  // A directory with a comma in its name cannot be written in a limit.
  return partsOf(absolute, new Problems()).length === parts.length ? absolute : limit;
}

function partsOf(limit: string, problems: Problems): readonly PatternPart[] {
  const source = new SourceFile('--limit', limit);
  return parsePattern({ value: limit, range: source.range(0, limit.length) }, problems, CLUSTER_SELECTORS);
}

function isFile(part: string): boolean {
  return part.startsWith('@');
}
