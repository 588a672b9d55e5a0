import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Event } from '../../../src/core/events/event.ts';
import type { PlannedTask } from '../../../src/core/events/plan.ts';
import { PlainReporter } from '../../../src/report/screen/plain-reporter.ts';
import type { StyleOptions } from '../../../src/report/text/style.ts';
import { MASTERS, START, task } from '../support/cluster.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { MemoryOutput } from '../support/memory-output.ts';
import { COLORED, PLAIN, withTags } from '../support/options.ts';
import { playBack } from '../support/play-back.ts';
import { FAILED_RUN, FLEET_RUN, finished, GOOD_RUN, IDLE_RUN, PLANNED_RUN, type Timed } from '../support/runs.ts';
import { twoClusters } from '../support/two-clusters.ts';

const { hooks: _, ...PLAY_STARTED } = EVERY_EVENT['play-started'];

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

async function logged(
  run: readonly Timed[],
  options: StyleOptions & { readonly verbosity?: number; readonly width?: number } = PLAIN,
): Promise<MemoryOutput> {
  const output = new MemoryOutput();
  const reporter = new PlainReporter(output, { ...options, now: () => new Date() });
  await playBack(reporter, run);
  await reporter.close();
  return output;
}

describe('the log of a run', () => {
  test.each([
    ['good', GOOD_RUN],
    ['failed', FAILED_RUN],
    ['planned', PLANNED_RUN],
    ['idle', IDLE_RUN],
  ])('that is %s has a line for what matters', async (name, run) => {
    const { text } = await logged(run);
    await expect(text).toMatchFileSnapshot(`../golden/plain-${name}.txt`);
    expect(text).not.toMatch(/[^\n\P{C}]/u);
  });

  test.each([1, 2])('has more lines when more is wanted: %i', async (verbosity) => {
    const { text } = await logged(GOOD_RUN, { ...PLAIN, verbosity });
    await expect(text).toMatchFileSnapshot(`../golden/plain-good-v${verbosity}.txt`);
  });

  test('names the command alone where it has no playbook', async () => {
    const { text } = await logged([[0, { ...EVERY_EVENT['run-started'], command: 'check', source: '' }]]);
    expect(text).toMatch(/Z kplay \S+ check, run \S+\n$/);
  });

  test('tells of a cluster what is true of it as a whole', async () => {
    const { text } = await logged([
      [0, EVERY_EVENT['cluster-check']],
      [0, EVERY_EVENT['window-overridden']],
    ]);
    expect(text).toContain("failed: cluster prod › check 'no alert fires'   an alert is firing: KubeAPIDown\n");
    // It may be open, and too short.
    expect(text).toContain('cluster prod is changed all the same (outside its windows; ');
    expect(text).toContain('), because: the certificates end tonight\n');
  });

  test('can be coloured', async () => {
    const { text } = await logged(FAILED_RUN, COLORED);
    expect(withTags(text)).toContain('<red>failed: </>Restart the control plane');
  });

  test('wraps what went wrong, and how the run ends, where a terminal is narrow', async () => {
    const { text } = await logged(FAILED_RUN, { ...PLAIN, width: 60 });
    const lines = text.slice(text.indexOf('failed: ')).split('\n');
    // Lines that tell how far it is are as long as they are: they are searched.
    const long = lines.filter((line) => line.length > 60 && !/^\d\d:\d\d:\d\dZ (?!prod-m3 stopped)/.test(line));
    expect(long).toEqual([]);
  });

  test('puts what went wrong below its time where a terminal is so narrow that words would be broken beside it', async () => {
    const message = 'the certificate has expired';
    const { text } = await logged([[0, { type: 'warning', hosts: ['m1'], message, remedy: 'renew it' }]], {
      ...PLAIN,
      width: 20,
    });
    expect(text).toMatch(
      /^\d\d:\d\d:\d\dZ\nwarning: m1: the\n {2}certificate has\n {2}expired\n {2}What to do: renew\n {4}it\n$/,
    );
  });

  test('says of a play that has no hosts left only that', async () => {
    const play = { ...PLAY_STARTED, hosts: [] };
    const planned = EVERY_EVENT['play-planned'];
    const plan = { ...planned.plan, hosts: [] };
    const { text } = await logged([
      [0, play],
      [0, { ...planned, plan }],
    ]);
    expect(text).toMatch(/^\S+ play '[^']+' on 0 hosts\n$/);
  });

  test('does not say that a cluster has started of which no host takes part any more', async () => {
    const { text } = await logged([[0, { ...EVERY_EVENT['cluster-started'], hosts: [] }]]);
    expect(text).toContain('cluster prod: nothing is started on its hosts\n');
  });

  test('names the cluster in what is told of it, while another is worked on beside it', async () => {
    const { lines } = await logged(twoClusters(2, 500), { ...PLAIN, verbosity: 1 });
    const told = lines.map((line) => line.slice('15:12:44Z '.length)).filter((line) => line.includes('cluster'));
    expect(told).toEqual([
      '2 clusters, at most 2 at a time',
      'cluster prod: started on 1 host: prod-m1',
      'cluster dev: started on 1 host: dev-m1',
      expect.stringMatching(/^cluster prod › Check all certificates › prod-m1: changed/),
      expect.stringMatching(/^cluster prod › Check all certificates: done · 1 host/),
      'cluster prod: done · 1.0s',
      expect.stringMatching(/^cluster dev › Check all certificates › dev-m1: changed/),
      expect.stringMatching(/^cluster dev › Check all certificates: done · 1 host/),
      'cluster dev: done · 1.0s',
    ]);
  });

  test('passes over the tasks of a cluster among others on which nothing was to be done, unless more is wanted', async () => {
    const cluster = { kind: 'declared', name: 'dev' } as const;
    const end = { ...finished(0, 'dev-m1', { outcome: 'ok', reason: 'nothing is due', elapsedMs: 1_000 }), cluster };
    const idle = (planned: PlannedTask) =>
      twoClusters(2, 500).map(([ms, event]): Timed => {
        if (event.type === 'play-planned' && event.plan.hosts.some(({ host }) => host === 'dev-m1'))
          return [ms, { ...event, plan: { ...event.plan, hosts: [{ host: 'dev-m1', tasks: [planned] }] } }];
        return event.type === 'task-finished' && event.host === 'dev-m1' ? [ms, end] : [ms, event];
      });
    const nothing = idle({ ...task(0), action: 'none', reason: 'nothing is due' });
    const short = await logged(nothing);
    expect(short.text).toMatch(/cluster prod › Check all certificates: done/);
    expect(short.text).toMatch(/cluster dev: done/);
    expect(short.text).not.toContain('cluster dev › ');
    const { text: long } = await logged(nothing, { ...PLAIN, verbosity: 1 });
    expect(long).toMatch(/cluster dev › Check all certificates: done/);
    // A command that only looks may take long: it is told that it starts, and that it has ended.
    const look = { kind: 'look', target: 'uptime', before: null, after: null, disruptive: false } as const;
    const { text: looked } = await logged(idle({ ...task(0), action: 'change', changes: [look] }));
    expect(looked).toMatch(
      /cluster dev › Check all certificates: started[\s\S]*cluster dev › Check all certificates: done/,
    );
  });

  test('names the cluster in what has gone wrong on its hosts, while another is worked on beside it', async () => {
    const cluster = { kind: 'declared', name: 'prod' } as const;
    const run = twoClusters(2, 500, 'failed');
    const refused: Timed = [1_500, { ...EVERY_EVENT['host-refused'], host: 'prod-m1', cluster }];
    const undone: Timed = [1_600, { ...EVERY_EVENT['undo-finished'], host: 'prod-m1', cluster }];
    const { text } = await logged([...run, refused, undone].toSorted(([a], [b]) => a - b));
    expect(text).toMatch(/ failed: cluster prod › Check all certificates › prod-m1 {3}a reason\n/);
    expect(text).toMatch(/ refused: cluster prod › prod-m1: /);
    expect(text).toMatch(/ cluster prod › prod-m1 partly restored: /);
  });

  test('repeats nothing: neither lines nor what is waited for', async () => {
    const { lines } = await logged(FLEET_RUN);
    const said = lines.map((line) => line.slice('15:12:44Z '.length));
    expect(new Set(said).size).toBe(said.length);
  });
});

