import type { WorkflowHandle } from '@temporalio/client';
import type { EventSink } from '../../core/events/event.ts';
import { STOP_TEXTS } from '../../core/host-state.ts';
import type { Signal } from '../../core/signal.ts';
import { NO_RESULT, type RunResult, UNTOUCHED } from '../../engine/run-result.ts';
import { type PlainResult, resultOf, SAY_SIGNAL, STOP_SIGNAL } from '../../fleet/temporal/orders.ts';
import type { EngineAddress } from './address.ts';
import {
  isFailureOfServer,
  isGone,
  isRefusal,
  isServerError,
  noAnswerProblem,
  noWorkerProblem,
  serverProblem,
  unlessEnded,
} from './connect.ts';
import { eventsSince } from './events-since.ts';
import { OutageReports } from './outage-reports.ts';

/** How often the rollout is queried. */
const POLL_MS = 500;

/** A rollout that no worker picks up for so long is withdrawn, as a cluster of it would be. */
const PICKUP_TIMEOUT_MS = 600_000;

/** The same after a request to stop: nothing of it has been started. */
const PICKUP_AFTER_STOP_MS = 3_000;

/** How long a worker may take to answer before it is known that there is one: the query is repeated. */
const FIRST_QUERY_MS = 3_000;

/** How long to retry while the server rejects the credentials (an expired key or certificate), and while it is unreachable. */
const REFUSED_MS = 120_000;
const UNREACHABLE_MS = 3_600_000;

/** How often the events of an ended rollout are queried if no worker answers. */
const LAST_ATTEMPTS = 5;

/** How to follow a rollout. */
export interface FollowOptions {
  readonly emit: EventSink;
  readonly clock: () => Date;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Aborted when nothing more is to be started. */
  readonly stop: AbortSignal;
  /** Aborted when it is no longer to be followed. */
  readonly abort: AbortSignal;
  /** Sent first by a run that resumes another, because a pause of the old run does not apply to the new one. */
  readonly first?: Signal;
  /** Signals that operators have sent on this machine so far. */
  readonly signals: () => readonly Signal[];
}

/** Why the state of a rollout cannot be queried, in a clause. */
interface QueryFailure {
  readonly isRefused: boolean;
  readonly why: string;
}

/** Emits the events of a rollout that workers carry out, and forwards signals from this machine to it. */
export class RolloutFollower {
  readonly #handle: WorkflowHandle;
  readonly #engine: EngineAddress;
  readonly #options: FollowOptions;
  readonly #resume: string;
  /** Since when the state cannot be queried, and since when the server has rejected the credentials, at least now and then. */
  #outage: { readonly since: number; readonly refusedSince?: number; readonly last: QueryFailure } | undefined;
  #received = 0;
  #sent = 0;
  #isStopSent = false;
  /** A query of the current round has failed. */
  #hasFailed = false;
  readonly #reports: OutageReports;
  /** A worker has picked it up. */
  #isPickedUp = false;
  /** When it was requested, and when it was asked to stop. */
  #requestedAt: number | undefined;
  #stoppedAt: number | undefined;
  #isFirstSent = false;
  /** Failed queries since it ended. */
  #lastAttempts = 0;
  /** Since when its result cannot be read, although it has ended. */
  #unreadSince: number | undefined;

  /** @param resume the command that follows it again */
  constructor(handle: WorkflowHandle, engine: EngineAddress, options: FollowOptions, resume: string) {
    this.#handle = handle;
    this.#engine = engine;
    this.#options = options;
    this.#reports = new OutageReports(engine, options.emit, options.clock);
    this.#resume = resume;
  }

  async follow(hosts: readonly string[]): Promise<RunResult> {
    const { abort, wait } = this.#options;
    for (;;) {
      const { result, hasMore } = await this.#poll(hosts);
      if (result) return result;
      try {
        await wait(hasMore ? 0 : POLL_MS, abort);
      } catch (error) {
        if (!abort.aborted) throw error;
        return { ...unknownResult(hosts, 'not-followed'), left: hosts };
      }
    }
  }

