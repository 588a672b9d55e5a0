import type { CompiledHandler } from '../program/compiled.ts';

/** What holds for every batch of a play. */
export interface BatchRules {
  /** All handlers of the play, in order. */
  readonly handlers: readonly CompiledHandler[];
  /** Whether the play goes on although so many hosts of so many have failed. */
  readonly isTolerable: (failed: number, of: number) => boolean;
  /** Notified handlers run on hosts that have failed, too. */
  readonly forceHandlers: boolean;
  /** Rescues are gone through as if something had failed: a plan shows them. */
  readonly supposes: boolean;
}
