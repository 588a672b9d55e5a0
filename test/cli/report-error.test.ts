import { expect, it } from 'vitest';
import type { Environment } from '../../src/cli/environment.ts';
import { reportError } from '../../src/cli/output/report-error.ts';

async function saidOf(argv: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<string> {
  const written: string[] = [];
  const stderr = { write: (text: string) => written.push(text) };
  await reportError(new TypeError('of all things'), argv, { stderr, variables } as unknown as Environment);
  return written.join('');
}

it.each([
  ['-vvv'],
  ['-bvvv'],
  ['-vDv'],
  ['-v', '-v', '-v'],
  ['--verbose', '--verbose', '--verbose'],
  ['-vv', '--verbose'],
])('says where a bug was met with %j', async (...words) => {
  const said = await saidOf(['check', ...words]);
  expect(said).toMatch(/a bug in kplay \S+: of all things\n.*\n? +at /);
  expect(said).not.toContain('Run the command again');
});

it.each([[], ['-v'], ['--verbose']])('only says how to learn where a bug was met with %j', async (...words) => {
  expect(await saidOf(['check', ...words])).toContain('Run the command again with -vvv');
});
