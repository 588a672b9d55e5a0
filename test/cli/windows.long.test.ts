import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { snapshotDifference } from '../../src/simulation/snapshot.ts';
import type { TreeState } from '../../src/simulation/tree-state.ts';
import { eventsIn } from './support/event-stream.ts';
import { daysLeft, expectRenewed } from './support/host-state.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const EXPIRED: TreeState = { all: { condition: 'expired' } };
/** Saturday, 2 o'clock at night in Berlin. */
const SATURDAY = new Date('2026-11-28T01:00:00Z');

/** The first Saturday that begins after this time: a certificate that has ended by then has ended on it, too. */
function saturdayAfter(time: Date): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate() + (6 - time.getUTCDay() || 7)));
}

/** The date so many days after this one, as screens show it: YYYY-MM-DD. */
const dateAfter = (time: Date, days: number) => new Date(time.getTime() + days * 86_400_000).toISOString().slice(0, 10);

/** The inventory of a cluster that says more of itself. */
function saying(fleet: Fleet, says: string): string {
  const text = fleet.inventory.replace(
    /( +)name: (\w+)\n/,
    (_line, indent, name) => `${indent}name: ${name}\n${says.replace(/^/gm, indent)}\n`,
  );
  expect(text).not.toBe(fleet.inventory);
  return site.controller.file(`${fleet.hosts[0]?.name}.yml`, text);
}

const changed = (fleet: Fleet, before: readonly ReturnType<Fleet['hosts'][number]['snapshot']>[]) =>
  fleet.hosts
    .flatMap((host, index) => [...snapshotDifference(before[index] ?? new Map(), host.snapshot()).keys()])
    .filter((path) => !path.startsWith('/proc'));

