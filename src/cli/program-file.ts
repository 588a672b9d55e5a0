import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import * as sea from 'node:sea';
import { Script } from 'node:vm';
import { CompiledCode } from './compiled-code.ts';

// Replaces run/run-process.ts in a build, where that is a separate file with all its dependencies.

/** The digest of that file, inserted by the build. */
declare const KPLAY_PROGRAM: string;

type Program = typeof import('./run/run-process.ts');

/** Beside this file, or in the single executable. */
const PROGRAM = 'program.cjs';

/** Commands whose compiled code is cached. The others are not started often enough. */
const COMMANDS = ['run', 'plan', 'apply', 'check', 'validate', '__complete'];

/** V8 drops the code compiled at the start of a run after half a minute, or some garbage collections. */
const LONG_RUN_MS = 10_000;

/** Runs a command line with the streams of this process. @returns the exit code; nothing is thrown. */
export async function runProcess(argv: readonly string[]): Promise<number> {
  // Where the system does not tell the place of the executable, as without /proc, the directory is relative.
  const file = resolve(__dirname, PROGRAM);
  const kept = COMMANDS.includes(argv[0] ?? '') ? keptCode(argv[0]) : undefined;
  const { script, found } = load(file, kept);
  const module: { exports: Partial<Program> } = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, __dirname);
  const { runProcess: runProgram } = module.exports as Program;
  if (found === 'whole') return runProgram(argv);
  let isKept = false;
  const keepIn = (place: CompiledCode | undefined): void => {
    if (!isKept) place?.write(script.createCachedData());
    isKept = true;
  };
  const timer = setTimeout(() => keepIn(kept?.whole), LONG_RUN_MS).unref();
  const exitCode = await runProgram(argv);
  clearTimeout(timer);
  if (exitCode === 0) keepIn(kept?.whole);
  else if (found === 'nothing') keepIn(kept?.part);
  return exitCode;
}

type Found = 'whole' | 'part' | 'nothing';

/** The compiled code of a command, complete, or partial if the command failed and may have ended early. */
type KeptCode = Readonly<Record<Exclude<Found, 'nothing'>, CompiledCode | undefined>>;

function load(file: string, kept: KeptCode | undefined): { readonly script: Script; readonly found: Found } {
  // It is all ASCII.
  const source = sea.isSea()
    ? Buffer.from(sea.getRawAsset(PROGRAM) as ArrayBuffer).toString('latin1')
    : readFileSync(file, 'latin1');
  for (const found of ['whole', 'part'] as const) {
    const cachedData = kept?.[found]?.read();
    if (!cachedData) continue;
    const script = new Script(source, { filename: file, cachedData });
    if (script.cachedDataRejected !== true) return { script, found };
  }
  return { script: new Script(source, { filename: file }), found: 'nothing' };
}

/**
 * Each command has its own cache file, because reading what only others need takes time too. So have other V8 flags, as in NODE_OPTIONS: V8
 * rejects code compiled without them.
 */
function keptCode(command = ''): KeptCode {
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ').trim();
  const ofFlags = flags ? [createHash('sha256').update(flags).digest('hex').slice(0, 16)] : [];
  const name = [command, KPLAY_PROGRAM.slice(0, 16), process.version, process.arch, ...ofFlags].join('-');
  const owner = { home: homedir, variables: process.env, uid: process.geteuid?.() };
  return { whole: CompiledCode.of(name, owner), part: CompiledCode.of(`${name}-part`, owner) };
}
