import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Environment, processEnvironment } from '../../src/cli/environment.ts';
import type { RunControl } from '../../src/cli/fleet/run-control.ts';
import { readInputs } from '../../src/cli/inputs/inputs.ts';
import { loadNamed } from '../../src/cli/inputs/playbook-files.ts';
import { commandOf } from '../../src/cli/options/command-words.ts';
import { ENGINE_CONFLICTS } from '../../src/cli/options/engine-conflicts.ts';
import type { RunOptions } from '../../src/cli/options/options.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { playbookInputs } from '../../src/cli/run/playbook-inputs.ts';
import { checkOrder, type OrderOptions, orderOf } from '../../src/cli/temporal/rollout-order.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import type { RolloutOrder } from '../../src/fleet/temporal/orders.ts';
import { Controller } from './support/controller.ts';
import { MemoryOutput } from './support/memory-streams.ts';

const ENGINE = 'temporal://127.0.0.1:1/none';

const PLAY = `- name: Say it
  hosts: all
  rollout: { order: name }
  tasks:
    - { name: First, debug: { msg: "{{ greeting }}" }, tags: [one] }
    - { name: Second, debug: { msg: x }, tags: [two] }
`;
const FLEET = `east:
  vars: { kplay_cluster: { name: east, site: berlin } }
  hosts: { e1: , e2: }
west:
  vars: { kplay_cluster: { name: west } }
  hosts: { w1: }
`;

/** What of the command line becomes a part of the order, each with words that say something else than nothing. */
const ORDERED: Readonly<Record<string, readonly string[]>> = {
  inventory: ['-i', 'more.yml'],
  limit: ['-l', 'west'],
  tags: ['-t', 'one'],
  skipTags: ['--skip-tags', 'two'],
  extraVars: ['-e', 'colour=red'],
  startAtTask: ['--start-at-task', 'Second'],
  forceHandlers: ['--force-handlers'],
  clusters: ['--clusters', '1'],
  window: ['--window', 'skip'],
  reason: ['--window', 'override', '--reason', 'it is down'],
  rollout: ['--rollout', 'rollout.yml'],
  workerTimeout: ['--worker-timeout', '7'],
};
/** What is said and kept on this machine, and which server is meant. */
const HERE = ['engine', 'state', 'output', 'verbose', 'color', 'localTime', 'report', 'metrics', 'metricsLabel'];

let controller: Controller;
let play: string;
let plain: string;
beforeAll(() => {
  controller = new Controller();
  play = controller.file('play.yml', PLAY);
  plain = controller.file('plain.yml', PLAY.replace('  rollout: { order: name }\n', ''));
  controller.file('fleet.yml', FLEET);
  controller.file('more.yml', 'north:\n  vars: { kplay_cluster: { name: north } }\n  hosts: { n1: }\n');
  controller.file('rollout.yml', 'waves: [{ name: first, size: 1 }, { name: rest }]\n');
});
afterAll(() => controller.close());

const at = (name: string): string => `${controller.directory}/${name}`;
const words = (name: string): readonly string[] =>
  (ORDERED[name] ?? []).map((word) => (word.endsWith('.yml') ? at(word) : word));

function runCommand() {
  const streams = { stdout: new MemoryOutput(), stderr: new MemoryOutput() };
  const environment = { ...processEnvironment(), variables: {}, ...streams } as unknown as Environment;
  const program = buildProgram(environment, () => undefined);
  const { command } = commandOf(program, ['run']);
  command.action(() => undefined);
  return { program, command, environment };
}

async function ordered(
  playbook: string,
  more: readonly string[],
  { told = new Map(), unproven = new Set() }: Partial<Pick<RunControl, 'told' | 'unproven'>> = {},
): Promise<RolloutOrder> {
  const { program, command, environment } = runCommand();
  program.parse(['run', playbook, '-i', at('fleet.yml'), '-e', 'greeting=hello', '--engine', ENGINE, ...more], {
    from: 'user',
  });
  const options: RunOptions & OrderOptions = command.opts();
  const problems = new Problems();
  const request = playbookInputs(playbook, options);
  const inputs = await readInputs({ ...request, options, environment }, problems);
  const read = request.playbook(problems);
  if (!inputs || !read) throw new Error(problems.all.map(({ message }) => message).join('; '));
  checkOrder(inputs, options, problems);
  expect(problems.all.filter(({ severity }) => severity === 'error')).toEqual([]);
  return orderOf(inputs, read, { path: playbook, source: playbook }, options, {
    runId: 'r',
    sideBySide: options.clusters,
    control: {
      commands: { approve: (wave) => `approve ${wave}`, resume: 'resume', again: 'the same command' },
      signals: () => [],
      waves: new Map(),
      told,
      unproven,
    },
  });
}