describe('a host that waits', () => {
  const wait = (atMs: number, message: string, host = 'prod-m1'): Timed => [
    atMs,
    { type: 'task-progress', task: task(5), host, message, elapsedMs: atMs, limitMs: 120_000 },
  ];
  const waits = async (...run: readonly Timed[]) => (await logged([[0, PLAY_STARTED], ...run])).lines.slice(1);

  test('is told of after ten seconds, and when something else is waited for', async () => {
    expect(
      await waits(wait(2_000, 'a'), wait(11_000, 'a'), wait(12_000, 'b'), wait(30_000, 'a'), wait(31_000, 'c')),
    ).toEqual([
      '15:12:55Z Restart the control plane › prod-m1: a (11s of 120s)',
      '15:13:15Z Restart the control plane › prod-m1: c (31s of 120s)',
    ]);
  });

  test('is told of before there is a task, too', async () => {
    const waiting = { ...EVERY_EVENT['host-waiting'], elapsedMs: 11_000 };
    expect(await waits([11_000, waiting])).toEqual([
      '15:12:55Z prod-m1: it restores itself after a lost run (11s of 120s)',
    ]);
  });

  test('is told of again when it is being restored', async () => {
    const undo: Timed = [20_000, { ...EVERY_EVENT['undo-started'], host: 'prod-m1' }];
    const waiting = { ...EVERY_EVENT['host-waiting'], host: 'prod-m1', message: 'a', elapsedMs: 11_000 };
    expect((await waits(wait(11_000, 'a'), undo, [31_000, waiting], [42_000, waiting])).slice(2)).toEqual([
      '15:13:15Z prod-m1: a (11s of 120s)',
    ]);
  });

  test('is not told of when another waits for the same', async () => {
    expect(await waits(wait(11_000, 'a'), wait(12_000, 'a', 'prod-m2'))).toHaveLength(1);
  });
});

