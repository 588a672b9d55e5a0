import type { Step } from './step.ts';
import type { Strategy } from './strategy.ts';

/** Everything a playbook can name. Handed to the engine, which knows no step by itself. */
export interface Registry {
  readonly steps: ReadonlyMap<string, Step>;
  readonly strategies: ReadonlyMap<string, Strategy>;
}
