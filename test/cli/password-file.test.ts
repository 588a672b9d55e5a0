import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
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
  ['without more newlines', 'open sesame\n\r\n\n', 'open sesame'],
  ['with all that is within', ' o\uFEFFpen\tsesame \n', ' o\uFEFFpen\tsesame '],
])('a password is read from a file %s', (_how, text, password) => {
  writeFileSync(path, text, { mode: 0o600 });
  const problems = new Problems();
  expect(readPasswordFile(path, '--become-password-file', problems)?.reveal()).toBe(password);
  expect(problems.all).toEqual([]);
});

const HINT = 'or check --become-password-file';

function read(text: string, mode = 0o600) {
  rmSync(path, { force: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  const problems = new Problems();
  const password = readPasswordFile(path, '--become-password-file', problems)?.reveal();
  return { password, problems: problems.all.map(({ message, hint }) => `${message}: ${hint}`) };
}

// sudo takes the first line, and the shell that it starts would run the others as root.
test.each([
  [
    'several lines',
    'open sesame\ntouch /executed\n',
    `gives more than one line: leave only the password in it, ${HINT}`,
  ],
  [
    'lines as an old Mac has them',
    'open sesame\rtouch /executed',
    `gives more than one line: leave only the password in it, ${HINT}`,
  ],
  ['an empty line before it', '\nopen sesame', `gives more than one line: leave only the password in it, ${HINT}`],
  ['nothing', '', `gives no password: write the password into it, ${HINT}`],
  ['only newlines', '\n\n', `gives no password: write the password into it, ${HINT}`],
])('a file with %s has no password', (_what, text, says) => {
  expect(read(text)).toEqual({ password: undefined, problems: [`${path} ${says}`] });
});

describe('a file that is executable', () => {
  it('is run, and prints the password', () => {
    expect(read('#!/bin/sh\necho open sesame\n', 0o755)).toEqual({ password: 'open sesame', problems: [] });
  });

  it('is read where it contains the password itself: no shell runs it', () => {
    const made = `${path}.made`;
    const text = `x; touch ${made}`;
    expect(read(`${text}\n`, 0o700)).toEqual({ password: text, problems: [] });
    expect(existsSync(made)).toBe(false);
  });

  it.each([
    ['prints more', '#!/bin/sh\necho open sesame; echo more\n', 0o700, `${path} gives more than one line: leave`],
    ['prints nothing', '#!/bin/sh\n', 0o700, `${path} gives no password: `],
    ['fails', '#!/bin/sh\necho open sesame; exit 3\n', 0o700, 'for the password: it ended with 3: if it contains'],
    ['is open to everybody', '#!/bin/sh\necho open sesame\n', 0o777, 'for the password: everybody can write to it: '],
  ])('gives none if it %s', (_what, text, mode, says) => {
    const { password, problems } = read(text, mode);
    expect(password).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining(says)]);
    expect(problems.join()).not.toContain('sesame');
  });
});
