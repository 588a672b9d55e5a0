import fs, { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { OutputFile } from '../../src/cli/output/output-file.ts';
import { Problems } from '../../src/core/diagnostic.ts';

test('where files have no modes a report is written, and a private file refused before any host is contacted', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-output-'));
  // As on vfat, where it is mounted without `quiet`.
  const refused = vi.spyOn(fs, 'fchmodSync').mockImplementation(() => {
    throw Object.assign(new Error('EPERM: operation not permitted, fchmod'), { code: 'EPERM', syscall: 'fchmod' });
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    refused.mockRestore();
    syncBuiltinESMExports();
    rmSync(directory, { recursive: true });
  });
  const problems = new Problems();
  const kind = { option: '--report', mode: 0o644, isShared: false } as const;
  OutputFile.reserve(join(directory, 'report'), problems, kind)?.write('text');
  expect(problems.all).toEqual([]);
  expect(readFileSync(join(directory, 'report'), 'utf8')).toBe('text');
  expect(OutputFile.reserve(join(directory, 'plan'), problems)).toBeUndefined();
  expect(problems.all).toMatchObject([{ message: `cannot write ${directory}/plan: permission denied` }]);
  expect(readdirSync(directory)).toEqual(['report']);
});
