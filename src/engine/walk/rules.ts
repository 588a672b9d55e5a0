import type { CompiledHandler } from '../program/compiled.ts';

/** Settings for all batches of a play. */
export interface BatchRules {
  /** All handlers of the play, in order. */
  readonly handlers: readonly CompiledHandler[];
  /** Whether the play goes on after `failed` of the `of` hosts in a batch have failed. */
  readonly isTolerable: (failed: number, of: number) => boolean;
  /** Notified handlers also run on failed hosts. */
  readonly forceHandlers: boolean;
  /** True in plans: each rescue is also walked through as if its block had failed, so that the plan can show it. */
  readonly supposes: boolean;
}
