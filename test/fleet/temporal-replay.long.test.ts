import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPayloadConverter } from '@temporalio/common';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type ClusterOrder,
  type ClusterReport,
  type PlainResult,
  type RolloutOrder,
  type RolloutView,
  VIEW_QUERY,
} from '../../src/fleet/temporal/orders.ts';
import { PROJECT } from '../cli/support/bundled-program.ts';
import { historyOf, type RecordedEvent, recordedHistories } from './temporal/support/histories.ts';
import { orderOfMany, recordedWork } from './temporal/support/recorded-work.ts';
import { resultIn, WorkflowByHand } from './temporal/support/workflow-by-hand.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let place: string;
let codePath: string;
beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  place = mkdtempSync(join(tmpdir(), 'kplay-replay-'));
  execFileSync(process.execPath, ['scripts/build.mjs', place], { cwd: PROJECT, stdio: 'pipe' });
  codePath = join(place, 'temporal-workflows.cjs');
});
afterAll(async () => {
  await Runtime.instance().shutdown();
  rmSync(place, { recursive: true, force: true });
});

const replay = (events: readonly RecordedEvent[]): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: { codePath } }, historyOf(events));

interface Payloads {
  readonly payloads: readonly { readonly data: string }[];
}

/** With another first value. */
function changed<T>({ payloads: [first, ...rest] }: Payloads, change: (value: T) => unknown): Payloads {
  if (!first) throw new Error('it has none');
  const value = JSON.parse(Buffer.from(first.data, 'base64').toString('utf8'));
  const data = Buffer.from(JSON.stringify(change(value))).toString('base64');
  return { payloads: [{ ...first, data }, ...rest] };
}

/** With a rollout that was ordered otherwise. */
function ordered(events: readonly RecordedEvent[], more: Partial<RolloutOrder> | object): readonly RecordedEvent[] {
  return events.map((event) => {
    const { workflowExecutionStartedEventAttributes: begun } = event;
    if (!begun) return event;
    const input = changed(begun.input, (order: object) => ({ ...order, ...more }));
    return { ...event, workflowExecutionStartedEventAttributes: { ...begun, input } };
  });
}

/** The names of its clusters. */
function clustersOf(events: readonly RecordedEvent[]): readonly string[] {
  const names: string[] = [];
  for (const { workflowExecutionStartedEventAttributes: begun } of events)
    if (begun) changed(begun.input, ({ clusters }: RolloutOrder) => names.push(...clusters.map(({ name }) => name)));
  return names;
}

const inVersion = (events: readonly RecordedEvent[], version: number) => ordered(events, { version });

/** With other reports of workers about clusters. */
function reported(
  events: readonly RecordedEvent[],
  change: (result: PlainResult) => PlainResult,
): readonly RecordedEvent[] {
  return events.map((event) => {
    const { activityTaskCompletedEventAttributes: done } = event;
    if (!done?.result) return event;
    const result = changed(done.result, (report: ClusterReport | string) =>
      typeof report === 'object' && 'result' in report ? { ...report, result: change(report.result) } : report,
    );
    return { ...event, activityTaskCompletedEventAttributes: { ...done, result } };
  });
}

/** As if nothing had been left to do on its hosts. */
function unchanged(result: PlainResult): PlainResult {
  return { ...result, hosts: result.hosts.map((host) => ({ ...host, changed: 0, state: 'unchanged' })) };
}

/** As if everything in its plans depended on the run. */
function undecided(result: PlainResult): PlainResult {
  const plans = result.plans.map((plan) => ({
    ...plan,
    hosts: plan.hosts.map((host) => ({
      ...host,
      tasks: host.tasks.map((task) => ({ ...task, condition: "only if 'Ask' changes something" })),
    })),
  }));
  return { ...result, plans };
}

/** As far as the rollout had come whenever a worker had nothing more to do: there another one may take it over. */
function stops(events: readonly RecordedEvent[]): readonly (readonly RecordedEvent[])[] {
  return events.flatMap(({ eventType }, index) =>
    eventType.endsWith('WORKFLOW_TASK_COMPLETED') ? [events.slice(0, index + 1)] : [],
  );
}

