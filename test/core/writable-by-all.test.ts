import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isWritableByAll } from '../../src/core/writable-by-all.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kplay-open-'));
  writeFileSync(join(directory, 'own'), '');
  writeFileSync(join(directory, 'open'), '');
  chmodSync(join(directory, 'open'), 0o666);
  mkdirSync(join(directory, 'shut/within'), { recursive: true });
  chmodSync(join(directory, 'shut'), 0);
});
afterAll(() => {
  chmodSync(join(directory, 'shut'), 0o700);
  rmSync(directory, { recursive: true });
});

test.each([
  ['own', false],
  ['open', true],
  ['absent', false],
  ['own/below-a-file', false],
  // Whoever is not root may not even look at it.
  ['shut/within', false],
])('whether everybody can write to %s: %s', (name, isOpen) => {
  expect(isWritableByAll(join(directory, name))).toBe(isOpen);
});
