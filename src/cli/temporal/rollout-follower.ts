import type { WorkflowHandle } from '@temporalio/client';
import { InputError } from '../../core/diagnostic.ts';
import type { EventSink } from '../../core/events/event.ts';
import { LOST_ELSEWHERE, NOT_FOLLOWED } from '../../core/host-state.ts';
import type { Signal } from '../../core/signal.ts';
import { NO_RESULT, type RunResult, UNTOUCHED } from '../../engine/run-state.ts';
import {
  type PlainResult,
  type RolloutView,
  resultOf,
  SAY_SIGNAL,
  STOP_SIGNAL,
  VIEW_QUERY,
} from '../../fleet/temporal/orders.ts';
import type { EngineAddress } from './address.ts';
import { isOfServer, isRefusal, noAnswer, noWorker, serverProblem } from './connect.ts';
import { temporalSdk } from './sdk.ts';

/** So often it is asked how a rollout is. */
const LOOK_MS = 500;

/** A rollout that no worker takes for so long is taken back, as a cluster of it would be given up. */
const TAKEN_WITHIN_MS = 600_000;

/** The same once it is to stop: nothing of it has been begun. */
const TAKEN_AFTER_STOP_MS = 3_000;

/** So long a worker may take to read a rollout from its history and answer, and the first time, before it is asked anew. */
const ANSWER_MS = 30_000;
const FIRST_ANSWER_MS = 3_000;

/** A server that lets nobody in any more, as when a key or a certificate has expired, is asked for so long; and one that is away. */
const REFUSED_MS = 120_000;
const AWAY_MS = 3_600_000;

/** So often what a rollout that has ended has told is asked for, if no worker answers. */
const LAST_ATTEMPTS = 5;

/** How a rollout is followed. */
export interface Following {
  readonly emit: EventSink;
  readonly clock: () => Date;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Nothing more is to be begun. */
  readonly stop: AbortSignal;
  /** It is not to be followed any more. */
  readonly abort: AbortSignal;
  /** Said first of all, where a run goes on with another: a pause of that does not pass on to it. */
  readonly first?: Signal;
  /** What operators have said on this machine until now. */
  readonly signals: () => readonly Signal[];
}

/** Why the server does not say how a rollout is, in a clause. */
interface Unsaid {
  readonly isRefused: boolean;
  readonly why: string;
}

/** @returns what the rollout has told besides what was seen before. */
export async function newsOf(handle: WorkflowHandle, seen: number, withinMs = ANSWER_MS): Promise<RolloutView> {
  const within = AbortSignal.timeout(withinMs);
  return handle.client.withAbortSignal(within, () => handle.query<RolloutView, [number]>(VIEW_QUERY, seen));
}

/** Tells what happens in a rollout that workers carry out, and says to it what is said on this machine. */
export class RolloutFollower {
  readonly #handle: WorkflowHandle;
  readonly #engine: EngineAddress;
  readonly #following: Following;
  readonly #resume: string;
  /** Since when the server does not say how the rollout is, and since when it does not let anybody in, now and then at least. */
  #unsaid: { readonly since: number; readonly refusedSince?: number; readonly last: Unsaid } | undefined;
  #seen = 0;
  #sent = 0;
  #isStopSent = false;
  /** Something was not answered since all was asked last. */
  #isSilent = false;
  #isSilenceReported = false;
  /** A worker has answered for it. */
  #isTaken = false;
  /** When it was asked for, and when it was to stop. */
  #asked: number | undefined;
  #stopped: number | undefined;
  #isFirstSent = false;
  /** So often no worker has answered since it ended. */
  #lastAttempts = 0;

  /** @param resume the command that follows it again */
  constructor(handle: WorkflowHandle, engine: EngineAddress, following: Following, resume: string) {
    this.#handle = handle;
    this.#engine = engine;
    this.#following = following;
    this.#resume = resume;
  }

  async follow(hosts: readonly string[]): Promise<RunResult> {
    const { abort, wait } = this.#following;
    for (;;) {
      const { result, hasMore } = await this.#look(hosts);
      if (result) return result;
      try {
        await wait(hasMore ? 0 : LOOK_MS, abort);
      } catch (error) {
        if (!abort.aborted) throw error;
        return { ...unknownResult(hosts, NOT_FOLLOWED), left: hosts };
      }
    }
  }

