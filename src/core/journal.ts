import type { Event } from './events/event.ts';
import type { Json, JsonObject } from './json.ts';
import type { Signal } from './signal.ts';

/** An entry of a run's journal: what it was about to do, what came of it, what operators said to it. See docs/journal.md. */
export type JournalEntry =
  /** Written before the first contact, so that a journal that cannot be written is noticed then. */
  | StartEntry
  | {
      readonly type: 'run';
      readonly runId: string;
      readonly command: string;
      readonly source: string;
      readonly hosts: readonly string[];
    }
  /** On the disk before the change begins. */
  | {
      readonly type: 'intent';
      readonly host: string;
      readonly task: string;
      readonly stage?: string;
      readonly changes: Json;
    }
  /** A command with `changed_when: false`: after a crash nobody needs to know how far it got, so it need not be on the disk. */
  | {
      readonly type: 'look';
      readonly host: string;
      readonly task: string;
      readonly stage?: string;
      readonly changes: Json;
    }
  | { readonly type: 'done'; readonly host: string; readonly task: string; readonly stage?: string }
  /** Evidence of what a step made or proved. */
  | { readonly type: 'evidence'; readonly host: string; readonly task: string; readonly evidence: JsonObject }
  | { readonly type: 'failed'; readonly host: string; readonly task: string; readonly reason: string }
  | {
      readonly type: 'undo';
      readonly host: string;
      readonly step: string;
      readonly succeeded: boolean;
      readonly message: string;
    }
  /** What an operator said to the run; kept in a file of its own. */
  | { readonly type: 'signal'; readonly signal: Signal }
  /** An event, as docs/events.md describes it. */
  | { readonly type: 'event'; readonly event: Event }
  | { readonly type: 'end'; readonly exitCode: number };

/** Who runs what on which hosts. */
export interface StartEntry {
  readonly type: 'start';
  readonly runId: string;
  /** One more than that of the run before in the same directory: the order of runs, whatever the clock does. */
  readonly number: number;
  readonly command: string;
  readonly source: string;
  readonly kplayVersion: string;
  /** The version of docs/events.md that the entries of type `event` follow. */
  readonly eventVersion: number;
  readonly user: string;
  /** The name of the machine on which kplay runs, and its process there. */
  readonly machine: string;
  readonly pid: number;
  /** When that process started, where the machine says it: tells it from a later process with the same number. */
  readonly processStart?: string;
  /** The run that this one resumes. */
  readonly resumes?: string;
  /** Why the user resumed it, in their own words. */
  readonly resumeReason?: string;
  /** What `kplay resume` needs to repeat the command; absent for commands that cannot be resumed. */
  readonly recipe?: Recipe;
  /** Why the user ran the command, in their own words, where `--reason` was given. */
  readonly reason?: string;
  readonly hosts: readonly string[];
  /** The declared clusters of which the run has hosts. */
  readonly clusters: readonly string[];
}

/** What a run was made of: the same command again, without its secrets. */
export interface Recipe {
  readonly command: 'run' | 'rollback';
  /** The id after which the run names what it makes; when it resumes another one, the id of the first of them. */
  readonly runId: string;
  /** ISO 8601. What is due was judged by this time. */
  readonly now: string;
  readonly playbook: string;
  /** The options of the command line, by their names; paths are absolute. */
  readonly options: JsonObject;
  /** How many `-e` variables look like secrets and were left out. */
  readonly hiddenVars: number;
  /** SHA-256 of the text of every file that was read: playbooks, roles, inventories, variables. */
  readonly files: Readonly<Record<string, string>>;
}

/** The record of a run, written as it goes. */
export interface Journal {
  /** Resolves when the entry would survive a crash of the controller; looks and events are not waited for. */
  write(entry: JournalEntry): Promise<void>;
}
