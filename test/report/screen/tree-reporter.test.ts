import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClusterRef } from '../../../src/core/cluster.ts';
import type { Event } from '../../../src/core/events/event.ts';
import { TreeReporter } from '../../../src/report/screen/tree-reporter.ts';
import { MASTERS, START } from '../support/cluster.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { MemoryOutput } from '../support/memory-output.ts';
import { COLORED, PLAIN, withTags } from '../support/options.ts';
import { playBack } from '../support/play-back.ts';
import {
  FAILED_RUN,
  FLEET_RUN,
  finished,
  fleetRun,
  GOOD_RUN,
  IDLE_RUN,
  PLANNED_RUN,
  type Timed,
} from '../support/runs.ts';
import { FakeTerminal } from '../support/terminal.ts';
import { twoClusters } from '../support/two-clusters.ts';

const { hooks: _, ...PLAY_STARTED } = EVERY_EVENT['play-started'];

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

const HALF_WAY_MS = 20_000;

interface Shown {
  readonly terminal: FakeTerminal;
  readonly reporter: TreeReporter;
}

/** A run up to a moment, on a terminal. */
async function show(
  run: readonly Timed[],
  untilMs: number,
  terminal = new FakeTerminal(),
  options = PLAIN,
): Promise<Shown> {
  const reporter = new TreeReporter(terminal, { ...options, now: () => new Date() });
  await playBack(reporter, run, untilMs);
  return { terminal, reporter };
}

/** A whole run, closed. */
async function showAll(run: readonly Timed[], terminal = new FakeTerminal(), options = PLAIN): Promise<FakeTerminal> {
  const { reporter } = await show(run, Number.POSITIVE_INFINITY, terminal, options);
  await reporter.close();
  return terminal;
}

describe('a run on a terminal', () => {
  test.each([
    [80, 24],
    [200, 50],
  ])('is shown half-way in %i × %i', async (columns, rows) => {
    const { terminal } = await show(GOOD_RUN, HALF_WAY_MS, new FakeTerminal(columns, rows));
    await expect(terminal.screen).toMatchFileSnapshot(`../golden/tree-half-way-${columns}.txt`);
  });

  test.each([
    ['good', GOOD_RUN, 80, 24],
    ['good', GOOD_RUN, 200, 50],
    ['failed', FAILED_RUN, 80, 24],
    ['failed', FAILED_RUN, 200, 50],
    ['planned', PLANNED_RUN, 80, 24],
    ['idle', IDLE_RUN, 80, 24],
  ])('that is %s stays there at the end (%#)', async (name, run, columns, rows) => {
    const terminal = await showAll(run, new FakeTerminal(columns, rows));
    await expect(terminal.text).toMatchFileSnapshot(`../golden/tree-${name}-${columns}.txt`);
  });

  test('that goes through two clusters has a section for each, with its own plan', async () => {
    const { text } = await showAll(twoClusters(1, 2_000), new FakeTerminal(120, 40));
    const heads = text.split('\n').filter((line) => line.includes(' · cluster '));
    expect(heads).toEqual([
      expect.stringContaining(' · cluster prod · recovery · 00:01'),
      expect.stringContaining(' · cluster dev · planned · 00:01'),
    ]);
  });

  test('that goes through clusters side by side has a row for each, and keeps what must not be missed', async () => {
    const { terminal } = await show(twoClusters(2, 500), 1_700, new FakeTerminal(120, 40));
    const live = terminal.text.split('\n').map((line) => line.replace(/^\S /, ''));
    expect(live).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/ · 0 of 2 clusters · 00:00/),
        expect.stringMatching(/^cluster prod {3}Check all certificates {3}0 of 1 host {3}0s/),
        expect.stringMatching(/^cluster dev {4}Check all certificates {3}0 of 1 host {3}0s/),
      ]),
    );

    const { text } = await showAll(twoClusters(2, 500, 'failed'), new FakeTerminal(120, 40));
    expect(text).toMatch(
      /2 of 2 clusters · 00:01\n✖ cluster prod {3}failed {3}1 host {3}1\.0s\n✔ cluster dev {4}done {3}1 host {3}1\.0s\n\n✖ .*prod-m1.* a reason/,
    );
  });

  test('is coloured', async () => {
    const output = new MemoryOutput();
    const reporter = new TreeReporter(output, { ...COLORED, now: () => new Date() });
    await playBack(reporter, FAILED_RUN);
    await reporter.close();
    const last = output.text.slice(output.text.lastIndexOf('Renew the leaf'));
    await expect(withTags(last).replaceAll('\u001b', '␛')).toMatchFileSnapshot('../golden/tree-failed-colored.txt');
  });

  test('is ASCII where the terminal is', async () => {
    const { terminal } = await show(GOOD_RUN, HALF_WAY_MS, new FakeTerminal(), { ...PLAIN, unicode: false });
    expect(terminal.text).toMatch(/^[\n -~]*$/);
    expect(terminal.text).toContain('    - prod-m2   container restarted, waiting for readyz (4s of 120s)');
  });

  test('ends with the cursor shown, on a line of its own', async () => {
    const terminal = await showAll(GOOD_RUN);
    expect(terminal.isCursorShown).toBe(true);
    expect(terminal.cursor).toEqual({ row: terminal.text.split('\n').length, column: 0 });
  });

  test('is in order at any moment: a process that is killed leaves no hidden cursor', async () => {
    const { terminal } = await show(GOOD_RUN, HALF_WAY_MS);
    expect(terminal.isCursorShown).toBe(true);
  });

  test('that is cut off says what was being done', async () => {
    const { terminal, reporter } = await show(GOOD_RUN, HALF_WAY_MS);
    await reporter.close();
    expect(terminal.text).toContain('\n◼ Restart the control plane');
    expect(terminal.text).toMatch(/◼ Verify the cluster {3}not started$/);
  });
});

