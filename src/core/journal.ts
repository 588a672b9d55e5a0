import type { Event } from './events/event.ts';
import type { Json, JsonObject } from './json.ts';
import type { Signal } from './signal.ts';

/** What a run intends, what came of it and what it was told, in the order in which it happened. docs/journal.md describes it. */
export type JournalEntry =
  /** Written before the first contact: a journal that cannot be written is found out by it. */
  | StartEntry
  | {
      readonly type: 'run';
      readonly runId: string;
      readonly command: string;
      readonly source: string;
      readonly hosts: readonly string[];
    }
  /** Written, and on the disk, before the change is begun. */
  | {
      readonly type: 'intent';
      readonly host: string;
      readonly task: string;
      readonly stage?: string;
      readonly changes: Json;
    }
  /** A command that its author says changes nothing: nobody needs to know how far it came. */
  | {
      readonly type: 'look';
      readonly host: string;
      readonly task: string;
      readonly stage?: string;
      readonly changes: Json;
    }
  | { readonly type: 'done'; readonly host: string; readonly task: string; readonly stage?: string }
  /** What a step has seen of what it made or proved. */
  | { readonly type: 'evidence'; readonly host: string; readonly task: string; readonly evidence: JsonObject }
  | { readonly type: 'failed'; readonly host: string; readonly task: string; readonly reason: string }
  | {
      readonly type: 'undo';
      readonly host: string;
      readonly step: string;
      readonly succeeded: boolean;
      readonly message: string;
    }
  /** In a file of its own: somebody has said something to the run. */
  | { readonly type: 'signal'; readonly signal: Signal }
  /** What was told of the run, as docs/events.md describes it. */
  | { readonly type: 'event'; readonly event: Event }
  | { readonly type: 'end'; readonly exitCode: number };

/** Who runs what on which hosts. */
export interface StartEntry {
  readonly type: 'start';
  readonly runId: string;
  /** Grows from run to run of one directory, whatever the clock does. */
  readonly number: number;
  readonly command: string;
  readonly source: string;
  readonly kplayVersion: string;
  /** Of docs/events.md, which the entries of type `event` follow. */
  readonly eventVersion: number;
  readonly user: string;
  /** The name of the machine on which kplay runs, and its process there. */
  readonly machine: string;
  readonly pid: number;
  /** Tells that process from a later one with its number, where the machine says when processes start. */
  readonly processStart?: string;
  /** The run that this one goes on with. */
  readonly resumes?: string;
  /** What `kplay resume` needs to do the same; absent of commands that cannot be resumed. */
  readonly recipe?: Recipe;
  /** Why the user has done it, in his words, where he was asked. */
  readonly reason?: string;
  readonly hosts: readonly string[];
  /** Clusters that the inventory declares, as far as the run has hosts of them. */
  readonly clusters: readonly string[];
}

/** What a run was made of: the same command again, without its secrets. */
export interface Recipe {
  readonly command: 'run' | 'rollback';
  /** What is made by the run is named by it; of a run that was resumed that of the first. */
  readonly runId: string;
  /** ISO 8601. What is due was judged by this time. */
  readonly now: string;
  readonly playbook: string;
  /** Of the command line, by their names in it; paths are absolute. */
  readonly options: JsonObject;
  /** How many `-e` look like secrets, and are not kept. */
  readonly hiddenVars: number;
  /** SHA-256 of the text of every file that was read: playbooks, roles, inventories, variables. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Journal {
  /** Resolves when the entry, unless it is a look or an event, will survive a crash of the controller. */
  write(entry: JournalEntry): Promise<void>;
}
