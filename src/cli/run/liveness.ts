import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { StartEntry } from '../../core/journal.ts';
import { systemErrorCode } from '../../core/system-error.ts';
import type { Environment } from '../environment.ts';

/** Names of the active holders in this process: a worker runs several at once. */
const activeHolders = new Set<string>();

/** The holder of a run's locks, as shown to other runs that meet them, until it is released. */
export interface Holder {
  readonly name: string;
  release(): void;
}

/**
 * Registers the holder for a run that starts. Its time is that of the run: a rollout may take a lock days later.
 * @param runId as `newRunId` makes it
 */
export function registerHolder({ user, clock }: Environment, runId: string): Holder {
  const name = `${user}@${hostname()}, pid ${process.pid}, started ${clock().toISOString().slice(0, 19)}Z (run ${runId})`;
  activeHolders.add(name);
  return { name, release: () => activeHolders.delete(name) };
}

/**
 * Whether the run with this holder name has ended: it ran on this machine and its process has exited, or it ran in this process and was
 * released. False for other machines, where it is not known.
 */
export function hasEnded(holder: string, ours: string): boolean {
  return holder !== ours && isHolderAlive(holder) === false;
}

/** Whether the process of the run with this holder name is still alive; undefined for other machines. */
export function isHolderAlive(holder: string): boolean | undefined {
  // Older versions wrote `since`.
  const [, machine, pid] = /.*@([^@]*), pid (\d+), (?:started|since) /.exec(holder) ?? [];
  if (machine !== hostname() || pid === undefined) return undefined;
  return Number(pid) === process.pid ? activeHolders.has(holder) : isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that has exited stays until its parent takes notice, which in a container may be never.
    return !EXITED.includes(statOf(pid)?.state ?? '');
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}

/** The user, machine and process, for the journal. */
export function runner({ user }: Environment): Pick<StartEntry, 'user' | 'machine' | 'pid' | 'processStart'> {
  const processStart = startOf(process.pid);
  return { user, machine: hostname(), pid: process.pid, ...(processStart !== undefined && { processStart }) };
}

/** Whether the process of a run is still alive; undefined for other machines. */
export function isRunnerAlive({ machine, pid, processStart }: StartEntry): boolean | undefined {
  if (machine !== hostname()) return undefined;
  if (!isRunning(pid)) return false;
  const start = startOf(pid);
  // Where its start cannot be read, it may well be the run: one that goes on must not count as lost.
  return start === undefined || processStart === undefined || start === processStart;
}

/** Whether a process with the number of a run is certainly that run: else another one may have got the number since. */
export function isSurelyRunner({ machine, pid, processStart }: StartEntry): boolean {
  return machine === hostname() && processStart !== undefined && startOf(pid) === processStart;
}

/** When a process started: on Linux in ticks since the boot, with the id of that boot; elsewhere, such as on macOS, as `ps` prints it. */
function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return startByPs(pid);
  const start = statOf(pid)?.start;
  if (start === undefined) return undefined;
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${start}`;
  } catch {
    return undefined;
  }
}

/** `Tue Nov 24 15:12:44 2026` */
function startByPs(pid: number): string | undefined {
  // Loaded only here: other platforms would pay for it at each start.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { env, encoding: 'utf8' });
  const start = status === 0 ? stdout.trim().replaceAll(/\s+/g, ' ') : '';
  return start === '' ? undefined : start;
}

/** States of a process that has exited: zombie, dead. */
const EXITED = ['Z', 'X'];

/** Fields 3 and 22 of proc(5)'s stat, which only Linux has. */
function statOf(pid: number): { readonly state: string | undefined; readonly start: string | undefined } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { state: fields[0], start: fields[19] };
  } catch {
    return undefined;
  }
}
