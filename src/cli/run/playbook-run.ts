import type { Problems } from '../../core/diagnostic.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import type { Recipe } from '../../core/journal.ts';
import type { Connector } from '../../core/session.ts';
import type { ApplyRequest, RunRequest } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-state.ts';
import type { FleetPlanShown, Reporter } from '../../report/reporter.ts';
import type { Environment } from '../environment.ts';
import type { RunRecord } from '../fleet/rolling-out.ts';
import type { InputRequest, Inputs } from '../inputs/inputs.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { ClusterOptions, OutputOptions, StateOptions } from '../options/options.ts';
import type { WantedReports } from '../output/report-files.ts';
import type { ShutHosts } from './next-in-windows.ts';

/** A command that goes over hosts: what it runs, and what it does differently from others. */
export interface PlaybookRun {
  /** As the user typed it: `run`, `plan`. */
  readonly command: string;
  /** What is run, for people. */
  readonly source: string;
  readonly options: HostOptions & OutputOptions & StateOptions;
  /** For commands that change hosts: the options about clusters and their windows. */
  readonly fleet?: ClusterOptions;
  readonly inputs: Omit<InputRequest, 'options' | 'environment'>;
  readonly environment: Environment;
  /** Checks, before the first contact, that the files which the run will write can be written; adds to `problems` what cannot. */
  readonly checkOutputs?: (problems: Problems) => void;
  /** Checks what was read, before the first contact; a saved plan must be one of these inputs. */
  readonly checkInputs?: (inputs: Inputs, problems: Problems, files: () => Recipe['files']) => void;
  /** Absent: the run only plans, and no session that could write is opened. */
  readonly apply?: ApplyOptions;
  /** Reports besides the screen. */
  readonly reports?: WantedReports;
  /** For `kplay resume`: the command and its options, given the digests of the files that were read. Absent: it cannot be resumed. */
  readonly recipe?: (files: Recipe['files']) => Omit<Recipe, 'runId' | 'now'>;
  /** The run that this one resumes. */
  readonly resumes?: string;
  /** Why the user resumes it, in their own words. */
  readonly resumeReason?: string;
  /** Why the user runs the command, for the journal; default: that of `fleet`. */
  readonly reason?: string;
  /** The time and the id of a saved plan, by which it is decided what is due and how backups are called. */
  readonly now?: Date;
  readonly runId?: string;
  /** Aborted when nothing new is to be begun, as after Ctrl-C. */
  readonly stop?: AbortSignal;
  /** Gives the way to the hosts when not this machine reaches them but workers do. @throws {InputError} when they do not answer */
  readonly reachOthers?: () => Promise<Connector>;
  /** Shows the run in place of the reporter that the options ask for. */
  readonly reporter?: Reporter;
  /** How the plan of a play over several clusters is shown; absent: host by host. */
  readonly fleetPlan?: FleetPlanShown;
  /** Called with each plan that was made. */
  readonly onPlan?: (plan: PlayPlan) => void;
  /** What to do next, for the end of the report. */
  readonly next?: (
    result: RunResult,
    wasInterrupted: boolean,
    id: string,
    refusals: ReportedRefusals,
  ) => readonly string[];
  /** Called when the run has been reported, while the hosts can still be reached; its time does not count. */
  readonly afterwards?: (ended: EndedRun) => Promise<void>;
  /** The exit code of the command; default: that of docs/exit-codes.md. */
  readonly exitCodeOf?: (result: RunResult, wasInterrupted: boolean) => number;
}

/** What a run has told of hosts that it did not change. */
export interface ReportedRefusals {
  /** The codes of all refusals. */
  readonly codes: ReadonlySet<string>;
  /** Those that windows kept from it. */
  readonly shut: ShutHosts;
}

/** How a run changes hosts. */
export interface ApplyOptions {
  /** What is done instead of the plays. */
  readonly instead?: (request: ApplyRequest, record: RunRecord) => Promise<RunResult>;
  /**
   * Asks, after the plan was shown, whether to go on. `signal` is aborted when the run is to end.
   * @throws {PromptEnded} when the user ends the run instead of answering.
   */
  readonly confirm?: (signal: AbortSignal) => Promise<boolean>;
  /** Asks the same before each task that has something to do (`--step`). */
  readonly askBefore?: (task: string, hosts: readonly string[], signal: AbortSignal) => Promise<boolean>;
  /** The saved plan that is applied, play by play. */
  readonly saved?: readonly PlayPlan[];
}

/** What a command learns of its run. */
export interface FinishedRun {
  readonly result: RunResult;
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
