import type { Json } from './json.ts';

/** What a run intends and what came of it, in the order in which it happened. For people and for audits: no run resumes from it. */
export type JournalEntry =
  /** Written before the first contact: a journal that cannot be written is found out by it. */
  | {
      readonly type: 'start';
      readonly runId: string;
      readonly command: string;
      readonly source: string;
      readonly kplayVersion: string;
    }
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
  | { readonly type: 'failed'; readonly host: string; readonly task: string; readonly reason: string }
  | {
      readonly type: 'undo';
      readonly host: string;
      readonly step: string;
      readonly succeeded: boolean;
      readonly message: string;
    }
  | { readonly type: 'end'; readonly exitCode: number };

export interface Journal {
  /** Resolves when the entry, unless it is a look, will survive a crash of the controller. */
  write(entry: JournalEntry): Promise<void>;
}
