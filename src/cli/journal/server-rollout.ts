import { InputError } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import type { Recipe } from '../../core/journal.ts';
import { type Signal, type SignalState, signalState } from '../../core/signal.ts';
import type { RunSummary } from '../../journal/run-summary.ts';
import { isDocument } from '../../report/text/document-text.ts';
import { UTC } from '../../report/text/time.ts';
import type { Environment } from '../environment.ts';
import type { OutputOptions, StateOptions } from '../options/options.ts';
import { timeZone } from '../output/output.ts';
import type { EndedRollout } from '../temporal/rollout-client.ts';
import { commandFor } from './command-for.ts';
import type { KeptRun, KeptRuns } from './kept-runs.ts';
import { progressClauses } from './progress.ts';
import { placeOf } from './signal-receiver.ts';
import { waitIn, waitText } from './waits.ts';

/** The state of a rollout that a Temporal server keeps, and that no process on this machine follows any more. */
export interface ServerRollout {
  /** The value of `--engine`. */
  readonly engine: string;
  /** Null when the server, or a worker that could tell, does not answer. */
  readonly isRunning: boolean | null;
  /** In a clause, for people. */
  readonly status: string;
  /** Absent unless it is known to be running. */
  readonly signals?: readonly Signal[];
  /** Absent unless it is known to be running. */
  readonly events?: readonly Event[];
}

/**
 * The last run on this machine that requested the rollout: the run with this id, or one that resumed it.
 * @param runs all, in the order in which they started
 */
export function lastRunRequesting(
  runs: readonly RunSummary[],
  { runId }: Pick<Recipe, 'runId'>,
): RunSummary | undefined {
  return runs.findLast(({ start }) => start?.recipe?.runId === runId && start.recipe.options['engine'] !== undefined);
}

/** Whether the result of the rollout has been reported on this machine. @param last the last run that requested it, if any */
export function isEndReported(last: RunSummary | undefined): boolean {
  return last === undefined || (last.exitCode !== undefined && last.result !== 'not followed');
}

type ShownOptions = StateOptions & Pick<OutputOptions, 'output' | 'localTime'>;

/** Asks the server. Undefined for a run that no server keeps, or whose result has been reported here. */
export async function serverRollout(
  runs: KeptRuns,
  kept: KeptRun,
  options: ShownOptions,
  environment: Environment,
): Promise<ServerRollout | undefined> {
  const place = placeOf(kept);
  if (!place) return undefined;
  const { engine } = place;
  const last = lastRunRequesting(runs.summaries, place);
  const { withKeptRollout } = await import('../temporal/kept-rollout.ts');
  try {
    return await withKeptRollout(place, environment, (rollout) => {
      switch (rollout.state) {
        case 'goes on': {
          const { signals, events } = rollout;
          return {
            engine,
            isRunning: true,
            status: progressOf(kept, events, signalState(signals), options, environment),
            signals,
            events,
          };
        }
        case 'unanswered': {
          const says = rollout.why.diagnostics.flatMap(({ message, hint }) => [message, ...(hint ? [hint] : [])]);
          const status = ['it is still running there', ...says].join('; ');
          return { engine, isRunning: true, status, signals: rollout.signals };
        }
        case 'ended':
          return {
            engine,
            isRunning: false,
            status: `it has ended there; ${endOf(rollout, kept.summary.id, last, options)}`,
          };
        case 'unknown':
          return { engine, isRunning: false, status: 'the server does not know it' };
      }
    });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [{ message } = error] = error.diagnostics;
    return { engine, isRunning: null, status: `it is not known whether it is still running there: ${message}` };
  }
}

function endOf(
  { status, isResult }: EndedRollout,
  id: string,
  last: RunSummary | undefined,
  options: StateOptions,
): string {
  if (last && last.id !== id && isEndReported(last)) return `its result: ${commandFor('show', last.id, options)}`;
  return isResult
    ? `${commandFor('resume', id, options)} reports its result, and starts nothing`
    : `it ended on the server: ${status.toLowerCase()}`;
}

function progressOf(
  { summary: { id } }: KeptRun,
  events: readonly Event[],
  signalState: SignalState,
  options: ShownOptions,
  { wallClock }: Environment,
): string {
  const zone = isDocument(options.output) ? UTC : timeZone(options);
  const approve = (wave: string): string => commandFor('approve', id, options, wave);
  const waits = waitText(waitIn(events, signalState), approve, zone, wallClock());
  return [
    'it is still running there, and nobody here follows it',
    ...progressClauses(events, false),
    ...(waits === undefined ? [] : [waits]),
  ].join('; ');
}
