import type { Event, EventSink } from '../../core/events/event.ts';
import type { Signal } from '../../core/signal.ts';
import { waveByCluster } from '../../fleet/rollout/waves.ts';
import type { OperatorCommands } from '../../fleet/signal-listener.ts';
import { eventsOf } from '../../journal/run-summary.ts';
import type { Environment } from '../environment.ts';
import { commandFor } from '../journal/command-for.ts';
import { KeptRuns } from '../journal/kept-runs.ts';
import { inheritedApprovals } from '../journal/signal-history.ts';
import type { StateOptions } from '../options/options.ts';
import { RunSignals } from './run-signals.ts';

/** How operators control a run, and what it takes over from the runs that it resumes. */
export interface RunControl {
  readonly commands: OperatorCommands;
  /** Signals from operators. */
  readonly signals: () => readonly Signal[];
  /** The wave of each cluster in the resumed run, or in the saved plan that is applied, by the cluster's name. */
  readonly waves: ReadonlyMap<string, string>;
  /** The failed clusters that requests for approval in the resumed runs named, by the name of the wave. */
  readonly told: ReadonlyMap<string, readonly string[]>;
  /** Clusters that resumed runs have started and not completed successfully. */
  readonly unproven: ReadonlySet<string>;
}

/**
 * The commands with which operators control a run and resume it.
 * @param canResume `kplay resume` supports it
 * @param isSaved it applies a saved plan, which no longer fits hosts that have changed since
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
    again: canResume ? resume : isSaved ? 'a new plan' : 'the same command',
  };
}

/** What of a run decides how it is controlled. */
interface CommandRun {
  readonly command: string;
  /** Absent: `kplay resume` cannot resume it. */
  readonly recipe?: unknown;
  /** The run that this one resumes; its approvals and waves are taken over. */
  readonly resumes?: string;
  readonly apply?: {
    /** The wave of each cluster in the saved plan that is applied. */
    readonly waveOf?: Readonly<Record<string, string>>;
  };
}

/** Reads the directories of the run, and of the runs that it resumes. */
export function runControl(
  id: string,
  { command, recipe, resumes, apply }: CommandRun,
  options: StateOptions,
  environment: Environment,
  emit: EventSink,
): RunControl {
  const kept = new KeptRuns(options, environment);
  const earlier = resumes === undefined ? [] : kept.chainOf(resumes);
  const histories = earlier.map((name) => eventsOf(kept.read(name).reading.records));
  const isSaved = command === 'apply';
  return {
    commands: operatorCommands(id, { canResume: recipe !== undefined, isSaved }, options),
    signals: new RunSignals(kept.directoryOf(id), () => inheritedApprovals(kept, earlier), emit).read,
    waves: apply?.waveOf ? new Map(Object.entries(apply.waveOf)) : wavesOf(histories),
    told: toldIn(histories),
    unproven: unprovenIn(histories),
  };
}

/** The events of runs, the last run first. */
type EventHistories = readonly (readonly Event[])[];

/** The waves of the last run that got as far as planning them. */
function wavesOf(earlier: EventHistories): ReadonlyMap<string, string> {
  const [planned] = earlier.flatMap((events) => events.findLast((event) => event.type === 'rollout-planned') ?? []);
  return waveByCluster(planned?.waves ?? []);
}

/** The failed clusters that requests for approval named, by the name of the wave. */
function toldIn(earlier: EventHistories): ReadonlyMap<string, readonly string[]> {
  const told = new Map<string, readonly string[]>();
  for (const event of earlier.flat())
    if (event.type === 'wave-waiting') told.set(event.wave, [...(told.get(event.wave) ?? []), ...(event.failed ?? [])]);
  return told;
}

/** Clusters that may have been changed completely, but not checked. */
function unprovenIn(earlier: EventHistories): ReadonlySet<string> {
  const unproven = new Set<string>();
  for (const event of earlier.toReversed().flat()) {
    // Not as they were left after the soak.
    if (event.type === 'wave-settled') for (const { cluster } of event.failed) unproven.add(cluster);
    if (event.type !== 'cluster-started' && event.type !== 'cluster-finished') continue;
    if (event.cluster.kind !== 'declared') continue;
    if (event.type === 'cluster-finished' && event.outcome === 'ok') unproven.delete(event.cluster.name);
    else unproven.add(event.cluster.name);
  }
  return unproven;
}
