import type { Client, WorkflowHandle } from '@temporalio/client';
import { InputError } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import { parseJson } from '../../core/json.ts';
import { nameList } from '../../core/name-list.ts';
import { readSignal, type Signal } from '../../core/signal.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { queueOf, ROLLOUT_WORKFLOW, type RolloutOrder, SAY_SIGNAL, workflowIdOf } from '../../fleet/temporal/orders.ts';
import type { EngineAddress } from './address.ts';
import { connectTo, isFailureOfServer, isGone, isServerError, noAnswerProblem, serverProblem } from './connect.ts';
import { eventsSince } from './events-since.ts';
import { type FollowOptions, RolloutFollower } from './rollout-follower.ts';
import { temporalSdk } from './sdk.ts';

/** A rollout that nobody on this machine follows any more. */
export type KeptRollout =
  | {
      readonly state: 'goes on';
      /** Events up to now. */
      readonly events: readonly Event[];
      /** Signals sent to it. */
      readonly signals: readonly Signal[];
      /** Sends it a signal. */
      send(signal: Signal): Promise<void>;
    }
  | {
      /** It goes on, and no worker answers for it. */
      readonly state: 'unanswered';
      readonly why: InputError;
      /** Signals sent to it. */
      readonly signals: readonly Signal[];
      /** Sends it a signal, which applies as soon as a worker is there. */
      send(signal: Signal): Promise<void>;
    }
  | EndedRollout
  /** It was not begun there, or has been forgotten. */
  | { readonly state: 'unknown' };

/** A rollout that has ended on the server. */
export interface EndedRollout {
  readonly state: 'ended';
  /** The server's status: `COMPLETED`. */
  readonly status: string;
  /** It has a result, and was not terminated on the server. */
  readonly isResult: boolean;
}

/** `temporal.api.enums.v1.TaskQueueType`: one for activities. */
const ACTIVITY_QUEUE = 2;

/** Statuses of rollouts that have a result; the others are caused by whoever operates the server. */
const RESULTS: readonly string[] = ['COMPLETED', 'FAILED'];

/** Requests rollouts from a Temporal server. */
export class RolloutClient {
  readonly #engine: EngineAddress;
  readonly #client: Client;

  private constructor(engine: EngineAddress, client: Client) {
    this.#engine = engine;
    this.#client = client;
  }

  /** @throws {InputError} when no server answers, or the SDK is not installed. */
  static async open(engine: EngineAddress): Promise<RolloutClient> {
    const connection = await connectTo(engine);
    const { Client } = temporalSdk().client;
    return new RolloutClient(engine, new Client({ connection, namespace: engine.namespace }));
  }

  async close(): Promise<void> {
    await this.#client.connection.close();
  }