describe('a cluster outside its windows', () => {
  it('is refused and untouched, while the one beside it is renewed; the plan says both beforehand', async () => {
    const prod = await site.fleet({ clusterName: 'prod', stateOf: () => EXPIRED });
    const dev = await site.fleet({ clusterName: 'dev', stateOf: () => EXPIRED });
    const sources = [
      '-i',
      saying(prod, 'window: Tue-Thu 01:00-04:00 Europe/Berlin'),
      '-i',
      saying(dev, 'window: [Fri 22:00-04:00 Europe/Berlin]\nexpected: 1h'),
    ];
    const before = prod.hosts.map((host) => host.snapshot());
    // What has ended now has ended before the windows of that week, whenever this test runs.
    const saturday = saturdayAfter(new Date());
    const tuesday = dateAfter(saturday, 3);
    const at = { wallClock: () => saturday };
    const plan = await site.controller.run(['plan', RENEW, ...sources, '-e', 'method=native', '-v'], at);
    expect(plan.stdout).toContain(
      `Windows Tue-Thu 01:00-04:00 Europe/Berlin: outside its windows; it may start Tue ${tuesday} 01:00 Europe/Berlin. A run is expected to take 30m (default).`,
    );
    expect(plan.stdout).toContain(
      `Windows Fri 22:00-04:00 Europe/Berlin: open until Sat ${dateAfter(saturday, 0)} 04:00 Europe/Berlin.`,
    );
    expect(plan.stdout).toMatch(
      /^1 +prod +1 host to change +\S+ \(expired\) \S+ +outside its windows; it may start Tue [\d-]+ 01:00 Europe\/Berlin, which is too late\n2 +dev +1 host to change .* now; open until Sat/m,
    );
    // What has ended already ends before any window.
    expect(plan.exitCode).toBe(3);

    const run = await site.controller.run(['run', RENEW, ...sources, '-e', 'method=native'], at);
    expect(run.stdout).toContain(
      `refused: cluster prod (prod-m1): outside its windows; it may start Tue ${tuesday} 01:00`,
    );
    // To wait for that would be too late.
    expect(run.stdout).toMatch(/^Next: to do it now: kplay run \S+ .* --window override --reason TEXT$/m);
    expect(run.exitCode).toBe(3);
    expect(changed(prod, before)).toEqual([]);
    await expectRenewed(dev);
  });

  it('is left with --window skip, and that is no failure', async () => {
    const prod = await site.fleet({ clusterName: 'prod', stateOf: () => ({ all: { condition: 'due' } }) });
    const before = prod.hosts.map((host) => host.snapshot());
    const words = [
      'run',
      RENEW,
      '-i',
      saying(prod, 'window: Tue-Thu 01:00-04:00 Europe/Berlin'),
      '-e',
      'method=native',
    ];
    const json = await site.controller.run([...words, '--window', 'skip', '-o', 'json'], { wallClock: () => SATURDAY });
    const events = eventsIn(json.stdout);
    expect(events.find(({ type }) => type === 'window-shut')).toMatchObject({
      cluster: { kind: 'declared', name: 'prod' },
      hosts: ['prod-m1'],
      counts: 'left',
      window: { state: 'shut', opens: '2026-12-01T00:00:00.000Z' },
    });
    expect(events.at(-1)).toMatchObject({ hosts: [{ host: 'prod-m1', refused: 0, state: 'unchanged' }] });
    expect(json.exitCode).toBe(0);
    expect(changed(prod, before)).toEqual([]);
  });

  it('keeps an expired cluster of a later wave from starting: --window skip does not hide that', async () => {
    const prod = await site.fleet({ clusterName: 'prod', stateOf: () => ({ all: { condition: 'due' } }) });
    const dev = await site.fleet({ clusterName: 'dev', stateOf: () => EXPIRED });
    const sources = ['-i', saying(prod, 'window: Tue-Thu 01:00-04:00 Europe/Berlin'), '-i', dev.inventoryFile];
    const rollout = site.controller.file('waves.yml', 'waves: [{ name: canary, clusters: prod }, { name: rest }]\n');
    const words = ['run', RENEW, ...sources, '--rollout', rollout, '-e', 'method=native', '--window', 'skip'];
    const before = dev.hosts.map((host) => host.snapshot());
    const saturday = saturdayAfter(new Date());
    const late =
      /of dev-m1 expired [\w ]+ ago, before cluster dev may be changed: cluster prod, which comes first, is outside its windows; it may start Tue \d{4}-\d\d-\d\d 01:00/;
    const plan = await site.controller.run(['plan', ...words.slice(1, -2)], { wallClock: () => saturday });
    expect(plan.stdout.replaceAll(/\s+/g, ' ')).toMatch(late);
    expect(plan.stdout).toMatch(/^2 {2}dev .*after wave canary; that is too late$/m);
    expect(plan.stdout).toMatch(/^Next: to wait for the next window, .* --window wait\n +to do it now: /m);
    expect(plan.exitCode).toBe(3);
    const { stdout, exitCode } = await site.controller.run(words, { wallClock: () => saturday });
    const [, remedy = ''] = /renew now: kplay run … (.*) --reason TEXT/.exec(stdout.replaceAll(/\s+/g, ' ')) ?? [];
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(late);
    expect(exitCode).toBe(3);
    expect(changed(dev, before)).toEqual([]);
    const now = await site.controller.run([...words.slice(0, -2), ...remedy.split(' '), '--reason', 'it is down'], {
      wallClock: () => saturday,
    });
    expect(now.exitCode).toBe(0);
    await expectRenewed(dev);
  });

  it('is changed with --window override, which says why', async () => {
    const prod = await site.fleet({ clusterName: 'prod', stateOf: () => EXPIRED });
    const source = saying(prod, 'window: Tue-Thu 01:00-04:00 Europe/Berlin\nclosed: 2026-11-28');
    const words = ['run', RENEW, '-i', source, '-e', 'method=native', '--window', 'override', '--reason', 'it is down'];
    const { stdout, exitCode } = await site.controller.run([...words, '-o', 'json'], { wallClock: () => SATURDAY });
    const events = eventsIn(stdout);
    expect(events.filter(({ type }) => type === 'window-overridden')).toMatchObject([
      { reason: 'it is down', hosts: ['prod-m1'], window: { state: 'shut' } },
    ]);
    expect(exitCode).toBe(0);
    await expectRenewed(prod);
  });

  it('with nothing to do is good at any time', async () => {
    const prod = await site.fleet({ clusterName: 'prod' });
    const words = ['run', RENEW, '-i', saying(prod, 'window: Tue-Thu 01:00-04:00 Europe/Berlin')];
    const { exitCode, stdout } = await site.controller.run(words, { wallClock: () => SATURDAY });
    expect(stdout).not.toContain('refused:');
    expect(exitCode).toBe(0);
  });

  it('whose certificates end before it opens is an error of plan, check and run, with what to do', async () => {
    const prod = await site.fleet({ clusterName: 'prod', stateOf: () => ({ all: { condition: 'due' } }) });
    const date = (days: number) => dateAfter(new Date(), days);
    const late = saying(prod, `window: ${date(60)} 01:00-04:00 UTC`);
    const said =
      /\w+ of prod-m1 \(and \d+ more\) expires in [\w ]+, before cluster prod may be changed: outside its windows; it may start \w+ [\d-]+ 01:00\s+UTC/;
    const file = `${site.controller.directory}/late.kplan`;
    const plan = await site.controller.run(['plan', RENEW, '-i', late, '-e', 'method=native', '--out', file]);
    expect(plan.stdout).toMatch(said);
    expect(plan.stdout).toMatch(
      /give the cluster an earlier window, or renew now: kplay run … -l cluster:prod -e renew_before=all --window\s+override --reason\s+TEXT/,
    );
    expect(plan.exitCode).toBe(3);
    const check = await site.controller.run(['check', '-i', late]);
    expect(check.stderr).toMatch(said);
    expect(check.exitCode).toBe(3);
    const json = await site.controller.run(['check', '-i', late, '-o', 'json', '--exit-code']);
    expect(json.exitCode).toBe(2);
    expect(
      JSON.parse(json.stdout).hosts[0].certificates.find(({ name }: { name: string }) => name === 'apiserver'),
    ).toMatchObject({
      severity: 'critical',
      why: expect.stringMatching(/^expires in \d+d, before a window of its cluster$/),
    });
    const skip = await site.controller.run(['run', RENEW, '-i', late, '-e', 'method=native', '--window', 'skip']);
    expect(skip.stdout).toMatch(said);
    expect(skip.exitCode).toBe(3);
    const early = saying(prod, `window: ${date(2)} 01:00-04:00 UTC`);
    const inTime = await site.controller.run(['plan', RENEW, '-i', early, '-e', 'method=native']);
    expect(inTime.stdout).not.toContain('before cluster');
    expect(inTime.exitCode).toBe(0);
    expect(inTime.stdout).toMatch(
      /^Next: to wait for the next window, which opens [\d-]+ 01:00 UTC: kplay run .* --window wait\n +to do it now: kplay run/m,
    );
    // The plan was saved all the same: it is the way out.
    const words = ['apply', file, '--window', 'override', '--reason', 'it ends before'];
    const applied = await site.controller.run(words);
    expect(applied.stdout).not.toContain('before cluster');
    expect(applied.exitCode).toBe(0);
    expect(daysLeft(prod.hosts[0] ?? expect.fail('no host'), 'apiserver')).toBeGreaterThan(100);
  });
});

