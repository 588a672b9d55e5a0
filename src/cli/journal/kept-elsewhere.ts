import { InputError } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import type { Recipe } from '../../core/journal.ts';
import { type Signal, type Standing, standingBy } from '../../core/signal.ts';
import type { RunSummary } from '../../journal/run-summary.ts';
import type { Environment } from '../environment.ts';
import type { StateOptions } from '../options/options.ts';
import type { EndedRollout } from '../temporal/rollout-client.ts';
import { commandFor } from './command-for.ts';
import type { KeptRun, KeptRuns } from './kept-runs.ts';
import { placeOf } from './listener.ts';
import { progressClauses } from './progress.ts';
import { waitText } from './waits.ts';

/** Where the rollout of a run stands that has no process any more, and that a Temporal server keeps. */
export interface KeptElsewhere {
  /** As `--engine` has it. */
  readonly engine: string;
  /** Null when the server, or a worker that knows it, does not answer. */
  readonly goesOn: boolean | null;
  /** In a clause, for people. */
  readonly says: string;
  /** What was said to it; absent of one that is not known to be still there. */
  readonly signals?: readonly Signal[];
  /** What it has told until now; absent of one that is not known to be still there. */
  readonly events?: readonly Event[];
}

/**
 * The last run of this machine that has asked a Temporal server for a rollout: this one, or one that has gone on with it.
 * @param runs all, in the order in which they began
 */
export function lastAsking(runs: readonly RunSummary[], { runId }: Pick<Recipe, 'runId'>): RunSummary | undefined {
  return runs.findLast(({ start }) => start?.recipe?.runId === runId && start.recipe.options['engine'] !== undefined);
}

/** Whether this machine has been told what the rollout has come to. @param last run that has asked for it; undefined: none has */
export function isEndReported(last: RunSummary | undefined): boolean {
  return last === undefined || (last.exitCode !== undefined && last.result !== 'not followed');
}

/** Asks the server; undefined of a run that none keeps, or whose end has been told here. */
export async function keptElsewhere(
  runs: KeptRuns,
  kept: KeptRun,
  options: StateOptions,
  environment: Environment,
): Promise<KeptElsewhere | undefined> {
  const place = placeOf(kept);
  if (!place) return undefined;
  const { engine } = place;
  const last = lastAsking(runs.summaries, place);
  const { withKeptRollout } = await import('../temporal/kept-rollout.ts');
  try {
    return await withKeptRollout(place, environment, (rollout) => {
      switch (rollout.state) {
        case 'goes on': {
          const { signals, events } = rollout;
          return {
            engine,
            goesOn: true,
            says: progressOf(kept, events, standingBy(signals), options),
            signals,
            events,
          };
        }
        case 'ended':
          return {
            engine,
            goesOn: false,
            says: `it has ended there; ${endOf(rollout, kept.summary.id, last, options)}`,
          };
        case 'unknown':
          return { engine, goesOn: false, says: 'the server does not know it' };
      }
    });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [{ message } = error] = error.diagnostics;
    return { engine, goesOn: null, says: `it is not known whether it is still running there: ${message}` };
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
    : `it was terminated on the server, ${status.toLowerCase()}`;
}

/** How far a rollout is by what it has told. */
function progressOf(
  { summary: { id } }: KeptRun,
  events: readonly Event[],
  standing: Standing,
  options: StateOptions,
): string {
  const waits = waitText(events, standing, (wave) => commandFor('approve', id, options, wave));
  return [
    'it is still running there, and nobody here follows it',
    ...progressClauses(events),
    ...(waits === undefined ? [] : [waits]),
  ].join('; ');
}
