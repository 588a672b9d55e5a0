import type { BlockNode, CompiledTask, Conditional, EachNode } from '../program/compiled.ts';
import type { Inclusion } from '../program/inclusions.ts';

/**
 * What has become of a task on a host. `failed`: and the failure counts, it is not ignored. `refused`: it is not to be done
 * there. `cancelled`: the run is being ended. `unknown`: only the run will tell; the planner alone says so.
 */
export type Verdict = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable' | 'refused' | 'cancelled' | 'unknown';

/** By host; a host that is not named has `ok`. */
export type Verdicts = ReadonlyMap<string, Verdict>;

/** Why it is not certain that a host comes to a task: `only if 'Reload' changes something`. By host. */
export type Conditions = ReadonlyMap<string, string>;

/** Names of handlers, or words that they listen to. `any`: only the run will tell. */
export type NotifiedWords = readonly string[] | 'any';

/** What the walk asks of whoever drives it. To each the answer is a verdict for each host. */
export type WalkRequest =
  /** These hosts are to begin. `ok` for those that may; the others take no part in the play. */
  | { readonly kind: 'batch'; readonly number: number; readonly of: number; readonly hosts: readonly string[] }
  /** The task, on these hosts, side by side. What a template of it notifies is handed to `notify`. */
  | {
      readonly kind: 'task';
      readonly task: CompiledTask;
      readonly hosts: readonly string[];
      readonly conditions: Conditions;
      readonly notify: (host: string, words: NotifiedWords) => void;
    }
  /** One host has done the task for these too (`run_once`): they have its result. The answer holds that host's verdict as well. */
  | {
      readonly kind: 'share';
      readonly task: CompiledTask;
      readonly from: string;
      readonly hosts: readonly string[];
      readonly verdicts: Verdicts;
    }
  /** For which of them a condition holds: `ok`, else `skipped`. */
  | { readonly kind: 'when'; readonly node: Conditional; readonly hosts: readonly string[] }
  /** What each of them includes, which is handed to `take`. `unknown`: only the run will tell. */
  | {
      readonly kind: 'each';
      readonly node: EachNode;
      readonly hosts: readonly string[];
      readonly conditions: Conditions;
      readonly take: (host: string, inclusions: readonly Inclusion[]) => void;
    }
  /** That these hosts, those of the batch, have failed or were lost counts no longer: they take part in the next play. */
  | { readonly kind: 'clear'; readonly hosts: readonly string[] }
  /** The failure of these hosts is caught: what comes next is the rescue of their block. */
  | { readonly kind: 'rescue'; readonly block: BlockNode; readonly hosts: readonly string[] }
  /** Nothing has failed, yet it might: what follows up to `supposed` is what would then be done. */
  | { readonly kind: 'suppose'; readonly block: BlockNode; readonly hosts: readonly string[] }
  | { readonly kind: 'supposed'; readonly block: BlockNode }
  /** These hosts have come to their end, well. */
  | { readonly kind: 'end'; readonly hosts: readonly string[] }
  /** These hosts take no further part: their failure is final, or others have failed whom the play cannot do without. */
  | { readonly kind: 'leave'; readonly hosts: readonly string[]; readonly why: 'failed' | 'cancelled' };

/**
 * How the walk through a play ended. `completed`: at its last node. `ended-by-meta`: `end_play` ended it, so hosts that had not begun
 * count as done. `stopped`: more hosts failed than the play tolerates, and no later play is begun.
 */
export type WalkEnd = 'completed' | 'ended-by-meta' | 'stopped';

/** A part of the walk: a generator that yields requests, receives their verdicts, and returns a value. */
export type Walk<T> = Generator<WalkRequest, T, Verdicts>;
