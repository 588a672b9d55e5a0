import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeDirectories } from '../../src/core/make-directories.ts';

const directory = mkdtempSync(join(tmpdir(), 'kplay-make-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('all that are missing are made, for their owner alone, and again', () => {
  const path = join(directory, 'a/b/c');
  makeDirectories(path, 0o700);
  makeDirectories(path, 0o700);
  for (const one of ['a', 'a/b', 'a/b/c']) expect(statSync(join(directory, one)).mode & 0o777, one).toBe(0o700);
});

test('where there can be none it ends', () => {
  writeFileSync(join(directory, 'file'), '');
  symlinkSync('nothing', join(directory, 'dangling'));
  expect(() => makeDirectories(join(directory, 'file/x/y'))).toThrow('ENOTDIR');
  expect(() => makeDirectories(join(directory, 'dangling/x/y'))).toThrow('ENOENT');
});

test.runIf(process.platform === 'linux')('below /proc it ends, too', () => {
  expect(() => makeDirectories('/proc/kplay/runs')).toThrow('ENOENT');
});
