import { temporal } from '@temporalio/proto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RolloutClient } from '../../src/cli/temporal/rollout-client.ts';
import type { Event } from '../../src/core/events/event.ts';
import type { Signal } from '../../src/core/signal.ts';
import { orderOfMany } from '../fleet/temporal/support/recorded-work.ts';
import { type GrpcAnswer, GrpcServer } from './support/grpc-server.ts';

const { DescribeWorkflowExecutionResponse, GetWorkflowExecutionHistoryResponse } = temporal.api.workflowservice.v1;

/** What the server answers whoever asks how a rollout is. */
let status: () => GrpcAnswer;
const answers = {
  get DescribeWorkflowExecution(): GrpcAnswer {
    return status();
  },
  /** No worker is there. */
  QueryWorkflow: 9,
  SignalWorkflowExecution: 'empty' as GrpcAnswer,
  /** Its result. */
  get GetWorkflowExecutionHistory(): GrpcAnswer {
    return history();
  },
};
let history: () => GrpcAnswer = () => 13;
const HOUR_MS = 3_600_000;
let server: GrpcServer;
beforeEach(async () => {
  answers.QueryWorkflow = 9;
  answers.SignalWorkflowExecution = 'empty';
  server = await GrpcServer.open(answers);
});
afterEach(() => server.close());

/** Follows a rollout while nothing takes time. @returns what it has come to, what was told, and after how many seconds */
async function followed() {
  const { address } = server;
  const client = await RolloutClient.open({ address, namespace: 'prod', text: `temporal://${address}/prod` });
  const told: Event[] = [];
  let now = Date.parse('2026-11-26T12:00:00Z');
  const begun = now;
  const never = new AbortController().signal;
  const result = await client
    .rollOut(orderOfMany(1, 2), {
      emit: (event) => told.push(event),
      clock: () => new Date(now),
      // Half a second each time would be many questions to a real server.
      wait: async (milliseconds) => {
        now += milliseconds * 100;
        if (now - begun > 2 * HOUR_MS) throw new Error('it is followed for ever');
      },
      stop: never,
      abort: never,
      signals: () => [],
    })
    .finally(() => client.close());
  return { result, told, seconds: (now - begun) / 1000 };
}

/** A rollout in a state. */
const isIn = (state: 'RUNNING' | 'COMPLETED' | 'FAILED') => (): GrpcAnswer =>
  DescribeWorkflowExecutionResponse.encode({
    workflowExecutionInfo: {
      execution: { workflowId: 'kplay', runId: 'x' },
      type: { name: 'rollout' },
      startTime: { seconds: 1_790_000_000 as never },
      status: temporal.api.enums.v1.WorkflowExecutionStatus[`WORKFLOW_EXECUTION_STATUS_${state}`],
    },
  }).finish();

/** A rollout that goes on. */
const runs = isIn('RUNNING');

/** The history of one that has ended with nothing done. */
const ended = (): GrpcAnswer => {
  const result = { hosts: [], plans: [], unreachable: [], refused: [], failed: [], left: [], late: [], together: [] };
  const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(result)) };
  const event = {
    eventId: 1 as never,
    workflowExecutionCompletedEventAttributes: { result: { payloads: [payload] } },
  };
  return GetWorkflowExecutionHistoryResponse.encode({ history: { events: [event] } }).finish();
};

/** Follows a rollout for one round. @returns what was told */
async function once(...signals: readonly Signal[]) {
  const { address } = server;
  const client = await RolloutClient.open({ address, namespace: 'prod', text: `temporal://${address}/prod` });
  const told: Event[] = [];
  const never = new AbortController().signal;
  const following = client.rollOut(orderOfMany(1, 2), {
    emit: (event) => told.push(event),
    clock: () => new Date(0),
    wait: () => Promise.reject(new Error('one round is enough')),
    stop: never,
    abort: never,
    signals: () => signals,
  });
  await expect(following).rejects.toThrow('one round is enough');
  await client.close();
  return { told };
}

