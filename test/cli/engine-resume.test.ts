import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { temporal } from '@temporalio/proto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Event } from '../../src/core/events/event.ts';
import { NO_RESULT, UNTOUCHED } from '../../src/engine/run-result.ts';
import { plainResult, type RolloutView, SAY_SIGNAL } from '../../src/fleet/temporal/orders.ts';
import { journalLine } from '../../src/journal/journal-line.ts';
import { readJournal } from '../../src/journal/read-journal.ts';
import { Controller } from './support/controller.ts';
import { type GrpcAnswer, GrpcServer } from './support/grpc-server.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const {
  DescribeTaskQueueResponse,
  DescribeWorkflowExecutionResponse,
  GetWorkflowExecutionHistoryResponse,
  QueryWorkflowResponse,
  StartWorkflowExecutionResponse,
} = temporal.api.workflowservice.v1;
const { WorkflowExecutionStatus, EventType } = temporal.api.enums.v1;

let controller: Controller;
let server: GrpcServer;
/** Answers by the method; a test changes them. */
let answers: Record<string, GrpcAnswer>;
let run: string;

/** A rollout that was begun, and whose process is gone. */
beforeEach(async () => {
  controller = new Controller();
  answers = { StartWorkflowExecution: 7 };
  server = await GrpcServer.open(answers);
  const play = controller.file(
    'play.yml',
    '- { name: P, hosts: all, rollout: { order: name }, tasks: [{ debug: { msg: x } }] }\n',
  );
  const fleet = controller.file('fleet.yml', 'a: { vars: { kplay_cluster: { name: a } }, hosts: { a1: } }\n');
  const files = [
    '--report',
    `junit=${at('junit.xml')}`,
    '--report',
    `markdown=${at('run.md')}`,
    '--metrics',
    at('run.prom'),
  ];
  await controller.run(['run', play, '-i', fleet, '--engine', `temporal://${server.address}`, ...files]);
  const [journal = expect.fail()] = controller.journals;
  const { records } = readJournal(readFileSync(journal));
  const left = records.map((record) => ({
    ...record,
    // Nobody has such a number.
    entry: record.entry.type === 'start' ? { ...record.entry, pid: 999_999_999 } : record.entry,
  }));
  writeFileSync(journal, left.map((record) => `${journalLine(record)}\n`).join(''));
  run = basename(dirname(journal));
});
afterEach(async () => {
  await server.close();
  controller.close();
});

const at = (name: string): string => `${controller.directory}/${name}`;

const payloads = (value: unknown) => ({
  payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(value)) }],
});

function described(status: keyof typeof WorkflowExecutionStatus): Uint8Array {
  return DescribeWorkflowExecutionResponse.encode({
    workflowExecutionInfo: {
      execution: { workflowId: `kplay-${run}`, runId: 'x' },
      type: { name: 'rollout' },
      startTime: { seconds: 1_790_000_000 as never },
      status: WorkflowExecutionStatus[status],
    },
  }).finish();
}

/** What has come of it: its host failed. */
function told(): void {
  const host = { ...UNTOUCHED, host: 'a1', failed: 1, state: 'restored', restored: 1 } as const;
  const cluster = { kind: 'declared', name: 'a' } as const;
  const events: readonly Event[] = [
    { type: 'cluster-started', play: 'P', cluster, hosts: ['a1'] },
    { type: 'cluster-finished', play: 'P', cluster, outcome: 'failed', elapsedMs: 1 },
  ];
  const view: RolloutView = {
    play: 'P',
    clusters: [],
    signals: [],
    told: events.map((event) => ({ time: '2026-11-27T00:00:00Z', event })),
    count: events.length,
  };
  const result = plainResult({ ...NO_RESULT, hosts: [host], failed: ['a1'] });
  answers['QueryWorkflow'] = QueryWorkflowResponse.encode({ queryResult: payloads(view) }).finish();
  answers['GetWorkflowExecutionHistory'] = GetWorkflowExecutionHistoryResponse.encode({
    history: {
      events: [
        {
          eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
          workflowExecutionCompletedEventAttributes: { result: payloads(result) },
        },
      ],
    },
  }).finish();
}

