import { spawnSync } from 'node:child_process';
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
