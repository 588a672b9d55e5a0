import { describe, expect, test } from 'vitest';
import type { HostPlan, PlayPlan, ShownTaskPlan } from '../../../src/core/events/plan.ts';
import type { Change } from '../../../src/core/plan.ts';
import { formatPlan } from '../../../src/report/plan/format-plan.ts';
import { displayWidth } from '../../../src/report/text/width.ts';
import { MASTERS, masterPlan, RECOVERY_PLAN, renewal, TASKS } from '../support/cluster.ts';
import { COLORED, PLAIN, withTags } from '../support/options.ts';

const REFUSAL: ShownTaskPlan = {
  action: 'refuse',
  code: 'host-clock',
  reason: 'its etcd CA differs from that of prod-m1 and prod-m2',
  details: [
    ['prod-m1, prod-m2', 'SHA256 9f3a…e1  (etcd-ca, 2036-11-21)'],
    ['prod-m3', 'SHA256 77c0…4d  (etcd-ca, 2031-02-02)'],
  ],
  remedy: 'restore /etc/kubernetes/pki/etcd/ca.{crt,key} on prod-m3 from a backup or another master, then run again',
};

function withTask(plan: HostPlan, index: number, task: ShownTaskPlan): HostPlan {
  return { ...plan, tasks: plan.tasks.with(index, { ...task, path: `tasks.${index}` }) };
}

const REFUSED_PLAN: PlayPlan = {
  ...RECOVERY_PLAN,
  hosts: RECOVERY_PLAN.hosts.map((host) => (host.host === 'prod-m3' ? withTask(host, 3, REFUSAL) : host)),
};

/** A plan of one task on one host. */
function planOf(task: ShownTaskPlan): PlayPlan {
  return {
    play: 'Test',
    order: { name: 'linear', reason: '', batches: [['m1']] },
    tasks: [{ path: 'tasks.0', name: 'The task', step: 'some.step' }],
    hosts: [{ host: 'm1', tasks: [{ ...task, path: 'tasks.0' }] }],
  };
}

function planOfChanges(first: Change, ...others: readonly Change[]): PlayPlan {
  return planOf({ action: 'change', changes: [first, ...others] });
}

const shown = (plan: PlayPlan, options = {}) => formatPlan(plan, { ...PLAIN, width: 100, verbose: false, ...options });

describe('a plan', () => {
  test.each([80, 200])('is laid out in %i columns', async (width) => {
    const text = formatPlan(REFUSED_PLAN, { ...PLAIN, width, verbose: false });
    await expect(text).toMatchFileSnapshot(`../golden/plan-${width}.txt`);
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });

  test('says of a task, even of one with nothing to do, when only the run decides what it does', () => {
    const unless = "unless a task of 'Try' fails";
    const plan = planOf({ action: 'skip', reason: 'its condition is false' });
    const hosts = plan.hosts.map((host) => ({ ...host, tasks: host.tasks.map((task) => ({ ...task, unless })) }));
    const lines = shown({ ...plan, hosts })
      .split('\n')
      .slice(2, -2);
    expect(lines.map((line) => line.trim())).toEqual([
      'm1',
      'some.step    skipped: its condition is false',
      `${unless}: then decided in the run`,
    ]);
  });

  test('is coloured', async () => {
    const text = formatPlan(REFUSED_PLAN, { ...COLORED, width: 80, verbose: false });
    await expect(withTags(text)).toMatchFileSnapshot('../golden/plan-80-colored.txt');
  });

  test('shows everything with -v', async () => {
    const text = formatPlan(RECOVERY_PLAN, { ...PLAIN, width: 120, verbose: true });
    await expect(text).toMatchFileSnapshot('../golden/plan-120-verbose.txt');
  });

  test('of one of several clusters says which', () => {
    expect(shown({ ...RECOVERY_PLAN, cluster: { kind: 'declared', name: 'prod' } }, { width: 200 })).toMatch(
      /^Plan for cluster prod, 'Renew the leaf certificates of kubeadm control planes', in recovery order: /,
    );
  });

  test('that there is none of says so: for hosts that were not read no order was chosen', () => {
    expect(shown({ ...RECOVERY_PLAN, hosts: [] })).toBe(
      "No plan for 'Renew the leaf certificates of kubeadm control planes': none of its hosts was read.",
    );
  });

  test('is ASCII where the terminal is', () => {
    const text = formatPlan(REFUSED_PLAN, { ...PLAIN, unicode: false, width: 80, verbose: false });
    expect(text).toContain('expires 2026-11-23 -> 2027-11-24');
    expect(text).toMatch(/^[\n -~]*$/);
  });
});

