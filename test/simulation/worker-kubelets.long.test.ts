import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodes } from '../../src/facts/api/nodes.ts';
import { processes } from '../../src/facts/processes/processes.ts';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import type { TreeState } from '../../src/simulation/tree-state.ts';
import { Bench } from './support/bench.ts';
import { readLeaf } from './support/credentials.ts';
import { applyFleet, type ExtraVariables, type Report } from './support/engine.ts';
import { expectPromiseKept } from './support/promise.ts';
import { ask } from './support/sessions.ts';

let bench: Bench;
beforeAll(async () => {
  bench = new Bench();
});
afterAll(() => bench.close());

const EXPIRED = { all: { condition: 'expired' } } as const;
const CUT_OFF = { interrupted: { isBootstrap: true, backup: 'whole' } } as const;
const ASKING = { interrupted: { ...CUT_OFF.interrupted, isAsking: true } } as const;
const METHOD = { method: 'native' } as const;
const BOOTSTRAP = { ...METHOD, worker_kubelets: 'bootstrap' } as const;
const BOOTSTRAP_CONF = '/etc/kubernetes/bootstrap-kubelet.conf';

function workerOf(fleet: Fleet): EmbeddedHost {
  const worker = fleet.hosts.find(({ profile }) => profile.role === 'worker');
  if (!worker) throw new Error('the fleet has no worker');
  return worker;
}

/** What the plan says of kubelet's certificate on the worker, by the step that makes it. */
function planned({ plan }: Report, host: EmbeddedHost): readonly string[] {
  const tasks = plan?.hosts.find((candidate) => candidate.host === host.name)?.tasks ?? [];
  return tasks.flatMap((task) =>
    task.action === 'change'
      ? task.changes.flatMap(({ target, summary }) =>
          target === 'kubelet-client'
            ? [`${plan?.tasks.find(({ path }) => path === task.path)?.step}: ${summary?.replace(/^.*? {3}/, '')}`]
            : [],
        )
      : [],
  );
}

async function startOf(fleet: Fleet, host: EmbeddedHost | undefined, name: string): Promise<number> {
  return (
    (await ask(fleet, processes, host)).processes.find(({ component }) => component === name)?.startedAt ?? Number.NaN
  );
}

describe('a worker gets exactly what its plan says', () => {
  it.each<[what: string, worker: TreeState, variables: ExtraVariables]>([
    ['signed, when kubelet’s certificate has expired', EXPIRED, METHOD],
    ['by bootstrap, when it has expired', EXPIRED, BOOTSTRAP],
    ['by bootstrap, when kubelet.conf holds it itself', { kubeletConf: 'embedded' }, BOOTSTRAP],
    ['by bootstrap, when it is garbage', { leaves: { 'kubelet-client': { condition: 'garbage' } } }, BOOTSTRAP],
    ['by bootstrap, when all is renewed', {}, { ...BOOTSTRAP, renew_before: 'all' }],
    ['nothing while it is good', {}, BOOTSTRAP],
    ['signed, when a bootstrap of one that has expired was cut off', { ...EXPIRED, ...CUT_OFF }, METHOD],
    ['by bootstrap, after one that was cut off although it is good', CUT_OFF, BOOTSTRAP],
    ['signed, when that has left what kubelet.conf holds itself', { ...CUT_OFF, kubeletConf: 'embedded' }, METHOD],
    ['signed, when kubelet was asking then', { ...EXPIRED, ...ASKING }, METHOD],
    [
      'by bootstrap, when it was asking in place of a kubelet.conf that holds all',
      { ...ASKING, kubeletConf: 'embedded' },
      BOOTSTRAP,
    ],
    ['by bootstrap, when that has left it', { ...EXPIRED, ...CUT_OFF, kubeletConf: 'embedded' }, BOOTSTRAP],
  ])('%s', { timeout: 240_000 }, async (_what, worker, variables) => {
    await expectPromiseKept(bench, {
      states: [{}],
      workers: [worker],
      user: 'root',
      authorityDaysLeft: 2_555,
      variables,
    });
  });
});

describe('a worker whose kubelet can no longer renew its certificate', () => {
  it('gets one that a master signs', { timeout: 240_000 }, async () => {
    const fleet = await bench.fleet({ stateOf: () => EXPIRED, workers: 1, workerStateOf: () => EXPIRED });
    const worker = workerOf(fleet);
    const report = await applyFleet(fleet.inventoryFile, METHOD);
    expect(report.result).toMatchObject({ failed: [], refused: [] });
    expect(planned(report, worker)).toEqual([
      'kubeconfig.regenerate: native   O=system:nodes, CN=system:node:demo-w1   signed on demo-m1',
    ]);
    // One that starts before there is an API to ask would ask ever less often.
    expect(await startOf(fleet, worker, 'kubelet')).toBeGreaterThan(
      await startOf(fleet, fleet.hosts[0], 'kube-apiserver'),
    );
    expect(await ask(fleet, nodes)).toMatchObject({ nodes: [{ ready: true }, { name: worker.name, ready: true }] });
    expect((await applyFleet(fleet.inventoryFile, METHOD)).result.hosts.map(({ changed }) => changed)).toEqual([0, 0]);
  });

  it('asks the API for one with a token, which is gone afterwards', { timeout: 240_000 }, async () => {
    const fleet = await bench.fleet({ stateOf: () => EXPIRED, workers: 1, workerStateOf: () => EXPIRED });
    const worker = workerOf(fleet);
    const old = readLeaf(worker.root, 'kubelet-client');
    const report = await applyFleet(fleet.inventoryFile, BOOTSTRAP);
    expect(report.result).toMatchObject({ failed: [], refused: [] });
    expect(planned(report, worker)).toEqual([
      'kubelet.bootstrap: O=system:nodes, CN=system:node:demo-w1   requested with a bootstrap token of demo-m1',
    ]);
    const made = readLeaf(worker.root, 'kubelet-client');
    expect(made?.subject).toBe(old?.subject);
    expect(new Date(made?.validTo ?? 0).getTime()).toBeGreaterThan(Date.now());
    expect(readFileSync(join(worker.root, '/etc/kubernetes/kubelet.conf'), 'utf8')).toContain(
      'client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem',
    );
    expect(worker.snapshot().has(BOOTSTRAP_CONF)).toBe(false);
    expect(await ask(fleet, nodes)).toMatchObject({ nodes: [{ ready: true }, { name: worker.name, ready: true }] });
    const again = await applyFleet(fleet.inventoryFile, BOOTSTRAP);
    expect(again.result.hosts.map(({ changed }) => changed)).toEqual([0, 0]);
  });
});
