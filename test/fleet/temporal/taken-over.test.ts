import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type ClusterActivities,
  type PlainResult,
  queueOf,
  ROLLOUT_WORKFLOW,
  type RolloutOrder,
  type RolloutView,
  VIEW_QUERY,
  workflowIdOf,
} from '../../../src/fleet/temporal/orders.ts';
import { PROJECT } from '../../cli/support/bundled-program.ts';
import { needing } from '../../support/programs.ts';
import { orderOfMany, recordedWork } from './support/recorded-work.ts';
import { TemporalServer } from './support/temporal-server.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

describe('a cluster that a second worker has taken over', needing('temporal-server'), () => {
  let server: TemporalServer;
  let connection: NativeConnection;
  let plain: Connection;
  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    server = await TemporalServer.start();
    connection = await NativeConnection.connect({ address: server.address });
    plain = await Connection.connect({ address: server.address });
  });
  afterAll(async () => {
    await plain?.close();
    await connection?.close();
    await server?.close();
  });

  it('is proved by the checks, though that one has found nothing to change any more, and is told of', async () => {
    const recorded = recordedWork();
    const asked: string[] = [];
    let attempts = 0;
    const activities: ClusterActivities = {
      ...recorded,
      check: async ({ check }) => {
        asked.push(check.at);
        return 'it is sick';
      },
      run: async (order) => {
        attempts += 1;
        if (attempts === 1) throw new Error('the report of the first one is lost');
        const { result, ...report } = await recorded.run(order);
        const hosts = result.hosts.map((recap) => ({ ...recap, changed: 0, state: 'unchanged' as const }));
        return { ...report, result: { ...result, hosts }, wasTakenOver: true };
      },
    };
    const unchecked = orderOfMany(1, 1);
    const checks = [{ name: { value: 'healthy' }, at: ['after'], retries: 0, delayMs: 1000 }];
    const order: RolloutOrder = {
      ...unchecked,
      version: 2,
      rollout: JSON.stringify({ waves: [], order: 'name', checks }),
      checks: '0'.repeat(64),
    };
    const worker = await Worker.create({
      connection,
      taskQueue: queueOf(undefined),
      workflowBundle: { codePath: join(PROJECT, 'dist/temporal-workflows.cjs') },
      activities: { ...activities },
    });
    const { workflow } = new Client({ connection: plain });
    const workflowId = workflowIdOf(order.runId);
    const { result, told } = await worker.runUntil(async () => {
      const result: PlainResult = await workflow.execute(ROLLOUT_WORKFLOW, {
        taskQueue: queueOf(undefined),
        workflowId,
        args: [order],
      });
      const { told } = await workflow.getHandle(workflowId).query<RolloutView, [number]>(VIEW_QUERY, 0);
      return { result, told };
    });
    const [cluster] = order.clusters;
    expect(told.map(({ event }) => event)).toContainEqual(
      expect.objectContaining({
        type: 'warning',
        message: `cluster ${cluster?.name} was started by one worker and finished by another: what the first one has changed is not told here`,
      }),
    );
    expect(asked).toEqual(['after']);
    expect(result.failed).toEqual(['cluster-0-m0']);
  });
});