const refused = (more: readonly string[], playbook = play) =>
  controller.run(['run', playbook, '-i', at('fleet.yml'), '-e', 'greeting=hello', '--engine', ENGINE, ...more]);

describe('kplay run --engine', () => {
  const { command } = runCommand();
  const names = command.options.map((option) => option.attributeName());

  it('has a place for every option of kplay run', () => {
    expect(names.toSorted()).toEqual([...Object.keys(ENGINE_CONFLICTS), ...Object.keys(ORDERED), ...HERE].toSorted());
  });

  it.each(Object.keys(ENGINE_CONFLICTS))('refuses %s, and says what to do instead', async (name) => {
    const option = command.options.find((one) => one.attributeName() === name) ?? new Option('');
    const value = option.argChoices?.[0] ?? (/number|seconds/.test(option.flags) ? '9' : 'junit=x');
    const { exitCode, stderr } = await refused([`${option.long}${option.required ? `=${value}` : ''}`]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('--engine');
    expect(stderr).toContain(ENGINE_CONFLICTS[name === 'dryRun' ? 'check' : name]);
  });

  it.each(Object.keys(ORDERED))('hands %s on to the workers', async (name) => {
    const usual = await ordered(play, []);
    const order = await ordered(name === 'rollout' ? plain : play, words(name));
    // The playbook is another one where it has no rollout of its own.
    const { playbook, source } = order.work;
    expect(order).not.toEqual({ ...usual, work: { ...usual.work, playbook, source } });
  });

  it.each([
    ['waves: [{ name: canary, size: 1 }, { name: rest }]', 3],
    ['waves: [{ name: canary, size: 1, max_failed: 0 }, { name: rest }]', 1],
    ['{ waves: [{ name: canary, size: 1 }, { name: rest }], max_failed: 0 }', 1],
    ['waves: [{ name: canary, size: 1, approval: manual }, { name: rest }]', 4],
  ])(
    'is left alone by workers that would go on behind a failed wave, or ask for more approvals: %s',
    async (rollout, version) => {
      const file = controller.file('waves.yml', `${rollout}\n`);
      expect((await ordered(plain, ['--rollout', file])).version).toBe(version);
      // They would wait for windows of clusters with nothing to do, or on which tasks only look.
      const waiting = ['--rollout', file, '--window', 'wait'];
      expect((await ordered(plain, waiting)).version).toBe(6);
      const changing = controller.file('changing.yml', '- hosts: all\n  tasks: [copy: { content: x, dest: /tmp/x }]\n');
      expect((await ordered(changing, waiting)).version).toBe(Math.max(3, version));
    },
  );

  it.each([
    ['a handler', '  handlers: [{ name: Third, debug: { msg: x } }]\n'],
    ['what is included', '    - include_tasks: more-tasks.yml\n'],
    ['an end', '    - meta: end_host\n      when: false\n'],
  ])('is left alone by workers for which what only the run decides is nothing to do: %s', async (_what, more) => {
    controller.file('more-tasks.yml', '- debug: { msg: x }\n');
    expect((await ordered(controller.file('open.yml', PLAY + more), [])).version).toBe(5);
    const rescued = `${PLAY}    - block: [debug: { msg: x }]\n      rescue: [debug: { msg: x }]\n      when: true\n`;
    expect((await ordered(controller.file('rescued.yml', rescued), [])).version).toBe(1);
  });

  it('hands on which clusters the resumed runs have started and not proved', async () => {
    const unproven = new Set(['west']);
    const file = controller.file('proved.yml', 'checks: [{ name: quiet, command: "true" }]\n');
    const order = await ordered(plain, ['--rollout', file], { unproven });
    expect(order).toMatchObject({ version: 6, unproven: ['west'] });
    // Without checks it means nothing.
    expect((await ordered(play, [], { unproven })).version).toBe(1);
    expect(await ordered(play, [])).not.toHaveProperty('unproven');
  });

  it('hands on when checks are asked, that there are hooks of waves, and nothing of what they hold', async () => {
    const CHECKS = 'checks: [{ name: quiet, uri: { url: "http://ops:hunter2@alerts/" }, at: before, retries: 7 }]';
    const hooked = controller.file(
      'hooked.yml',
      PLAY.replace('order: name', `order: name, ${CHECKS}`).replace(
        '  tasks',
        '  on_wave: [{ command: tell --token hunter2 }]\n  tasks',
      ),
    );
    const order = await ordered(hooked, []);
    expect(order).toMatchObject({ version: 6, checks: expect.stringMatching(/^[0-9a-f]{64}$/), waveHooks: true });
    expect(JSON.parse(order.rollout)).toMatchObject({
      checks: [{ name: { value: 'quiet' }, at: ['before'], retries: 7, delayMs: 5000 }],
    });
    expect(JSON.stringify(order)).not.toContain('hunter2');
    const file = controller.file('checked.yml', `${CHECKS}\n`);
    expect(await ordered(plain, ['--rollout', file])).toMatchObject({ version: 6, checks: order.checks });
    const unchecked = controller.file('unchecked.yml', readFileSync(hooked, 'utf8').replace(`, ${CHECKS}`, ''));
    expect(await ordered(unchecked, [])).toMatchObject({ version: 2, waveHooks: true });
    // Workers that know no checks may take it.
    const without = await ordered(play, []);
    expect(without.version).toBe(1);
    expect(without.checks).toBeUndefined();
  });

  it('names the playbook as workers have it, wherever the run starts in it', async () => {
    controller.file('early.yml', '- { name: Early, debug: { msg: x } }\n');
    const first = PLAY.replace('  tasks:\n', '  pre_tasks: [{ import_tasks: early.yml }]\n  tasks:\n');
    const playbook = controller.file('starts.yml', first);
    const { work } = await ordered(playbook, ['--start-at-task', 'Second']);
    expect(work).toMatchObject({ startAtTask: 'Second', playbook: (await ordered(playbook, [])).work.playbook });
  });

  it('hands on which failures the approvers of the resumed runs were told of', async () => {
    expect((await ordered(play, [], { told: new Map([['rest', ['north']]]) })).told).toEqual({ rest: ['north'] });
    expect(await ordered(play, [])).not.toHaveProperty('told');
  });

  it('takes -v, and says where the tasks stand', async () => {
    const { program, command, environment } = runCommand();
    program.parse(['run', play, '-i', at('fleet.yml'), '-e', 'greeting=hello', '--engine', ENGINE, '-v'], {
      from: 'user',
    });
    const options: RunOptions & OrderOptions = command.opts();
    const problems = new Problems();
    const inputs = await readInputs({ ...playbookInputs(play, options), options, environment }, problems);
    const read = loadNamed(play, problems);
    if (!inputs || !read) throw new Error('no inputs');
    checkOrder(inputs, options, problems);
    expect(problems.all).toMatchObject([
      { severity: 'warning', message: '-v has no effect on tasks that workers carry out' },
    ]);
  });

  it('hands on names and labels, and nothing of the variables of hosts', async () => {
    const text = JSON.stringify(await ordered(play, []));
    expect(JSON.parse(text)).toMatchObject({
      clusters: [
        { name: 'east', site: 'berlin', hosts: ['e1', 'e2'] },
        { name: 'west', hosts: ['w1'] },
      ],
    });
    expect(text).not.toContain('kplay_cluster');
  });

  it.each([
    ['a rollout that there is not', [], 'plain', '--engine is for a rollout, and this playbook has none'],
    [
      'a secret',
      ['-e', 'db_password=x'],
      'play',
      'this looks like a secret, and would be stored on the Temporal server',
    ],
    ['a key', ['-e', '{"tls": "-----BEGIN PRIVATE KEY-----"}'], 'play', 'this looks like a secret'],
    ['a password in a URL', ['-e', 'proxy=http://kplay:hunter2@proxy:3128'], 'play', 'this looks like a secret'],
    ['how hosts are reached', ['-e', '{ansible_host: x}'], 'play', 'ansible_host is a connection setting'],
    ['a file of variables', ['-e', '@fleet.yml'], 'play', 'a variables file stays on this machine'],
    ['too short a silence', ['--worker-timeout', '2'], 'play', '2 s is too short'],
    ['questions', [], 'asking', 'greeting has to be asked for, and workers cannot ask'],
  ])('refuses %s before anything is contacted', async (_, more, name, says) => {
    controller.file(
      'asking.yml',
      PLAY.replace('  rollout', '  vars_prompt: [{ name: greeting, default: x }]\n  rollout'),
    );
    const { exitCode, stderr } = await refused(
      more.map((word) => word.replace(/^(@?)(\w+\.yml)$/, (_all, mark: string, file: string) => mark + at(file))),
      at(`${name}.yml`),
    );
    expect(stderr).toContain(says);
    expect(stderr).toContain('No host was contacted.');
    expect(exitCode).toBe(1);
  });
});

it.each(['nowhere', 'temporal://', 'http://x:1/y', 'temporal://h:0/x', 'temporal://h:99999', 'temporal://h/a/b'])(
  '%s is not an address of a server',
  async (engine) => {
    const { exitCode, stderr } = await controller.run(['run', play, '-i', at('fleet.yml'), '--engine', engine]);
    expect(stderr).toContain('is not an address of a Temporal server');
    expect(exitCode).toBe(1);
  },
);
