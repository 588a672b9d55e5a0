import type { Client, WorkflowHandle } from '@temporalio/client';
import { InputError } from '../../core/diagnostic.ts';
import type { Event } from '../../core/events/event.ts';
import type { Signal } from '../../core/signal.ts';
import type { RunResult } from '../../engine/run-state.ts';
import { queueOf, ROLLOUT_WORKFLOW, type RolloutOrder, SAY_SIGNAL, workflowIdOf } from '../../fleet/temporal/orders.ts';
import { nameList } from '../../report/words.ts';
import type { EngineAddress } from './address.ts';
import { connectTo, isOfServer, noAnswer, serverProblem } from './connect.ts';
import { type Following, newsOf, RolloutFollower } from './rollout-follower.ts';
import { temporalSdk } from './sdk.ts';

/** A rollout of which nobody on this machine follows any more what a Temporal server does with it. */
export type KeptRollout =
  | {
      readonly state: 'goes on';
      /** What it has told until now. */
      readonly events: readonly Event[];
      /** What was said to it. */
      readonly signals: readonly Signal[];
      /** Says something to it. */
      say(signal: Signal): Promise<void>;
    }
  | EndedRollout
  /** It was not begun there, or has been forgotten. */
  | { readonly state: 'unknown' };

/** One that has ended there. */
export interface EndedRollout {
  readonly state: 'ended';
  /** The server's word for how: `COMPLETED`. */
  readonly status: string;
  /** It has come to a result, and was not ended by somebody in the server. */
  readonly isResult: boolean;
}

/** `temporal.api.enums.v1.TaskQueueType`: one for activities. */
const ACTIVITY_QUEUE = 2;

/** A rollout that has ended so has come to something; how others end is decided by whoever looks after the server. */
const RESULTS: readonly string[] = ['COMPLETED', 'FAILED'];

/** A Temporal server, asked to carry out rollouts. */
export class RolloutClient {
  readonly #engine: EngineAddress;
  readonly #client: Client;

  private constructor(engine: EngineAddress, client: Client) {
    this.#engine = engine;
    this.#client = client;
  }

  /** @throws {InputError} when no server answers, or there is nothing to ask it with. */
  static async open(engine: EngineAddress): Promise<RolloutClient> {
    const connection = await connectTo(engine);
    const { Client } = temporalSdk().client;
    return new RolloutClient(engine, new Client({ connection, namespace: engine.namespace }));
  }

  async close(): Promise<void> {
    await this.#client.connection.close();
  }

  /**
   * Begins a rollout, and tells what happens until it has ended.
   * @param goesOnWith of a run that goes on with another: one that goes on under its name is followed and none is begun; where the end
   * of the other is `'unfollowed'`, what that has come to is told as well
   * @throws {InputError} when it could not be begun: nothing has been
   */
  async rollOut(order: RolloutOrder, following: Following, goesOnWith?: 'followed' | 'unfollowed'): Promise<RunResult> {
    const kept = goesOnWith === 'unfollowed' ? await this.#lookAt(order.runId) : undefined;
    const isOver = kept?.state === 'ended' && kept.isResult;
    if (isOver)
      following.emit({
        type: 'warning',
        hosts: [],
        message: 'the rollout has ended while nobody followed it: this is its result, and nothing is started',
        remedy: 'if something is left to do, resume this run when it has ended',
      });
    const handle = isOver
      ? this.#client.workflow.getHandle(workflowIdOf(order.runId))
      : await this.#begin(order, goesOnWith === undefined);
    const hosts = order.clusters.flatMap((cluster) => cluster.hosts);
    following.emit({ type: 'play-started', play: order.play, hosts });
    if (!isOver) await this.#warnOfSites(order, following);
    return new RolloutFollower(handle, this.#engine, following, order.commands.resume).follow(hosts);
  }

  /** @param isNew a run that finds its name taken is not that rollout, and whoever began that does not expect it to be */
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
      throw isOfServer(error) ? serverProblem(this.#engine, error) : error;
    }
  }

  /** A site whose workers are all away, or were never there, is told of before its clusters are given up. */
  async #warnOfSites({ clusters }: RolloutOrder, { emit }: Following): Promise<void> {
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

  /** Somebody has asked for work there in the last minutes; true, too, where the server does not say. */
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

  /** What the server keeps of a rollout. @throws {InputError} when it does not say so, or no worker can tell how one is that goes on */
  async kept(runId: string): Promise<KeptRollout> {
    const seen = await this.#lookAt(runId);
    if (seen.state !== 'goes on') return seen;
    const handle = this.#client.workflow.getHandle(workflowIdOf(runId));
    const events: Event[] = [];
    for (;;) {
      const { signals, told, count } = await newsOf(handle, events.length).catch((error: unknown) => {
        throw noAnswer(this.#engine, error);
      });
      events.push(...told.map(({ event }) => event));
      if (events.length >= count)
        return { state: 'goes on', signals, events, say: (signal) => this.#say(handle, signal) };
    }
  }

  async #lookAt(runId: string): Promise<EndedRollout | { readonly state: 'goes on' } | { readonly state: 'unknown' }> {
    try {
      const { status } = await this.#client.workflow.getHandle(workflowIdOf(runId)).describe();
      if (status.name === 'RUNNING') return { state: 'goes on' };
      return { state: 'ended', status: status.name, isResult: RESULTS.includes(status.name) };
    } catch (error) {
      if (error instanceof temporalSdk().client.WorkflowNotFoundError) return { state: 'unknown' };
      throw serverProblem(this.#engine, error);
    }
  }

  async #say(handle: WorkflowHandle, signal: Signal): Promise<void> {
    try {
      await handle.signal(SAY_SIGNAL, signal);
    } catch (error) {
      if (!(error instanceof temporalSdk().client.WorkflowNotFoundError)) throw serverProblem(this.#engine, error);
      throw InputError.of('the rollout has just ended and accepts no more signals', undefined, 'see its result');
    }
  }
}
