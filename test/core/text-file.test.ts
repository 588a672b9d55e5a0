import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import { formatPosition } from '../../src/core/source.ts';
import { readTextFile } from '../../src/core/text-file.ts';
import { MAX_SOURCE_BYTES } from '../../src/core/yaml/yaml.ts';

const directory = mkdtempSync(join(tmpdir(), 'kplay-text-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('a text is read as it is, whatever its line ends and letters', () => {
  expect(read('good.yml', 'a: ö\r\nb: 😀\n')).toEqual({ text: 'a: ö\r\nb: 😀\n', problems: [] });
});

test.each<[string, string | Buffer, string]>([
  ['bytes that are no UTF-8', Buffer.from('one\ntwo \xff', 'latin1'), 'X is not UTF-8 at 2:5 (save it as UTF-8)'],
  ['a binary', 'a\0b', 'X is not a text file: byte 1 is 0x00 (name a text file: playbook files are read as UTF-8)'],
  [
    'a private key, of which nothing is shown,',
    '# mine\n-----BEGIN OPENSSH PRIVATE KEY-----\nbcd\n',
    'X holds a private key (name a file without one)',
  ],
  [
    'a file that is too large',
    Buffer.alloc(MAX_SOURCE_BYTES + 1, 0x20),
    'X is too large (no playbook is larger than 5 MB: name another file, or split it)',
  ],
])('%s are refused with what to do', (_what, content, message) => {
  expect(read('bad.yml', content)).toEqual({ text: undefined, problems: [message] });
});

test('a file as large as a file may be is read', () => {
  expect(read('full.yml', Buffer.alloc(MAX_SOURCE_BYTES, 0x20)).text).toHaveLength(MAX_SOURCE_BYTES);
});

test.each<[string, (path: string) => void, string, string]>([
  ['nothing there', () => undefined, 'there is no such file', 'check the path'],
  ['a directory', (path) => mkdirSync(path), 'it is a directory', 'name a file, perhaps one in it'],
  [
    'a link to itself',
    (path) => symlinkSync(path, path),
    'too many levels of symbolic links',
    'check the path and its mode',
  ],
])('%s is said in plain words', (what, make, reason, hint) => {
  const path = join(directory, what.replaceAll(' ', '-'));
  make(path);
  expect(problemsOf(path)).toEqual([`cannot read the playbook X: ${reason} (${hint})`]);
});

test.runIf(process.getuid?.() !== 0)('a file without permission is said in plain words', () => {
  const path = join(directory, 'secret');
  writeFileSync(path, 'x');
  chmodSync(path, 0);
  expect(problemsOf(path)).toEqual(['cannot read the playbook X: permission denied (check the path and its mode)']);
});

test('a path through a file is said in plain words', () => {
  writeFileSync(join(directory, 'file'), 'x');
  expect(problemsOf(join(directory, 'file/below'))[0]).toContain('a part of the path is not a directory');
});

function read(name: string, content: string | Buffer) {
  const path = join(directory, name);
  writeFileSync(path, content);
  const problems = new Problems();
  const source = readTextFile(path, 'playbook', problems);
  return { text: source?.text, problems: messages(problems, path) };
}

function problemsOf(path: string): readonly string[] {
  const problems = new Problems();
  expect(readTextFile(path, 'playbook', problems)).toBeUndefined();
  return messages(problems, path);
}

function messages(problems: Problems, path: string): readonly string[] {
  return problems.all.map(({ message, range, hint }) => {
    const place = range ? ` at ${formatPosition(range).slice(path.length + 1)}` : '';
    return `${message.replace(path, 'X')}${place} (${hint})`;
  });
}