test('waves and hooks that do not fit into a line are broken between words', async () => {
  const clusters = ['staging-eu', 'staging-us', 'staging-ap'];
  const planned = { ...EVERY_EVENT['rollout-planned'], waves: [{ name: 'staging', clusters }], checks: [] };
  const { terminal } = await show(
    [
      [0, { ...PLAY_STARTED, hooks: [{ moment: 'wave', name: 'Tell the channel of each wave' }] }],
      [0, planned],
    ],
    10,
    new FakeTerminal(42, 24),
  );
  const lines = terminal.text.split('\n');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(42);
  const whole = terminal.text.replaceAll('\n  ', ' ');
  expect(whole).toContain("hooks of a run: on_wave 'Tell the channel of each wave'");
  expect(whole).toContain('wave staging: staging-eu, staging-us, staging-ap');
});

test.each<[what: string, told: string, waits: Event, over: Event]>([
  ['a soak', 'soaks until', EVERY_EVENT['wave-soaking'], { ...EVERY_EVENT['wave-settled'], failed: [] }],
  ['an approval', 'is waiting for approval', EVERY_EVENT['wave-waiting'], EVERY_EVENT['wave-approved']],
  ['the end of a pause', 'is paused', EVERY_EVENT['run-paused'], EVERY_EVENT['run-resumed']],
  ['a window', 'waiting for the window', EVERY_EVENT['window-waiting'], EVERY_EVENT['cluster-started']],
  [
    'a check',
    'waits for check',
    { ...EVERY_EVENT['cluster-check'], outcome: 'waiting', reason: 'an alert fires' },
    { ...EVERY_EVENT['cluster-check'], outcome: 'passed' },
  ],
])('%s is told as long as it is waited for', async (_what, told, waits, over) => {
  const begun: readonly Timed[] = [
    [0, PLAY_STARTED],
    [0, { ...EVERY_EVENT['rollout-started'], sideBySide: 2 }],
    [100, waits],
  ];
  const text = async (run: readonly Timed[]) => (await show(run, 1_000)).terminal.text;
  expect(await text(begun)).toContain(told);
  expect(await text([...begun, [200, EVERY_EVENT['wave-started']]])).toContain(told);
  expect(await text([...begun, [200, over]])).not.toContain(told);
});

