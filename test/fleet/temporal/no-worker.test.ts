import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventsSince } from '../../../src/cli/temporal/events-since.ts';
import { RolloutClient } from '../../../src/cli/temporal/rollout-client.ts';
import type { Event } from '../../../src/core/events/event.ts';
import { workflowIdOf } from '../../../src/fleet/temporal/orders.ts';
import { needing } from '../../support/programs.ts';
import { orderOfMany } from './support/recorded-work.ts';
import { TemporalServer } from './support/temporal-server.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

describe('a rollout that no worker takes', needing('temporal-server'), () => {
  let server: TemporalServer;
  beforeAll(async () => {
    server = await TemporalServer.start();
  });
  afterAll(() => server?.close());

  /** Follows one of two hosts. @param minutesALook so fast the time passes. @param stopsAt the look at which it is to stop */
  async function follow(runId: string, minutesALook: number, stopsAt: number) {
    const client = await RolloutClient.open({ address: server.address, namespace: 'default', text: server.engine });
    const warnings: Event[] = [];
    const stop = new AbortController();
    let looks = 0;
    const result = await client.rollOut(
      { ...orderOfMany(1, 2), runId },
      {
        emit: (event) => void (event.type === 'warning' && warnings.push(event)),
        clock: () => new Date(looks * minutesALook * 60_000),
        wait: async () => {
          looks += 1;
          if (looks === stopsAt) stop.abort();
          await pause(50);
        },
        stop: stop.signal,
        abort: new AbortController().signal,
        signals: () => [],
      },
    );
    await client.close();
    const connection = await Connection.connect({ address: server.address });
    const { status } = await new Client({ connection }).workflow.getHandle(workflowIdOf(runId)).describe();
    await connection.close();
    return { result, warnings, status: status.name };
  }

  it('is no longer followed once that is asked for, though a question to a worker is still open', async () => {
    const client = await RolloutClient.open({ address: server.address, namespace: 'default', text: server.engine });
    const warnings: Event[] = [];
    const abort = new AbortController();
    const result = await client.rollOut(
      { ...orderOfMany(1, 2), runId: 'left' },
      {
        emit: (event) => void (event.type === 'warning' && warnings.push(event)),
        clock: () => new Date(),
        wait: (_milliseconds, signal) => pause(0, undefined, { signal }),
        stop: new AbortController().signal,
        abort: abort.signal,
        // It is asked for while the question that comes next is open.
        signals: () => {
          setImmediate(() => abort.abort());
          return [];
        },
      },
    );
    await client.close();
    expect(result.hosts.map(({ stopped }) => stopped)).toMatchObject([
      { code: 'not-followed' },
      { code: 'not-followed' },
    ]);
    // Nobody has waited until it was certain that no worker answers.
    expect(warnings).toEqual([]);
  });

  it('is asked for nothing once nobody follows it any more', async () => {
    const connection = await Connection.connect({ address: server.address });
    let asked = 0;
    const counted: WorkflowClientInterceptor = {
      query: (input, next) => {
        asked += 1;
        return next(input);
      },
    };
    const client = new Client({ connection, interceptors: { workflow: [counted] } });
    await expect(
      eventsSince(client.workflow.getHandle('kplay-none'), 0, { abort: AbortSignal.abort() }),
    ).rejects.toThrow();
    await connection.close();
    expect(asked).toBe(0);
  });

  it('is taken back when it is to stop: nothing is started by one that comes later', async () => {
    const { result, warnings, status } = await follow('stopped', 0.1, 2);
    expect(result.left).toHaveLength(2);
    expect(result.hosts.map(({ state }) => state)).toEqual(['unchanged', 'unchanged']);
    expect(status).toBe('TERMINATED');
    expect(warnings).toMatchObject([{ message: expect.stringMatching(/^no worker of temporal:\S+ answers/) }]);
  });

  it('is given up after ten minutes, and what is missing is said', async () => {
    const { result, warnings, status } = await follow('waited', 4, -1);
    expect(result.unreachable).toHaveLength(2);
    expect(status).toBe('TERMINATED');
    expect(warnings).toMatchObject([
      { message: expect.stringMatching(/^no worker of temporal:\S+ answers/) },
      {
        message: expect.stringContaining('none has taken it within 10 minutes'),
        remedy: expect.stringContaining('kplay worker'),
      },
    ]);
  });
});