  /** One round of queries. @returns the result once there is one, and whether more events can be fetched at once */
  async #poll(
    hosts: readonly string[],
  ): Promise<{ readonly result: RunResult | undefined; readonly hasMore: boolean }> {
    this.#hasFailed = false;
    // Queried before the events: then these are complete if it has ended.
    const status = await this.#attempt(() => this.#status());
    if (status === undefined && this.#hasTimedOut) return { result: this.#giveUp(hosts), hasMore: false };
    if (status === 'NOT_FOUND') return { result: this.#lost(hosts, 'the server no longer knows it'), hasMore: false };
    if (status === undefined) return { result: undefined, hasMore: false };
    const isOver = status !== 'RUNNING';
    // Before the events, which a worker has to answer for: a server that is back must not start a cluster before it knows of a pause.
    if (!isOver) await this.#attempt(() => unlessEnded(this.#forwardSignals()));
    const isDrained = await this.#attempt(() => this.#emitNewEvents());
    const result = await (isOver
      ? this.#end(status, isDrained, hosts)
      : this.#attempt(() => unlessEnded(this.#withdraw(hosts))));
    if (!this.#hasFailed) this.#reports.ended();
    return { result, hasMore: isDrained === false };
  }

  /**
   * The result of an ended rollout, once all its events have arrived or no worker answers.
   * @param isDrained undefined: no worker has answered
   */
  async #end(status: string, isDrained: boolean | undefined, hosts: readonly string[]): Promise<RunResult | undefined> {
    if (isDrained === undefined) this.#lastAttempts += 1;
    if (isDrained !== true && this.#lastAttempts < LAST_ATTEMPTS) return undefined;
    if (isDrained === undefined && this.#lastAttempts === LAST_ATTEMPTS) this.#warn(noWorkerWarning(this.#engine));
    const result = await this.#attempt(() => this.#outcome(status, hosts));
    if (result) return result;
    const now = this.#options.clock().getTime();
    this.#unreadSince ??= now;
    return now - this.#unreadSince < UNREACHABLE_MS ? undefined : this.#lost(hosts, 'its result cannot be read');
  }

  /** Terminates a rollout that no worker has picked up in time, or that is to stop. @returns the result if it did */
  async #withdraw(hosts: readonly string[]): Promise<RunResult | undefined> {
    if (this.#isPickedUp) return undefined;
    const { clock, stop } = this.#options;
    const now = clock().getTime();
    this.#requestedAt ??= now;
    if (stop.aborted) this.#stoppedAt ??= now;
    const isStopped = this.#stoppedAt !== undefined && now - this.#stoppedAt >= PICKUP_AFTER_STOP_MS;
    if (!isStopped && now - this.#requestedAt < PICKUP_TIMEOUT_MS) return undefined;
    // A worker that has just died has answered no query, but may have started something.
    this.#isPickedUp = await this.#hasHad('workflowTaskStartedEventAttributes');
    if (this.#isPickedUp) return undefined;
    await this.#handle.terminate('no worker has taken it');
    // What a worker answers after that counts for nothing; before, it may have started a cluster.
    if (await this.#hasHad('workflowTaskCompletedEventAttributes'))
      return this.#lost(hosts, 'a worker began it while it was withdrawn');
    const unchanged = hosts.map((host) => ({ ...UNTOUCHED, host }));
    if (isStopped) return { ...NO_RESULT, hosts: unchanged, left: hosts };
    const [problem] = noWorkerProblem(this.#engine, 'none has taken it within 10 minutes').diagnostics;
    if (problem) this.#warn(problem);
    return { ...NO_RESULT, hosts: unchanged.map((recap) => ({ ...recap, unreachable: 1 })), unreachable: hosts };
  }

  /** Whether there is an event of a kind in its history. */
  async #hasHad(kind: 'workflowTaskStartedEventAttributes' | 'workflowTaskCompletedEventAttributes'): Promise<boolean> {
    const { events = [] } = await this.#handle.fetchHistory();
    return events?.some((event) => event[kind] != null) ?? true;
  }

  async #status(): Promise<string> {
    try {
      const { name } = (await this.#handle.describe()).status;
      this.#outage = undefined;
      return name;
    } catch (error) {
      if (isGone(error)) return 'NOT_FOUND';
      const isRefused = isRefusal(error);
      const [problem] = serverProblem(this.#engine, error).diagnostics;
      const now = this.#options.clock().getTime();
      this.#outage = {
        since: now,
        ...(isRefused && { refusedSince: now }),
        // These times are kept until a query succeeds.
        ...this.#outage,
        last: { isRefused, why: problem?.message ?? 'the server does not answer' },
      };
      throw error;
    }
  }

  /** The state could not be queried for too long. */
  get #hasTimedOut(): boolean {
    if (!this.#outage) return false;
    const { since, refusedSince = since, last } = this.#outage;
    const now = this.#options.clock().getTime();
    return last.isRefused ? now - refusedSince >= REFUSED_MS : now - since >= UNREACHABLE_MS;
  }

  /** Stops following; the rollout may still be running. */
  #giveUp(hosts: readonly string[]): RunResult {
    const { why = '' } = this.#outage?.last ?? {};
    this.#warn({
      message: `${STOP_TEXTS['not-followed']}, and may still be running there: ${why}`,
      hint: `when that is fixed, follow it again: ${this.#resume}`,
    });
    return { ...unknownResult(hosts, 'not-followed'), unreachable: hosts };
  }

  /** The result of an ended rollout. A failed one is a bug; others were ended by somebody on the server. */
  async #outcome(status: string, hosts: readonly string[]): Promise<RunResult> {
    if (status === 'COMPLETED') return resultOf((await this.#handle.result()) as PlainResult);
    if (status !== 'FAILED') return this.#lost(hosts, `it ended on the server: ${status.toLowerCase()}`);
    const mistake: unknown = await this.#handle.result().catch((error: unknown) => {
      if (isServerError(error)) throw error;
      return error;
    });
    return { ...unknownResult(hosts, 'not-known'), unreachable: hosts, mistake };
  }

  #lost(hosts: readonly string[], why: string): RunResult {
    this.#warn({
      message: `${STOP_TEXTS['not-known']}: ${why}`,
      hint: 'look at the logs of the workers, then run it again: kplay reads from the hosts what is left to do',
    });
    return { ...unknownResult(hosts, 'not-known'), unreachable: hosts };
  }

  /** @returns whether all events so far have been emitted */
  async #emitNewEvents(): Promise<boolean> {
    const { told, count } = await eventsSince(this.#handle, this.#received, {
      ...(!this.#isPickedUp && { withinMs: FIRST_QUERY_MS }),
      abort: this.#options.abort,
    }).catch((error: unknown) => {
      throw isFailureOfServer(error) ? error : noAnswerProblem(this.#engine, error);
    });
    this.#isPickedUp = true;
    for (const { event } of told) this.#options.emit(event);
    this.#received += told.length;
    return this.#received === count;
  }

  async #forwardSignals(): Promise<void> {
    const { stop, signals, first } = this.#options;
    if (first && !this.#isFirstSent) {
      await this.#handle.signal(SAY_SIGNAL, first);
      this.#isFirstSent = true;
    }
    if (stop.aborted && !this.#isStopSent) {
      await this.#handle.signal(STOP_SIGNAL);
      this.#isStopSent = true;
    }
    for (const signal of signals().slice(this.#sent)) {
      await this.#handle.signal(SAY_SIGNAL, signal);
      this.#sent += 1;
    }
  }

  /** Tolerates an unreachable server or a missing worker: the rollout is unaffected. */
  async #attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      this.#hasFailed = true;
      // What is cut short because nobody follows any more is no failure of the server.
      if (!this.#options.abort.aborted) this.#reports.failed(error);
      return undefined;
    }
  }

  #warn({ message, hint }: { readonly message: string; readonly hint?: string }): void {
    this.#options.emit({ type: 'warning', hosts: [], message, ...(hint !== undefined && { remedy: hint }) });
  }
}

function noWorkerWarning({ text }: EngineAddress) {
  return {
    message: `the rollout has ended, and no worker of ${text} answers: its last events are missing here`,
    hint: 'look at the logs of the workers',
  };
}

/** The result when the state of the hosts is not known here. @param code why it is not */
function unknownResult(hosts: readonly string[], code: 'not-followed' | 'not-known'): RunResult {
  return {
    ...NO_RESULT,
    hosts: hosts.map((host) => ({
      ...UNTOUCHED,
      host,
      state: 'unknown',
      stopped: { why: 'cancelled', at: STOP_TEXTS[code], code },
    })),
  };
}
