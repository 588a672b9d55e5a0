import type { Event, EventSink } from '../../core/events/event.ts';
import type { OperatorCommands } from '../../fleet/signal-listener.ts';
import { eventsOf } from '../../journal/run-summary.ts';
import type { Environment } from '../environment.ts';
import { commandFor } from '../journal/command-for.ts';
import { KeptRuns } from '../journal/kept-runs.ts';
import type { StateOptions } from '../options/options.ts';
import type { RunRecord } from './rolling-out.ts';
import { RunSignals } from './run-signals.ts';

/**
 * How operators speak to a run, and go on with it when it has ended. @param canResume `kplay resume` knows how
 * @param isSaved it carries out a saved plan: hosts that have changed since are not those it was made on
 */
export function operatorCommands(
  id: string,
  { canResume, isSaved }: { readonly canResume: boolean; readonly isSaved: boolean },
  options: StateOptions,
): OperatorCommands {
  const resume = commandFor('resume', id, options);
  return {
    approve: (wave) => commandFor('approve', id, options, wave),
    resume,
    ...(canResume && { later: resume }),
    again: isSaved ? 'a new plan' : 'the same command',
  };
}

/** What is known of the command that is run. */
interface CommandRun {
  readonly command: string;
  /** Absent: `kplay resume` cannot go on with it. */
  readonly recipe?: unknown;
  /** The run that this one goes on with: what was approved then, and its waves, are taken from it. */
  readonly resumes?: string;
}

/** What stands in the directory of the run, and in those of the runs that it goes on with. */
export function runRecord(
  id: string,
  { command, recipe, resumes }: CommandRun,
  options: StateOptions,
  environment: Environment,
  emit: EventSink,
): RunRecord {
  const kept = new KeptRuns(options, environment);
  const earlier = resumes === undefined ? [] : kept.chainOf(resumes);
  const told = earlier.map((name) => eventsOf(kept.read(name).reading.records));
  const isSaved = command === 'apply';
  return {
    commands: operatorCommands(id, { canResume: recipe !== undefined, isSaved }, options),
    signals: new RunSignals(
      kept.directoryOf(id),
      earlier.map((name) => kept.directoryOf(name)),
      emit,
    ).read,
    waves: wavesOf(told),
    unproven: unprovenIn(told),
  };
}

/** What runs have told, the last one first. */
type Told = readonly (readonly Event[])[];

/** Those of the last run that came to plan them. */
function wavesOf(earlier: Told): ReadonlyMap<string, string> {
  const [planned] = earlier.flatMap((events) => events.findLast((event) => event.type === 'rollout-planned') ?? []);
  const waves = planned?.waves ?? [];
  return new Map(waves.flatMap(({ name, clusters }) => clusters.map((cluster) => [cluster, name] as const)));
}

/** What these runs have changed may have been changed whole, and yet not been checked. */
function unprovenIn(earlier: Told): ReadonlySet<string> {
  const unproven = new Set<string>();
  for (const event of earlier.toReversed().flat()) {
    if (event.type !== 'cluster-started' && event.type !== 'cluster-finished') continue;
    if (event.cluster.kind !== 'declared') continue;
    if (event.type === 'cluster-finished' && event.outcome === 'ok') unproven.delete(event.cluster.name);
    else unproven.add(event.cluster.name);
  }
  return unproven;
}
