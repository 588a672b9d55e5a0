import type { LogEntry } from '@temporalio/worker';
import { expect, test } from 'vitest';
import type { Environment } from '../../src/cli/environment.ts';
import { SdkLog, workerReporter } from '../../src/cli/temporal/worker-log.ts';
import { MemoryOutput } from './support/memory-streams.ts';

function logged(...entries: readonly (Omit<LogEntry, 'timestampNanos'> & { readonly second: number })[]): string {
  let text = '';
  const write = (said: string): void => {
    text += said;
  };
  const log = new SdkLog({ write }, 'UTC');
  for (const { second, ...entry } of entries) log.take({ ...entry, timestampNanos: BigInt(second) * 1_000_000_000n });
  return text;
}

const repeated = (second: number) => ({
  second,
  level: 'WARN' as const,
  message: `gRPC call poll_workflow_task_queue retried ${second} times`,
  meta: {
    target: 'temporalio_client::retry',
    error:
      'Status { code: Unavailable, message: "tcp connect error", source: Some(tonic::transport::Error(Transport)) }',
  },
});

test('a server that gives no work is told of once a minute, however many requests wait for it', () => {
  const said = 'Temporal: warn: the server gives no work, retrying: tcp connect error';
  expect(logged(...[6, 6, 7, 65, 66, 67].map(repeated))).toBe(
    `1970-01-01T00:00:06Z ${said}\n1970-01-01T00:01:06Z ${said}\n`,
  );
});

test('what each half of a worker lacks is not told, and all else in a line', () => {
  expect(
    logged(
      { second: 0, level: 'WARN', message: 'No activities registered, not polling for activity tasks' },
      { second: 0, level: 'WARN', message: 'No workflows registered, not polling for workflow tasks' },
      { second: 1, level: 'ERROR', message: 'Activity failed', meta: { activityType: 'run', attempt: 2 } },
    ),
  ).toBe("1970-01-01T00:00:01Z Temporal: error: Activity failed { activityType: 'run', attempt: 2 }\n");
});

test('an error is told with its stack, in a line as well, and nothing in it acts on the terminal', () => {
  const error = new Error('no contact\nwith the server', { cause: new Error('\x1b[2Jgone') });
  const text = logged({ second: 1, level: 'ERROR', message: 'Worker\r\n  failed', meta: { error } });
  expect(text).toMatch(
    /^1970-01-01T00:00:01Z Temporal: error: Worker failed \{ error: Error: no contact with the server at .*cause\]: Error: \\x1b\[2Jgone at .* \}\n$/,
  );
});

test('why a worker has failed is kept, and not what goes wrong in one rollout', () => {
  const log = new SdkLog({ write: () => undefined }, 'UTC');
  const entry = { level: 'ERROR', timestampNanos: 0n } as const;
  log.take({ ...entry, message: 'Workflow failed', meta: { error: 'another' } });
  expect(log.whyFailed).toBeUndefined();
  log.take({ ...entry, message: 'Worker failed', meta: { error: 'the key has expired' } });
  log.take({ ...entry, message: 'Worker failed', meta: { error: 'what follows' } });
  expect(log.whyFailed).toBe('the key has expired');
});

test('nothing in the name of a cluster acts on the terminal', async () => {
  const stdout = new MemoryOutput();
  const environment = { stdout, clock: () => new Date(0), variables: {} } as unknown as Environment;
  const reporter = workerReporter('a$&\x1b[2J', { verbose: 0, color: false }, environment);
  reporter.handle({ type: 'warning', hosts: [], message: 'said' });
  await reporter.close();
  expect(stdout.text).toMatch(/^a\$&\\x1b\[2J \| .*said/);
});
