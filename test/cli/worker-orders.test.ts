import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Environment, processEnvironment } from '../../src/cli/environment.ts';
import { loadNamed } from '../../src/cli/inputs/playbook-files.ts';
import { KeptRuns } from '../../src/cli/journal/kept-runs.ts';
import { commandOf } from '../../src/cli/options/command-words.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { clusterWork } from '../../src/cli/temporal/cluster-work.ts';
import { playbookDigest } from '../../src/cli/temporal/playbook-digest.ts';
import type { WorkerCommandOptions } from '../../src/cli/temporal/worker.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import { type ClusterOrder, ORDER_VERSION } from '../../src/fleet/temporal/orders.ts';
import { Controller } from './support/controller.ts';
import { MemoryOutput } from './support/memory-streams.ts';

let controller: Controller;
let play: string;
let inventory: string;
let good: ClusterOrder;
beforeAll(() => {
  controller = new Controller();
  play = controller.file('play.yml', '- { name: Say it, hosts: all, tasks: [{ debug: { msg: "{{ greeting }}" } }] }\n');
  inventory = controller.file(
    'fleet.yml',
    'east: { vars: { kplay_cluster: { name: east }, ansible_connection: local }, hosts: { e1: , e2: } }\n',
  );
  good = {
    version: ORDER_VERSION,
    runId: '20261126T120000Z-abcd',
    now: '2026-11-26T12:00:00Z',
    cluster: { name: 'east', hosts: ['e1'], members: ['e1', 'e2'], labels: {} },
    work: {
      playbook: digestOf(play),
      source: 'play.yml',
      extraVars: ['greeting=hello'],
      tags: [],
      skipTags: [],
    },
  };
});
afterAll(() => controller.close());

function digestOf(path: string): string {
  const playbook = loadNamed(path, new Problems());
  if (!playbook) throw new Error('the playbook cannot be read');
  return playbookDigest(playbook, path);
}

const newStreams = () => ({ stdout: new MemoryOutput(), stderr: new MemoryOutput() });
const again = (why: string) => new Error(`again: ${why}`);
const over = (why: string) => new Error(`over: ${why}`);

/** What a worker without a server says to an order. */
function look(order: ClusterOrder, streams = newStreams(), changed: Partial<Environment> = {}) {
  return site(streams, changed).look(order);
}

function site(streams = newStreams(), changed: Partial<Environment> = {}, from = inventory, own = play) {
  const environment = { ...processEnvironment(), variables: {}, ...streams, ...changed } as unknown as Environment;
  const program = buildProgram(environment, () => undefined);
  const { command } = commandOf(program, ['worker']);
  command.action(() => undefined);
  const words = ['worker', own, '-i', from, '--engine', 'temporal://127.0.0.1:1', '--state', controller.home];
  program.parse(words, { from: 'user' });
  const options: WorkerCommandOptions = command.opts();
  const reporter = { handle: () => undefined, close: async () => undefined };
  const known = {
    playbooks: [own],
    options: { ...options, output: 'plain' },
    environment,
    reporterFor: () => reporter,
  };
  const attempt = { number: 1, stop: new AbortController().signal, tryAgain: again, giveUp: over };
  return clusterWork(known, () => attempt);
}

describe('a worker', () => {
  it.each([
    ['wait', 'left'],
    [undefined, 'refused'],
  ] as const)('says when a cluster outside its windows may be begun: --window %s', async (window, counts) => {
    const shut = controller.file(
      'shut.yml',
      readFileSync(inventory, 'utf8').replace('name: east', 'name: east, window: "2030-01-05 00:00-24:00 UTC"'),
    );
    const changing = controller.file('changing.yml', '- { name: P, hosts: all, tasks: [{ command: "true" }] }\n');
    const work = { ...good.work, playbook: digestOf(changing), ...(window && { window }) };
    const order = { ...good, runId: `20261126T12000${counts.length}Z-abcd`, work };
    const { result, shut: hosts, opens, told } = await site(newStreams(), {}, shut, changing).run(order);
    expect({ hosts, opens }).toEqual({ hosts: ['e1'], opens: '2030-01-05T00:00:00.000Z' });
    expect(result[counts]).toEqual(['e1']);
    expect(told).toMatchObject([{ type: 'window-shut', counts }]);
  });

  it('keeps its part of a rollout as a run of its own machine, which no server keeps', async () => {
    await site().run({ ...good, runId: '20261126T120001Z-abcd' });
    const [kept] = new KeptRuns({ state: controller.home }, processEnvironment()).ids.map((id) =>
      new KeptRuns({ state: controller.home }, processEnvironment()).read(id),
    );
    expect(kept?.summary.start?.recipe?.options).toMatchObject({ limit: 'e1' });
    expect(kept?.summary.start?.recipe?.options).not.toHaveProperty('engine');
  });

  it('looks at the hosts that are meant, and no others', async () => {
    const { result, told } = await look(good);
    expect(told).toEqual([]);
    expect(result.plans.flatMap(({ hosts }) => hosts.map(({ host }) => host))).toEqual(['e1']);
  });

  it('keeps what a bug says to itself, and is not asked again', async () => {
    const streams = newStreams();
    const buggy = (): never => {
      throw new TypeError('hunter2 is not a function');
    };
    await expect(look(good, streams, { clock: buggy })).rejects.toThrow(
      /^over: a bug in kplay \S+: its stack is in the log/,
    );
    expect(streams.stderr.text).toMatch(
      /^east \| error: a bug in kplay \S+: TypeError: hunter2 is not a function\n +at /m,
    );
  });

  it.each<readonly [string, (order: ClusterOrder) => ClusterOrder, string]>([
    [
      'a variable that says how hosts are reached',
      (order) => ({ ...order, work: { ...order.work, extraVars: ['ansible_host=elsewhere'] } }),
      'ansible_host says how hosts are reached',
    ],
    [
      'a file of its own machine',
      (order) => ({ ...order, work: { ...order.work, extraVars: [`@${inventory}`] } }),
      'a file of variables stays on this machine',
    ],
    [
      'another playbook',
      (order) => ({ ...order, work: { ...order.work, playbook: '0'.repeat(64) } }),
      'the worker has no playbook of this content',
    ],
    [
      'a cluster that is another one here',
      (order) => ({ ...order, cluster: { ...order.cluster, members: ['e1', 'e2', 'e3'] } }),
      'cluster east has other hosts in the inventory of the worker',
    ],
    [
      'an order in a form that it does not know',
      (order) => ({ ...order, version: 999 as unknown as typeof ORDER_VERSION }),
      'the order is of version 999',
    ],
  ])('refuses %s', async (_, changed, says) => {
    const { result, told } = await look(changed(good));
    expect(told).toMatchObject([{ type: 'play-refused', code: 'worker-refused', cluster: { name: 'east' } }]);
    expect(JSON.stringify(told)).toContain(says);
    expect(result.refused).toEqual(['e1']);
  });
});
