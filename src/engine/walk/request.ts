import type { BlockNode, CompiledTask, Conditional, EachNode } from '../program/compiled.ts';
import type { Inclusion } from '../program/inclusions.ts';

/**
 * What became of a task on a host. `failed`: it failed, and the failure is not ignored. `refused`: it must not be done there.
 * `cancelled`: the run is ending. `unknown`: only the run will tell; only a plan gives this one.
 */
export type Verdict = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable' | 'refused' | 'cancelled' | 'unknown';

/** By host; a host that is missing has `ok`. */
export type Verdicts = ReadonlyMap<string, Verdict>;

/** Why it is uncertain that a host reaches a task, by host: `only if 'Reload' changes something`. */
export type Conditions = ReadonlyMap<string, string>;

/** Names of handlers, or topics that they listen to. `any`: only the run will tell which. */
export type NotifiedWords = readonly string[] | 'any';

/** What the walk asks its driver to do. The answer to each request is a verdict for each host. */
export type WalkRequest =
  /** Begin a batch with these hosts. `ok` for those that may begin; the others take no part in the play. */
  | { readonly kind: 'batch'; readonly number: number; readonly of: number; readonly hosts: readonly string[] }
  /** Take these walks, each of one host, side by side: none waits for another (`strategy: free`). */
  | { readonly kind: 'apart'; readonly walks: readonly Walk<WalkEnd>[] }
  /** Do a task on these hosts, side by side. Handlers that a template of it notifies are handed to `notify`. */
  | {
      readonly kind: 'task';
      readonly task: CompiledTask;
      readonly hosts: readonly string[];
      readonly conditions: Conditions;
      readonly notify: (host: string, words: NotifiedWords) => void;
    }
  /** Give these hosts the result of the one that did a task for all (`run_once`). The answer holds that host's verdict as well. */
  | {
      readonly kind: 'share';
      readonly task: CompiledTask;
      readonly from: string;
      readonly hosts: readonly string[];
      readonly verdicts: Verdicts;
    }
  /** Judge a condition on these hosts: `ok` where it holds, else `skipped`. */
  | { readonly kind: 'when'; readonly node: Conditional; readonly hosts: readonly string[] }
  /** Find out what each of these hosts includes, and hand it to `take`. `unknown`: only the run will tell. */
  | {
      readonly kind: 'each';
      readonly node: EachNode;
      readonly hosts: readonly string[];
      readonly conditions: Conditions;
      readonly take: (host: string, inclusions: readonly Inclusion[]) => void;
    }
  /** Forget that hosts of the batch have failed or were lost: they take part in the next play (`clear_host_errors`). */
  | { readonly kind: 'clear'; readonly hosts: readonly string[] }
  /** Note that the failure of these hosts is caught: the rescue of this block comes next. */
  | { readonly kind: 'rescue'; readonly block: BlockNode; readonly hosts: readonly string[] }
  /** Suppose that the block has failed: what follows, up to `supposed`, is what its rescue would then do. Only in a plan. */
  | { readonly kind: 'suppose'; readonly block: BlockNode; readonly hosts: readonly string[] }
  | { readonly kind: 'supposed'; readonly block: BlockNode }
  /** Note that these hosts have ended without a failure (`end_host`). */
  | { readonly kind: 'end'; readonly hosts: readonly string[] }
  /** Take these hosts out of the play: their failure is final, or so many others failed that the play stops. */
  | { readonly kind: 'leave'; readonly hosts: readonly string[]; readonly why: 'failed' | 'cancelled' };

/**
 * How the walk through a play ended. `completed`: at its last node. `ended-by-meta`: `end_play` ended it, so hosts that had not begun
 * count as done. `stopped`: more hosts failed than the play tolerates, and no later play is begun. `batch-lost`: no host of a batch has
 * come through (`serial`); the hosts of the walk begin no later play.
 */
export type WalkEnd = 'completed' | 'ended-by-meta' | 'stopped' | 'batch-lost';

/** A part of the walk: a generator that yields requests, receives their verdicts, and returns a value. */
export type Walk<T> = Generator<WalkRequest, T, Verdicts>;
