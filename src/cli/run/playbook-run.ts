import type { Problems } from '../../core/diagnostic.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import type { Recipe } from '../../core/journal.ts';
import type { ApplyRequest, RunRequest } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-result.ts';
import type { ResultInWaves } from '../../fleet/rollout/held-back.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { FleetPlanShown, Reporter } from '../../report/reporter.ts';
import type { Environment } from '../environment.ts';
import type { RunControl } from '../fleet/run-control.ts';
import type { InputRequest, Inputs } from '../inputs/inputs.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { ClusterOptions, ShowOptions, StateOptions } from '../options/options.ts';
import type { WantedReports } from '../output/report-files.ts';
import type { LeftHosts } from './left-hosts.ts';
import type { UndoCommands } from './next-commands.ts';
import type { ShutHosts } from './next-in-windows.ts';

/** A command that runs plays on hosts: its inputs, and how it differs from other commands. */
export interface PlaybookRun {
  /** As the user typed it: `run`, `plan`. */
  readonly command: string;
  /** What is run, as shown to people. */
  readonly source: string;
  readonly options: HostOptions & ShowOptions & StateOptions;
  /** For commands that change hosts: options about clusters and windows. */
  readonly fleet?: ClusterOptions;
  readonly inputs: Omit<InputRequest, 'options' | 'environment'>;
  readonly environment: Environment;
  /** Checks, before the first contact, that output files can be written; adds errors to `problems`. */
  readonly checkOutputs?: (problems: Problems) => void;
  /** Checks the inputs before the first contact; for example that a saved plan was made from them. */
  readonly checkInputs?: (inputs: Inputs, problems: Problems, files: () => Recipe['files']) => void;
  /** Absent: the run only plans, and no session that can write is opened. */
  readonly apply?: ApplyOptions;
  /** Reports besides the screen. */
  readonly reports?: WantedReports;
  /** For `kplay resume`: returns the command and its options, given the digests of the files read, and which `-e` must not be recorded. Absent: it cannot be resumed. */
  readonly recipe?: (
    files: Recipe['files'],
    isPrivate: (extraVars: string) => boolean,
  ) => Omit<Recipe, 'runId' | 'now'>;
  /** Where it cannot be resumed: the command that goes on with it, with absolute paths. */
  readonly again?: string;
  /** The run that this one resumes. */
  readonly resumes?: string;
  /** The user's reason for resuming it. */
  readonly resumeReason?: string;
  /** By host, how the runs that it resumes have left it, other than it was before them. */
  readonly left?: LeftHosts;
  /** The user's reason for running the command, for the journal; default: that of `fleet`. */
  readonly reason?: string;
  /** The time and id of a saved plan, which decide what is due and how backups are named. */
  readonly now?: Date;
  readonly runId?: string;
  /**
   * Called with its id in the journal, once that has begun and before any host is contacted.
   * @throws {InputError} when the run must not go on; its journal is then removed.
   */
  readonly claim?: (id: string) => Promise<void>;
  /** Aborted when nothing new is to be started, as after Ctrl-C. */
  readonly stop?: AbortSignal;
  /** For hosts that only workers reach: connects to their server, once the input is known to be good. @throws {InputError} when they do not answer */
  readonly reachOthers?: () => Promise<void>;
  /** Replaces the reporter that the options ask for. */
  readonly reporter?: Reporter;
  /** How the plan of a play on several clusters is shown; absent: host by host. */
  readonly fleetPlan?: FleetPlanShown;
  /** Called with each plan. */
  readonly onPlan?: (plan: PlayPlan) => void;
  /**
   * Saves on this machine what the command was called for, before the end is reported.
   * @throws {InputError} when that is impossible; it is reported, and the exit code is 1.
   */
  readonly save?: (run: Omit<FinishedRun, 'exitCode'>) => void;
  /** What to do next, for the end of the report. */
  readonly next?: (outcome: RunOutcome) => readonly string[];
  /** How to undo it; reported after `next`. */
  readonly undo?: (result: RunResult, wasInterrupted: boolean, inventory: Inventory) => UndoCommands | undefined;
  /** Called after the run has been reported, while hosts can still be reached; its time is not counted. */
  readonly afterwards?: (ended: EndedRun) => Promise<void>;
  /** The exit code of the command; default: that of docs/exit-codes.md. */
  readonly exitCodeOf?: (result: RunResult, wasInterrupted: boolean) => number;
}

/** What the commands after a run depend on. */
export interface RunOutcome {
  readonly result: ResultInWaves;
  readonly wasInterrupted: boolean;
  /** Its id in the journal, by which it is resumed. */
  readonly id: string;
  readonly refusals: ReportedRefusals;
  readonly inventory: Inventory;
  /** The tags that the next command has to skip, too. */
  readonly skipTags: readonly string[];
}

/** What a run has reported about hosts that it did not change. */
export interface ReportedRefusals {
  /** The codes of all refusals. */
  readonly codes: ReadonlySet<string>;
  /** Hosts that were not changed because of windows. */
  readonly shut: ShutHosts;
}

/** How a run changes hosts. */
export interface ApplyOptions {
  /** Replaces applying the plays. */
  readonly instead?: (request: ApplyRequest, control: RunControl) => Promise<RunResult>;
  /**
   * Asks, after the plan was shown, whether to continue. `signal` is aborted when the run is to end.
   * @throws {PromptEnded} when the user ends the run instead of answering.
   */
  readonly confirm?: (signal: AbortSignal) => Promise<boolean>;
  /** Asks before each task that has something to do (`--step`). */
  readonly askBefore?: (task: string, hosts: readonly string[], signal: AbortSignal) => Promise<boolean>;
  /** The saved plan that is applied, play by play. */
  readonly saved?: readonly PlayPlan[];
  /** The wave of each cluster in that plan, by the cluster's name. */
  readonly waveOf?: Readonly<Record<string, string>>;
}

/** The result of a command's run. */
export interface FinishedRun {
  readonly result: ResultInWaves;
  readonly inputs: Inputs;
  readonly wasInterrupted: boolean;
  readonly exitCode: number;
  readonly runId: string;
  readonly now: Date;
}

/** A run that has been reported and whose hosts can still be reached. */
export interface EndedRun extends FinishedRun {
  readonly request: RunRequest;
  readonly elapsedMs: number;
}