describe('hosts', () => {
  test('that read alike are shown once', () => {
    expect(shown(RECOVERY_PLAN)).toContain('\n  prod-m1, prod-m2, prod-m3');
  });

  test('that differ only in what is hidden are shown apart', () => {
    const extra = masterPlan('prod-m1');
    const different = withTask(extra, 1, {
      action: 'change',
      changes: [{ kind: 'create', target: '/b', before: null, after: null, details: ['other'], disruptive: false }],
    });
    const plan = { ...RECOVERY_PLAN, hosts: [masterPlan('prod-m2'), different] };
    expect(shown(plan)).toMatch(/\n {2}prod-m2 .*\n[\s\S]*\n {2}prod-m1 /);
  });

  test('that need nothing say why, and count as unchanged', () => {
    const text = shown(planOf({ action: 'none', reason: '11 certificates, none due' }));
    expect(text).toContain('m1\n    nothing to do; 11 certificates, none due\n');
    expect(text).toMatch(/\n0 hosts to change, 1 unchanged, 0 refused\.$/);
  });

  test('that will fail are not called refused', () => {
    const refusal = { action: 'refuse', code: 'wrong-input', reason: 'x is not y', remedy: 'correct it' } as const;
    const failing = shown(planOf({ ...refusal, isFailure: true }));
    expect(failing).toContain('fails: x is not y');
    expect(failing).toMatch(/\n0 hosts to change, 0 unchanged, 0 refused, 1 will fail\.$/);
    expect(shown(planOf(refusal))).toMatch(/\n0 hosts to change, 0 unchanged, 1 refused\.$/);
  });

  test('are named up to a dozen without -v', () => {
    const hosts = Array.from({ length: 40 }, (_, index) => masterPlan(`m${index}`));
    const plan = { ...RECOVERY_PLAN, hosts };
    expect(shown(plan)).toContain('m10 and 29 more');
    expect(shown(plan, { verbose: true }).replace(/\s+/g, ' ')).toContain('m38, m39');
  });

  test('that go one after another are listed in that order', () => {
    const order = { name: 'planned', reason: 'etcd has its quorum', batches: MASTERS.map((host) => [host]) };
    expect(shown({ ...RECOVERY_PLAN, order }, { width: 200 })).toContain(
      ', in planned order: etcd has its quorum.\nOne after another: prod-m1, prod-m2, prod-m3.',
    );
  });
});

