import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

let bundle: string;

beforeAll(async () => {
  const { outputFiles } = await build({
    absWorkingDir: PROJECT,
    stdin: { contents: "export { runProcess } from './src/cli/run/run-process.ts';", resolveDir: PROJECT },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    define: { KPLAY_VERSION: '"0.0.0"' },
    write: false,
  });
  bundle = outputFiles[0]?.text ?? '';
});

/** How a process ends in which `meanwhile` is begun while a command runs. */
function endWith(meanwhile: string): number | null {
  const program = `${bundle}\n${meanwhile}\nprocess.exitCode = await runProcess(['version']);`;
  return spawnSync(process.execPath, ['--input-type=module'], { cwd: PROJECT, input: program }).status;
}

it('ends as the command says', () => {
  expect(endWith('')).toBe(0);
});

it.each([
  ['an exception', "queueMicrotask(() => { throw new Error('nobody catches this'); });"],
  ['a rejection', "void Promise.reject(new Error('nobody catches this'));"],
])('ends with the code of a bug after %s that nobody caught', (_what, meanwhile) => {
  expect(endWith(meanwhile)).toBe(5);
});

it('says that the current directory is gone, which is no bug', () => {
  const program = `
const fs = await import('node:fs');
const gone = fs.mkdtempSync(${JSON.stringify(join(tmpdir(), 'kplay-gone-'))});
process.chdir(gone);
fs.rmdirSync(gone);
${bundle}
process.exitCode = await runProcess(['check']);`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module'], {
    cwd: PROJECT,
    input: program,
    encoding: 'utf8',
  });
  expect(stderr).toContain('the current directory does not exist any more\n  change to one that exists: cd DIRECTORY');
  expect(status).toBe(1);
});
