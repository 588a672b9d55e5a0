import type { Event } from './events/event.ts';
import type { Json, JsonObject } from './json.ts';
import type { Signal } from './signal.ts';

/** An entry of a run's journal: its intentions, results, and the signals of operators. See docs/journal.md. */
export type JournalEntry =
  /** Written before the first contact, so that a journal that cannot be written is detected in time. */
  | StartEntry
  | {
      readonly type: 'run';
      readonly runId: string;
      readonly command: string;
      readonly source: string;
      readonly hosts: readonly string[];
    }
  /** On disk before the change starts. */
  | {
      readonly type: 'intent';
      readonly host: string;
      readonly task: string;
      /** The path of the task: others may have its name. Absent from earlier journals. */
      readonly path?: string;
      readonly stage?: string;
      readonly changes: Json;
    }
  /** A command with `changed_when: false`: its progress does not matter after a crash, so it need not be on disk. */
  | {
      readonly type: 'look';
      readonly host: string;
      readonly task: string;
      readonly stage?: string;
      readonly changes: Json;
    }
  | { readonly type: 'done'; readonly host: string; readonly task: string; readonly stage?: string }
  /** Evidence of what a step made or proved. */
  | {
      readonly type: 'evidence';
      readonly host: string;
      readonly task: string;
      /** As in an intent. */
      readonly path?: string;
      readonly evidence: JsonObject;
    }
  | {
      readonly type: 'failed';
      readonly host: string;
      readonly task: string;
      readonly reason: string;
      /** The run has changed nothing on the host so far. */
      readonly unchanged?: true;
    }
  | {
      readonly type: 'undo';
      readonly host: string;
      readonly step: string;
      /** Its parameters, such as the backup that it restores. Absent from earlier journals. */
      readonly params?: JsonObject;
      /** The steps of the undo that come after it, and those before it that have left something: with none the host is as it was before. */
      readonly remaining: readonly string[];
      readonly succeeded: boolean;
      /** It was carried out, and the connection was lost, or the run interrupted twice, before that was proven; `succeeded` is false then. */
      readonly unproven?: true;
      /** What did not exist before, and stays all the same: certificates, as kubeadm calls them. */
      readonly stays?: readonly string[];
      readonly message: string;
    }
  /** A signal from an operator; kept in a file of its own. */
  | { readonly type: 'signal'; readonly signal: Signal }
  /** An event, as docs/events.md describes it. */
  | { readonly type: 'event'; readonly event: Event }
  /** `incomplete`: entries before it could not be written. */
  | { readonly type: 'end'; readonly exitCode: number; readonly incomplete?: true };

/** The circumstances of a run: who runs what on which hosts. */
export interface StartEntry {
  readonly type: 'start';
  readonly runId: string;
  /** One more than that of the previous run in the same directory: the order of runs, independent of the clock. */
  readonly number: number;
  readonly command: string;
  readonly source: string;
  readonly kplayVersion: string;
  /** The version of docs/events.md for the entries of type `event`. */
  readonly eventVersion: number;
  readonly user: string;
  /** The name of the machine on which kplay runs, and its process there. */
  readonly machine: string;
  readonly pid: number;
  /** When that process started, if the system tells: distinguishes it from a later process with the same pid. */
  readonly processStart?: string;
  /** The run that this one resumes. */
  readonly resumes?: string;
  /** Why the user resumed it, in their own words. */
  readonly resumeReason?: string;
  /** What `kplay resume` needs to repeat the command; absent if it cannot be resumed. */
  readonly recipe?: Recipe;
  /** The command that goes on with a run that cannot be resumed, with absolute paths. */
  readonly again?: string;
  /** Why the user ran the command, from `--reason`. */
  readonly reason?: string;
  readonly hosts: readonly string[];
  /** The declared clusters of the run's hosts. */
  readonly clusters: readonly string[];
  /** In which of these each host is; hosts of none are left out. */
  readonly clusterOf?: Readonly<Record<string, string>>;
}

/** The parameters of a run: the same command again, without its secrets. */
export interface Recipe {
  readonly command: 'run' | 'rollback';
  /** The id in the names of everything that the run makes; for a resumed run, the id of the first one. */
  readonly runId: string;
  /** ISO 8601. The reference time for what was due. */
  readonly now: string;
  readonly playbook: string;
  /** The options of the command line, by name; paths are absolute. */
  readonly options: JsonObject;
  /** How many `-e` variables look like secrets and were left out. */
  readonly hiddenVars: number;
  /** SHA-256 of the text of every file that was read: playbooks, roles, inventories, variables. */
  readonly files: Readonly<Record<string, string>>;
}

/** The record of a run, written as it goes. */
export interface Journal {
  /** Resolves when the entry would survive a crash of the controller; `look` entries and events are not waited for. */
  write(entry: JournalEntry): Promise<void>;
}
