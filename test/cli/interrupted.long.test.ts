import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { AUTHORITY_PATHS } from '../simulation/support/credentials.ts';
import { until } from '../simulation/support/until.ts';
import { eventsIn } from './support/event-stream.ts';
import { expectRenewed } from './support/host-state.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

/** The steps of the renewal that change something. */
const STEPS = [
  'certs.backup',
  'certs.delete',
  'certs.regenerate',
  'kubeconfig.regenerate',
  'control_plane.restart',
  'cluster.verify',
];

async function expiredMaster(): Promise<{ readonly fleet: Fleet; readonly host: EmbeddedHost }> {
  const fleet = await site.fleet({ stateOf: () => ({ all: { condition: 'expired' } }) });
  const [host] = fleet.hosts;
  if (!host) throw new Error('the fleet has no host');
  return { fleet, host };
}

/** Runs the renewal, and does something when a step begins. */
function renew(fleet: Fleet, step?: string, doSomething: () => void = () => {}) {
  return renewUntil(fleet, (event) => begins(event, step), doSomething);
}

/** Runs the renewal, and does something at the first such event. */
async function renewUntil(
  fleet: Fleet,
  isIt: (event: JsonObject) => boolean,
  doSomething: () => void,
  words: readonly string[] = [],
) {
  let rest = '';
  let done = false;
  const onOutput = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (done || !lines.some((line) => isIt(JSON.parse(line)))) return;
    done = true;
    doSomething();
  };
  const { exitCode, stdout } = await site.controller.run(
    ['run', RENEW, '-i', fleet.inventoryFile, '-o', 'json', ...words],
    {
      onOutput,
    },
  );
  return { exitCode, events: eventsIn(stdout) };
}

function begins(event: JsonObject, step: string | undefined): boolean {
  return event['type'] === 'task-started' && (event['task'] as JsonObject)['step'] === step;
}

async function expectToComplete(fleet: Fleet): Promise<void> {
  expect((await renew(fleet)).exitCode).toBe(0);
  await expectRenewed(fleet);
  await expectIdle(fleet);
}

async function expectIdle(fleet: Fleet): Promise<void> {
  const { exitCode, events } = await renew(fleet);
  expect(exitCode).toBe(0);
  expect(events.at(-1)).toMatchObject({
    type: 'run-finished',
    hosts: fleet.hosts.map(() => ({ changed: 0, failed: 0 })),
  });
}

function authorities(host: EmbeddedHost): readonly string[] {
  return AUTHORITY_PATHS.map((path) => host.read(path));
}

describe('a connection that is cut', () => {
  it.each(STEPS)('in %s is told of, and the same command again completes', async (step) => {
    const { fleet, host } = await expiredMaster();
    const before = authorities(host);
    const { exitCode, events } = await renew(fleet, step, () => host.connections.cut());
    expect([2, 4]).toContain(exitCode);
    // Whoever reads only the end knows which host it was, and what to do.
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', hosts: [{ host: host.name }] });
    expect(String(events.at(-1)?.['next'])).toContain('kplay ');
    await expectToComplete(fleet);
    expect(authorities(host)).toEqual(before);
  });
});

describe('an API server that is kept stopped while its etcd restarts', () => {
  it('comes back by itself when the run is cut off then, and the same command again completes', async () => {
    const fleet = await site.fleet({ masters: 3, stateOf: () => ({ all: { condition: 'due' } }) });
    const [host] = fleet.hosts;
    if (!host) throw new Error('the fleet has no host');
    const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';
    const isThere = (): boolean => host.snapshot().has(manifest);
    let wasAside = false;
    const { exitCode } = await renewUntil(
      fleet,
      (event) => event['type'] === 'task-progress' && event['host'] === host.name && !isThere(),
      () => {
        wasAside = true;
        host.connections.cut();
      },
    );
    expect([exitCode === 0, wasAside]).toEqual([false, true]);
    await until(isThere);
    expect((await renew(fleet)).exitCode).toBe(0);
    await expectIdle(fleet);
  });
});

describe('Ctrl-C', () => {
  it('in certs.delete puts back what was moved aside, and the same command again completes', async () => {
    const { fleet, host } = await expiredMaster();
    const before = leaves(host);
    const { exitCode, events } = await renew(fleet, 'certs.delete', pressCtrlC);
    expect(exitCode).toBe(130);
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['interrupted', 'undo-finished']));
    expect(events.at(-1)).toMatchObject({
      hosts: [{ host: host.name, state: 'restored' }],
      next: [`kplay resume ${events[0]?.['runId']}`],
    });
    expect(leaves(host)).toEqual(before);
    await expectToComplete(fleet);
  });

  it('in control_plane.restart ends after the step in hand, and the same command again completes', async () => {
    const { fleet, host } = await expiredMaster();
    const { exitCode, events } = await renew(fleet, 'control_plane.restart', pressCtrlC);
    expect(exitCode).toBe(130);
    expect(events.at(-1)).toMatchObject({
      hosts: [
        {
          host: host.name,
          state: 'partly-changed',
          stopped: { why: 'cancelled', at: "Bootstrap workers' kubelets" },
        },
      ],
    });
    await expectToComplete(fleet);
  });

  it('in the restart of a renewal of everything leaves that to resume, which makes nothing twice', async () => {
    const fleet = await site.fleet({ stateOf: () => ({ all: { condition: 'valid' } }) });
    const [host] = fleet.hosts as readonly [EmbeddedHost];
    const isIt = (event: JsonObject): boolean => begins(event, 'control_plane.restart');
    const { exitCode, events } = await renewUntil(fleet, isIt, pressCtrlC, ['-e', 'renew_before=all']);
    expect(exitCode).toBe(130);
    const next = String(events.at(-1)?.['next']).split(',')[0] ?? '';
    const made = inPlace(host);
    const resumed = await site.controller.run([...next.split(' ').slice(1), '-o', 'plain']);
    expect(resumed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(inPlace(host)).toEqual(made);
    await expectRenewed(fleet);
  });

  it.each(['certs.delete', 'certs.regenerate', 'kubeconfig.regenerate', 'control_plane.restart'])(
    'pressed twice in %s ends at once, and the same command again completes',
    async (step) => {
      const { fleet, host } = await expiredMaster();
      const before = authorities(host);
      const { exitCode, events } = await renew(fleet, step, () => {
        pressCtrlC();
        pressCtrlC();
      });
      expect(exitCode).toBe(130);
      expect(events.at(-1)).toMatchObject({
        hosts: [
          {
            host: host.name,
            state: expect.stringMatching(/^(partly-changed|restoring)$/),
          },
        ],
      });
      await expectToComplete(fleet);
      expect(authorities(host)).toEqual(before);
    },
  );
});

/** The leaf certificates and keys of a host. */
function leaves(host: EmbeddedHost): readonly (readonly [string, string])[] {
  const paths = [...host.snapshot().keys()].filter((path) => /^\/etc\/kubernetes\/.*\.(crt|key|conf)$/.test(path));
  return paths.toSorted().map((path) => [path, host.read(path)]);
}

/** Without those that were moved aside. */
function inPlace(host: EmbeddedHost): ReturnType<typeof leaves> {
  return leaves(host).filter(([path]) => !path.includes('/.kplay-aside/'));
}

/** As the terminal does it to this process, but for kplay's own handler alone. */
function pressCtrlC(): void {
  process.listeners('SIGINT').at(-1)?.('SIGINT');
}
