import type { Client } from '@temporalio/client';
import type { Event } from '../../core/events/event.ts';
import type { Signal } from '../../core/signal.ts';
import type { RunResult } from '../../engine/run-state.ts';
import {
  queueOf,
  ROLLOUT_WORKFLOW,
  type RolloutOrder,
  type RolloutView,
  SAY_SIGNAL,
  workflowIdOf,
} from '../../fleet/temporal/orders.ts';
import type { EngineAddress } from './address.ts';
import { connectionOptions, enterNamespace, noServer, noWorker } from './connect.ts';
import { type Following, newsOf, RolloutFollower } from './rollout-follower.ts';
import { temporalSdk } from './sdk.ts';

/** So long a server may take to answer at all. */
const CONNECT_MS = 10_000;

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
    const { client: sdk } = temporalSdk();
    const options = { ...connectionOptions(engine), connectTimeout: CONNECT_MS };
    const connection = await sdk.Connection.connect(options).catch((error: unknown) => {
      throw noServer(engine, error);
    });
    await enterNamespace(connection, engine).catch(async (error: unknown) => {
      await connection.close();
      throw error;
    });
    return new RolloutClient(engine, new sdk.Client({ connection, namespace: engine.namespace }));
  }

  async close(): Promise<void> {
    await this.#client.connection.close();
  }

  /** Begins a rollout, or joins the one of this run that goes on, and tells what happens until it has ended. */
  async rollOut(order: RolloutOrder, following: Following): Promise<RunResult> {
    const handle = await this.#client.workflow
      .start(ROLLOUT_WORKFLOW, {
        workflowId: workflowIdOf(order.runId),
        taskQueue: queueOf(undefined),
        workflowIdConflictPolicy: 'USE_EXISTING',
        args: [order],
      })
      .catch((error: unknown) => {
        throw noServer(this.#engine, error);
      });
    const hosts = order.clusters.flatMap((cluster) => cluster.hosts);
    following.emit({ type: 'play-started', play: order.play, hosts });
    return new RolloutFollower(handle, this.#engine, following).follow(hosts);
  }

  /**
   * What a rollout that goes on has told, and what was said to it; undefined of one that has ended, or is not known there.
   * @throws {InputError} when no worker can tell
   */
  async viewOf(
    runId: string,
  ): Promise<(Pick<RolloutView, 'signals'> & { readonly events: readonly Event[] }) | undefined> {
    const handle = this.#client.workflow.getHandle(workflowIdOf(runId));
    try {
      if ((await handle.describe()).status.name !== 'RUNNING') return undefined;
    } catch (error) {
      if (error instanceof temporalSdk().client.WorkflowNotFoundError) return undefined;
      throw noServer(this.#engine, error);
    }
    const events: Event[] = [];
    for (;;) {
      const { signals, told, count } = await newsOf(handle, events.length).catch((error: unknown) => {
        throw noWorker(this.#engine, error);
      });
      events.push(...told.map(({ event }) => event));
      if (events.length >= count) return { signals, events };
    }
  }

  /** Says something to a rollout that goes on. */
  async say(runId: string, signal: Signal): Promise<void> {
    await this.#client.workflow
      .getHandle(workflowIdOf(runId))
      .signal(SAY_SIGNAL, signal)
      .catch((error: unknown) => {
        throw noServer(this.#engine, error);
      });
  }
}
