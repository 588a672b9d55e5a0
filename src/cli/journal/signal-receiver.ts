import { InputError } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import { type Signal, type SignalState, signalState } from '../../core/signal.ts';
import { describeSystemError, isForbidden, isFull } from '../../core/system-error.ts';
import { eventsOf } from '../../journal/run-summary.ts';
import { addSignal, StrangeSignals, signalsIn } from '../../journal/signals.ts';
import type { Environment } from '../environment.ts';
import type { StateOptions } from '../options/options.ts';
import { runner } from '../run/liveness.ts';
import type { RolloutPlace } from '../temporal/kept-rollout.ts';
import { commandFor } from './command-for.ts';
import { type KeptRun, type KeptRuns, runError } from './kept-runs.ts';
import { inheritedApprovals, withEventSignals } from './signal-history.ts';
import { isEngineAway } from './waits.ts';

/** Receives signals for a run: the process of the run on this machine, or its rollout on a Temporal server. */
export interface SignalReceiver {
  readonly signalState: SignalState;
  /** Events up to now. */
  readonly events: readonly Event[];
  readonly send: (signal: Signal) => void | Promise<void>;
  /** Why signals may not apply at once, or not at all, in a sentence. */
  readonly delay?: string;
}

/** A command that sends a signal to a run. */
export interface OperatorCommand {
  readonly runs: KeptRuns;
  /** The run, as the user typed it. */
  readonly word: string;
  readonly options: StateOptions;
  readonly environment: Environment;
}

/**
 * Calls `action` with the receiver of the signals of a run.
 * @throws {InputError} when the run has ended, or when the server that keeps it does not answer.
 */
export async function withSignalReceiver(
  { runs, word, options, environment }: OperatorCommand,
  kept: KeptRun,
  action: (receiver: SignalReceiver) => Promise<void>,
): Promise<void> {
  const { id } = kept.summary;
  const recorded = eventsOf(kept.reading.records);
  const local = async (): Promise<void> => {
    checkIsActive(kept, runs, word, options);
    const delay = isEngineAway(recorded) ? SERVER_AWAY : doubtOf(kept);
    await action({
      signalState: readSignalState(runs, id),
      events: recorded,
      send: (signal) => sendSignal(runs, id, signal, environment),
      ...(delay !== undefined && { delay }),
    });
  };
  const place = placeOf(kept);
  if (!place) return local();
  const { withKeptRollout } = await import('../temporal/kept-rollout.ts');
  return withKeptRollout(place, environment, (rollout) => {
    switch (rollout.state) {
      case 'goes on':
        return action({ ...rollout, signalState: signalState(rollout.signals) });
      case 'unanswered': {
        const known = signalState(withEventSignals(rollout.signals, recorded));
        return action({ signalState: known, events: recorded, send: rollout.send, delay: WORKERS_AWAY });
      }
      default:
        return local();
    }
  });
}

const SERVER_AWAY = 'The server that keeps the rollout does not answer at the moment: this applies as soon as it does.';
const WORKERS_AWAY = 'No worker answers for the rollout at the moment: this applies as soon as one does.';

/** Of a run that may have ended unnoticed, on another machine. */
function doubtOf({ summary: { result, start } }: KeptRun): string | undefined {
  if (result !== 'not ended' || !start) return undefined;
  return `${start.machine}, where it was started, cannot be seen from here: this applies only if the run is still in progress there.`;
}

/** The Temporal server and run id of a rollout that nobody on this machine follows; undefined for any other run. */
export function placeOf({ summary: { start, result } }: KeptRun): RolloutPlace | undefined {
  const { options, runId } = start?.recipe ?? {};
  const engine = options?.['engine'];
  return result === 'not followed' && typeof engine === 'string' && runId !== undefined ? { engine, runId } : undefined;
}

/** @throws {InputError} of a run that has ended. */
function checkIsActive({ summary }: KeptRun, runs: KeptRuns, word: string, options: StateOptions): void {
  const { id, result, start } = summary;
  if (!start)
    throw runError(
      word,
      `the journal of run ${id} cannot be read: it is not known whether the run is still in progress`,
      `what is left of it: ${commandFor('show', id, options)}`,
    );
  if (isActive(summary)) return;
  const successor = activeSuccessor(runs, id);
  if (successor !== undefined)
    throw runError(word, `run ${id} has ended, and run ${successor} resumes it`, `name that run instead: ${successor}`);
  throw runError(
    word,
    `run ${id} has ended: nothing is left to approve or to hold back`,
    result === 'lost' || result === 'not followed'
      ? `continue it: ${commandFor('resume', id, options)}`
      : `what it has done: ${commandFor('show', id, options)}`,
  );
}

/** The run in progress that resumes a run, directly or as the last of several. */
export function activeSuccessor(runs: KeptRuns, id: string): string | undefined {
  return runs.summaries.findLast((run) => isActive(run) && runs.chainOf(run.id).slice(1).includes(id))?.id;
}

/** As far as this machine can tell. */
export function isActive({ result }: Pick<KeptRun['summary'], 'result'>): boolean {
  return result === 'running' || result === 'not ended';
}

/**
 * The run to which a signal is to be sent; `last` means the last one that is active here or may be on a Temporal server.
 * @throws {InputError} when there is none, or when `last` may mean another one a moment later: several are in progress on this machine.
 */
export function findSignalTarget(runs: KeptRuns, word: string): KeptRun {
  if (word === 'last') {
    const running = runs.summaries.filter(({ result, start }) => start && result === 'running');
    if (running.length > 1)
      throw runError(
        word,
        `${running.length} runs are in progress`,
        `name one: ${running.map(({ id, start }) => `${id} (${start?.command} ${start?.source})`).join(', ')}`,
      );
  }
  return runs.findCandidate(
    word,
    (kept) => (kept.summary.start && isActive(kept.summary)) || placeOf(kept) !== undefined,
  );
}

/** With the approvals that it has inherited. @throws {InputError} when the signals cannot be read. */
export function readSignalState(runs: KeptRuns, id: string): SignalState {
  try {
    return signalState([...inheritedApprovals(runs, runs.chainOf(id).slice(1)), ...signalsIn(runs.directoryOf(id))]);
  } catch (error) {
    if (error instanceof StrangeSignals) throw foreignFile(error);
    throw InputError.of(
      `the signals of run ${id} cannot be read: ${describeSystemError(error)}`,
      undefined,
      'give the command as the user who runs it',
    );
  }
}

/** Appends the signal to the file beside the journal, which the run reads every second. @throws {InputError} when it cannot be written. */
export function sendSignal(runs: KeptRuns, id: string, signal: Signal, environment: Environment): void {
  try {
    addSignal(runs.directoryOf(id), signal, environment.clock());
  } catch (error) {
    if (error instanceof StrangeSignals) throw foreignFile(error);
    throw InputError.of(
      `${runs.directoryOf(id)} cannot be written: ${describeSystemError(error)}`,
      undefined,
      isForbidden(error)
        ? `${signal.kind} it as the user who runs it, who has to be allowed to write there`
        : `${isFull(error) ? 'make room there' : 'make it writable'}, then ${signal.kind} it again: the run has not been told`,
    );
  }
}

function foreignFile({ message }: StrangeSignals): InputError {
  return InputError.of(message, undefined, 'find out who has put it there, and remove it');
}

/** Who sends a signal, when and why. */
export function signalOrigin(
  reason: string | undefined,
  environment: Environment,
): { by: string; at: string; reason?: string } {
  const { user, machine } = runner(environment);
  const at = environment.clock().toISOString();
  return { by: `${user}@${machine}`, at, ...(reason !== undefined && { reason }) };
}