it('certificates that are not due yet, and end before the window, are renewed by what kplay says to do', async () => {
  const prod = await site.fleet({ clusterName: 'prod' });
  const before = prod.hosts.map((host) => host.snapshot());
  const opens = dateAfter(new Date(), 500);
  const words = [RENEW, '-i', saying(prod, `window: ${opens} 01:00-04:00 UTC`), '-e', 'method=native'];
  const { stdout } = await site.controller.run(['plan', ...words]);
  const [, remedy = ''] = /renew now: kplay run … (.*) --reason\s+TEXT/.exec(stdout) ?? [];
  const { exitCode } = await site.controller.run(['run', ...words, ...remedy.split(' '), '--reason', 'no window']);
  expect(exitCode).toBe(0);
  expect(changed(prod, before)).toContain('/etc/kubernetes/pki/apiserver.crt');
});

describe('a window that shuts in the midst of a run', () => {
  it('lets the batch in hand end, and nothing is begun after it; the next run finishes the cluster', async () => {
    // Not a renewal: its order, and whether it has batches at all, depend on how fast the simulated cluster answers.
    const names = ['m1', 'm2', 'm3'];
    const rootOf = (name: string) => join(site.controller.directory, 'batches', name);
    const hosts = names.map((name) => {
      mkdirSync(join(rootOf(name), 'tmp'), { recursive: true });
      return `    ${name}: { ansible_connection: local, kplay_rootfs: ${JSON.stringify(rootOf(name))} }\n`;
    });
    const source = site.controller.file(
      'batches.yml',
      `prod:\n  vars:\n    kplay_cluster: { window: daily 01:00-04:00 UTC, expected: 1h30m }\n  hosts:\n${hosts.join('')}`,
    );
    const play = site.controller.file(
      'mark.yml',
      '- hosts: all\n  serial: 1\n  tasks:\n    - copy: { content: x, dest: /tmp/mark }\n',
    );
    const marked = () => names.filter((name) => existsSync(join(rootOf(name), 'tmp/mark')));
    const words = ['run', play, '-i', source, '-o', 'json'];
    // Each of the three batches is expected to take 30 minutes: at 03:31 none fits any more.
    let isLate = false;
    const wallClock = () => new Date(isLate ? '2026-11-28T03:31:00Z' : '2026-11-28T01:00:00Z');
    const onOutput = (text: string) => {
      if (text.includes('"batch-started"')) isLate = true;
    };
    const first = await site.controller.run(words, { wallClock, onOutput });
    const events = eventsIn(first.stdout);
    expect(events.filter(({ type }) => type === 'batch-started').map(({ hosts }) => hosts)).toEqual([['m1']]);
    const shut = events.filter(({ type }) => type === 'window-shut');
    expect(shut).toMatchObject([
      { counts: 'refused', hosts: ['m2', 'm3'], window: { state: 'shut', opens: '2026-11-29T01:00:00.000Z' } },
    ]);
    const recaps = events.at(-1)?.['hosts'] as { host: string; changed: number; refused: number; state: string }[];
    expect(recaps.map(({ refused, state }) => [refused, state])).toEqual([
      [0, 'changed'],
      [1, 'unchanged'],
      [1, 'unchanged'],
    ]);
    expect(first.exitCode).toBe(3);
    expect(marked()).toEqual(['m1']);
    const second = await site.controller.run(words, { wallClock: () => new Date('2026-11-29T01:00:00Z') });
    expect(second.exitCode).toBe(0);
    expect(marked()).toEqual(names);
  });
});

