import type { CompiledHandler } from '../program/compiled.ts';

/** What holds for every batch of a play. */
export interface BatchRules {
  /** All handlers of the play, in order. */
  readonly handlers: readonly CompiledHandler[];
  /** Whether the play goes on after `failed` of the `of` hosts of a batch have failed. */
  readonly isTolerable: (failed: number, of: number) => boolean;
  /** Notified handlers also run on hosts that have failed. */
  readonly forceHandlers: boolean;
  /** True in a plan: each rescue is walked through as if its block had failed, because the plan shows it. */
  readonly supposes: boolean;
}
