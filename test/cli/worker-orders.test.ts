import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Environment, processEnvironment } from '../../src/cli/environment.ts';
import { rolloutFile } from '../../src/cli/fleet/rollout-input.ts';
import { loadNamed } from '../../src/cli/inputs/playbook-files.ts';
import { KeptRuns } from '../../src/cli/journal/kept-runs.ts';
import { clusterWork } from '../../src/cli/temporal/cluster-work.ts';
import { checksDigest, playbookDigest } from '../../src/cli/temporal/playbook-digest.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import type { Event } from '../../src/core/events/event.ts';
import { planTotals } from '../../src/core/plan-totals.ts';
import type { CheckOrder, ClusterOrder, OrderVersion } from '../../src/fleet/temporal/orders.ts';
import { hasProc, startTicks } from '../support/processes-of-linux.ts';
import { Controller } from './support/controller.ts';
import { MemoryOutput } from './support/memory-streams.ts';
import { workerOptions } from './support/worker-options.ts';

let controller: Controller;
let play: string;
let inventory: string;
let good: ClusterOrder;
beforeAll(() => {
  controller = new Controller();
  play = controller.file('play.yml', '- { name: Say it, hosts: all, tasks: [{ debug: { msg: "{{ greeting }}" } }] }\n');
  // Each has a root of its own: an ordinary user takes no lock in /run.
  for (const host of ['e1', 'e2']) mkdirSync(rootOf(host));
  inventory = controller.file(
    'fleet.yml',
    `east:
  vars: { kplay_cluster: { name: east }, ansible_connection: local }
  hosts: { e1: { kplay_rootfs: ${rootOf('e1')} }, e2: { kplay_rootfs: ${rootOf('e2')} } }
`,
  );
  good = {
    version: 1,
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

/** `copy` is refused where there is a pipe. */
const makePipe = (path: string) => execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
const rootOf = (host: string): string => `${controller.directory}/root-${host}`;

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

function site(
  streams = newStreams(),
  changed: Partial<Environment> = {},
  from = inventory,
  own = play,
  rollout?: string,
  {
    number = 1,
    stop = new AbortController().signal,
    onEvent = () => undefined,
  }: { number?: number; stop?: AbortSignal; onEvent?: (event: Event) => unknown } = {},
) {
  const environment = { ...processEnvironment(), variables: {}, ...streams, ...changed } as unknown as Environment;
  const options = workerOptions([own, '-i', from, '--state', controller.home], environment);
  const reporter = { handle: (event: Event) => void onEvent(event), close: async () => undefined };
  const known = {
    playbooks: [own],
    ...(rollout !== undefined && { rollout }),
    options: { ...options, output: 'plain' },
    environment,
    reporterFor: () => reporter,
  };
  const attempt = { number, stop, tryAgain: again, giveUp: over };
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

  it.each([1, 2])(
    'tells why hosts are refused, and looks again where a lost worker may have had them: attempt %i',
    async (number) => {
      const dest = `/spoilt-${number}`;
      const spoilt = `${rootOf('e1')}${dest}`;
      makePipe(spoilt);
      const copying = controller.file(
        'copying.yml',
        `- { hosts: all, tasks: [{ copy: { content: x, dest: ${dest} } }] }\n`,
      );
      const onEvent = ({ type }: Event) =>
        type === 'run-finished' && existsSync(spoilt) && statSync(spoilt).isFIFO() && rmSync(spoilt);
      const { result, told } = await site(newStreams(), {}, inventory, copying, undefined, {
        number,
        onEvent,
      }).run({
        ...good,
        runId: `20261126T12001${number}Z-abcd`,
        work: { ...good.work, playbook: digestOf(copying), extraVars: [] },
      });
      expect(result.refused).toEqual(number === 1 ? ['e1'] : []);
      const refusal = {
        type: 'host-refused',
        host: 'e1',
        reason: `'copy': ${dest} is a device, a pipe or a socket: it is not replaced by a file`,
      };
      expect(told).toMatchObject(number === 1 ? [refusal] : []);
      expect(existsSync(spoilt)).toBe(number === 2);
    },
  );

  describe('tells on_failure of nothing that is gone on with', () => {
    let calls: string;
    const hooked = (name: string, task: string): string =>
      controller.file(
        `${name}.yml`,
        `- hosts: all
  on_failure: [{ command: "sh -c 'echo {{ kplay_run.refused }} >> ${calls}'" }]
  tasks: [${task}]
`,
      );
    const ordered = (path: string, id: string, more: Partial<ClusterOrder> = {}): ClusterOrder => ({
      ...good,
      runId: `20261126T1201${id}Z-abcd`,
      work: { ...good.work, playbook: digestOf(path), extraVars: [] },
      ...more,
    });
    const called = (): string => (existsSync(calls) ? readFileSync(calls, 'utf8') : '');
    beforeEach(() => {
      calls = join(mkdtempSync(join(controller.directory, 'calls-')), 'calls');
    });

    it.runIf(hasProc).each([1, 2])('what a second look finds good: attempt %i', async (number) => {
      const spoilt = `${rootOf('e1')}/hooked-${number}`;
      makePipe(spoilt);
      const path = hooked(`hooked-${number}`, `{ copy: { content: x, dest: /hooked-${number} } }`);
      const onEvent = ({ type }: Event) => type === 'run-finished' && statSync(spoilt).isFIFO() && rmSync(spoilt);
      await site(newStreams(), {}, inventory, path, undefined, { number, onEvent }).run(ordered(path, `0${number}`));
      expect(called()).toBe(number === 1 ? '[e1]\n' : '');
    });

    it('what a second look finds no better: once', async () => {
      makePipe(`${rootOf('e1')}/hooked-3`);
      const path = hooked('hooked-3', '{ copy: { content: x, dest: /hooked-3 } }');
      await site(newStreams(), {}, inventory, path, undefined, { number: 2 }).run(ordered(path, '03'));
      expect(called()).toBe('[e1]\n');
    });

    it.runIf(hasProc).each([1, 2])('a lock that a lost worker still holds: attempt %i', async (number) => {
      const lock = `${rootOf('e1')}/run/kplay.lock`;
      mkdirSync(lock, { recursive: true });
      // This process lives on while it holds it.
      writeFileSync(`${lock}/shell`, `${process.pid} ${startTicks(process.pid)}\n`);
      writeFileSync(`${lock}/holder`, 'another run\n');
      const path = hooked('locked', '{ copy: { content: x, dest: /locked } }');
      const ended = site(newStreams(), {}, inventory, path, undefined, { number }).run(ordered(path, `1${number}`));
      if (number === 1) await ended;
      else await expect(ended).rejects.toThrow('again: the lost worker still holds a lock of it');
      rmSync(lock, { recursive: true });
      expect(called()).toBe(number === 1 ? '[e1]\n' : '');
    });

    it('a worker that is stopped', async () => {
      const path = hooked('stopped', '{ copy: { content: x, dest: /stopped } }');
      const stop = new AbortController();
      const onEvent = ({ type }: Event) => type === 'play-planned' && stop.abort();
      const worker = site(newStreams(), {}, inventory, path, undefined, { stop: stop.signal, onEvent });
      const ended = worker.run(ordered(path, '20'));
      await expect(ended).rejects.toThrow('again: the worker was stopped');
      expect(called()).toBe('');
    });

    it('checks that are still to be asked', async () => {
      const path = hooked('unchecked', '{ copy: { content: x, dest: /unchecked } }');
      await site(newStreams(), {}, inventory, path).run(ordered(path, '21', { isUnchecked: true }));
      expect(called()).toBe('');
    });
  });

  it.runIf(hasProc)(
    'runs once where something was changed, though a host stays refused: what was changed is told',
    async () => {
      makePipe(`${rootOf('e2')}/spoilt`);
      const half = controller.file('half.yml', '- { hosts: all, tasks: [{ copy: { content: x, dest: /spoilt } }] }\n');
      let runs = 0;
      const onEvent = ({ type }: Event) => {
        if (type === 'run-finished') runs += 1;
      };
      const { result } = await site(newStreams(), {}, inventory, half, undefined, { number: 2, onEvent }).run({
        ...good,
        runId: '20261126T120021Z-abcd',
        cluster: { ...good.cluster, hosts: ['e1', 'e2'] },
        work: { ...good.work, playbook: digestOf(half), extraVars: [] },
      });
      expect(runs).toBe(1);
      expect(result.refused).toEqual(['e2']);
      expect(result.hosts).toMatchObject([
        { host: 'e1', changed: 1 },
        { host: 'e2', changed: 0 },
      ]);
    },
  );

  it.each([1, 2])('says of a run whether another attempt went before it: attempt %i', async (number) => {
    const worker = site(newStreams(), {}, inventory, play, undefined, { number });
    const taken = number > 1 ? true : undefined;
    const order = (which: number) => ({ ...good, runId: `20261126T1200${which}${number}Z-abcd` });
    expect((await worker.run(order(3))).wasTakenOver).toBe(taken);
    // Neither of these can have changed anything.
    expect(await worker.run({ ...order(4), isUnchecked: true })).not.toHaveProperty('wasTakenOver');
    expect(await worker.look(good)).not.toHaveProperty('wasTakenOver');
  });

  it('looks at the hosts that are meant, and no others', async () => {
    const { result, told } = await look(good);
    // Whoever follows the rollout is told what there is to do.
    expect(told).toEqual([
      {
        type: 'cluster-planned',
        play: expect.any(String),
        cluster: { kind: 'declared', name: 'east' },
        totals: result.plans.map(planTotals)[0],
      },
    ]);
    expect(result.plans.flatMap(({ hosts }) => hosts.map(({ host }) => host))).toEqual(['e1']);
  });

  it.each([1, 2] as const)('takes an order of version %i', async (version) => {
    const { result, told } = await look({ ...good, version });
    expect(told).toMatchObject([{ type: 'cluster-planned' }]);
    expect(result.plans).toHaveLength(1);
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
      'ansible_host is a connection setting',
    ],
    [
      'keys for jump hosts',
      (order) => ({ ...order, work: { ...order.work, extraVars: ['kplay_jump_private_key_file=/k'] } }),
      'kplay_jump_private_key_file is a connection setting',
    ],
    [
      'a file of its own machine',
      (order) => ({ ...order, work: { ...order.work, extraVars: [`@${inventory}`] } }),
      'a variables file stays on this machine',
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
      (order) => ({ ...order, version: 999 as unknown as OrderVersion }),
      'the order is of version 999',
    ],
  ])('refuses %s', async (_, changed, says) => {
    const { result, told } = await look(changed(good));
    expect(told).toMatchObject([{ type: 'play-refused', code: 'worker-refused', cluster: { name: 'east' } }]);
    expect(JSON.stringify(told)).toContain(says);
    expect(result.refused).toEqual(['e1']);
  });
});

describe('a worker whose orders come from somebody else', () => {
  const told = async (changed: Partial<ClusterOrder>): Promise<string> => {
    const report = await site().run({ ...good, runId: '20261126T120051Z-abcd', ...changed });
    expect(report.told).toMatchObject([{ type: 'play-refused', code: 'worker-refused' }]);
    return JSON.stringify(report.told);
  };

  it.each([
    ['', []],
    [', also as a member', ['@SECRET']],
  ])('does not say what is in its files, which a host of the order could name%s', async (_, more) => {
    const secret = controller.file('secret-of-worker', 'S3cretLine\n');
    const members = ['e1', 'e2', ...more.map((name) => name.replace('SECRET', secret))];
    const text = await told({ cluster: { ...good.cluster, hosts: [`@${secret}`], members } });
    expect(text).toContain('the order is for hosts that are no members of cluster east');
    expect(text).not.toContain('S3cretLine');
  });

  it.each([['all'], ['e*'], ['~e'], ['!e1'], ['e1,e2'], ['']])('takes no pattern for a host: %s', async (host) => {
    const cluster = { ...good.cluster, hosts: [host] };
    expect(await told({ cluster })).toContain('the order is for hosts that are no members of cluster east');
  });

  it.each([['../../../escaped'], ['20261126T120051Z-abcd/../../escaped'], ['20261126T120051Z-abcd\n'], ['']])(
    'takes no path for the id of a run: %j',
    async (runId) => {
      expect(await told({ runId })).toContain('the id of the run in the order is none');
      expect(existsSync(join(controller.home, '../escaped'))).toBe(false);
    },
  );

  it('lets no name of a cluster act on the terminal', async () => {
    const streams = newStreams();
    const buggy = (): never => {
      throw new TypeError('a bug');
    };
    const order = { ...good, cluster: { ...good.cluster, name: 'east\u001b[2J\nwest' } };
    await expect(look(order, streams, { clock: buggy })).rejects.toThrow('a bug');
    expect(streams.stderr.text).toMatch(/^east\\x1b\[2J/);
  });
});

describe('a worker that is asked for a check', () => {
  const CHECKS = `checks:
  - { name: good, command: "true" }
  - { name: bad, command: { cmd: "sh -c 'echo {{ kplay_run.at }} {{ kplay_run.cluster }} no {{ api_token }} >&2; exit 1'" } }
`;
  let rollout: string;
  let secretive: string;
  let digest: string;
  beforeAll(() => {
    rollout = controller.file('rollout.yml', CHECKS);
    secretive = controller.file(
      'secretive.yml',
      '- { name: P, hosts: all, vars: { api_token: hunter2hunter2 }, tasks: [{ command: "true" }] }\n',
    );
    const read = rolloutFile(rollout, new Problems());
    digest = checksDigest(read?.checks ?? []);
  });
  const order = (index: number, of = digest): CheckOrder => ({
    ...good,
    work: { ...good.work, playbook: digestOf(secretive), extraVars: [] },
    check: { digest: of, index, at: 'before' },
  });
  const ask = (asked: CheckOrder, file: string | undefined = rollout) =>
    site(newStreams(), {}, inventory, secretive, file).check(asked);

  it('asks it once, and says why it does not pass, without secrets', async () => {
    expect(await ask(order(0))).toBe('');
    expect(await ask(order(1))).toBe('it ended with 1: before east no ***');
  });

  it('has passed none that it does not have', async () => {
    const says = /^the worker has no check of this content \(SHA-256 [0-9a-f]{12}…\): give it the file of the rollout/;
    expect(await ask(order(2))).toMatch(says);
    expect(await ask(order(0, '0'.repeat(64)))).toMatch(says);
    expect(await site(newStreams(), {}, inventory, secretive).check(order(0))).toMatch(says);
    const other = { ...order(0), work: { ...good.work, playbook: '0'.repeat(64) } };
    expect(await ask(other)).toMatch(/^the worker has no playbook of this content/);
  });

  it.runIf(hasProc)('changes nothing that was not checked, and says that it would have', async () => {
    const touched = `${controller.directory}/touched`;
    const touching = controller.file(
      'touching.yml',
      `- { name: P, hosts: all, tasks: [{ command: touch ${touched} }] }\n`,
    );
    const run: ClusterOrder = {
      ...good,
      runId: '20261126T120007Z-abcd',
      work: { ...good.work, playbook: digestOf(touching), extraVars: [] },
    };
    const worker = site(newStreams(), {}, inventory, touching);
    expect(await worker.run({ ...run, isUnchecked: true })).toMatchObject({ wasUnchecked: true });
    expect(existsSync(touched)).toBe(false);
    expect(await worker.run({ ...run, runId: '20261126T120008Z-abcd' })).not.toHaveProperty('wasUnchecked');
    expect(existsSync(touched)).toBe(true);
  });

  it('calls hooks of waves, and tells what becomes of them', async () => {
    const told = `${controller.directory}/told`;
    const hooked = controller.file(
      'hooked.yml',
      `- name: P
  hosts: all
  rollout: { waves: [{ name: first, clusters: [elsewhere] }, { name: rest }] }
  on_wave:
    - { name: tell, command: "sh -c 'echo {{ kplay_run.wave }} {{ kplay_run.at }} > ${told}'" }
    - { name: fail, command: "false" }
  tasks: [{ command: "true" }]
`,
    );
    const wave = { wave: 'rest', number: 2, of: 2, at: 'begin', clusters: ['east'], hosts: ['e1'] } as const;
    const events = await site(newStreams(), {}, inventory, hooked).callWave({
      ...good,
      work: { ...good.work, playbook: digestOf(hooked), extraVars: [] },
      wave: { ...wave, done: [], failed: [], left: [] },
    });
    expect(readFileSync(told, 'utf8')).toBe('rest begin\n');
    expect(events).toMatchObject([
      { type: 'hook-finished', hook: 'tell', succeeded: true },
      { type: 'hook-finished', hook: 'fail', succeeded: false },
      { type: 'warning', message: expect.stringContaining("wave rest: on_wave: 'fail' failed") },
    ]);
  });
});