describe('--window wait', () => {
  it('does what is open at once, and the rest when its window opens', async () => {
    const prod = await site.fleet({ clusterName: 'prod', stateOf: () => EXPIRED });
    const dev = await site.fleet({ clusterName: 'dev', stateOf: () => EXPIRED });
    const sources = ['-i', saying(prod, 'window: Tue-Thu 01:00-04:00 Europe/Berlin'), '-i', dev.inventoryFile];
    const words = ['run', RENEW, ...sources, '-e', 'method=native', '-o', 'json', '--window', 'wait'];
    const report = site.controller.file('wait.xml', '');
    // What has ended now has ended before the window of that week: an error, until it is renewed.
    const saturday = saturdayAfter(new Date());
    const tuesday = new Date(saturday.getTime() + 3 * 86_400_000);
    let isOpen = false;
    const onOutput = (text: string) => {
      if (text.includes('"window-waiting"')) isOpen = true;
    };
    const wallClock = () => (isOpen ? tuesday : saturday);
    const { stdout, exitCode } = await site.controller.run([...words, '--report', `junit=${report}`], {
      wallClock,
      onOutput,
    });
    const events = eventsIn(stdout);
    const told = events.flatMap(({ type, hosts, clusters, cluster }) =>
      ['batch-started', 'window-late', 'window-shut', 'window-waiting'].includes(String(type))
        ? [[type, hosts ?? clusters ?? cluster]]
        : [],
    );
    expect(told).toEqual([
      ['window-late', { kind: 'declared', name: 'prod' }],
      ['window-shut', ['prod-m1']],
      ['batch-started', ['dev-m1']],
      ['window-waiting', ['prod']],
      ['batch-started', ['prod-m1']],
    ]);
    expect(events.at(-1)).toMatchObject({
      type: 'run-finished',
      hosts: [
        { host: 'prod-m1', state: 'changed', refused: 0 },
        { host: 'dev-m1', state: 'changed', refused: 0 },
      ],
    });
    expect(exitCode).toBe(0);
    expect(readFileSync(report, 'utf8')).toContain(' failures="0" errors="0"');
    expect((await site.controller.run(['show', 'last'])).stdout).not.toContain('What went wrong');
    for (const fleet of [prod, dev]) await expectRenewed(fleet);
  });

  it('for a window that never comes again refuses the cluster', async () => {
    const prod = await site.fleet({ clusterName: 'prod', stateOf: () => EXPIRED });
    const words = ['run', RENEW, '-i', saying(prod, 'window: 2020-01-01 01:00-04:00 UTC'), '-e', 'method=native'];
    const { stdout, exitCode } = await site.controller.run([...words, '--window', 'wait']);
    expect(stdout).toContain('there is no further window');
    expect(exitCode).toBe(3);
  });

  it('asks nobody: it does not go with --confirm', async () => {
    const prod = await site.fleet({ clusterName: 'prod' });
    const words = ['run', RENEW, '-i', prod.inventoryFile, '--window', 'wait', '--confirm'];
    const { stderr, exitCode } = await site.controller.run(words, { types: ['yes'] });
    expect(stderr).toContain('--window wait and --confirm cannot be combined');
    expect(exitCode).toBe(1);
  });

  it('ends when it is interrupted', async () => {
    const prod = await site.fleet({ clusterName: 'prod', stateOf: () => EXPIRED });
    const words = [
      'run',
      RENEW,
      '-i',
      saying(prod, 'window: Tue-Thu 01:00-04:00 Europe/Berlin'),
      '-e',
      'method=native',
    ];
    const onOutput = (text: string) => {
      if (text.includes('"window-waiting"')) process.emit('SIGINT');
    };
    const before = prod.hosts.map((host) => host.snapshot());
    const ended = await site.controller.run([...words, '--window', 'wait', '-o', 'json'], {
      wallClock: () => SATURDAY,
      onOutput,
    });
    expect(ended.exitCode).toBe(130);
    const stopped = eventsIn(ended.stdout).find(({ type }) => type === 'rollout-stopped');
    expect(stopped).toMatchObject({ reason: 'the run was interrupted', clusters: ['prod'] });
    expect(changed(prod, before)).toEqual([]);
  });
});

