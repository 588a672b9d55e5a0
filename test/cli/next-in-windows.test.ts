import { describe, expect, test } from 'vitest';
import { nextAfterPlan, nextAfterRun, ShutHosts } from '../../src/cli/run/next-in-windows.ts';
import type { ClusterWindow } from '../../src/core/cluster.ts';
import type { PlayPlan } from '../../src/core/events/plan.ts';
import { NO_RESULT, type RunResult } from '../../src/engine/run-result.ts';

const SOON = '2026-12-01T01:00:00.000Z';
const LATER = '2026-12-04T01:00:00.000Z';

const command = (canWait = true) => ({
  words: ({ window, reason }: { readonly window?: string; readonly reason?: string }) =>
    ['kplay', 'again', ...(window ? ['--window', window] : []), ...(reason ? ['--reason', reason] : [])].join(' '),
  canWait,
  zone: 'UTC',
});

function windowAt(opens?: string): ClusterWindow {
  return { state: 'shut', windows: 'W', reason: 'outside', expected: '30m', ...(opens !== undefined && { opens }) };
}

/** Each cluster has a host of its name. */
function shut(opens: Readonly<Record<string, string | undefined>>): ShutHosts {
  const hosts = new ShutHosts();
  for (const [name, at] of Object.entries(opens))
    hosts.take({
      type: 'window-shut',
      play: 'P',
      cluster: { kind: 'declared', name },
      hosts: [name],
      window: windowAt(at),
      counts: 'refused',
      remedy: '',
    });
  return hosts;
}

const afterRun = (result: Partial<RunResult>, hosts: ShutHosts, canWait?: boolean): readonly string[] =>
  nextAfterRun({ ...NO_RESULT, ...result }, hosts, command(canWait));

const LATE = { host: 'a', name: 'apiserver', ends: SOON };
const NOW = 'to do it now: kplay again --window override --reason TEXT';

describe('after a run that met windows', () => {
  test('which alone kept it from its work, the next one is waited for, or overridden', () => {
    expect(afterRun({ refused: ['a', 'b'] }, shut({ a: LATER, b: SOON }))).toEqual([
      'to wait for the next window, which opens 2026-12-01 01:00 UTC: kplay again --window wait',
      NOW,
    ]);
  });

  test('a command that cannot wait is given again when the next one opens', () => {
    expect(afterRun({ refused: ['a'] }, shut({ a: SOON }), false)).toEqual([
      'when the next window opens, 2026-12-01 01:00 UTC: kplay again',
      NOW,
    ]);
  });

  test.each<readonly [string, Partial<RunResult>, ShutHosts]>([
    ['there is no further one', {}, shut({ a: undefined })],
    ['a certificate ends before it', { late: [LATE] }, shut({ a: SOON })],
  ])('nothing is waited for when %s', (_what, result, hosts) => {
    expect(afterRun({ refused: ['a'], ...result }, hosts)).toEqual([NOW]);
  });

  test('nothing is waited for when a certificate of any host of a cluster ends before its window opens', () => {
    const hosts = new ShutHosts();
    hosts.take({
      type: 'window-shut',
      play: 'P',
      cluster: { kind: 'declared', name: 'prod' },
      hosts: ['a', 'b', 'c'],
      window: windowAt(SOON),
      counts: 'refused',
      remedy: '',
    });
    expect(afterRun({ refused: ['a', 'b', 'c'], late: [LATE] }, hosts)).toEqual([NOW]);
  });

  test('a window is waited for where certificates of another cluster end before that one opens', () => {
    expect(afterRun({ refused: ['a', 'b'], late: [LATE] }, shut({ a: SOON, b: LATER }))).toEqual([
      'to wait for the next window, which opens 2026-12-04 01:00 UTC: kplay again --window wait',
      NOW,
    ]);
  });

  test.each<readonly [string, Partial<RunResult>]>([
    ['failed', { failed: ['b'] }],
    ['was unreachable', { unreachable: ['b'] }],
    ['was refused', { refused: ['a', 'b'] }],
  ])('the same command is given when another host %s, and what will be refused again is said', (_what, result) => {
    const until = 'a will be refused until 2026-12-01 01:00 UTC';
    const all = { refused: ['a'], ...result };
    expect(afterRun(all, shut({ a: SOON }))).toEqual(['kplay again', `${until}; to wait for that, add --window wait`]);
    expect(afterRun(all, shut({ a: SOON }), false)).toEqual(['kplay again', until]);
    expect(afterRun(all, shut({ a: undefined }))).toEqual(['kplay again']);
  });

  test('without them nothing is said of any', () => {
    expect(afterRun({ refused: ['a'] }, shut({}))).toEqual(['kplay again']);
  });
});

describe('after a plan', () => {
  function plan(window: ClusterWindow | undefined, action: 'change' | 'none', host = 'h'): PlayPlan {
    const task =
      action === 'none'
        ? { path: 'tasks.0', action, reason: '' }
        : {
            path: 'tasks.0',
            action,
            changes: [{ kind: 'create', target: '/f', before: null, after: null, disruptive: false }] as const,
          };
    const order = { name: 'linear', reason: '', batches: [[host]] };
    return { play: 'P', ...(window && { window }), order, tasks: [], hosts: [{ host, tasks: [task] }] };
  }
  const OPEN: ClusterWindow = { ...windowAt(), state: 'open' };
  const next = (...plans: readonly PlayPlan[]) => nextAfterPlan({ ...NO_RESULT, plans }, command());

  test('whose clusters are all outside their windows', () => {
    expect(next(plan(windowAt(SOON), 'change'), plan(OPEN, 'none'))).toEqual([
      'to wait for the next window, which opens 2026-12-01 01:00 UTC: kplay again --window wait',
      NOW,
    ]);
  });

  test('of which what may be changed now is in a later wave than a cluster outside its windows', () => {
    const plans = [plan(windowAt(SOON), 'change'), plan(undefined, 'change', 'later')];
    expect(nextAfterPlan({ ...NO_RESULT, plans, heldBack: ['later'] }, command())).toEqual([
      'to wait for the next window, which opens 2026-12-01 01:00 UTC: kplay again --window wait',
      NOW,
    ]);
  });

  test('of which a cluster changes something only if something fails: that needs its window, and holds up no other', () => {
    const onlyAfterFailure = ({ hosts, ...rest }: PlayPlan): PlayPlan => ({
      ...rest,
      hosts: hosts.map((host) => ({
        ...host,
        tasks: host.tasks.map((task) => ({ ...task, onlyAfterFailure: true as const })),
      })),
    });
    const waiting = ['to wait for the next window, which opens 2026-12-01 01:00 UTC: kplay again --window wait', NOW];
    expect(next(plan(windowAt(SOON), 'change'), onlyAfterFailure(plan(OPEN, 'change')))).toEqual(waiting);
    const plans = [onlyAfterFailure(plan(windowAt(SOON), 'change')), plan(undefined, 'change', 'later')];
    expect(nextAfterPlan({ ...NO_RESULT, plans, heldBack: ['later'] }, command())).toEqual(waiting);
  });

  test('of which a cluster may be changed now, or none needs to be', () => {
    expect(next(plan(windowAt(SOON), 'change'), plan(OPEN, 'change'))).toBeUndefined();
    expect(next(plan(windowAt(SOON), 'change'), plan(undefined, 'change'))).toBeUndefined();
    expect(next(plan(windowAt(SOON), 'none'))).toBeUndefined();
  });
});