const starts = () => server.called.filter((method) => method === 'StartWorkflowExecution').length;

describe('a rollout that has ended in its Temporal server while nobody followed it', () => {
  beforeEach(() => {
    answers['DescribeWorkflowExecution'] = described('WORKFLOW_EXECUTION_STATUS_COMPLETED');
    told();
  });

  it('is called so by kplay history, and kplay show says what tells its result', async () => {
    const history = await controller.run(['history']);
    expect(history.stdout).toMatch(/ not followed +-$/m);
    expect(history.stdout).toContain('which may still be running there, or may have ended since.');
    expect(history.stdout).toContain(`\nTo follow it, or see its result: kplay resume ${run}\n`);
    expect((await controller.run(['history', '--no-headers'])).stdout).not.toContain('resume');
    const { stdout } = await controller.run(['show', run]);
    expect(stdout).toMatch(/it has ended there; kplay resume \S+ reports its result, and\s+starts nothing/);
    expect(stdout).toContain('a1 unknown: the rollout is not followed any more');
  });

  it('is told by kplay resume with its exit code, and nothing is begun; after that the rest is', async () => {
    const before = starts();
    const ended = await controller.run(['resume', run]);
    expect(ended.stdout).toContain('the rollout has ended while nobody followed it');
    expect(ended.stdout).toMatch(/cluster a: failed/);
    expect(ended.stdout).toContain('State: a1 restored');
    expect(ended.exitCode).toBe(2);
    expect(starts()).toBe(before);
    expect(controller.read('junit.xml')).toMatch(
      /<testcase classname="a1" name="comes through" time="0">\s*<failure type="restored" message="restored">/,
    );
    expect(controller.read('run.md')).toMatch(/^\| a1 \| .*restored/m);
    // Nobody here has seen its certificates.
    const metrics = controller.read('run.prom');
    expect(metrics).toMatch(/^kplay_run_host_success\{.*host="a1".*\} 0$/m);
    expect(metrics).toMatch(/^kplay_run_exit_code\{command="run"\} 2$/m);
    expect(metrics).not.toContain('kplay_check');
    // Its end has been told.
    expect((await controller.run(['show', run])).stdout).toMatch(
      new RegExp(`it has ended there; its result: kplay\\s+show ${run}\\.2`),
    );
    expect((await controller.run(['history'])).stdout).not.toContain('may have ended since');
    const again = await controller.run(['resume', `${run}.2`]);
    expect(again.stderr).toContain('does not permit that');
    expect(starts()).toBe(before + 1);
  });
});

it.each([
  [
    'was ended there by somebody',
    () => described('WORKFLOW_EXECUTION_STATUS_TERMINATED'),
    /it ended on the server: terminated/,
  ],
  ['is not known there', () => 5, /the server does not know it/],
])('a rollout that %s has no result: kplay resume begins what is left', async (_, answer, says) => {
  answers['DescribeWorkflowExecution'] = answer();
  expect((await controller.run(['show', run])).stdout).toMatch(says);
  const before = starts();
  const { stdout } = await controller.run(['resume', run]);
  expect(stdout).not.toContain('while nobody followed it');
  expect(starts()).toBe(before + 1);
});

