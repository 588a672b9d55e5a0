import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandTexts } from '../../scripts/command-texts.ts';
import { manPages } from '../../scripts/man-pages.ts';
import { needing } from '../support/programs.ts';

const PAGES = manPages('1.2.3', '2026-11-24');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kplay-man-'));
  for (const [file, text] of PAGES) writeFileSync(join(directory, file), text);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const shown = (file: string): string =>
  spawnSync('mandoc', ['-Tutf8', '-Owidth=200', join(directory, file)], { encoding: 'utf8' }).stdout.replace(
    /.[\b]/g,
    '',
  );

describe('the manual pages', () => {
  test('are one for the program and one for each command that does something', () => {
    expect([...PAGES.keys()]).toEqual(expect.arrayContaining(['kplay.1', 'kplay-run.1', 'kplay-certs-csr.1']));
    expect([...PAGES.keys()]).not.toContain('kplay-certs.1');
  });

  test.for([...PAGES.keys()])('mandoc finds nothing in %s', needing('mandoc'), (file) => {
    const { stdout, stderr } = spawnSync('mandoc', ['-Tlint', '-Wwarning', join(directory, file)], {
      encoding: 'utf8',
    });
    expect(stdout + stderr).toBe('');
  });

  test('show every option as it is typed, the values of arguments, and every exit code', needing('mandoc'), () => {
    for (const { name, arguments: taken, options } of commandTexts()) {
      const file = `${name.replaceAll(' ', '-')}.1`;
      if (!PAGES.has(file)) continue;
      const text = shown(file);
      for (const { flags, description } of [...taken, ...options]) {
        expect(text, file).toContain(flags);
        expect(text.replace(/\s+/g, ' '), file).toContain(description.replace(/\s+/g, ' '));
      }
    }
    for (const code of ['0', '1', '2', '3', '4', '5', '130'])
      expect(shown('kplay.1')).toMatch(new RegExp(`^ +${code} `, 'm'));
  });
});
