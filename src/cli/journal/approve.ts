import { InputError } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import type { Approval } from '../../core/signal.ts';
import { rangeOfArgument } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { escapeControls } from '../../report/text/escape.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { commandFor } from './command-for.ts';
import { KeptRuns, runError } from './kept-runs.ts';
import type { OperateOptions } from './operate.ts';
import { approvalOf } from './signal-history.ts';
import { findSignalTarget, type SignalReceiver, signalOrigin, withSignalReceiver } from './signal-receiver.ts';

/** `kplay approve`: approves a wave that waits for it, or will. Default: the one that waits now. */
export async function approve(
  word: string,
  wave: string | undefined,
  options: OperateOptions,
  environment: Environment,
): Promise<number> {
  const runs = new KeptRuns(options, environment);
  const kept = findSignalTarget(runs, word);
  await withSignalReceiver({ runs, word, options, environment }, kept, async (receiver) => {
    const { id } = kept.summary;
    const chosen = chosenWave(id, word, wave, options, receiver);
    const { paused } = receiver.signalState;
    const before = approvalOf(chosen, receiver.signalState, receiver.events);
    if (!before) await receiver.send({ kind: 'approve', wave: chosen, ...signalOrigin(options.reason, environment) });
    const lines = [
      before
        ? `Wave ${chosen} of run ${id} ${approvedBefore(before, options)}`
        : `Wave ${chosen} of run ${id} is approved.`,
      ...(paused
        ? [`The run is paused, so the wave does not start yet. Resume it: ${commandFor('resume', id, options)}`]
        : []),
      ...(!before && receiver.delay !== undefined ? [receiver.delay] : []),
    ];
    // The reason of an approval is another user's text.
    environment.stdout.write(lines.map((line) => `${escapeControls(line)}\n`).join(''));
  });
  return EXIT.good;
}

/** The first approval is the one that counts and is recorded. */
function approvedBefore({ by, reason: why }: Approval, { reason }: OperateOptions): string {
  const first = `was approved before, by ${by}${why === undefined ? '' : `: ${why}`}`;
  return reason === undefined ? `${first}.` : `${first}. Your reason was not recorded.`;
}

/** @throws {InputError} when no wave can be approved. */
function chosenWave(
  id: string,
  word: string,
  wave: string | undefined,
  options: OperateOptions,
  { signalState: { aborted }, events }: SignalReceiver,
): string {
  if (aborted)
    throw runError(
      word,
      `run ${id} has been aborted by ${aborted.by}: it starts no more waves`,
      `continue it when it has ended: ${commandFor('resume', id, options)}`,
    );
  const doing = `what it is doing: ${commandFor('logs', id, options)}`;
  if (!events.some(({ type }) => type === 'rollout-planned'))
    throw hasStarted(events)
      ? runError(word, `run ${id} has no rollout: nothing in it waits for approval`, doing)
      : runError(
          word,
          `run ${id} is still observing its hosts: its waves are not known yet`,
          `approve it again when they are; ${doing}`,
        );
  const started = events.flatMap((event) => (event.type === 'wave-started' ? [event.wave] : []));
  const waves = events
    .flatMap((event) => (event.type === 'rollout-planned' ? event.waves : []))
    .flatMap(({ name, approval }) => (approval === 'manual' && !started.includes(name) ? [name] : []));
  const waiting = events
    .flatMap((event) => (event.type === 'wave-waiting' ? [event.wave] : []))
    .findLast((name) => !started.includes(name));
  const chosen = wave ?? waiting;
  if (chosen === undefined)
    throw runError(
      word,
      `no wave of run ${id} is waiting for approval`,
      waves.length > 0 ? `name one that will: ${waves.join(', ')}` : doing,
    );
  if (!waves.includes(chosen))
    throw InputError.of(
      started.includes(chosen)
        ? `wave ${chosen} of run ${id} has already started`
        : `run ${id} has no wave '${chosen}' that needs to be approved`,
      rangeOfArgument('WAVE', chosen),
      waves.length > 0 ? suggestion(chosen, waves, 'waves that can be approved:') : 'no later wave needs approval',
    );
  return chosen;
}

/** Events that only follow observing in a run without a rollout. */
function hasStarted(events: readonly Event[]): boolean {
  return events.some(({ type }) => ['rollout-started', 'batch-started', 'window-waiting'].includes(type));
}
