import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { mayAccess } from '../../core/access.ts';
import type { JsonObject } from '../../core/json.ts';
import { isMissing, systemErrorCode } from '../../core/system-error.ts';
import { splitWords } from '../../core/words.ts';
import type { Environment } from '../environment.ts';
import { LocalActionFailure } from './local-action-failure.ts';

/** How long what a program has said may take to arrive once it has ended. */
const LAST_WORDS_MS = 500;

/**
 * Runs a program with empty standard input; on timeout it and its children are killed, except those that run as another user.
 * Children that it leaves behind are not waited for, even if they hold its standard error.
 * @param directory in which it starts, if it can; otherwise, and by default, it starts where kplay was started
 * @throws {LocalActionFailure} unless it exits with 0
 */
export async function runCommand(
  { cmd, argv }: JsonObject,
  environment: Environment,
  signal: AbortSignal,
  directory?: string,
): Promise<void> {
  // Most runs start no program here.
  const { spawn } = await import('node:child_process');
  const words = Array.isArray(argv) ? argv.map(String) : splitWords(String(cmd));
  const [program, ...rest] = words ?? [];
  if (program === undefined) throw new LocalActionFailure('a quote is not closed');
  if (signal.aborted) throw new LocalActionFailure('it was interrupted');
  // A saved plan may be applied where the directory of its playbook does not exist, or by a user who may not enter it.
  const cwd = directory !== undefined && mayAccess(directory, constants.X_OK) ? directory : undefined;
  await new Promise<void>((resolve, reject) => {
    const child: ChildProcess = spawn(program, rest, {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: environment.variables,
      cwd,
    });
    child.on('error', (error) => {
      // A relative path is easily one of another directory.
      const isElsewhere = cwd !== undefined && /^[^/]+\//.test(program) && isMissing(error);
      reject(isElsewhere ? new LocalActionFailure(`there is no such file in ${cwd}, where it starts`) : error);
    });
    let output = '';
    // It has no streams if this machine may open no more files.
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      output = `${output}${chunk}`.slice(-4096);
    });
    const leave = (): void => {
      signal.removeEventListener('abort', end);
      child.stderr?.destroy();
      child.unref();
    };
    const end = (): void => {
      reject(new LocalActionFailure('it was interrupted'));
      killGroup(child.pid);
      leave();
    };
    signal.addEventListener('abort', end, { once: true });
    child.on('exit', () => void setTimeout(leave, LAST_WORDS_MS).unref());
    child.on('close', (code) => {
      leave();
      if (code === 0) resolve();
      else {
        const last = output.trim().split('\n').at(-1) ?? '';
        reject(new LocalActionFailure(`it ended with ${code ?? 'a signal'}${last === '' ? '' : `: ${last}`}`));
      }
    });
  });
}

/** Processes of another user, as with sudo, cannot be killed and are left running. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