describe('changes', () => {
  test('have a symbol for their kind', () => {
    const of = (kind: Change['kind'], target: string): Change => ({
      kind,
      target,
      before: null,
      after: null,
      disruptive: kind === 'restart',
    });
    const text = shown(
      planOfChanges(
        of('create', 'a'),
        of('update', 'b'),
        of('remove', 'c'),
        of('restart', 'd'),
        of('run', 'e'),
        of('look', 'f'),
      ),
    );
    for (const row of ['+ a', '~ b', '- c', '! d', '> e', '? f']) expect(text).toContain(row);
  });

  test('of which there are many are counted, unless -v asks for them', () => {
    const changes = ['a', 'b', 'c', 'd', 'e'].map((name, index) => renewal(name, index + 1));
    const [first = renewal('x'), ...others] = changes;
    expect(shown(planOfChanges(first, ...others))).toContain('… 2 more (-v shows all)');
    expect(shown(planOfChanges(first, ...others), { verbose: true })).toContain('+ e   expires');
  });

  test('that only look leave a host unchanged', () => {
    const text = shown(planOfChanges({ kind: 'look', target: 'uptime', before: null, after: null, disruptive: false }));
    expect(text).toContain('0 hosts to change, 1 unchanged');
  });

  test('that interrupt something say so', () => {
    const text = shown(
      planOfChanges({ kind: 'update', target: '/etc/x', before: null, after: null, disruptive: true }),
    );
    expect(text).toContain('~ /etc/x   interrupts service');
  });

  test('of files are shown as diffs when asked for', () => {
    const change: Change = {
      kind: 'update',
      target: '/etc/motd',
      before: { content: 'hello\n' },
      after: { content: 'good bye\n' },
      disruptive: false,
    };
    expect(shown(planOfChanges(change))).not.toContain('hello');
    expect(shown(planOfChanges(change), { diff: true })).toContain('--- /etc/motd');
    expect(shown(planOfChanges({ ...change, before: null, kind: 'create' }), { diff: true })).toContain('+good bye');
  });
});

describe('a task', () => {
  test('that cannot be foreseen says until when', () => {
    const text = shown(planOf({ action: 'unknown', until: 'Ask the cluster' }));
    expect(text).toContain("not known until 'Ask the cluster' has run");
    expect(text).toMatch(/\n0 hosts to change, 1 may change, 0 unchanged, 0 refused\.$/);
  });

  test('that is skipped is shown with -v only', () => {
    const plan = planOf({ action: 'skip', reason: "tag 'slow' was not asked for" });
    expect(shown(plan)).toContain("nothing to do; tag 'slow' was not asked for");
    expect(shown(plan, { verbose: true })).toContain("some.step    skipped: tag 'slow' was not asked for");
  });

  test('whose step the play uses twice is called by its name', () => {
    const twice = { ...RECOVERY_PLAN, tasks: TASKS.map((task) => ({ ...task, step: 'command' })) };
    expect(shown(twice)).toContain('Back up what will change');
    expect(shown(twice)).not.toContain('command');
  });
});

test('what a host makes of a name cannot reach the terminal', () => {
  const evil = '\u001b[2Jgone\rback\u202e';
  const plan = planOfChanges({
    kind: 'create',
    target: evil,
    before: null,
    after: null,
    summary: evil,
    disruptive: false,
  });
  expect(shown(plan)).toContain('\\x1b[2Jgone\\rback\\u202e');
  expect(shown(plan)).not.toMatch(/[^\n\P{C}]/u);
});

describe('what comes after a command', () => {
  const run: Change = { kind: 'run', target: 'uptime', before: null, after: null, disruptive: false };
  const make: Change = { kind: 'create', target: '/etc/motd', before: null, after: {}, disruptive: false };
  const plan = (...changes: readonly Change[]): PlayPlan => ({
    ...planOf({ action: 'skip', reason: '' }),
    tasks: changes.map((_, index) => ({ path: `tasks.${index}`, name: `Task ${index}`, step: 'some.step' })),
    hosts: [
      {
        host: 'm1',
        tasks: changes.map((change, index) => ({ action: 'change', changes: [change], path: `tasks.${index}` })),
      },
    ],
  });
  const OPEN = /^What follows 'Task 0' is planned again after it has run, and may then differ/m;

  test('is said to be open where it changes something', () => {
    expect(shown(plan(run, make))).toMatch(OPEN);
    expect(shown(plan(run, run))).toMatch(OPEN);
  });

  test('is not mentioned where there is nothing after one, or it only looks', () => {
    expect(shown(plan(make, run))).not.toMatch(OPEN);
    expect(shown(plan({ ...run, kind: 'look' }, make))).not.toMatch(OPEN);
    expect(shown(plan(run, { ...run, kind: 'look' }))).not.toMatch(OPEN);
  });
});
