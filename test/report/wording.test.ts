import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** Words that were given up, and what stands for them now. */
const RETIRED: readonly (readonly [RegExp, string])[] = [
  [/nothing came of it|did not come about/, 'what has failed, in its own words'],
  [/hosts?'?\)?\}? as before|'as before'/, 'unchanged, or restored'],
  [/rolled_back/, 'restored'],
  [/put back: \$|being put back:/, 'restored, not restored'],
  [/look id -un/, 'a command in quotes or as a whole'],
  [/\bends[ -](none|soon|\$\{)|'none'\} →/, 'expires DATE'],
  [/\b(is|are) (not )?well\b/, 'healthy'],
  [/no longer as it was planned on/, 'has changed since the plan was made'],
  [/a bug of its own/, 'a bug in kplay'],
  [/\bends? within a day/, 'expires within a day'],
  [/(as|than) anybody can have meant|than can be meant/, 'too deep, too many'],
  [/\bsee to it that\b/, 'make …'],
  [/'it said'/, 'output'],
  [/deep in one another/, 'nested more than N levels deep'],
  [/otherwise than/, 'not as …'],
  [/does not mind/, 'says that this is no failure'],
  [/how grave/, 'severity'],
  [/\bmend (what|those|it)\b/, 'fix'],
];

const TEXTS = ['src', 'playbooks']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  )
  .filter((path) => /\.(ts|yml)$/.test(path))
  .map((path) => ({ path, text: withoutComments(readFileSync(join(ROOT, path), 'utf8')) }));

test.each(RETIRED)('no screen says %s', (retired) => {
  expect(TEXTS.filter(({ text }) => retired.test(text)).map(({ path }) => path)).toEqual([]);
});

function withoutComments(text: string): string {
  return text.replace(/^\s*(\/\*\*?|\*|\/\/|#).*$/gm, '');
}