test('a cluster that was done and is not as it was left after its soak has failed', async () => {
  const [a, b] = [{ kind: 'declared', name: 'a' } as const, { kind: 'declared', name: 'b' } as const];
  const of = (cluster: ClusterRef): readonly Timed[] => [
    [10, { ...EVERY_EVENT['cluster-started'], cluster }],
    [20, { ...EVERY_EVENT['cluster-finished'], cluster, outcome: 'ok' }],
  ];
  const { terminal } = await show(
    [
      [0, PLAY_STARTED],
      [0, { ...EVERY_EVENT['rollout-started'], sideBySide: 2, clusters: [a, b] }],
      ...of(a),
      ...of(b),
      [30, EVERY_EVENT['wave-soaking']],
      [40, { ...EVERY_EVENT['wave-settled'], failed: [{ cluster: 'b', reason: 'apiserver would be changed again' }] }],
      [50, EVERY_EVENT['play-finished']],
    ],
    1_000,
  );
  expect(terminal.text).toMatch(/^✔ cluster a +done /m);
  expect(terminal.text).toMatch(/^✖ cluster b +failed /m);
});

describe('rows', () => {
  test('are cut, never wrapped, and the time that is waited stays', async () => {
    const { terminal } = await show(GOOD_RUN, HALF_WAY_MS, new FakeTerminal(50, 24));
    expect(terminal.text).toMatch(/\n {4}. prod-m2 {3}container restarted… \(4s of 120s\)\n/);
    for (const line of terminal.text.split('\n')) expect(line.length).toBeLessThan(50);
  });

  test('fit a terminal that is low: tasks are counted', async () => {
    const { terminal } = await show(GOOD_RUN, HALF_WAY_MS, new FakeTerminal(80, 12));
    expect(terminal.text.split('\n').slice(1)).toEqual([
      '✔ 6 tasks done',
      expect.stringContaining('Restart the control plane'),
      '  ✔ etcd             3 hosts   6.0s',
      expect.stringContaining('kube-apiserver'),
      expect.stringContaining('prod-m1   kubelet, etcd'),
      expect.stringContaining('prod-m2   container restarted'),
      expect.stringContaining('prod-m3   waiting for kubelet'),
      '◼ 1 more task',
    ]);
  });

  test('follow a terminal that is made narrower while it runs', async () => {
    const { terminal, reporter } = await show(GOOD_RUN, 14_000, new FakeTerminal(200, 50));
    terminal.columns = 80;
    await vi.advanceTimersByTimeAsync(200);
    expect(terminal.text.split('\n')[0]).toMatch(/^.{0,79}$/);
    await reporter.close();
  });
});

describe('many hosts', () => {
  test('are counted, the slowest named, the failed told', async () => {
    const { terminal } = await show(FLEET_RUN, 8_050);
    await expect(terminal.screen).toMatchFileSnapshot('../golden/tree-fleet-80.txt');
  });

  test('are listed up to twenty', async () => {
    const { terminal } = await show(fleetRun(20), 1_900, new FakeTerminal(80, 50));
    expect(terminal.text.match(/worker-\d+ {3}node/g)).toHaveLength(20);
  });

  test('are not said to be running where some may only wait for a fork', async () => {
    const four = fleetRun(30).filter(
      ([, event]) => event.type !== 'task-finished' && (event.type !== 'task-progress' || event.host <= 'worker-004'),
    );
    const screen = async (run: readonly Timed[]) => (await show(run, 4_000)).terminal.screen;
    expect(await screen(four)).toMatch(/^ {2}… 26 more not finished$/m);
    const silent = four.filter(([, { type }]) => type !== 'task-progress');
    expect(await screen(silent)).toMatch(/^ {2}… 30 hosts not finished$/m);
  });

  test('with a storm of events do not make more than ten writes a second', async () => {
    const terminal = new FakeTerminal();
    const reporter = new TreeReporter(terminal, { ...PLAIN, now: () => new Date() });
    await playBack(reporter, FLEET_RUN);
    await reporter.close();
    const events = FLEET_RUN.length;
    expect(events).toBeGreaterThan(5_000);
    expect(terminal.writes).toBeLessThanOrEqual(30 * 10 + 10);
  });

  test('that all say something at once are drawn once', async () => {
    const { terminal, reporter } = await show(FLEET_RUN, 2_000);
    const before = terminal.writes;
    for (const [, event] of FLEET_RUN) if (event.type === 'task-progress') reporter.handle(event);
    expect(terminal.writes).toBe(before);
    await vi.advanceTimersByTimeAsync(100);
    expect(terminal.writes).toBe(before + 1);
  });
});

