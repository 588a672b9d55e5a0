import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Environment, processEnvironment } from '../../src/cli/environment.ts';
import { loadNamed } from '../../src/cli/inputs/playbook-files.ts';
import { clusterWork } from '../../src/cli/temporal/cluster-work.ts';
import { playbookDigest } from '../../src/cli/temporal/playbook-digest.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import type { ClusterOrder } from '../../src/fleet/temporal/orders.ts';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import { MemoryOutput } from './support/memory-streams.ts';
import { Site } from './support/site.ts';
import { workerOptions } from './support/worker-options.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const HAND_MADE = 'etc/kubernetes/pki/front-proxy-client.crt';
/** It names the directory only when it runs, so that a saved plan leaves open what it does. */
const SAVING = `- name: Save
  hosts: masters
  become: true
  tasks:
    - { command: echo /var/backups/kplay, register: place }
    - certs.backup: { to: "{{ place.stdout }}", renew_before: all }
`;

/** Runs under one id, twice, with somebody at work on the host between them. @returns how many backups it has in the end */
async function savedTwice(begin: (inventory: string, host: EmbeddedHost) => Promise<() => Promise<void>>) {
  const { hosts, inventoryFile } = await site.fleet({ masters: 1, clusterName: 'prod' });
  const [host] = hosts;
  if (!host) throw new Error('a fleet without a host');
  const run = await begin(inventoryFile, host);
  await run();
  appendFileSync(join(host.root, HAND_MADE), '\n');
  await run();
  const kept = readdirSync(join(host.root, 'var/backups/kplay')).toSorted();
  await run();
  expect(readdirSync(join(host.root, 'var/backups/kplay')).toSorted()).toEqual(kept);
  return kept;
}

describe('what somebody has made by hand since the first backup is saved anew, and only then', () => {
  it('by a saved plan that is applied again', async () => {
    const backups = await savedTwice(async (inventory) => {
      const plan = site.controller.file('saved.kplan', '');
      site.controller.remove('saved.kplan');
      const words = ['plan', site.controller.file('save.yml', SAVING), '-i', inventory, '--out', plan];
      expect(await site.controller.run(words)).toMatchObject({ exitCode: 0 });
      return async () => expect(await site.controller.run(['apply', plan])).toMatchObject({ exitCode: 0 });
    });
    expect(backups).toEqual([expect.any(String), `${backups[0]}-2`]);
  });

  it('by a worker that takes a cluster over', async () => {
    const backups = await savedTwice(async (inventory, { name }) => {
      const playbook = site.controller.file('ordered.yml', SAVING);
      const work = workOn(inventory, playbook);
      const order = orderOf(playbook, name);
      return async () => expect(await work.run(order)).toMatchObject({ result: { failed: [], refused: [] } });
    });
    expect(backups).toEqual([expect.any(String), `${backups[0]}-2`]);
  });
});

/** A worker without a server. */
function workOn(inventory: string, playbook: string) {
  const streams = { stdout: new MemoryOutput(), stderr: new MemoryOutput() };
  const environment = { ...processEnvironment(), variables: {}, ...streams } as unknown as Environment;
  const options = workerOptions([playbook, '-i', inventory, '--state', site.controller.home], environment);
  const reporter = { handle: () => undefined, close: async () => undefined };
  const stop = new AbortController().signal;
  const failure = (why: string): Error => new Error(why);
  return clusterWork(
    {
      playbooks: [playbook],
      options: { ...options, output: 'plain' },
      environment,
      reporterFor: () => reporter,
    },
    () => ({ number: 1, stop, tryAgain: failure, giveUp: failure }),
  );
}

function orderOf(path: string, host: string): ClusterOrder {
  const playbook = loadNamed(path, new Problems());
  if (!playbook) throw new Error('the playbook cannot be read');
  return {
    version: 1,
    runId: '20261126T120000Z-abcd',
    now: new Date().toISOString(),
    cluster: { name: 'prod', hosts: [host], members: [host], labels: {} },
    work: { playbook: playbookDigest(playbook, path), source: path, extraVars: [], tags: [], skipTags: [] },
  };
}
