import { InputError } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import { type Signal, type Standing, standingBy } from '../../core/signal.ts';
import { SourceFile } from '../../core/source.ts';
import { describeSystemError, isFull } from '../../core/system-error.ts';
import { eventsOf } from '../../journal/run-summary.ts';
import { addSignal, StrangeSignals, signalsIn } from '../../journal/signals.ts';
import { type Environment, runner } from '../environment.ts';
import type { StateOptions } from '../options/options.ts';
import type { RolloutPlace } from '../temporal/kept-rollout.ts';
import { commandFor } from './command-for.ts';
import type { KeptRun, KeptRuns } from './kept-runs.ts';

/** Whoever hears what is said to a run: its process here, or the rollout in a Temporal server. */
export interface Listener {
  readonly standing: Standing;
  /** What the run has told until now. */
  readonly events: readonly Event[];
  readonly say: (signal: Signal) => void | Promise<void>;
}

/** A command that says something to a run. */
export interface OperatorCommand {
  readonly runs: KeptRuns;
  /** Which run is meant, as the user typed it. */
  readonly word: string;
  readonly options: StateOptions;
  readonly environment: Environment;
}

/**
 * Does something with whoever hears what is said to a run.
 * @throws {InputError} of a run that has ended, and when the server that keeps it does not answer.
 */
export async function withListener(
  { runs, word, options, environment }: OperatorCommand,
  kept: KeptRun,
  doing: (listener: Listener) => Promise<void>,
): Promise<void> {
  const { id } = kept.summary;
  const here = async (): Promise<void> => {
    checkGoesOn(kept, word, options);
    await doing({
      standing: standingOf(runs, id),
      events: eventsOf(kept.reading.records),
      say: (signal) => say(runs, id, signal, environment),
    });
  };
  const place = placeOf(kept);
  if (!place) return here();
  const { withKeptRollout } = await import('../temporal/kept-rollout.ts');
  return withKeptRollout(place, environment, (rollout) =>
    rollout.state === 'goes on' ? doing({ ...rollout, standing: standingBy(rollout.signals) }) : here(),
  );
}

/** The Temporal server that may keep the rollout of a run that nobody follows, and as what; undefined of any other run. */
export function placeOf({ summary: { start, result } }: KeptRun): RolloutPlace | undefined {
  const { options, runId } = start?.recipe ?? {};
  const engine = options?.['engine'];
  return result === 'not followed' && typeof engine === 'string' && runId !== undefined ? { engine, runId } : undefined;
}

/** @throws {InputError} of a run that has ended. */
function checkGoesOn({ summary }: KeptRun, word: string, options: StateOptions): void {
  const { id, result } = summary;
  if (goesOn(summary)) return;
  throw refusal(
    word,
    `run ${id} has ended: nothing is left to approve or to hold back`,
    result === 'lost' || result === 'not followed'
      ? `continue it: ${commandFor('resume', id, options)}`
      : `what it has done: ${commandFor('show', id, options)}`,
  );
}

/** As far as can be seen from here. */
export function goesOn({ result }: Pick<KeptRun['summary'], 'result'>): boolean {
  return result === 'running' || result === 'not ended';
}

/** The run that a word means to which something is to be said: `last` is the last that goes on here, or may in a Temporal server. */
export function findListening(runs: KeptRuns, word: string): KeptRun {
  return runs.findGoingOn(word, (kept) => goesOn(kept.summary) || placeOf(kept) !== undefined);
}

/** @throws {InputError} when what was said cannot be read. */
export function standingOf(runs: KeptRuns, id: string): Standing {
  try {
    return standingBy(signalsIn(runs.directoryOf(id)));
  } catch (error) {
    if (error instanceof StrangeSignals) throw strange(error);
    throw InputError.of(
      `the signals of run ${id} cannot be read: ${describeSystemError(error)}`,
      undefined,
      'give the command as the user who runs it',
    );
  }
}

/** Puts it beside the journal of the run, which looks there each second. @throws {InputError} when it cannot be written. */
export function say(runs: KeptRuns, id: string, signal: Signal, environment: Environment): void {
  try {
    addSignal(runs.directoryOf(id), signal, environment.clock());
  } catch (error) {
    if (error instanceof StrangeSignals) throw strange(error);
    throw InputError.of(
      `${runs.directoryOf(id)} cannot be written: ${describeSystemError(error)}`,
      undefined,
      isFull(error)
        ? `make room there, then ${signal.kind} it again: the run has not been told`
        : `${signal.kind} it as the user who runs it`,
    );
  }
}

function strange({ message }: StrangeSignals): InputError {
  return InputError.of(message, undefined, 'find out who has put it there, and remove it');
}

/** Who says something, when and why. */
export function saying(
  reason: string | undefined,
  environment: Environment,
): { by: string; at: string; reason?: string } {
  const { user, machine } = runner(environment);
  const at = environment.clock().toISOString();
  return { by: `${user}@${machine}`, at, ...(reason !== undefined && { reason }) };
}

/** Nothing can be said to the run that a word means. */
export function refusal(word: string, message: string, hint: string): InputError {
  return InputError.of(message, new SourceFile('RUN', word).range(0, word.length), hint);
}
