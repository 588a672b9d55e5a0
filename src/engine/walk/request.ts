import type { BlockNode, CompiledTask, Conditional, EachNode } from '../program/compiled.ts';
import type { Inclusion } from '../program/inclusions.ts';

/**
 * The outcome of a task on a host. `failed`: not ignored. `refused`: it must not be done there. `cancelled`: the run is ending.
 * `unknown`: only the run can tell; only plans give this one.
 */
export type Verdict = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable' | 'refused' | 'cancelled' | 'unknown';

/** By host; missing hosts count as `ok`. */
export type Verdicts = ReadonlyMap<string, Verdict>;

/** Why it is uncertain that a host reaches a task. */
export interface Doubt {
  /** `only if 'Reload' changes something` */
  readonly why: string;
  /** It reaches it only behind a failure. */
  readonly isOfFailure?: true;
  /** It reaches it only if, by a failure, it has not ended before: what has no value there is no error in the playbook. */
  readonly isPastEnd?: true;
}

/** The doubts that hosts reach a task, by host. */
export type Conditions = ReadonlyMap<string, Doubt>;

/** Names of handlers, or topics that they listen to. `any`: only the run can tell which. */
export type NotifiedNames = readonly string[] | 'any';

/** Run a task on these hosts, side by side. */
export interface TaskRequest {
  readonly kind: 'task';
  readonly task: CompiledTask;
  readonly hosts: readonly string[];
  /** The other hosts of a task that one host runs for all (`run_once`): they are given its result, and a verdict. */
  readonly alsoFor: readonly string[];
  readonly conditions: Conditions;
  /** It belongs to an `always` whose block has failed on some of the hosts, so that what is planned for then applies. */
  readonly isBehindFailure: boolean;
  /** Takes the handlers that its templates notify. */
  readonly notify: (host: string, names: NotifiedNames) => void;
}

/** A part of a block that also runs, or only runs, if a task of the block fails. */
export type SupposedPart = 'rescue' | 'always';

/** What the walk asks its driver to do. The answer to each request is a verdict for each host. */
export type WalkRequest =
  /** Begin a batch with these hosts. `ok`: the host may begin; the others take no part in the play. */
  | { readonly kind: 'batch'; readonly number: number; readonly of: number; readonly hosts: readonly string[] }
  /** Run these walks, one per host, side by side and independently (`strategy: free`). */
  | { readonly kind: 'apart'; readonly walks: readonly Walk<WalkEnd>[] }
  | TaskRequest
  /**
   * Evaluate a condition on these hosts: `ok` if it holds, else `skipped`. `isSupposed`: as if the hosts before each of them were
   * out, only in plans.
   */
  | {
      readonly kind: 'when';
      readonly node: Conditional;
      readonly hosts: readonly string[];
      readonly conditions: Conditions;
      readonly isSupposed?: true;
    }
  /** Find out what each of these hosts includes, and pass it to `take`. `unknown`: only the run can tell. */
  | {
      readonly kind: 'each';
      readonly node: EachNode;
      readonly hosts: readonly string[];
      readonly conditions: Conditions;
      readonly isBehindFailure: boolean;
      readonly take: (host: string, inclusions: readonly Inclusion[]) => void;
    }
  /** Forget failed and lost hosts of the batch: they take part in the next play (`clear_host_errors`). */
  | { readonly kind: 'clear'; readonly hosts: readonly string[] }
  /**
   * Record that a rescue will catch the failure of these hosts: from now on, `ansible_failed_task` and `ansible_failed_result`
   * describe it. In a plan also for hosts that may have failed. `by`: the task or block whose failure it is.
   */
  | { readonly kind: 'caught'; readonly by: string; readonly hosts: readonly string[] }
  /** Record that these hosts no longer count as failed: the rescue of this block comes next. */
  | { readonly kind: 'rescue'; readonly block: BlockNode; readonly hosts: readonly string[] }
  /** Suppose that the block has failed: everything up to `supposed` is what this part of it would do then. Only in plans. */
  | {
      readonly kind: 'suppose';
      readonly block: BlockNode;
      readonly part: SupposedPart;
      readonly hosts: readonly string[];
    }
  | { readonly kind: 'supposed'; readonly block: BlockNode; readonly part: SupposedPart }
  /**
   * These hosts have passed the `always` that was supposed before, as hosts on which the block has not failed. `ended`: those
   * that do not come to it, because they have ended in the block. Only in plans.
   */
  | {
      readonly kind: 'passed';
      readonly block: BlockNode;
      readonly hosts: readonly string[];
      readonly ended: readonly string[];
    }
  /** Record that these hosts have ended without a failure (`end_host`). */
  | { readonly kind: 'end'; readonly hosts: readonly string[] }
  /** Remove these hosts from the play: their failure is final, or the play stops because too many others failed. */
  | { readonly kind: 'leave'; readonly hosts: readonly string[]; readonly why: 'failed' | 'cancelled' };

/**
 * How the walk through a play ended. `completed`: at its last node. `ended-by-meta`: by `end_play`, so hosts that had not begun
 * count as done. `stopped`: more hosts failed than the play tolerates; no later play is started. `batch-lost`: no host of a
 * batch succeeded (`serial`); the hosts of this walk start no later play.
 */
export type WalkEnd = 'completed' | 'ended-by-meta' | 'stopped' | 'batch-lost';

/** A part of the walk: a generator that yields requests, receives their verdicts, and returns a value. */
export type Walk<T> = Generator<WalkRequest, T, Verdicts>;
