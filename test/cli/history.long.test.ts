import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleProgram, PROJECT, programOf } from './support/bundled-program.ts';
import { Controller, type Ended } from './support/controller.ts';
import { eventsIn } from './support/event-stream.ts';
import { localHost } from './support/local-host.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PROGRAM = programOf('history');

let controller: Controller;
let inventory: string;
let playbook: string;
beforeAll(async () => {
  await bundleProgram('history');
  controller = new Controller();
  ({ inventory } = localHost(controller));
  playbook = controller.file(
    'play.yml',
    `- name: Write
  hosts: all
  tasks:
    - name: Put it
      copy: { dest: /written, content: "{{ text | default('one') }}" }
    - name: Fail if asked to
      command: "false"
      when: fail is defined
`,
  );
});
afterAll(() => controller.close());

const kplay = (...argv: readonly string[]): Promise<Ended> => controller.run(argv);
const run = (...words: readonly string[]): Promise<Ended> => kplay('run', playbook, '-i', inventory, ...words);

/** The journal of a run of a state directory. */
const journalOf = (id: string, state = 'state/kplay'): string =>
  join(controller.directory, state, 'runs', id, 'journal.ndjson');

async function idsOf(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await kplay('history', '-o', 'json', ...words);
  return (JSON.parse(stdout) as readonly { readonly run: string }[]).map((one) => one.run);
}

