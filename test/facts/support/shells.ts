import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, onTestFinished } from 'vitest';
import type { FactRef } from '../../../src/core/fact.ts';
import type { ProbeOutput } from '../../../src/core/probe.ts';
import { quoteWord } from '../../../src/core/shell.ts';
import { prelude } from '../../../src/transport/shell/prelude.ts';
import { needing, program } from '../../support/programs.ts';

/** A POSIX sh with the tools that come with it. */
export interface TestShell {
  readonly name: string;
  readonly command: readonly [program: string, ...parameters: string[]];
  readonly path: string;
}

/** dash; where that is not installed, the machine's own sh. */
export const ORDINARY: TestShell = needing('dash').skip
  ? { name: 'sh', command: ['/bin/sh'], path: '/usr/bin:/bin' }
  : { name: 'dash', command: ['dash'], path: '/usr/bin:/bin' };

/** What hosts have: dash with the GNU tools, and busybox with nothing but its own. */
const SHELLS = [
  [ORDINARY.name, () => ORDINARY, needing()],
  ['busybox', busybox, needing('busybox')],
] as const;

/** A suite for each of the shells; `$name` in its title is that of the shell. It is skipped where it `isPossible` in none. */
export function describeInShells(title: string, body: (shell: TestShell) => void, isPossible = true): void {
  // A suite that is told not to be skipped would overrule its own tests that are.
  for (const [name, shell, options] of SHELLS) {
    const skip = !isPossible || options.skip === true;
    // What is skipped is not cleaned up either.
    describe(title.replace('$name', name), skip ? { skip } : {}, () => body(skip ? ORDINARY : shell()));
  }
}

/** For the suite that asks for it. */
function busybox(): TestShell {
  const path = program('busybox') ?? '/usr/bin/busybox';
  const tools = mkdtempSync(join(tmpdir(), 'kplay-busybox-'));
  chmodSync(tools, 0o755);
  afterAll(() => rmSync(tools, { recursive: true, force: true }));
  for (const tool of (spawnSync(path, ['--list'], { encoding: 'utf8' }).stdout ?? '').trim().split('\n'))
    if (tool !== '') symlinkSync(path, join(tools, tool));
  return { name: 'busybox', command: [path, 'sh'], path: tools };
}

/** The same on a host where this program cannot be run, for the time of the test: sessions look in /usr/bin in any case. */
export function without(lacking: string, shell: TestShell): TestShell {
  return withProgram(lacking, 'exit 127', shell);
}

/** The same on a host where another program has this name, for the time of the test. */
export function withProgram(name: string, script: string, shell: TestShell): TestShell {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-program-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o755);
  writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ...shell, path: `${directory}:${shell.path}` };
}

/** The same on a host whose stat finds users and groups with blanks in their names, as winbind has them, for the time of the test. */
export function withBlanksInNames(shell: TestShell): TestShell {
  const script = `for word; do
  shift
  set -- "$@" "$(printf %s "$word" | sed 's/%U/svc app/;s/%G/domain users/')"
done
exec ${statOf(shell)} "$@"`;
  return withProgram('stat', script, shell);
}

/** Its command for a script. */
export function statOf(shell: TestShell): string {
  return shell.name === 'busybox' ? `${quoteWord(shell.command[0])} stat` : '/usr/bin/stat';
}

/** Runs the script of a fact's probe in the way in which a session runs it, with a directory in the place of `/`. */
export function probe(ref: FactRef, rootfs: string, shell: TestShell, user: Partial<User> = {}): ProbeOutput {
  const script = ref.probe().script?.reveal() ?? '';
  const [program, ...parameters] = shell.command;
  const input = `${prelude(rootfs)}(eval ${quoteWord(script)}) 2>&3 3>&- </dev/null\n`;
  const { stdout, stderr, status } = spawnSync(program, parameters, {
    input,
    encoding: 'utf8',
    env: { PATH: shell.path },
    // A probe that waits for ever fails its test, and does not hold it.
    timeout: 60_000,
    ...user,
  });
  return { stdout, stderr, exitCode: status ?? -1, truncated: false, dials: [] };
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Somebody to whom modes mean something: root's own tests ask as nobody. */
export const ORDINARY_USER: Partial<User> = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** The fact as it is in a directory. */
export function ask<Value>(ref: FactRef<Value>, rootfs: string, shell: TestShell, user?: Partial<User>): Value {
  return ref.parse(probe(ref, rootfs, shell, user));
}
