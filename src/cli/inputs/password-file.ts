import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { OptionName, Problems } from '../../core/diagnostic.ts';
import { onlyLine } from '../../core/only-line.ts';
import { Secret } from '../../core/secret.ts';
import { quoteWord } from '../../core/shell.ts';
import { describeSystemError } from '../../core/system-error.ts';
import { isWritableByAll } from '../../core/writable-by-all.ts';
import { warnOfReaders } from './readers.ts';

/**
 * The password in a file, or what the file prints if it is a program, as in Ansible: its only line, without the mark (BOM) that some editors
 * put before UTF-8.
 * @param option names the file
 */
export function readPasswordFile(path: string, option: OptionName, problems: Problems): Secret | undefined {
  try {
    const text = isProgram(path) ? outputOf(path, option, problems) : textOf(path, problems);
    if (text === undefined) return undefined;
    const password = onlyLine(text.replace(/^\uFEFF/, ''));
    if (password) return new Secret(password);
    const [what, hint] =
      password === undefined
        ? ['gives more than one line', 'leave only the password in it']
        : ['gives no password', 'write the password into it'];
    problems.error(`${path} ${what}`, [option], `${hint}, or check ${option}`);
  } catch (error) {
    problems.error(`cannot read ${path}: ${describeSystemError(error)}`, [option], `check ${option}`);
  }
  return undefined;
}

function textOf(path: string, problems: Problems): string {
  warnOfReaders(path, 'password', problems);
  return readFileSync(path, 'utf8');
}

/**
 * Whether it is one by its mode and by how it begins. Of a password in a file that is executable by mistake, the system would make a
 * command of a shell, which tells the password in its error.
 */
function isProgram(path: string): boolean {
  const status = statSync(path);
  if (!status.isFile() || (status.mode & 0o111) === 0) return false;
  const start = Buffer.alloc(4);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, start.length, 0);
  } finally {
    closeSync(file);
  }
  return start.toString('latin1').startsWith('#!') || BINARIES.includes(start.toString('hex'));
}

/** How programs of Linux and macOS begin: ELF, and Mach-O for one processor or several. */
const BINARIES: readonly string[] = ['7f454c46', 'cffaedfe', 'cafebabe'];

/** It may ask on the terminal. What it prints is never shown. */
function outputOf(path: string, option: OptionName, problems: Problems): string | undefined {
  const refuse = (why: string): void =>
    problems.error(
      `cannot run ${path}, which is executable, for the password: ${why}`,
      [option],
      `if it contains the password itself: chmod a-x ${quoteWord(path)}`,
    );
  if (isWritableByAll(path)) {
    refuse('everybody can write to it');
    return undefined;
  }
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { status, signal, stdout, error } = spawnSync(resolve(path), {
    stdio: ['inherit', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status === 0) return stdout;
  refuse(error ? describeSystemError(error) : `it ended with ${status ?? signal}`);
  return undefined;
}
