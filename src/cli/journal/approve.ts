import { InputError } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import type { Approval } from '../../core/signal.ts';
import { SourceFile } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { commandFor } from './command-for.ts';
import { KeptRuns } from './kept-runs.ts';
import { findListening, type Listener, saying, withListener } from './listener.ts';
import type { OperateOptions } from './operate.ts';

/** `kplay approve`: lets a wave begin that waits for it, or will. Without a wave: the one that waits now. */
export async function approve(
  word: string,
  wave: string | undefined,
  options: OperateOptions,
  environment: Environment,
): Promise<number> {
  const runs = new KeptRuns(options, environment);
  const kept = findListening(runs, word);
  await withListener({ runs, word, options, environment }, kept, async (listener) => {
    const { id } = kept.summary;
    const chosen = chosenWave(id, word, wave, options, listener);
    const { approvals, paused } = listener.standing;
    const before = approvals.get(chosen);
    if (!before) await listener.say({ kind: 'approve', wave: chosen, ...saying(options.reason, environment) });
    const lines = [
      before
        ? `Wave ${chosen} of run ${id} ${approvedBefore(before, options)}`
        : `Wave ${chosen} of run ${id} is approved.`,
      ...(paused
        ? [`The run is paused, so the wave does not start yet. Resume it: ${commandFor('resume', id, options)}`]
        : []),
    ];
    environment.stdout.write(`${lines.join('\n')}\n`);
  });
  return EXIT.good;
}

/** The first approval counts, and is the one in the record. */
function approvedBefore({ by, reason: why }: Approval, { reason }: OperateOptions): string {
  const first = `was approved before, by ${by}${why === undefined ? '' : `: ${why}`}`;
  return reason === undefined ? `${first}.` : `${first}. Your reason was not recorded.`;
}

/** @throws {InputError} when there is none that could be approved. */
function chosenWave(
  id: string,
  word: string,
  wave: string | undefined,
  options: OperateOptions,
  { standing: { aborted }, events }: Listener,
): string {
  const place = new SourceFile('RUN', word).range(0, word.length);
  if (aborted)
    throw InputError.of(
      `run ${id} has been aborted by ${aborted.by}: it starts no more waves`,
      place,
      `continue it when it has ended: ${commandFor('resume', id, options)}`,
    );
  const doing = `what it is doing: ${commandFor('logs', id, options)}`;
  if (!events.some(({ type }) => type === 'rollout-planned'))
    throw hasStarted(events)
      ? InputError.of(`run ${id} has no rollout: nothing in it waits for approval`, place, doing)
      : InputError.of(
          `run ${id} is still observing its hosts: its waves are not known yet`,
          place,
          `approve it again when they are; ${doing}`,
        );
  const begun = events.flatMap((event) => (event.type === 'wave-started' ? [event.wave] : []));
  const waves = events
    .flatMap((event) => (event.type === 'rollout-planned' ? event.waves : []))
    .flatMap(({ name, approval }) => (approval === 'manual' && !begun.includes(name) ? [name] : []));
  const waiting = events
    .flatMap((event) => (event.type === 'wave-waiting' ? [event.wave] : []))
    .findLast((name) => !begun.includes(name));
  const chosen = wave ?? waiting;
  if (chosen === undefined)
    throw InputError.of(
      `no wave of run ${id} is waiting for approval`,
      place,
      waves.length > 0 ? `name one that will: ${waves.join(', ')}` : doing,
    );
  if (!waves.includes(chosen))
    throw InputError.of(
      begun.includes(chosen)
        ? `wave ${chosen} of run ${id} has already started`
        : `run ${id} has no wave '${chosen}' that needs to be approved`,
      new SourceFile('WAVE', chosen).range(0, chosen.length),
      waves.length > 0 ? suggestion(chosen, waves, 'waves that can be approved:') : 'no later wave needs approval',
    );
  return chosen;
}

/** What a run without a rollout tells when it is through with observing. */
function hasStarted(events: readonly Event[]): boolean {
  return events.some(({ type }) => type === 'rollout-started' || type === 'batch-started');
}
