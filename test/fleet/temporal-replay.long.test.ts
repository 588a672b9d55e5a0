import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PROJECT } from '../cli/support/bundled-program.ts';
import { historyOf, type RecordedEvent, recordedHistories } from './temporal/support/histories.ts';

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

/** With a rollout of this version. */
function inVersion(events: readonly RecordedEvent[], version: number): readonly RecordedEvent[] {
  return events.map((event) => {
    const { workflowExecutionStartedEventAttributes: begun } = event;
    const [payload] = begun?.input.payloads ?? [];
    if (!begun || !payload) return event;
    const order: unknown = JSON.parse(Buffer.from(payload.data, 'base64').toString('utf8'));
    const data = Buffer.from(JSON.stringify(Object.assign({}, order, { version }))).toString('base64');
    return {
      ...event,
      workflowExecutionStartedEventAttributes: { ...begun, input: { payloads: [{ ...payload, data }] } },
    };
  });
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
