import type { Json } from '../core/json.ts';
import { Complaint } from './errors.ts';
import { MAX_STEPS, REGEX_MILLISECONDS } from './limits.ts';
import type { FilterResult } from './values/sparse-list.ts';

/** What a filter or test may use besides its arguments: other filters and tests, and the budget of the evaluation. */
export interface Machine {
  readonly budget: Budget;
  /** Applies a filter by its name, as `map` does. */
  applyFilter(name: string, subject: Json, positional: readonly Json[]): FilterResult;
  /** Applies a test by its name, as `select` does. */
  applyTest(name: string, subject: Json, positional: readonly Json[]): boolean;
}

/** The remaining work of one evaluation. */
export class Budget {
  #steps = MAX_STEPS;
  #regexMilliseconds = REGEX_MILLISECONDS;

  /** @throws {Complaint} if the budget is exhausted */
  charge(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) {
      throw new Complaint(
        `this takes more than ${MAX_STEPS} operations`,
        'work on less data, or split it over variables',
      );
    }
  }

  get regexMilliseconds(): number {
    return this.#regexMilliseconds;
  }

  spendRegexTime(milliseconds: number): void {
    this.#regexMilliseconds -= milliseconds;
  }
}