describe('kplay windows', () => {
  // The runs of the tests above would say how long a run takes.
  const UNRECORDED = ['--state', '/nowhere'];
  const inventory = `prod: { vars: { kplay_cluster: { name: prod, window: 'Fri 22:00-04:00 Europe/Berlin' } }, hosts: { m1: } }
stage: { vars: { kplay_cluster: { window: ['daily 01:00-01:45 UTC'], closed: 2026-11-29, expected: 45m } }, hosts: { m2: } }
dev: { vars: { kplay_cluster: {} }, hosts: { m3: } }
old: { vars: { kplay_cluster: { window: 2020-01-01 01:00-02:00 UTC } }, hosts: { m4: } }
leap: { vars: { kplay_cluster: { window: 1st Mon 01:00-02:00 UTC, closed: 2026-11-01..2028-01-31 } }, hosts: { m5: } }
`;

  it('shows when each cluster may be changed', async () => {
    const file = site.controller.file('windows.yml', inventory);
    const { stdout, exitCode } = await site.controller.run(['windows', '-i', file, '--next', '2', ...UNRECORDED], {
      wallClock: () => SATURDAY,
    });
    expect(stdout).toBe(`CLUSTER  NOW   OPEN                                FOR  A RUN TAKES
prod     open  Fri 2026-11-27 22:00 Europe/Berlin  6h   30m (default)
               Fri 2026-12-04 22:00 Europe/Berlin  6h
stage    open  Sat 2026-11-28 01:00 UTC            45m  45m (declared)
               Mon 2026-11-30 01:00 UTC            45m
dev      open  at any time
old      shut  never again                              30m (default)
leap     shut  not within 400 days                      30m (default)
`);
    expect(exitCode).toBe(0);
  });

  it('as JSON for programs', async () => {
    const file = site.controller.file('windows.yml', inventory);
    const words = ['windows', '-i', file, '--next', '1', '-o', 'json', ...UNRECORDED];
    const { stdout } = await site.controller.run(words, { wallClock: () => new Date('2026-11-28T12:00:00Z') });
    const { clusters } = JSON.parse(stdout);
    expect(clusters[0]).toEqual({
      name: 'prod',
      hosts: ['m1'],
      state: 'shut',
      reason: 'outside its windows; it may start Fri 2026-12-04 22:00 Europe/Berlin',
      opens: '2026-12-04T21:00:00.000Z',
      windows: 'Fri 22:00-04:00 Europe/Berlin',
      expected_s: 1800,
      expected_from: 'default',
      next: [{ from: '2026-12-04T21:00:00.000Z', to: '2026-12-05T03:00:00.000Z' }],
    });
    expect(clusters[2]).toEqual({
      name: 'dev',
      hosts: ['m3'],
      state: 'open',
      reason: null,
      opens: null,
      windows: null,
      expected_s: null,
      expected_from: null,
      next: [],
    });
  });
});
