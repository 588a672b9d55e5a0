import type { Event } from '../../core/events/event.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import type { StateOptions } from '../options/options.ts';
import { commandFor } from './command-for.ts';
import { type KeptRun, KeptRuns } from './kept-runs.ts';
import { findListening, goesOn, refusal, say, saying, standingOf, withListener } from './listener.ts';

export interface OperateOptions extends StateOptions {
  readonly reason?: string;
}

/** `kplay pause`: a run that goes on begins no cluster until it is resumed. */
export function pause(word: string, options: OperateOptions, environment: Environment): Promise<number> {
  return operate('pause', word, options, environment);
}

/** `kplay abort`: a run that goes on begins no cluster any more. */
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
  const kept = findListening(runs, word);
  const { id } = kept.summary;
  await withListener(
    { runs, word, options, environment },
    kept,
    async ({ standing: { paused, aborted }, events, say }) => {
      checkHeeds(kept, events, word);
      if (aborted)
        throw refusal(
          word,
          `run ${id} has already been aborted by ${aborted.by}`,
          `its progress: ${commandFor('logs', id, options)}`,
        );
      if (kind === 'pause' && paused)
        throw refusal(
          word,
          `run ${id} has already been paused by ${paused.by}`,
          `resume it: ${commandFor('resume', id, options)}`,
        );
      await say({ kind, ...saying(options.reason, environment) });
    },
  );
  const what =
    kind === 'pause'
      ? `is paused: no further cluster starts, those in progress are finished.\nResume it: ${commandFor('resume', id, options)}`
      : `is aborted: no further cluster starts, those in progress are finished.`;
  environment.stdout.write(`Run ${id} ${what}\n`);
  return EXIT.good;
}

/** Whether a run goes on, as far as can be seen from here, and is held back. */
export function isPaused(runs: KeptRuns, { summary }: KeptRun): boolean {
  if (!goesOn(summary)) return false;
  const { paused, aborted } = standingOf(runs, summary.id);
  return paused !== undefined && !aborted;
}

/** Lifts the pause of a run. @param out for people */
export function liftPause(
  runs: KeptRuns,
  { summary }: KeptRun,
  out: Pick<NodeJS.WritableStream, 'write'>,
  reason: string | undefined,
  environment: Environment,
): void {
  const { id, result, start } = summary;
  say(runs, id, { kind: 'resume', ...saying(reason, environment) }, environment);
  const where =
    result === 'running' ? '' : `, if it is still there: ${start?.machine ?? 'its machine'} cannot be seen from here`;
  out.write(`Run ${id} is resumed${where}.\n`);
}

/** Between its clusters, and while it waits, a run can be held back; one over a single cluster that waits for no window does neither. */
function checkHeeds({ summary }: KeptRun, events: readonly Event[], word: string): void {
  const { id, start } = summary;
  const waits = start?.recipe?.options['window'] === 'wait';
  const isRollout = events.some(({ type }) => type === 'rollout-planned');
  const hasSeveral = new Set(start?.clusters).size > 1 || events.some(({ type }) => type === 'rollout-started');
  if (start?.command !== 'unlock' && (waits || isRollout || hasSeveral)) return;
  throw refusal(
    word,
    `run ${id} has no further clusters to start, so it cannot be held back`,
    `interrupt its process instead, which finishes the current step: kill -INT ${start?.pid ?? 'PID'}`,
  );
}
