import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT } from '../cli/support/bundled-program.ts';
import { DOCUMENTS } from './support/documents.ts';

/** `test/….ts`, and the titles, or parts of titles, that follow in quotes. */
const TEST = /`(test\/[\w./-]+\.(?:ts|yml))`((?:,\s"[^"]+")*)/g;

interface Named {
  readonly path: string;
  readonly titles: readonly string[];
}

function testsNamedIn(text: string): readonly Named[] {
  return [...text.matchAll(TEST)].map(([, path = '', quoted = '']) => ({
    path,
    titles: [...quoted.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title),
  }));
}

const PAGES = DOCUMENTS.flatMap(({ path, text }) => {
  const named = testsNamedIn(text);
  return named.length > 0 ? [[path, named] as const] : [];
});

test('the security model names tests', () => {
  expect(PAGES.find(([path]) => path === 'docs/security.md')?.[1].length).toBeGreaterThan(40);
});

describe.each(PAGES)('%s', (_path, named) => {
  test('names no test that is not there', () => {
    const missing = named.flatMap(({ path, titles }) => {
      if (!existsSync(join(PROJECT, path))) return [path];
      const text = readFileSync(join(PROJECT, path), 'utf8');
      return titles.filter((title) => !text.includes(title)).map((title) => `${path}: ${title}`);
    });
    expect(missing).toEqual([]);
  });
});