  /** Asks once how it is, and what it has told. @returns what has come of it, or whether there is more to be told at once */
  async #look(
    hosts: readonly string[],
  ): Promise<{ readonly result: RunResult | undefined; readonly hasMore: boolean }> {
    this.#isSilent = false;
    // Asked before what was told: what is told by then is all.
    const status = await this.#attempt(() => this.#status());
    if (status === undefined && this.#isGivenUp) return { result: this.#leave(hosts), hasMore: false };
    if (status === 'NOT_FOUND') return { result: this.#lost(hosts, 'the server no longer knows it'), hasMore: false };
    const isDrained = await this.#attempt(() => this.#reportNews());
    const isOver = status !== undefined && status !== 'RUNNING';
    const result = await (isOver ? this.#end(status, isDrained, hosts) : this.#accompany(status, hosts));
    if (!this.#isSilent) this.#isSilenceReported = false;
    return { result, hasMore: isDrained === false };
  }

  /** Passes on to a rollout that goes on what was said here. @returns what has come of it, when no worker takes it */
  async #accompany(status: string | undefined, hosts: readonly string[]): Promise<RunResult | undefined> {
    await this.#attempt(() => this.#passOn());
    return status === 'RUNNING' ? this.#attempt(() => this.#takeBack(hosts)) : undefined;
  }

  /**
   * What has come of a rollout that has ended, once it has told everything, or no worker tells it.
   * @param isDrained undefined: no worker has answered
   */
  async #end(status: string, isDrained: boolean | undefined, hosts: readonly string[]): Promise<RunResult | undefined> {
    if (isDrained === undefined) this.#lastAttempts += 1;
    if (isDrained !== true && this.#lastAttempts !== LAST_ATTEMPTS) return undefined;
    if (isDrained === undefined) this.#warn(noWorkerAtEnd(this.#engine));
    return this.#attempt(() => this.#outcome(status, hosts));
  }

  /** Ends a rollout that no worker has taken, when that has lasted too long or it is to stop. @returns what has come of it, if it was so */
  async #takeBack(hosts: readonly string[]): Promise<RunResult | undefined> {
    if (this.#isTaken) return undefined;
    const { clock, stop } = this.#following;
    const now = clock().getTime();
    this.#asked ??= now;
    if (stop.aborted) this.#stopped ??= now;
    const isStopped = this.#stopped !== undefined && now - this.#stopped >= TAKEN_AFTER_STOP_MS;
    if (!isStopped && now - this.#asked < TAKEN_WITHIN_MS) return undefined;
    // A worker that has only just gone has answered nobody here, and may have begun something.
    const { events = [] } = await this.#handle.fetchHistory();
    this.#isTaken = events?.some(({ workflowTaskStartedEventAttributes: begun }) => begun != null) ?? true;
    if (this.#isTaken) return undefined;
    await this.#handle.terminate('no worker has taken it');
    const untouched = hosts.map((host) => ({ ...UNTOUCHED, host }));
    if (isStopped) return { ...NO_RESULT, hosts: untouched, left: hosts };
    const [problem] = noWorker(this.#engine, 'none has taken it within 10 minutes').diagnostics;
    if (problem) this.#warn(problem);
    return { ...NO_RESULT, hosts: untouched.map((recap) => ({ ...recap, unreachable: 1 })), unreachable: hosts };
  }

  async #status(): Promise<string> {
    try {
      const { name } = (await this.#handle.describe()).status;
      this.#unsaid = undefined;
      return name;
    } catch (error) {
      if (error instanceof temporalSdk().client.WorkflowNotFoundError) return 'NOT_FOUND';
      const isRefused = isRefusal(error);
      const [problem] = serverProblem(this.#engine, error).diagnostics;
      const now = this.#following.clock().getTime();
      this.#unsaid = {
        since: now,
        ...(isRefused && { refusedSince: now }),
        // Those moments stay, whatever comes in between, until it says how the rollout is.
        ...this.#unsaid,
        last: { isRefused, why: problem?.message ?? 'the server does not answer' },
      };
      throw error;
    }
  }

  /** The server has not said for so long how the rollout is that it is not waited for any more. */
  get #isGivenUp(): boolean {
    if (!this.#unsaid) return false;
    const { since, refusedSince = since, last } = this.#unsaid;
    const now = this.#following.clock().getTime();
    return last.isRefused ? now - refusedSince >= REFUSED_MS : now - since >= AWAY_MS;
  }

  /** It goes on as it was; nobody here knows how. */
  #leave(hosts: readonly string[]): RunResult {
    const { why = '' } = this.#unsaid?.last ?? {};
    this.#warn({
      message: `${NOT_FOLLOWED}, and may still be running there: ${why}`,
      hint: `when that is fixed, follow it again: ${this.#resume}`,
    });
    return { ...unknownResult(hosts, NOT_FOLLOWED), unreachable: hosts };
  }

  /** What has come of a rollout that has ended. One that failed is a bug; others were ended by somebody, in the server. */
  async #outcome(status: string, hosts: readonly string[]): Promise<RunResult> {
    if (status === 'COMPLETED') return resultOf((await this.#handle.result()) as PlainResult);
    if (status !== 'FAILED') return this.#lost(hosts, `it was terminated on the server: ${status.toLowerCase()}`);
    const mistake: unknown = await this.#handle.result().catch((error: unknown) => error);
    return { ...unknownResult(hosts, LOST_ELSEWHERE), unreachable: hosts, mistake };
  }

  #lost(hosts: readonly string[], why: string): RunResult {
    this.#warn({
      message: `${LOST_ELSEWHERE}: ${why}`,
      hint: 'look at the logs of the workers, then run it again: kplay reads from the hosts what is left to do',
    });
    return { ...unknownResult(hosts, LOST_ELSEWHERE), unreachable: hosts };
  }

  /** @returns whether nothing more was told until now */
  async #reportNews(): Promise<boolean> {
    const { told, count } = await newsOf(this.#handle, this.#seen, this.#isTaken ? ANSWER_MS : FIRST_ANSWER_MS).catch(
      (error: unknown) => {
        throw noAnswer(this.#engine, error);
      },
    );
    this.#isTaken = true;
    for (const { event } of told) this.#following.emit(event);
    this.#seen += told.length;
    return this.#seen === count;
  }

  /** What was said on this machine is said to the rollout. */
  async #passOn(): Promise<void> {
    const { stop, signals, first } = this.#following;
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

  /** The server may be away for a while, and there may be no worker yet: the rollout is where it was. */
  async #attempt<T>(doing: () => Promise<T>): Promise<T | undefined> {
    try {
      return await doing();
    } catch (error) {
      this.#isSilent = true;
      if (this.#isSilenceReported) return undefined;
      this.#isSilenceReported = true;
      const [problem] = error instanceof InputError ? error.diagnostics : [];
      const [ofServer] = isOfServer(error) ? serverProblem(this.#engine, error).diagnostics : [];
      const why = ofServer?.message ?? (error instanceof Error ? error.message.split('\n')[0] : String(error));
      const todo = isRefusal(error) ? ofServer?.hint : 'check the server: kplay waits for it, for at most an hour';
      this.#warn(
        problem ?? {
          message: `the rollout cannot be queried: ${why}`,
          hint: `${todo}; clusters in progress are finished in the meantime`,
        },
      );
      return undefined;
    }
  }

  #warn({ message, hint }: { readonly message: string; readonly hint?: string }): void {
    this.#following.emit({ type: 'warning', hosts: [], message, ...(hint !== undefined && { remedy: hint }) });
  }
}

function noWorkerAtEnd({ text }: EngineAddress) {
  return {
    message: `the rollout has ended, and no worker of ${text} answers: its last events are missing here`,
    hint: 'look at the logs of the workers',
  };
}

/** What becomes of the hosts is not known here. @param why in words */
function unknownResult(hosts: readonly string[], why: string): RunResult {
  return {
    ...NO_RESULT,
    hosts: hosts.map((host) => ({
      ...UNTOUCHED,
      host,
      state: 'unknown',
      stopped: { why: 'cancelled', at: why },
    })),
  };
}
