import type { Step } from './step.ts';
import type { Strategy } from './strategy.ts';

/** Everything that a playbook can name. Passed to the engine, which knows no steps itself. */
export interface Registry {
  readonly steps: ReadonlyMap<string, Step>;
  readonly strategies: ReadonlyMap<string, Strategy>;
}