describe('whoever follows a rollout', () => {
  it.each([
    ['which lets nobody in any more', 16, 'rejects the credentials: says 16', 120],
    ['which does not permit it any more', 7, "does not permit that in namespace 'prod': says 7", 120],
    ['which does not answer as it should', 12, 'does not take that: says 12', 3600],
  ])('leaves it in time to a server %s, and says how to follow it again', async (_, code, says, within) => {
    status = () => code;
    const { result, told, seconds } = await followed();
    expect(seconds).toBeGreaterThanOrEqual(within);
    expect(seconds).toBeLessThan(within + 60);
    expect(told.at(-1)).toMatchObject({
      type: 'warning',
      message: `the rollout is not followed any more, and may still be running there: the Temporal server at ${server.address} ${says}`,
      remedy: 'when that is fixed, follow it again: kplay resume',
    });
    const todo = code === 12 ? 'check the server: kplay waits for it, for at most an hour' : 'API key';
    const first = told.find(({ type }) => type === 'warning');
    expect(first).toMatchObject({ message: expect.stringContaining(`the rollout cannot be queried: `) });
    expect(first).toMatchObject({ remedy: expect.stringContaining(todo) });
    expect(first).toMatchObject({
      remedy: expect.stringMatching(/; clusters in progress are finished in the meantime$/),
    });
    expect(result.unreachable).toEqual(['cluster-0-m0', 'cluster-0-m1']);
    expect(result.hosts).toMatchObject([{ state: 'unknown' }, { state: 'unknown' }]);
    // Nothing is said to the rollout.
    expect(server.called.filter((method) => /Terminate|Cancel|Signal/.test(method))).toEqual([]);
  });

  it.each([
    ['now lets nobody in and now does not answer', [16, 12], 120],
    ['lets nobody in once, and then does not answer', [16, 12, 12], 3600],
    ['was away for long before it lets nobody in', [...Array<number>(20).fill(12), 16], 20 * 50 + 120],
  ])('leaves it in time to a server that %s', async (_, codes, within) => {
    let asked = 0;
    const isFlapping = codes.length === 2;
    status = () => {
      const code = isFlapping ? codes[asked % 2] : codes[Math.min(asked, codes.length - 1)];
      asked += 1;
      return code ?? 0;
    };
    const { result, seconds } = await followed();
    expect(result.unreachable).toEqual(['cluster-0-m0', 'cluster-0-m1']);
    expect(seconds).toBeGreaterThanOrEqual(within);
    expect(seconds).toBeLessThan(within + 100);
  });

  it.each([
    ['a worker that does not answer', 9, /^no worker of temporal:\S+ answers for the rollout: says 9/],
    [
      'the server, where that does not permit it',
      7,
      /^the rollout cannot be queried: the Temporal server at \S+ does not permit/,
    ],
  ])('blames %s', async (_, code, says) => {
    status = runs;
    answers.QueryWorkflow = code;
    expect((await once()).told).toMatchObject([
      { type: 'play-started' },
      { type: 'warning', message: expect.stringMatching(says), engine: 'away' },
    ]);
  });

  it('tells it first what operators have said, and asks the workers then: a pause does not wait for them', async () => {
    status = runs;
    await once({ kind: 'pause', by: 'ops@admin', at: '2026-11-26T12:00:00Z' });
    const asked = server.called.filter((method) => /Describe.*Execution|Signal|Query/.test(method));
    expect(asked).toEqual(['DescribeWorkflowExecution', 'SignalWorkflowExecution', 'QueryWorkflow']);
  });
});

it('a rollout that has ended just before a pause arrives has no outage of the server told', async () => {
  status = runs;
  answers.SignalWorkflowExecution = 5;
  const { told } = await once({ kind: 'pause', by: 'ops@admin', at: '2026-11-26T12:00:00Z' });
  const warnings = told.filter(({ type }) => type === 'warning');
  expect(warnings).toMatchObject([{ message: expect.stringContaining('no worker of') }]);
  expect(server.called).toContain('QueryWorkflow');
});

describe('a rollout that no worker has picked up in time', () => {
  type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
  const historyOf = (...events: readonly HistoryEvent[]): GrpcAnswer =>
    GetWorkflowExecutionHistoryResponse.encode({ history: { events: [...events] } }).finish();
  const scheduled = { workflowTaskScheduledEventAttributes: {} };
  const started = { workflowTaskStartedEventAttributes: {} };
  const answered = { workflowTaskCompletedEventAttributes: {} };

  it.each([
    ['leaves the hosts untouched', [scheduled], 'unchanged'],
    ['does so, too, when a worker that took it meanwhile has not answered', [scheduled, started], 'unchanged'],
    ['leaves them unknown when a worker may have begun meanwhile', [scheduled, started, answered], 'unknown'],
  ])('is withdrawn, and %s', async (_, after, state) => {
    status = runs;
    let asked = 0;
    history = () => {
      asked += 1;
      return asked === 1 ? historyOf(scheduled) : historyOf(...after);
    };
    const { result, told } = await followed();
    expect(server.called.filter((method) => method.startsWith('Terminate'))).toHaveLength(1);
    expect(result.hosts).toMatchObject([{ state }, { state }]);
    expect(result.unreachable).toEqual(['cluster-0-m0', 'cluster-0-m1']);
    const why =
      state === 'unknown' ? 'a worker began it while it was withdrawn' : 'none has taken it within 10 minutes';
    expect(told).toContainEqual(expect.objectContaining({ message: expect.stringContaining(why) }));
  });
});

describe('a rollout that has ended, of which no worker tells any more', () => {
  it('has its result although the server failed when it was asked for it', async () => {
    status = isIn('COMPLETED');
    let asked = 0;
    history = () => {
      asked += 1;
      return asked < 3 ? 13 : ended();
    };
    const { result, told } = await followed();
    expect(result.left).toEqual([]);
    expect(asked).toBe(3);
    expect(told.filter((event) => event.type === 'warning' && event.message.includes('its last events'))).toHaveLength(
      1,
    );
  });

  it.each(['COMPLETED', 'FAILED'] as const)(
    'is given up after an hour if its result cannot be read: %s',
    async (state) => {
      status = isIn(state);
      history = () => 13;
      const { result, told, seconds } = await followed();
      expect(result).toMatchObject({ unreachable: ['cluster-0-m0', 'cluster-0-m1'] });
      expect(result).not.toHaveProperty('mistake');
      expect(told).toContainEqual(
        expect.objectContaining({ message: expect.stringContaining('its result cannot be read') }),
      );
      expect(seconds).toBeGreaterThanOrEqual(3600);
    },
  );
});
