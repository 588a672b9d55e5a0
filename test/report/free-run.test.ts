import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PlayPlan } from '../../src/core/events/plan.ts';
import type { TaskOutcome, TaskRef } from '../../src/core/events/task.ts';
import { planTotals } from '../../src/core/plan-totals.ts';
import { PlayState } from '../../src/report/progress/play-state.ts';
import { PlainReporter } from '../../src/report/screen/plain-reporter.ts';
import { START } from './support/cluster.ts';
import { MemoryOutput } from './support/memory-output.ts';
import { PLAIN } from './support/options.ts';
import { playBack } from './support/play-back.ts';
import type { Timed } from './support/runs.ts';

const PLAY = 'Freely';
const HOSTS = ['a', 'b', 'c'];
const [WORK, WRITE, RELOAD] = ['Work', 'Write', 'Reload'].map(
  (name, index): TaskRef => ({ path: `tasks.${index}`, name, step: 'command' }),
) as [TaskRef, TaskRef, TaskRef];

const change = { kind: 'run', target: 'x', before: null, after: null, disruptive: false } as const;
const planned = ({ path }: TaskRef, condition?: string): PlayPlan['hosts'][number]['tasks'][number] => ({
  path,
  action: 'change',
  changes: [change],
  ...(condition !== undefined && { condition }),
});
const plan: PlayPlan = {
  play: PLAY,
  order: { name: 'free', reason: 'each host on its own, none waits for another', batches: [HOSTS] },
  tasks: [WORK, WRITE, RELOAD],
  hosts: HOSTS.map((host) => ({
    host,
    tasks: [planned(WORK), planned(WRITE), planned(RELOAD, "only if 'Write' changes something")],
  })),
};

const starts = (atMs: number, task: TaskRef, host: string): Timed => [
  atMs,
  { type: 'task-started', task, hosts: [host] },
];
const ends = (atMs: number, task: TaskRef, host: string, outcome: TaskOutcome = 'changed'): Timed => [
  atMs,
  { type: 'task-finished', task, host, outcome, reason: 'no', changes: [], elapsedMs: 1_000 },
];

/** One host is slow, one fails in the first task, and one comes to a handler. */
const RUN: readonly Timed[] = [
  [0, { type: 'play-started', play: PLAY, hosts: HOSTS }],
  [0, { type: 'play-planned', plan, totals: planTotals(plan) }],
  [0, { type: 'batch-started', number: 1, of: 1, hosts: HOSTS }],
  ...HOSTS.map((host) => starts(0, WORK, host)),
  ends(1_000, WORK, 'b'),
  starts(1_000, WRITE, 'b'),
  ends(2_000, WRITE, 'b'),
  starts(2_000, RELOAD, 'b'),
  ends(3_000, WORK, 'c', 'failed'),
  ends(3_000, RELOAD, 'b'),
  ends(9_000, WORK, 'a'),
  starts(9_000, WRITE, 'a'),
  ends(10_000, WRITE, 'a'),
  [10_000, { type: 'play-finished', play: PLAY, elapsedMs: 10_000 }],
];

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

async function logged(run: readonly Timed[]): Promise<readonly string[]> {
  const output = new MemoryOutput();
  const reporter = new PlainReporter(output, { ...PLAIN, now: () => new Date() });
  await playBack(reporter, run);
  await reporter.close();
  return output.text.split('\n').filter((line) => /(Work|Write|Reload):/.test(line));
}

describe('a play in which each host goes on its own', () => {
  test('has in its log when the first host begins a task, and when the last one has ended it', async () => {
    expect((await logged(RUN)).map((line) => line.slice(6))).toEqual([
      '44Z Work: started by a',
      '45Z Write: started by b',
      '46Z Reload: started by b',
      '47Z Reload: done · 1 host · 1.0s · no',
      '53Z Work: ended · 3 hosts · 1.0s · 1 failed',
      '54Z Write: done · 2 hosts · 1.0s · no',
    ]);
  });

  test('ends tasks to which hosts have not come at the end of the batch', async () => {
    const ended = RUN.filter(([atMs, event]) => atMs < 9_000 || !('task' in event) || event.task !== WRITE);
    expect((await logged(ended)).at(-1)).toContain('Write: done · 1 host');
  });

  test('shows of a task how many have come to it, and how many will', () => {
    const state = new PlayState({ play: PLAY, hosts: HOSTS }, 0);
    const seen = new Map<number, string>();
    for (const [atMs, event] of RUN) {
      state.apply(event, atMs, 'UTC');
      const { state: how, doneCount, begun, hosts } = state.task(WRITE);
      seen.set(atMs, `${how} ${doneCount}/${begun.length}/${hosts.length}`);
    }
    expect([...seen]).toEqual([
      [0, 'waiting 0/0/3'],
      [1_000, 'running 0/1/3'],
      [2_000, 'running 1/1/3'],
      [3_000, 'running 1/1/2'],
      [9_000, 'running 1/2/2'],
      [10_000, 'ended 2/2/2'],
    ]);
  });
});
