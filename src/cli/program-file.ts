import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { CompiledCode } from './compiled-code.ts';

// Stands in a build for run/run-process.ts, which is a file of its own there with all that it needs.

/** The digest of that file. Put in by the build. */
declare const KPLAY_PROGRAM: string;

type Program = typeof import('./run/run-process.ts');

/** What they compile is kept for the next time. The others are not started often enough. */
const COMMANDS = ['run', 'plan', 'apply', 'check', 'validate', '__complete'];

/** Runs a command line with the streams of this process. @returns the exit code; nothing is thrown. */
export async function runProcess(argv: readonly string[]): Promise<number> {
  const directory = dirname(fileURLToPath(import.meta.url));
  const file = join(directory, 'program.cjs');
  const compiled = COMMANDS.includes(argv[0] ?? '') ? compiledCode(argv[0]) : undefined;
  const { script, wasCompiled } = load(file, compiled);
  const module: { exports: Partial<Program> } = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, directory);
  const { runProcess: runProgram } = module.exports as Program;
  const exitCode = await runProgram(argv);
  if (!wasCompiled) compiled?.write(script.createCachedData());
  return exitCode;
}

function load(
  file: string,
  compiled: CompiledCode | undefined,
): { readonly script: Script; readonly wasCompiled: boolean } {
  const cachedData = compiled?.read();
  // It is all ASCII.
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, ...(cachedData && { cachedData }) });
  return { script, wasCompiled: cachedData !== undefined && script.cachedDataRejected !== true };
}

/** Each command has its own: to read what the others need takes time as well. */
function compiledCode(command = ''): CompiledCode | undefined {
  const name = [command, KPLAY_PROGRAM.slice(0, 16), process.version, process.arch].join('-');
  return CompiledCode.of(name, { home: homedir, variables: process.env, uid: process.geteuid?.() });
}
