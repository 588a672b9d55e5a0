import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { missingFileHint } from '../../src/core/missing-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'kplay-missing-'));
afterAll(() => rmSync(directory, { recursive: true }));

for (const name of ['site.yml', 'site.md', 'inventory.yml', 'prod.kplan', 'm1.yml', 'hosts', '.hidden.yml'])
  writeFileSync(join(directory, name), '');
mkdirSync(join(directory, 'playbooks.yml'));

test.each([
  ['sit.yml', 'site.yml'],
  ['site.yaml', 'site.yml'],
  ['inventroy.yml', 'inventory.yml'],
  ['inventory', 'inventory.yml'],
  ['prod.kpaln', 'prod.kplan'],
  ['hsots', 'hosts'],
  ['m1.yaml', 'm1.yml'],
])('where there is no %s, %s was meant', (path, meant) => {
  expect(missingFileHint(join(directory, path))).toBe(`did you mean ${join(directory, meant)}?`);
});

test.each([
  ['one that is called otherwise', 'prod.yml'],
  ['one of another kind', 'site.json'],
  ['another host’s', 'm2.yml'],
  ['a hidden one', 'hidden.yml'],
  ['a directory', 'playbook.yml'],
  ['one of a directory that is missing itself', 'none/site.yml'],
])('%s is not suggested', (_what, path) => {
  expect(missingFileHint(join(directory, path), 'write one')).toBe('write one');
});
