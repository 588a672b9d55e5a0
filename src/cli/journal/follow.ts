import { existsSync } from 'node:fs';
import type { StartEntry } from '../../core/journal.ts';
import { describeSystemError } from '../../core/system-error.ts';
import type { JournalRecord } from '../../journal/journal-line.ts';
import { JournalTail } from '../../journal/journal-tail.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import type { StateOptions } from '../options/options.ts';
import { handleInterrupts } from '../run/interrupts.ts';
import { isRunnerAlive } from '../run/liveness.ts';
import { wait } from '../wait.ts';
import { commandFor } from './command-for.ts';
import type { KeptRuns } from './kept-runs.ts';

/** How often a journal is looked at. File systems of other machines, as NFS, report no changes. */
const INTERVAL_MS = 250;

/**
 * Passes on the records of a run until it ends, its process is gone, the user interrupts, or nobody reads the output any more.
 * @returns the exit code: that of the run says nothing about this command.
 */
export async function follow(
  id: string,
  runs: KeptRuns,
  show: (records: readonly JournalRecord[]) => void,
  options: StateOptions,
  { stdout, stderr }: Environment,
): Promise<number> {
  const interrupts = handleInterrupts(() => undefined);
  const unread = new AbortController();
  const onError = (): void => unread.abort();
  stdout.on('error', onError);
  const warn = (text: string): void => void stderr.write(`warning: ${text}\n`);
  try {
    await showUntilEnd(id, runs, show, AbortSignal.any([interrupts.stop, unread.signal]), warn);
    if (!interrupts.wasInterrupted() && !unread.signal.aborted) warnOfNoEnd(id, runs, options, warn);
    return interrupts.wasInterrupted() ? EXIT.interrupted : EXIT.good;
  } finally {
    stdout.off('error', onError);
    interrupts.release();
  }
}

async function showUntilEnd(
  id: string,
  runs: KeptRuns,
  show: (records: readonly JournalRecord[]) => void,
  stop: AbortSignal,
  warn: (text: string) => void,
): Promise<void> {
  const tail = new JournalTail(runs.journalOf(id));
  let start: StartEntry | undefined;
  let hasWarned = false;
  while (!stop.aborted) {
    // Before its journal is read: what it has written last is then read, too.
    const isGone = !existsSync(runs.directoryOf(id)) || (start && isRunnerAlive(start) === false);
    const records = readNext(tail, warn);
    if (!records) return;
    show(records);
    start ??= records.map(({ entry }) => entry).find((entry) => entry.type === 'start');
    if (isGone || records.some(({ entry }) => entry.type === 'end')) return;
    if (!start && !hasWarned) {
      warn(`run ${id} has not recorded anything yet: waiting for it`);
      hasWarned = true;
    }
    await wait(INTERVAL_MS, stop).catch(() => undefined);
  }
}

/** Undefined when the journal cannot be read. */
function readNext(tail: JournalTail, warn: (text: string) => void): readonly JournalRecord[] | undefined {
  try {
    return tail.next();
  } catch (error) {
    warn(`the journal cannot be read: ${describeSystemError(error)}`);
    return undefined;
  }
}

function warnOfNoEnd(id: string, runs: KeptRuns, options: StateOptions, warn: (text: string) => void): void {
  const { exitCode, result } = runs.read(id).summary;
  if (exitCode !== undefined) return;
  const showIt = commandFor('show', id, options);
  if (result === 'not followed')
    warn(
      `nobody on this machine follows the rollout any more; ${showIt} asks its server, and ${commandFor('resume', id, options)} follows it again`,
    );
  if (result === 'lost') warn(`the process of run ${id} is gone and has reported no end; see ${showIt}`);
}
