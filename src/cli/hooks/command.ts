import { spawn } from 'node:child_process';
import type { JsonObject } from '../../core/json.ts';
import { splitWords } from '../../core/words.ts';
import type { Environment } from '../environment.ts';
import { LocalActionFailure } from './local-action-failure.ts';

/**
 * Runs a program whose standard input is empty; when its time is over, it and what it has started is killed, but what runs as another user.
 * @throws {LocalActionFailure} unless it ends well
 */
export function runCommand({ cmd, argv }: JsonObject, environment: Environment, signal: AbortSignal): Promise<void> {
  const words = Array.isArray(argv) ? argv.map(String) : splitWords(String(cmd));
  const [program, ...rest] = words ?? [];
  if (program === undefined) throw new LocalActionFailure('a quote is not closed');
  if (signal.aborted) throw new LocalActionFailure('it was ended');
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: environment.variables,
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said = `${said}${chunk}`.slice(-4096);
    });
    const end = (): void => {
      reject(new LocalActionFailure('it was ended'));
      killGroup(child.pid);
      child.stderr.destroy();
      child.unref();
    };
    signal.addEventListener('abort', end, { once: true });
    child.on('error', reject);
    child.on('close', (code) => {
      signal.removeEventListener('abort', end);
      if (code === 0) resolve();
      else {
        const last = said.trim().split('\n').at(-1) ?? '';
        reject(new LocalActionFailure(`it ended with ${code ?? 'a signal'}${last === '' ? '' : `: ${last}`}`));
      }
    });
  });
}

/** Those that run as another user, as sudo does, cannot be killed: they are left to themselves. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
