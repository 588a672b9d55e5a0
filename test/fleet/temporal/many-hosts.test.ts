import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RolloutClient } from '../../../src/cli/temporal/rollout-client.ts';
import type { Event } from '../../../src/core/events/event.ts';
import { queueOf } from '../../../src/fleet/temporal/orders.ts';
import { outcomeSentence } from '../../../src/report/screen/recap.ts';
import { PROJECT } from '../../cli/support/bundled-program.ts';
import { needing } from '../../support/programs.ts';
import { orderOfMany, recordedWork } from './support/recorded-work.ts';
import { TemporalServer } from './support/temporal-server.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

const CLUSTERS = 200;
const HOSTS_EACH = 5;

describe('a rollout to a thousand hosts', needing('temporal-server'), () => {
  let server: TemporalServer;
  let connection: NativeConnection;
  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    server = await TemporalServer.start();
    connection = await NativeConnection.connect({ address: server.address });
  });
  afterAll(async () => {
    await connection?.close();
    await server?.close();
  });

  it('comes to its end, and tells of every cluster and host', async () => {
    const worker = await Worker.create({
      connection,
      namespace: 'default',
      taskQueue: queueOf(undefined),
      workflowBundle: { codePath: join(PROJECT, 'dist/temporal-workflows.cjs') },
      activities: recordedWork(),
    });
    const engine = { address: server.address, namespace: 'default', text: server.engine };
    const told: Event[] = [];
    const never = new AbortController().signal;
    await worker.runUntil(async () => {
      const client = await RolloutClient.open(engine);
      const { hosts, failed } = await client.rollOut(orderOfMany(CLUSTERS, HOSTS_EACH), {
        emit: (event) => told.push(event),
        clock: () => new Date(),
        wait: async (milliseconds, signal) => void (await pause(milliseconds, undefined, { signal })),
        stop: never,
        abort: never,
        signals: () => [],
      });
      await client.close();
      expect(failed).toEqual([]);
      expect(hosts.filter(({ state }) => state === 'changed')).toHaveLength(CLUSTERS * HOSTS_EACH);
      expect(outcomeSentence(hosts, 'UTC')).toBe('1000 hosts changed.');
    });
    expect(told.filter(({ type }) => type === 'warning')).toEqual([]);
    expect(told.filter(({ type }) => type === 'cluster-finished')).toHaveLength(CLUSTERS);
  });
});