describe('between a plan and its first batch', () => {
  const PLANNED = GOOD_RUN.filter(([, { type }]) =>
    /^(run|play|host)-(started|connected|observed|planned)$/.test(type),
  );

  test('the screen is free for others, who are not written over', async () => {
    const { terminal, reporter } = await show(PLANNED, 650);
    expect(terminal.text).toBe('');
    terminal.write('The plan.\nGo on? yes\n');
    await vi.advanceTimersByTimeAsync(5_000);
    reporter.handle({ type: 'batch-started', number: 1, of: 1, hosts: MASTERS });
    await vi.advanceTimersByTimeAsync(200);
    expect(terminal.text).toMatch(
      /^The plan\.\nGo on\? yes\nRenew the leaf .* · 00:00 .*\n✔ Connect and read facts .*\n◼ Check all/,
    );
    await reporter.close();
  });

  test('no task is left when the hosts were only looked at', async () => {
    const looking = PLANNED.map(
      ([at, event]): Timed => [at, event.type === 'run-started' ? { ...event, writes: false } : event],
    );
    const terminal = await showAll([...looking, [700, EVERY_EVENT['run-finished']]]);
    expect(terminal.text).toBe(
      'Nothing was written. 38s.\nContact for cluster prod: Platform team, +49 30 1234\nNext: kplay check -i prod.yml',
    );
  });

  test('only hosts that are contacted have a row, which says what is done with them; the others are counted', async () => {
    const [first, second] = MASTERS;
    const run: readonly Timed[] = [
      [0, PLAY_STARTED],
      [0, { type: 'host-connecting', host: first }],
      [1_000, { type: 'host-connected', host: first, elapsedMs: 1_000 }],
      [1_000, { type: 'host-connecting', host: second }],
      // Tasks are delegated to it: it is not of the play.
      [1_000, { type: 'host-connecting', host: 'elsewhere' }],
      [2_000, { type: 'host-connected', host: second, elapsedMs: 1_000 }],
      [2_000, { type: 'host-observing', host: second }],
      [3_000, { type: 'host-observed', host: second, facts: 42, elapsedMs: 1_000 }],
    ];
    const rows = async (untilMs: number) => {
      const { terminal, reporter } = await show(run, untilMs);
      const shown = terminal.screen.split('\n').slice(1);
      await reporter.close();
      return shown.map((row) => row.slice(2));
    };
    expect(await rows(500)).toEqual([
      'Connect and read facts  0 of 3 hosts  0s',
      expect.stringContaining('prod-m1   connecting (0s)'),
      '◼ 2 more hosts',
    ]);
    expect((await rows(1_500)).slice(1)).toEqual([
      expect.stringContaining('prod-m1   connected (0s)'),
      expect.stringContaining('prod-m2   connecting (0s)'),
      '◼ 1 more host',
    ]);
    expect((await rows(2_500)).slice(1)).toEqual([
      expect.stringContaining('prod-m1   connected (1s)'),
      expect.stringContaining('prod-m2   reading facts (0s)'),
      '◼ 1 more host',
    ]);
    expect((await rows(3_500))[0]).toBe('Connect and read facts  1 of 3 hosts  3s');
  });

  test('a host that cannot be reached stays on the screen', async () => {
    const { terminal, reporter } = await show(
      [
        [0, EVERY_EVENT['run-started']],
        [0, PLAY_STARTED],
        [100, EVERY_EVENT['host-unreachable']],
        [200, EVERY_EVENT['play-planned']],
      ],
      300,
    );
    await reporter.close();
    expect(terminal.text.split('\n').slice(1)).toEqual([
      '✖ Connect and read facts  3 hosts  0.2s   1 unreachable',
      '',
      '✖ prod-m2   unreachable: no answer within 10s',
      '  What to do: see whether it runs',
      '  More: kplay explain unreachable-timeout',
    ]);
  });
});