test('what to do is said once, however many hosts it is for', async () => {
  const lost = EVERY_EVENT['host-unreachable'];
  const { lines } = await logged([
    [0, PLAY_STARTED],
    [1, { ...lost, host: 'prod-m1' }],
    [2, { ...lost, host: 'prod-m2' }],
  ]);
  expect(lines.slice(1)).toEqual([
    '15:12:44Z failed: prod-m1   unreachable: no answer within 10s',
    '            What to do: see whether it runs',
    '            More: kplay explain unreachable-timeout',
    '15:12:44Z failed: prod-m2   unreachable: no answer within 10s',
  ]);
});

describe('hosts that do not go on', () => {
  const cancelled = (host: string): Event => finished(6, host, { outcome: 'cancelled', reason: 'a master failed' });

  test('are named together, and once', async () => {
    const { lines } = await logged([
      [0, PLAY_STARTED],
      [1, cancelled('prod-m2')],
      [1, cancelled('prod-m3')],
      [2, EVERY_EVENT['undo-finished']],
      [3, cancelled('prod-m3')],
    ]);
    expect(lines.slice(1)).toEqual([
      '15:12:44Z prod-m2, prod-m3 not started: a master failed',
      '15:12:44Z prod-m1 partly restored: 12 changes (0.9s)',
    ]);
  });

  test('are named even when the run ends with them', async () => {
    const { text } = await logged([
      [0, PLAY_STARTED],
      [1, cancelled('prod-m2')],
    ]);
    expect(text).toContain('prod-m2 not started');
  });
});

test('that a host is being restored is said once, however many steps that takes', async () => {
  const { lines } = await logged([
    [0, PLAY_STARTED],
    [1, EVERY_EVENT['undo-started']],
    [2, EVERY_EVENT['undo-finished']],
    [3, { ...EVERY_EVENT['undo-started'], step: 'control_plane.restart' }],
  ]);
  expect(lines.filter((line) => line.includes('being restored'))).toHaveLength(1);
});

test('a run that cannot write ends with that, and with what to do next', async () => {
  const { text } = await logged([
    [0, { ...EVERY_EVENT['run-started'], command: 'plan', writes: false }],
    [0, PLAY_STARTED],
    [0, EVERY_EVENT['play-planned']],
    [0, EVERY_EVENT['run-finished']],
  ]);
  expect(text).toBe(
    [
      '15:12:44Z kplay 0.1.0 plan playbooks/renew-certs.yml, run 20261124T151244Z-3f9c',
      "15:12:44Z play 'Renew the leaf certificates of kubeadm control planes' on 3 hosts: prod-m1, prod-m2, prod-m3",
      '15:12:44Z 3 hosts connected and read · 0.0s',
      // The plan, which the command shows here, ends with an empty line.
      'Nothing was written. 38s.',
      'Contact for cluster prod: Platform team, +49 30 1234',
      'Next: kplay check -i prod.yml',
      '',
    ].join('\n'),
  );
});

test('times are those of the zone that is asked for', async () => {
  const output = new MemoryOutput();
  new PlainReporter(output, { ...PLAIN, now: () => START, timeZone: 'Europe/Berlin' }).handle(EVERY_EVENT.warning);
  expect(output.text).toMatch(
    /^16:12:44 warning: prod-m1: its lock was left\n {11}What to do: remove it\n {11}More: kplay explain master-unhealthy\n$/,
  );
});

test('and so are times within texts: of pauses, soaks and windows', () => {
  const output = new MemoryOutput();
  const reporter = new PlainReporter(output, { ...PLAIN, now: () => START, timeZone: 'Asia/Tokyo' });
  const times = (['run-paused', 'run-resumed', 'run-aborted', 'wave-soaking', 'window-waiting'] as const).map(
    (type) => {
      const before = output.text.length;
      reporter.handle(EVERY_EVENT[type]);
      return /\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?(?![\dZ])/.exec(output.text.slice(before))?.[0];
    },
  );
  expect(times).toEqual([
    '2026-11-25 00:12:44',
    '2026-11-25 00:12:44',
    '2026-11-25 00:12:44',
    '2026-11-25 00:42:44',
    '2026-11-25 09:00',
  ]);
});

test('every event is taken', () => {
  const output = new MemoryOutput();
  const reporter = new PlainReporter(output, { ...PLAIN, now: () => START });
  for (const event of Object.values(EVERY_EVENT)) expect(() => reporter.handle(event)).not.toThrow();
  expect(output.text).toContain(MASTERS.join(', '));
});

test('what a run calls on this machine is named, moment by moment', async () => {
  const hooks = [
    { moment: 'start', name: 'Silence alerts' },
    { moment: 'start', name: 'Tell the channel' },
    { moment: 'wave', name: 'Count' },
  ] as const;
  const { lines } = await logged([[0, { ...PLAY_STARTED, hooks }]]);
  expect(lines[1]).toBe("15:12:44Z hooks of a run: on_start 'Silence alerts', 'Tell the channel'; on_wave 'Count'");
});