describe.sequential('the runs of a machine', () => {
  it('are none in the beginning', async () => {
    const none = `There are no runs in ${controller.directory}/state/kplay/runs.\n`;
    expect(await kplay('history')).toEqual({ exitCode: 0, stdout: none, stderr: '' });
    expect((await kplay('history', '--no-headers')).stdout).toBe('');
    expect(await kplay('history', '-o', 'json')).toEqual({ exitCode: 0, stdout: '[]\n', stderr: '' });
    const { exitCode, stderr } = await kplay('show', 'last');
    expect(stderr).toBe(
      `error: there are no runs in ${controller.directory}/state/kplay/runs\n  if they are kept in another directory, name it: --state DIR\n1 problem. No host was contacted.\nExit 1.\n`,
    );
    expect(exitCode).toBe(1);
  });

  it('are listed, the last first, with who ran what and what it came to', async () => {
    expect((await run()).exitCode).toBe(0);
    expect((await run()).exitCode).toBe(0);
    expect((await run('-e', 'text=two', '-e', 'fail=yes')).exitCode).toBe(2);
    const lines = (await kplay('history')).stdout.split('\n');
    expect(lines[0]).toMatch(/^RUN +STARTED \(UTC\) +BY +WHAT +CLUSTERS +HOSTS +RESULT +TIME$/);
    const rows = lines.slice(1, -1).map((line) => line.split(/ {2,}/));
    expect(rows.map((row) => row[6])).toEqual(['failed', 'unchanged', 'changed']);
    expect(rows[0]).toEqual([
      expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{4}$/),
      expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d$/),
      expect.stringMatching(/^operator@/),
      `run ${playbook}`,
      '-',
      '1',
      'failed',
      expect.stringMatching(/^\d+(\.\d)?s$/),
    ]);
    // As kubectl's: without titles columns are as wide as what stands in them.
    const cells = (text: string) => text.split('\n').map((line) => line.split(/ {2,}/));
    expect(cells((await kplay('history', '--no-headers')).stdout)).toEqual(cells(lines.slice(1).join('\n')));
  });

  it('are told to programs', async () => {
    const [last] = JSON.parse((await kplay('history', '-o', 'json')).stdout);
    expect(last).toMatchObject({
      version: 1,
      by: { user: 'operator', pid: process.pid },
      command: 'run',
      source: playbook,
      hosts: [{ host: 'here', well: false, state: expect.stringContaining('partly changed') }],
      result: 'failed',
      exitCode: 2,
      damage: [],
    });
  });

  it('are kept for their owner alone', async () => {
    for (const id of await idsOf()) {
      expect(statSync(journalOf(id)).mode & 0o777).toBe(0o600);
      expect(statSync(join(journalOf(id), '..')).mode & 0o777).toBe(0o700);
    }
  });

  it('are shown with what was done on each host, and the recap of then', async () => {
    const { exitCode, stdout, stderr } = await kplay('show', 'last');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^what: +kplay run \S+play\.yml \(kplay .*\)$/m);
    expect(stdout).toMatch(/^result: +failed \(exit 2\)$/m);
    expect(stdout).toMatch(/^here:\n {2}Put it: changed · .*\n {2}Fail if asked to: failed · /m);
    expect(stdout).toMatch(/^here : ok=1 {2}changed=1 {2}unreachable=0 {2}failed=1/m);
    expect(stdout).toMatch(/^Next: kplay resume /m);
    const json = JSON.parse((await kplay('show', 'last', '-o', 'json')).stdout);
    expect(json).toMatchObject({
      result: 'failed',
      plans: [{ play: 'Write' }],
      tasks: [
        { task: { name: 'Put it' }, outcome: 'changed' },
        { task: { name: 'Fail if asked to' }, outcome: 'failed' },
      ],
      recap: [{ host: 'here', failed: 1 }],
    });
  });

  it('are shown with the hosts in the order of the inventory, whichever came first', async () => {
    const hosts = ['first', 'second'].map((name) => {
      mkdirSync(join(controller.directory, name));
      return `${name} ansible_connection=local kplay_rootfs=${join(controller.directory, name)}\n`;
    });
    const pair = controller.file('pair.ini', hosts.join(''));
    const tasks = `[{ copy: { dest: /early, content: x }, when: inventory_hostname == 'second' }, { copy: { dest: /late, content: x } }]`;
    const play = controller.file('pair.yml', `- { hosts: all, tasks: ${tasks} }\n`);
    await kplay('run', play, '-i', pair);
    const { stdout } = await kplay('show', 'last');
    expect(stdout.match(/^\w+:$/gm)).toEqual(['first:', 'second:']);
  });

  it('are told again as they were told then', async () => {
    const then = await run('-o', 'json', '-e', 'text=three');
    const now = await kplay('logs', 'last', '-o', 'json');
    const without = ({ sequence: _sequence, time: _time, ...event }: Record<string, unknown>) => event;
    // What only reports waiting is not recorded: docs/journal.md names these events.
    const waiting = ['host-connecting', 'host-observing', 'host-waiting', 'task-progress'];
    const recorded = eventsIn(then.stdout).filter(({ type }) => !waiting.includes(String(type)));
    expect(eventsIn(now.stdout).map(without)).toEqual(recorded.map(without));
    const { stdout } = await kplay('logs', 'last', '-l', 'h*');
    expect(stdout).toMatch(/^\d\d:\d\d:\d\dZ kplay \S+ run \S+play\.yml, run /);
    expect(stdout).toMatch(/Put it › here: changed/);
    expect(stdout).toContain("Plan for 'Write'");
  });

  it('are found by the beginning of their ids; what is not found is explained', async () => {
    const [last = '', ...others] = await idsOf();
    expect((await kplay('show', last.slice(0, -1))).stdout).toContain(last);
    const near = await kplay('show', `${last.slice(0, -1)}x`);
    expect(near.stderr).toContain(`error: run '${last.slice(0, -1)}x'`);
    expect(near.stderr).toContain(`did you mean ${last}?`);
    expect(near.exitCode).toBe(1);
    const many = await kplay('logs', last.slice(0, 2));
    expect(many.stderr).toContain(`error: ${others.length + 1} runs begin with '${last.slice(0, 2)}'`);
    const host = await kplay('logs', 'last', '-l', 'hare');
    expect(host.stderr).toContain("had no host 'hare'");
    expect(host.stderr).toContain('did you mean here?');
    expect([many.exitCode, host.exitCode]).toEqual([1, 1]);
  });

  it('are kept where --state says', async () => {
    const state = join(controller.directory, 'elsewhere');
    expect((await run('--state', state)).exitCode).toBe(0);
    const [id = ''] = await idsOf('--state', state);
    expect(readFileSync(journalOf(id, 'elsewhere'), 'utf8')).toContain('"type":"end"');
    expect(await idsOf()).not.toContain(id);
    // A dry run may look there for how long runs take; it leaves nothing.
    expect((await run('-C', '--state', state)).exitCode).toBe(0);
    expect(await idsOf('--state', state)).toEqual([id]);
  });

  it('that are not damaged are read when another one is', async () => {
    const state = join(controller.directory, 'damaged');
    for (const text of ['a', 'b', 'c']) await run('--state', state, '-e', `text=${text}`);
    const [third = '', second = '', first = ''] = await idsOf('--state', state);
    const path = journalOf(second, 'damaged');
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.replace('"type":"play-started"', '"type":"play-startef"'));
    appendFileSync(journalOf(third, 'damaged'), '{"version":1,"sequ');
    mkdirSync(join(state, 'runs/20200101T000000Z-0000'));
    const { stdout, exitCode } = await kplay('history', '--state', state);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${third} .*changed, journal damaged`, 'm'));
    expect(stdout).toMatch(new RegExp(`^${first} .* changed +\\d`, 'm'));
    expect(stdout).toMatch(/^20200101T000000Z-0000 +\? .*not known, journal cannot be read/m);
    expect((await kplay('show', second, '--state', state)).stdout).toMatch(
      /^damaged: +line \d+: not as written; entry \d+ is missing$/m,
    );
    expect((await kplay('logs', third, '--state', state)).stderr).toBe(
      'warning: the journal is damaged: the last line is incomplete\n',
    );
  });

  it('of a newer version are shown as far as they are understood', async () => {
    const state = join(controller.directory, 'newer');
    await run('--state', state);
    const [id = ''] = await idsOf('--state', state);
    const { journalLine } = await import('../../src/journal/journal-line.ts');
    const event = { type: 'weather', sky: 'blue' };
    const newer = { version: 2, sequence: 999, time: new Date(), entry: { type: 'event', event } as never };
    const sums = { version: 2, sequence: 1000, time: new Date(), entry: { type: 'mood', mood: 'good' } as never };
    appendFileSync(journalOf(id, 'newer'), `${journalLine(newer)}\n${journalLine(sums)}\n`);
    const { stdout, exitCode } = await kplay('show', id, '--state', state);
    expect(stdout).toMatch(/^newer: +a newer kplay wrote it/m);
    expect(exitCode).toBe(0);
    const told = await kplay('logs', id, '--state', state);
    expect(told.stderr).toContain("warning: an event 'weather' cannot be shown by this version of kplay\n");
    expect(told.stdout).toContain('PLAY RECAP');
  });

  it('are removed by --prune when they need not be kept', async () => {
    const before = await idsOf();
    expect((await kplay('history', '--prune')).stdout).toContain(`0 runs removed, ${before.length} kept`);
    expect((await kplay('history', '--prune', '--keep', '1', '--keep-for', '0s')).stdout).toMatch(
      /\d runs removed, \d kept/,
    );
    const after = await idsOf();
    expect(after[0]).toBe(before[0]);
    expect(after.length).toBeLessThan(before.length);
    expect((await kplay('history', '--keep', '1')).stderr).toContain("error: option '--keep' needs --prune");
    expect((await kplay('history', '--prune', '--keep-for', 'long')).stderr).toContain("'long' is not a duration");
  });

  it('of a saved plan that is applied twice are two', async () => {
    const state = join(controller.directory, 'twice');
    const plan = join(controller.directory, 'twice.kplan');
    await kplay('plan', playbook, '-i', inventory, '-e', 'text=planned', '--out', plan);
    const codes = [await kplay('apply', plan, '--state', state), await kplay('apply', plan, '--state', state)];
    expect(codes.map(({ exitCode }) => exitCode)).toEqual([0, 3]);
    const [second = '', first = ''] = await idsOf('--state', state);
    expect(second).toBe(`${first}.2`);
  });
});

describe('processes of their own', () => {
  const start = (state: string, text: string) =>
    spawn(process.execPath, [PROGRAM, 'run', playbook, '-i', inventory, '-e', `text=${text}`, '--state', state], {
      cwd: PROJECT,
      stdio: 'ignore',
      env: { ...process.env, HOME: controller.home },
    });

  it('that begin at once on one directory each have a journal, and none loses an entry', async () => {
    const state = join(controller.directory, 'shared');
    const children = Array.from({ length: 4 }, (_, index) => start(state, `s${index}`));
    await Promise.all(children.map((child) => new Promise((done) => child.on('close', done))));
    const { stdout } = await kplay('history', '-o', 'json', '--state', state);
    const runs = JSON.parse(stdout);
    expect(runs).toHaveLength(4);
    for (const one of runs) {
      expect(one).toMatchObject({ damage: [], exitCode: expect.any(Number) });
      expect(readFileSync(journalOf(one.run, 'shared'), 'utf8').trim().split('\n').at(-1)).toContain('"type":"end"');
    }
    expect(new Set(runs.map(({ by }: { by: { pid: number } }) => by.pid)).size).toBe(4);
  });

  it('that are killed leave a journal that says how far they came', async () => {
    const state = join(controller.directory, 'killed');
    const fifo = join(controller.directory, 'root', 'goes-on');
    const slow = controller.file(
      'slow.yml',
      `- hosts: all
  tasks:
    - name: First
      copy: { dest: /first, content: "1" }
    - name: Second
      shell: 'while [ ! -e "${fifo}" ]; do sleep 0.1; done'
`,
    );
    const child = spawn(process.execPath, [PROGRAM, 'run', slow, '-i', inventory, '--state', state, '-o', 'json'], {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, HOME: controller.home },
    });
    await new Promise<void>((begun) => {
      let said = '';
      child.stdout.on('data', (chunk) => {
        said += chunk;
        if (/"task-started","task":\{"path":"[^"]*","name":"Second"/.test(said)) begun();
      });
    });
    const running = JSON.parse((await kplay('show', 'last', '-o', 'json', '--state', state)).stdout);
    expect(running).toMatchObject({ result: 'running', exitCode: null });
    expect((await kplay('resume', 'last', '--state', state)).stderr).toMatch(/^error: run \S+ is in progress$/m);
    child.kill('SIGKILL');
    await new Promise((done) => child.on('close', done));
    writeFileSync(fifo, '');
    const { stdout } = await kplay('show', 'last', '--state', state);
    expect(stdout).toMatch(/^result: +lost$/m);
    expect(stdout).toMatch(
      /^State, according to the journal: here (partly changed: the journal ends after 'First'|unknown: the journal ends in 'Second')/m,
    );
    expect(stdout).toContain('The run was lost: its process ended without recording an end.');
    expect((await kplay('history', '--state', state)).stdout).toMatch(/ lost +-$/m);
    const [, command = ''] = /^Next: kplay (.*)$/m.exec(stdout) ?? [];
    expect(command).toMatch(/^resume \S+ --state \S+$/);
    const resumed = await kplay(...command.split(' '), '-o', 'plain');
    expect(resumed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(resumed.stdout).toMatch(/^here : ok=2 /m);
    const [second = '', first = ''] = await idsOf('--state', state);
    expect(second).toBe(`${first}.2`);
    expect((await kplay('show', 'last', '--state', state)).stdout).toMatch(new RegExp(`^resumes: +${first}$`, 'm'));
  });
});
