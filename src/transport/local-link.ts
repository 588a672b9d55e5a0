import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessPromise } from 'zx/core';
import { isOutOfFiles } from '../core/system-error.ts';
import { DialError, type HostProcess, type Link, type ProcessEnd } from './link.ts';
import { reasonOf } from './network-error.ts';

/** Environment variables of local processes. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/**
 * zx keeps all output of a process in memory until its end; processes here may run for hours, and their streams are read
 * directly.
 */
class DiscardedOutput extends Array<Buffer> {
  override push(): number {
    return 0;
  }
}

/** How long processes may take to end when the link is closed. */
const CLOSE_LIMIT_MS = 2_000;

/** The controller itself as a host. */
export class LocalLink implements Link {
  readonly isLocal = true;
  readonly mayHavePasswords = true;
  readonly lostBecause = undefined;
  readonly #environment: EnvironmentVariables;
  readonly #running = new Set<HostProcess>();

  constructor(environment: EnvironmentVariables) {
    this.#environment = environment;
  }

  async spawn(command: string): Promise<HostProcess> {
    const { $ } = await import('zx/core');
    const process = $({
      env: { ...this.#environment },
      shell: '/bin/sh',
      prefix: '',
      postfix: '',
      // The command is used unchanged: zx quotes for bash only.
      quote: (text: string) => text,
      stdio: 'pipe',
      // A session of its own: an interrupt at the terminal is for kplay, which then ends scripts in its own way.
      detached: true,
      nothrow: true,
      quiet: true,
      store: { stdout: new DiscardedOutput(), stderr: new DiscardedOutput(), stdall: new DiscardedOutput() },
    })`${command}`;
    const { child } = process;
    if (child?.pid === undefined) throw await startFailure(process);
    // A process of another user, such as sudo at its question, must not be killed, and Node.js says so as often as that is tried.
    child.on('error', () => undefined);
    const started: HostProcess = {
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      ended: endOf(process),
      abandon: () => {
        child.kill('SIGKILL');
        // What cannot be killed ends without input, or is not waited for at the end of kplay.
        process.stdin.destroy();
        child.unref();
        // Orphaned processes of a script may keep the other ends open forever.
        process.stdout.destroy();
        process.stderr.destroy();
      },
    };
    this.#running.add(started);
    void started.ended.then(() => this.#running.delete(started));
    return started;
  }

  dial(address: string, port: number, signal: AbortSignal): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: address, port, noDelay: true, signal });
      socket.once('connect', () => resolve(socket));
      // Without a file descriptor nothing was asked, and nothing is known of the port.
      socket.on('error', (error) =>
        reject(new DialError(isOutOfFiles(error) ? 'forbidden' : 'closed', reasonOf(error))),
      );
    });
  }

  async checkTcpPort(address: string, port: number, signal: AbortSignal): Promise<void> {
    (await this.dial(address, port, signal)).destroy();
  }

  async close(): Promise<void> {
    const running = [...this.#running];
    for (const { abandon } of running) abandon();
    const isOver = new AbortController();
    const limit = sleep(CLOSE_LIMIT_MS, undefined, { signal: isOver.signal }).catch(() => undefined);
    await Promise.race([Promise.all(running.map(({ ended }) => ended)), limit]);
    isOver.abort();
  }
}

/**
 * Why no process was started, as when this machine may open no more files. The child must not be killed: without a pid, Node.js
 * would end kplay's own process group.
 */
async function startFailure({ child }: ProcessPromise): Promise<Error> {
  return child ? ((await once(child, 'error')) as [Error])[0] : new Error('no process was started');
}

async function endOf(process: ProcessPromise): Promise<ProcessEnd> {
  const { exitCode, signal } = await process;
  return signal ? { kind: 'signalled', signal } : { kind: 'exited', code: exitCode ?? 1 };
}