describe.each(recordedHistories())('the rollout $name, which an earlier kplay has begun', ({ events }) => {
  it('is gone on with by this one, wherever it was', async () => {
    const points = stops(events);
    expect(points.length).toBeGreaterThan(4);
    for (const point of [...points, events]) await replay(point);
  });

  it('is left to others where it is of a version that this one does not know', async () => {
    await expect(replay(inVersion(events, 2))).resolves.toBeUndefined();
    await expect(replay(inVersion(events, 999))).rejects.toThrow();
  });

  it('works on clusters of which only the run decides what is done, if it was begun so', async () => {
    const open = reported(events, undecided);
    for (const point of stops(inVersion(open, 5))) await replay(point);
    // Up to 4, these had nothing to do.
    await expect(replay(inVersion(open, 4))).rejects.toThrow(DeterminismViolationError);
    await expect(replay(inVersion(events, 4))).resolves.toBeUndefined();
  });

  it('could not be gone on with by one that does its work in another order', async () => {
    const looked = events.findIndex((event) => event.activityTaskScheduledEventAttributes?.activityType.name === 'run');
    const otherwise = events.map((event, index) =>
      index === looked
        ? {
            ...event,
            activityTaskScheduledEventAttributes: {
              ...event.activityTaskScheduledEventAttributes,
              activityType: { name: 'lookAgain' },
            },
          }
        : event,
    );
    await expect(replay(otherwise)).rejects.toThrow(DeterminismViolationError);
  });
});

it('clusters that a resumed rollout had started are proved, though nothing is left to do on them', async () => {
  const { events } = recordedHistories().find(({ name }) => name.endsWith('-checks')) ?? expect.fail();
  const done = inVersion(reported(events, unchanged), 5);
  const [cluster] = clustersOf(events);
  for (const point of stops(ordered(done, { unproven: [cluster] }))) await replay(point);
  await expect(replay(ordered(done, { unproven: ['another'] }))).rejects.toThrow(DeterminismViolationError);
});

describe('a rollout that is cancelled on the server', () => {
  const order: RolloutOrder = { ...orderOfMany(2, 1), sideBySide: 1 };

  /** In the midst of its first cluster, or before it where that has to be approved. */
  async function working(isReplaying = false, own = order) {
    const workflow = await WorkflowByHand.begin(codePath, own, isReplaying);
    onTestFinished(() => workflow.close());
    const work = recordedWork();
    const of = (index: number): ClusterOrder => {
      const { version, runId, work: ordered, clusters } = order;
      return { version, runId, work: ordered, now: '2026-11-26T12:00:00Z', cluster: clusters[index] ?? expect.fail() };
    };
    const asked = (commands: Awaited<ReturnType<WorkflowByHand['start']>>) =>
      commands.flatMap(({ scheduleActivity }) => scheduleActivity?.activityType ?? []);
    expect(asked(await workflow.start(own))).toEqual(['look']);
    expect(asked(await workflow.report(1, await work.look(of(0))))).toEqual(['look']);
    expect(asked(await workflow.report(2, await work.look(of(1))))).toEqual(own === order ? ['run'] : []);
    return { workflow, done: await work.run(of(0)) };
  }

  it('finishes the cluster in hand, starts none any more, and says how each is and what to do', async () => {
    const { workflow, done } = await working();
    const atOnce = await workflow.tell({ cancelWorkflow: {} });
    expect(atOnce.filter(({ requestCancelActivity: cancel }) => cancel)).toEqual([]);
    const commands = await workflow.report(3, done);
    const result = resultIn<PlainResult>(commands) ?? expect.fail();
    expect(result).toMatchObject({ wasAborted: true, failed: [], unreachable: [] });
    expect(result).not.toHaveProperty('mistake');
    expect(result.hosts.map(({ host, state }) => [host, state])).toEqual([
      ['cluster-0-m0', 'changed'],
      ['cluster-1-m0', 'unchanged'],
    ]);
    const [answer] = await workflow.tell({
      queryWorkflow: { queryId: 'q', queryType: VIEW_QUERY, arguments: [defaultPayloadConverter.toPayload(0)] },
    });
    const view = defaultPayloadConverter.fromPayload<RolloutView>(answer?.respondToQuery?.succeeded?.response ?? {});
    expect(view.told.map(({ event }) => event)).toContainEqual({
      type: 'rollout-stopped',
      play: order.play,
      reason: 'the rollout was cancelled on the Temporal server',
      remedy: 'kplay run does what is left',
      clusters: ['cluster-1'],
    });
  });

  it('ends at once while it waits for an approval', async () => {
    const waves = [{ name: { value: 'all' }, choice: { kind: 'rest' }, approval: { value: 'manual' } }];
    const waiting = { ...order, rollout: JSON.stringify({ waves, order: 'name', checks: [] }) };
    const { workflow } = await working(false, waiting);
    const result = resultIn<PlainResult>(await workflow.tell({ cancelWorkflow: {} })) ?? expect.fail();
    expect(result).toMatchObject({ wasAborted: true, failed: [], unreachable: [] });
    expect(result.hosts.map(({ state }) => state)).toEqual(['unchanged', 'unchanged']);
  });

  it('goes on as it has begun where an older kplay was told', async () => {
    const { workflow } = await working(true);
    const commands = await workflow.tell({ cancelWorkflow: {} });
    expect(commands.filter(({ requestCancelActivity: cancel }) => cancel)).toHaveLength(1);
  });
});