  /**
   * Starts a rollout and emits its events until it has ended.
   * @param previousRun whether the run that this one resumes has followed the rollout to its end; absent: it resumes none. If that rollout is
   * still running, it is followed instead of starting another. If it has ended `'unfollowed'`, its result is reported instead
   * @throws {InputError} when it could not be started; then nothing was
   */
  async rollOut(
    order: RolloutOrder,
    followOptions: FollowOptions,
    previousRun?: 'followed' | 'unfollowed',
  ): Promise<RunResult> {
    const kept = previousRun === 'unfollowed' ? await this.#stateOf(order.runId) : undefined;
    const isOver = kept?.state === 'ended' && kept.isResult;
    if (isOver)
      followOptions.emit({
        type: 'warning',
        hosts: [],
        message: 'the rollout has ended while nobody followed it: this is its result, and nothing is started',
        remedy: 'if something is left to do, resume this run when it has ended',
      });
    const handle = isOver
      ? this.#client.workflow.getHandle(workflowIdOf(order.runId))
      : await this.#begin(order, previousRun === undefined);
    const hosts = order.clusters.flatMap((cluster) => cluster.hosts);
    followOptions.emit({ type: 'play-started', play: order.play, hosts });
    if (!isOver) await this.#warnOfSites(order, followOptions);
    const { signals } = followOptions;
    // One that goes on has itself asked for the approvals that were given since; one that is begun anew has inherited them.
    const goesOn = kept?.state === 'goes on';
    const following = goesOn ? { ...followOptions, signals: () => signals().map(asOwn) } : followOptions;
    return new RolloutFollower(handle, this.#engine, following, order.commands.resume).follow(hosts);
  }

  /** @param isNew fail when the name is already taken: by another rollout, whose owner does not expect this one */
  async #begin(order: RolloutOrder, isNew: boolean): Promise<WorkflowHandle> {
    try {
      return await this.#client.workflow.start(ROLLOUT_WORKFLOW, {
        workflowId: workflowIdOf(order.runId),
        taskQueue: queueOf(undefined),
        workflowIdConflictPolicy: isNew ? 'FAIL' : 'USE_EXISTING',
        workflowIdReusePolicy: isNew ? 'REJECT_DUPLICATE' : 'ALLOW_DUPLICATE',
        args: [order],
      });
    } catch (error) {
      throw isServerError(error) ? serverProblem(this.#engine, error) : error;
    }
  }

  /** Warns of sites without workers before their clusters are given up. */
  async #warnOfSites({ clusters }: RolloutOrder, { emit }: FollowOptions): Promise<void> {
    for (const site of new Set(clusters.flatMap((cluster) => cluster.site ?? []))) {
      if (await this.#hasWorkers(site)) continue;
      const own = clusters.filter((cluster) => cluster.site === site);
      emit({
        type: 'warning',
        hosts: own.flatMap(({ hosts }) => hosts),
        message: `no worker of site ${site} is there: ${nameList(own.map(({ name }) => `cluster ${name}`))} ${own.length === 1 ? 'waits' : 'wait'} for one, 10 minutes at most`,
        remedy: `start one: kplay worker PLAYBOOK -i INVENTORY --site ${site} --engine ${this.#engine.text}`,
      });
    }
  }

  /** Whether a worker has polled in the last minutes; true if the server does not say. */
  async #hasWorkers(site: string): Promise<boolean> {
    const { connection, options } = this.#client;
    try {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace: options.namespace,
        taskQueue: { name: queueOf(site) },
        taskQueueType: ACTIVITY_QUEUE,
      });
      return pollers.length > 0;
    } catch {
      return true;
    }
  }

  /** The state of a rollout on the server. @throws {InputError} when the server does not answer */
  async kept(runId: string): Promise<KeptRollout> {
    const current = await this.#stateOf(runId);
    if (current.state !== 'goes on') return current;
    const handle = this.#client.workflow.getHandle(workflowIdOf(runId));
    const send = (signal: Signal): Promise<void> => this.#send(handle, signal);
    const events: Event[] = [];
    try {
      for (;;) {
        const { signals, told, count } = await eventsSince(handle, events.length);
        events.push(...told.map(({ event }) => event));
        if (events.length >= count) return { state: 'goes on', signals, events, send };
      }
    } catch (error) {
      if (isFailureOfServer(error)) throw serverProblem(this.#engine, error);
      const why = noAnswerProblem(this.#engine, error);
      return { state: 'unanswered', why, signals: await this.#signalsSent(handle), send };
    }
  }

  /** Signals that the server has received, which it tells without a worker. */
  async #signalsSent(handle: WorkflowHandle): Promise<readonly Signal[]> {
    const { events } = await handle.fetchHistory().catch((error: unknown) => {
      throw serverProblem(this.#engine, error);
    });
    return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: sent }) =>
      sent?.signalName === SAY_SIGNAL
        ? (sent.input?.payloads ?? []).flatMap(
            ({ data }) => readSignal(parseJson(Buffer.from(data ?? []).toString())) ?? [],
          )
        : [],
    );
  }

  async #stateOf(runId: string): Promise<EndedRollout | { readonly state: 'goes on' } | { readonly state: 'unknown' }> {
    try {
      const { status } = await this.#client.workflow.getHandle(workflowIdOf(runId)).describe();
      if (status.name === 'RUNNING') return { state: 'goes on' };
      return { state: 'ended', status: status.name, isResult: RESULTS.includes(status.name) };
    } catch (error) {
      if (isGone(error)) return { state: 'unknown' };
      throw serverProblem(this.#engine, error);
    }
  }

  async #send(handle: WorkflowHandle, signal: Signal): Promise<void> {
    try {
      await handle.signal(SAY_SIGNAL, signal);
    } catch (error) {
      if (!isGone(error)) throw serverProblem(this.#engine, error);
      throw InputError.of('the rollout has just ended and accepts no more signals', undefined, 'see its result');
    }
  }
}

/** An approval of the resumed run as one of this run. */
function asOwn(signal: Signal): Signal {
  if (signal.kind !== 'approve') return signal;
  const { run: _run, clusters: _clusters, ...own } = signal;
  return own;
}
