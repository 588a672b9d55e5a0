import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readPasswordFile } from '../../src/cli/inputs/password-file.ts';
import { Problems } from '../../src/core/diagnostic.ts';

const directory = mkdtempSync(join(tmpdir(), 'kplay-password-'));
const path = join(directory, 'password');
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ['as it stands', 'open sesame', 'open sesame'],
  ['without the newline at its end', 'open sesame\n', 'open sesame'],
  ['without that of Windows', 'open sesame\r\n', 'open sesame'],
  ['without a mark of UTF-8', '\uFEFFopen sesame\r\n', 'open sesame'],
  ['with all that is within', ' o\uFEFFpen\nsesame \n\n', ' o\uFEFFpen\nsesame \n'],
])('a password is read from a file %s', (_how, text, password) => {
  writeFileSync(path, text, { mode: 0o600 });
  const problems = new Problems();
  expect(readPasswordFile(path, '--become-password-file', problems)?.reveal()).toBe(password);
  expect(problems.all).toEqual([]);
});