describe('what must not be missed', () => {
  test('is shown while a host is put back', async () => {
    const { terminal } = await show(FAILED_RUN, 145_000);
    expect(terminal.screen).toContain("prod-m2 being restored: 'Restart the control plane' failed (5s)");
    expect(terminal.screen).toContain('readyz did not answer within 120s');
  });

  test('is what a host waits for while it is put back', async () => {
    const { terminal, reporter } = await show(FAILED_RUN, 145_000);
    const waiting = { ...EVERY_EVENT['host-waiting'], host: 'prod-m2', message: 'etcd: does not serve' };
    reporter.handle({ ...waiting, elapsedMs: 3_000, limitMs: 240_000 });
    await vi.advanceTimersByTimeAsync(100);
    expect(terminal.screen).toMatch(/prod-m2 being restored: .*\n {2}etcd: does not serve \(3s of 240s\)/);
  });

  test('takes the place of the hint about Ctrl-C', async () => {
    const { terminal, reporter } = await show(GOOD_RUN, HALF_WAY_MS);
    reporter.handle(EVERY_EVENT.interrupted);
    await vi.advanceTimersByTimeAsync(100);
    expect(terminal.screen).not.toContain('Ctrl-C finishes');
    expect(terminal.screen).toContain('\n! interrupted: stopping after the step in hand; Ctrl-C again stops at once');
  });

  test('is written at once when nothing is drawn', () => {
    const terminal = new FakeTerminal();
    const reporter = new TreeReporter(terminal, { ...PLAIN, now: () => START });
    reporter.handle(EVERY_EVENT.warning);
    reporter.handle(EVERY_EVENT.interrupted);
    expect(terminal.text).toBe(
      [
        '! warning: prod-m1: its lock was left',
        '  What to do: remove it',
        '  More: kplay explain master-unhealthy',
        '',
        '! interrupted: stopping after the step in hand; Ctrl-C again stops at once',
      ].join('\n'),
    );
  });
});

describe('any event', () => {
  const EVENTS: readonly Event[] = Object.values(EVERY_EVENT);

  test('is taken, in any order', async () => {
    for (const events of [EVENTS, EVENTS.toReversed(), [...EVENTS, ...EVENTS]]) {
      const reporter = new TreeReporter(new FakeTerminal(), { ...PLAIN, now: () => START });
      for (const event of events) expect(() => reporter.handle(event)).not.toThrow();
      await vi.advanceTimersByTimeAsync(200);
      await reporter.close();
    }
  });

  test('with what a host made of its texts does not reach the terminal', async () => {
    const evil = '\u001b[2J\u001b]0;x\u0007\r\n\u009b1A\u202e';
    const run: readonly Timed[] = [
      ...GOOD_RUN.slice(0, -1),
      [
        39_000,
        finished(6, `prod-m9${evil}`, { outcome: 'failed', reason: evil, details: [[evil, evil]], remedy: evil }),
      ],
      [39_000, { type: 'warning', hosts: [evil], message: evil, remedy: evil }],
    ];
    const terminal = await showAll(run, new FakeTerminal(200, 50));
    expect(terminal.text).toContain('\\x1b[2J\\x1b]0;x\\x07\\r\\n\\x9b1A\\u202e');
  });
});
