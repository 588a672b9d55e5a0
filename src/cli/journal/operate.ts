import type { Event } from '../../core/events/event.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import type { StateOptions } from '../options/options.ts';
import { commandFor } from './command-for.ts';
import { type KeptRun, KeptRuns, runError } from './kept-runs.ts';
import { isAnythingLeftToHold } from './left-to-hold.ts';
import {
  findSignalTarget,
  isActive,
  readSignalState,
  sendSignal,
  signalOrigin,
  withSignalReceiver,
} from './signal-receiver.ts';

export interface OperateOptions extends StateOptions {
  readonly reason?: string;
}

/** `kplay pause`: the run starts no further cluster until it is resumed. */
export function pause(word: string, options: OperateOptions, environment: Environment): Promise<number> {
  return operate('pause', word, options, environment);
}

/** `kplay abort`: the run starts no further cluster. */
export function abort(word: string, options: OperateOptions, environment: Environment): Promise<number> {
  return operate('abort', word, options, environment);
}

async function operate(
  kind: 'pause' | 'abort',
  word: string,
  options: OperateOptions,
  environment: Environment,
): Promise<number> {
  const runs = new KeptRuns(options, environment);
  const kept = findSignalTarget(runs, word);
  const { id } = kept.summary;
  let notes = '';
  await withSignalReceiver(
    { runs, word, options, environment },
    kept,
    async ({ signalState: { paused, aborted }, events, send, delay }) => {
      checkCanBeHeldBack(kept, events, word);
      if (aborted)
        throw runError(
          word,
          `run ${id} has already been aborted by ${aborted.by}`,
          `its progress: ${commandFor('logs', id, options)}`,
        );
      if (kind === 'pause' && paused)
        throw runError(
          word,
          `run ${id} has already been paused by ${paused.by}`,
          `resume it: ${commandFor('resume', id, options)}`,
        );
      if (kind === 'pause') checkIsSomethingLeft(kept, events, word, options);
      await send({ kind, ...signalOrigin(options.reason, environment) });
      notes = delay === undefined ? '' : `${delay}\n`;
    },
  );
  const what =
    kind === 'pause'
      ? `is paused: no further cluster starts, those in progress are finished.\nResume it: ${commandFor('resume', id, options)}`
      : `is aborted: no further cluster starts, those in progress are finished.`;
  environment.stdout.write(`Run ${id} ${what}\n${notes}`);
  return EXIT.good;
}

/** Whether a run is active, as far as this machine can tell, and paused. */
export function isPaused(runs: KeptRuns, { summary }: KeptRun): boolean {
  if (!isActive(summary)) return false;
  const { paused, aborted } = readSignalState(runs, summary.id);
  return paused !== undefined && !aborted;
}

/** Resumes a paused run. @param out for people */
export function resumePaused(
  runs: KeptRuns,
  { summary }: KeptRun,
  out: Pick<NodeJS.WritableStream, 'write'>,
  reason: string | undefined,
  environment: Environment,
): void {
  const { id, result, start } = summary;
  sendSignal(runs, id, { kind: 'resume', ...signalOrigin(reason, environment) }, environment);
  const where =
    result === 'running' ? '' : `, if it is still there: ${start?.machine ?? 'its machine'} cannot be seen from here`;
  out.write(`Run ${id} is resumed${where}.\n`);
}

/** A pause that nothing is left for would be reported as one that holds something back. */
function checkIsSomethingLeft(
  { summary: { id, start } }: KeptRun,
  events: readonly Event[],
  word: string,
  options: OperateOptions,
): void {
  const isRollout = events.some(({ type }) => type === 'rollout-planned');
  const waits = start?.recipe?.options['window'] === 'wait';
  if (!isRollout || isAnythingLeftToHold(events, waits)) return;
  throw runError(
    word,
    `nothing is left in run ${id} that a pause would hold back: the changes of its last clusters have begun`,
    `its progress: ${commandFor('logs', id, options)}`,
  );
}

/** A run can be held back between clusters or while it waits for a window; a run on one cluster that waits for no window does neither. */
function checkCanBeHeldBack({ summary }: KeptRun, events: readonly Event[], word: string): void {
  const { id, start } = summary;
  const { window, engine } = start?.recipe?.options ?? {};
  const waits = window === 'wait';
  const isRollout = engine !== undefined || events.some(({ type }) => type === 'rollout-planned');
  const hasSeveral = new Set(start?.clusters).size > 1 || events.some(({ type }) => type === 'rollout-started');
  if (start?.command !== 'unlock' && (waits || isRollout || hasSeveral)) return;
  throw runError(
    word,
    `run ${id} has no further clusters to start, so it cannot be held back`,
    `interrupt its process instead, which finishes the current step: kill -INT ${start?.pid ?? 'PID'}`,
  );
}
