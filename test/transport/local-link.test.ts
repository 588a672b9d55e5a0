import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { needing, program } from '../support/programs.ts';

const RUN_TS = fileURLToPath(new URL('../../scripts/run-ts.mjs', import.meta.url));
const WORK = fileURLToPath(new URL('support/other-users-process.ts', import.meta.url));

/** A program that becomes root for whoever starts it, as sudo does. */
function rootedProgram(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-rooted-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o755);
  const path = join(directory, 'rooted');
  copyFileSync(program('setpriv') ?? '', path);
  chmodSync(path, 0o4755);
  return path;
}

describe.skipIf(process.getuid?.() !== 0)('a process that its user must not kill', needing('setpriv'), () => {
  test.each([
    ['ends without input', 'sh -c "echo here; cat"'],
    ['is not waited for if it does not end', 'sh -c "echo here; exec sleep 8"'],
  ])('%s, and is no bug of kplay', (_what, command) => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [RUN_TS, WORK, `${rootedProgram()} --reuid 0 ${command}`],
      { encoding: 'utf8', timeout: 7_000, env: { PATH: process.env['PATH'] } },
    );
    expect({ stdout, stderr, status }).toEqual({ stdout: 'closed\n', stderr: '', status: 0 });
  });
});
