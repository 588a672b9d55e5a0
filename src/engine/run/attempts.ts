import { isJsonObject } from '../../core/json.ts';
import { type Outcome, StepFailure } from '../../core/step.ts';
import type { PlannedCall } from '../plan/host-task-plan.ts';
import type { Until } from '../program/compiled.ts';
import type { TaskCall } from '../program/task-input.ts';
import type { HostRun } from './host-run.ts';
import { asFailure, isLossOf, isMistake } from './task-failure.ts';
import type { ExecutionTools } from './tools.ts';

/** `until` did not hold in the last attempt. */
export class UntilFailure extends StepFailure {
  /** @param last how that attempt failed, if it did */
  constructor(attempts: number, last: StepFailure | undefined) {
    const message = `until did not hold in ${attempts} attempts${last ? `: ${last.message}` : ''}`;
    super(last?.code ?? 'failed-when', message, last);
  }
}

interface Judge {
  /** Whether the condition that the task is repeated for holds. */
  readonly isUntilMet: (call: PlannedCall, until: Until) => boolean;
  readonly report: (message: string) => void;
}

/** The outcomes of a task's calls on one host, and how often they were repeated (`until`, `retries`, `delay`). */
export class Attempts {
  readonly outcomes = new Map<PlannedCall, Outcome>();
  /** Failures of calls that did not complete. The other entries of a loop go on. */
  readonly failures = new Map<PlannedCall, StepFailure>();
  /** The call in progress: for a loop, one of its entries. */
  current: TaskCall | undefined;
  readonly #host: HostRun;
  readonly #tools: ExecutionTools;
  readonly #until: Until | undefined;
  readonly #judge: Judge;

  constructor(host: HostRun, tools: ExecutionTools, until: Until | undefined, judge: Judge) {
    this.#host = host;
    this.#tools = tools;
    this.#until = until;
    this.#judge = judge;
  }

  /** A failed call does not stop the other entries of a loop. A lost host or a bug does: it is thrown. */
  async attempt(call: PlannedCall, work: () => Promise<Outcome | undefined>): Promise<void> {
    const until = this.#until;
    const before = this.outcomes.get(call);
    await this.once(call, work);
    if (!until) return;
    this.#count(call, 1);
    // As in Ansible, `retries: 0` is no repetition, so the condition is not asked.
    if (until.attempts === 1) return;
    for (let attempts = 1; !this.#judge.isUntilMet(call, until); attempts += 1) {
      if (attempts >= until.attempts) return this.#giveUp(call, attempts);
      this.#judge.report(`attempt ${attempts + 1} of ${until.attempts}`);
      await this.#tools.wait(until.delayMs, this.#tools.abort);
      this.failures.delete(call);
      // The outcome of the previous attempt does not carry over.
      if (before) this.outcomes.set(call, before);
      else this.outcomes.delete(call);
      await this.once(call, work);
      this.#count(call, attempts + 1);
    }
  }

  /** The result is that of the last attempt, as a failure. Ansible counts one attempt less here. */
  #giveUp(call: PlannedCall, made: number): void {
    const failure = new UntilFailure(made, this.failures.get(call) ?? this.outcomes.get(call)?.failure);
    this.#count(call, made - 1);
    if (this.failures.has(call)) this.failures.set(call, failure);
    else this.outcomes.set(call, { ...this.outcomes.get(call), failure });
  }

  /** Makes a call once, whatever `until` says. */
  async once(call: PlannedCall, work: () => Promise<Outcome | undefined>): Promise<void> {
    this.current = call;
    try {
      this.outcomes.set(call, { ...this.outcomes.get(call), ...(await work()) });
    } catch (error) {
      if (isLossOf(this.#host, error) || isMistake(error) || this.#tools.abort.aborted) throw error;
      this.failures.set(call, asFailure(error));
    }
    this.current = undefined;
  }

  /** Adds the number of attempts to the result. */
  #count(call: PlannedCall, attempts: number): void {
    const outcome = this.outcomes.get(call);
    const result = outcome?.result ?? null;
    this.outcomes.set(call, { ...outcome, result: isJsonObject(result) ? { ...result, attempts } : { attempts } });
  }
}
