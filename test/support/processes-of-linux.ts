import { existsSync, readFileSync } from 'node:fs';

/** Whether this machine tells of its processes as Linux does. Where it does not, no lock is taken on it, and so nothing is changed. */
export const hasProc = existsSync('/proc/self/stat');

/** When a process of this machine began, in ticks since the machine did: with its pid it names the process. Needs `hasProc`. */
export function startTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return Number(fields[19]);
}
