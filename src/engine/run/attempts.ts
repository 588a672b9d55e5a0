import { isJsonObject } from '../../core/json.ts';
import { UnreachableError } from '../../core/session.ts';
import { type Outcome, StepFailure } from '../../core/step.ts';
import type { PlannedCall } from '../plan/plan-task.ts';
import type { Until } from '../program/compiled.ts';
import type { TaskCall } from '../program/task-input.ts';
import { asFailure, isMistake } from './task-failure.ts';
import type { ExecutionTools } from './tools.ts';

interface Judge {
  /** What the task is done again for has come about. */
  readonly isReached: (call: PlannedCall, until: Until) => boolean;
  readonly report: (message: string) => void;
}

/** What the calls of a task on one host have come to, and how often they were made (`until`, `retries`, `delay`). */
export class Attempts {
  readonly outcomes = new Map<PlannedCall, Outcome>();
  /** What calls have failed with that did not come to an end; of a loop the others go on. */
  readonly failures = new Map<PlannedCall, StepFailure>();
  /** What is in hand: of a loop, one of its entries. */
  current: TaskCall | undefined;
  readonly #host: string;
  readonly #tools: ExecutionTools;
  readonly #until: Until | undefined;
  readonly #judge: Judge;

  constructor(host: string, tools: ExecutionTools, until: Until | undefined, judge: Judge) {
    this.#host = host;
    this.#tools = tools;
    this.#until = until;
    this.#judge = judge;
  }

  /** A call that fails keeps no other entry of a loop from its turn; that the host is lost, or a bug, does: it is thrown. */
  async attempt(call: PlannedCall, work: () => Promise<Outcome | undefined>): Promise<void> {
    const until = this.#until;
    const before = this.outcomes.get(call);
    await this.once(call, work);
    if (!until) return;
    this.#count(call, 1);
    for (let made = 1; !this.#judge.isReached(call, until); made += 1) {
      if (made >= until.attempts) return this.#giveUp(call, made);
      this.#judge.report(`attempt ${made + 1} of ${until.attempts}`);
      await this.#tools.wait(until.delayMs, this.#tools.abort);
      this.failures.delete(call);
      // What the attempt before has come to is no part of the next.
      if (before) this.outcomes.set(call, before);
      else this.outcomes.delete(call);
      await this.once(call, work);
      this.#count(call, made + 1);
    }
  }

  /** The result is that of the last attempt, and a failure. Ansible counts one attempt less then. */
  #giveUp(call: PlannedCall, made: number): void {
    const last = this.failures.get(call) ?? this.outcomes.get(call)?.failure;
    const message = `until did not hold in ${made} attempts${last ? `: ${last.message}` : ''}`;
    const failure = new StepFailure(last?.code ?? 'failed-when', message, last?.details, last?.remedy);
    this.#count(call, made - 1);
    if (this.failures.has(call)) this.failures.set(call, failure);
    else this.outcomes.set(call, { ...this.outcomes.get(call), failure });
  }

  /** Makes a call one time, whatever it is done again for. */
  async once(call: PlannedCall, work: () => Promise<Outcome | undefined>): Promise<void> {
    this.current = call;
    try {
      this.outcomes.set(call, { ...this.outcomes.get(call), ...(await work()) });
    } catch (error) {
      const isLost = error instanceof UnreachableError && error.host === this.#host;
      if (isLost || isMistake(error) || this.#tools.abort.aborted) throw error;
      this.failures.set(call, asFailure(error));
    }
    this.current = undefined;
  }

  /** How many attempts it took is part of the result. */
  #count(call: PlannedCall, attempts: number): void {
    const outcome = this.outcomes.get(call);
    const result = outcome?.result ?? null;
    this.outcomes.set(call, { ...outcome, result: isJsonObject(result) ? { ...result, attempts } : { attempts } });
  }
}