it.each([
  ['nobody has asked for work there', () => DescribeTaskQueueResponse.encode({}).finish(), true],
  ['a worker asks', () => DescribeTaskQueueResponse.encode({ pollers: [{ identity: 'x' }] }).finish(), false],
  ['the server does not say', () => 7, false],
])('kplay run warns of a site without a worker, where %s', async (_, answer, warns) => {
  answers['StartWorkflowExecution'] = StartWorkflowExecutionResponse.encode({ runId: 'x' }).finish();
  answers['DescribeWorkflowExecution'] = described('WORKFLOW_EXECUTION_STATUS_COMPLETED');
  answers['DescribeTaskQueue'] = answer();
  told();
  const fleet = controller.file(
    'site.yml',
    'a: { vars: { kplay_cluster: { name: a, site: north } }, hosts: { a1: } }\n',
  );
  const { stdout } = await controller.run([
    'run',
    at('play.yml'),
    '-i',
    fleet,
    '--engine',
    `temporal://${server.address}`,
  ]);
  const warning = 'no worker of site north is there: cluster a waits for one, 10 minutes at most';
  expect(stdout.replaceAll(/\s+/g, ' ').includes(warning)).toBe(warns);
  expect(stdout).toMatch(/cluster a: failed/);
});

it.each(['pause', 'abort', 'approve', 'resume'])(
  'kplay %s, which takes its server from the record, does not advise to name another one',
  async (command) => {
    answers['DescribeNamespace'] = 5;
    const { exitCode, stderr } = await controller.run([command, run]);
    expect(stderr).toContain(`has no namespace 'default': says 5\n  make it: temporal operator namespace create`);
    expect(stderr).not.toContain('--engine');
    expect(exitCode).toBe(1);
  },
);

describe('a rollout that nobody follows, and for which no worker answers', () => {
  const running = (): Record<string, GrpcAnswer> => ({
    DescribeWorkflowExecution: described('WORKFLOW_EXECUTION_STATUS_RUNNING'),
    QueryWorkflow: 9,
  });

  it.each(['pause', 'abort'])('can be told to %s: the server keeps that until a worker is there', async (command) => {
    Object.assign(answers, running());
    const { exitCode, stdout, stderr } = await controller.run([command, run, '--reason', 'a fire drill']);
    expect(stdout + stderr).toContain(
      'No worker answers for the rollout at the moment: this applies as soon as one does.',
    );
    expect(server.called).toContain('SignalWorkflowExecution');
    expect(exitCode).toBe(0);
  });

  it('is told by the server what was said to it before: it is not paused twice, and kplay show tells of it', async () => {
    const said = { kind: 'pause', by: 'ops@admin', at: '2026-11-27T00:00:00.000Z', reason: 'a fire drill' };
    Object.assign(answers, running(), {
      GetWorkflowExecutionHistory: GetWorkflowExecutionHistoryResponse.encode({
        history: {
          events: [
            {
              eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
              workflowExecutionSignaledEventAttributes: { signalName: SAY_SIGNAL, input: payloads(said) },
            },
          ],
        },
      }).finish(),
    });
    expect((await controller.run(['pause', run])).stderr).toMatch(/run \S+ has already been paused by ops@admin/);
    expect((await controller.run(['show', run])).stdout).toMatch(
      /^paused: +by ops@admin, 2026-11-27T00:00:00Z: a fire drill; resume/m,
    );
    expect(server.called).not.toContain('SignalWorkflowExecution');
  });

  it('says that none has answered in time where nothing else is known', async () => {
    Object.assign(answers, running(), { QueryWorkflow: 1 });
    const { stdout } = await controller.run(['show', run]);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('answers for the rollout: none has answered in time; start one');
  });

  it('is not told anything where the server refuses whoever asks', async () => {
    Object.assign(answers, running(), { QueryWorkflow: 7 });
    const { exitCode, stderr } = await controller.run(['abort', run]);
    expect(stderr).toContain('does not permit that');
    expect(server.called).not.toContain('SignalWorkflowExecution');
    expect(exitCode).toBe(1);
  });

  it('is shown as running, with what to do', async () => {
    Object.assign(answers, running());
    const shown = (await controller.run(['show', run])).stdout.replaceAll(/\s+/g, ' ');
    expect(shown).toMatch(
      /it is still running there; no worker of temporal:\S+ answers for the rollout: says 9; start one/,
    );
    expect(JSON.parse((await controller.run(['show', run, '-o', 'json'])).stdout)).toMatchObject({
      engine: { goes_on: true },
    });
  });
});
