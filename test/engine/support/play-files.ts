import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SourceFile } from '../../../src/core/source.ts';

/** The playbook `play.yml`, with these files around it until the test has ended. */
export function playWith(files: Readonly<Record<string, string>>): SourceFile {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-play-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return new SourceFile(join(directory, 'play.yml'), files['play.yml'] ?? '');
}
