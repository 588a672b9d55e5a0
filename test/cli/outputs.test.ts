import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleProgram, PROJECT, programOf } from './support/bundled-program.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

vi.setConfig({ testTimeout: 120_000 });

const PROGRAM = programOf('outputs');

let controller: Controller;
let inventory: string;
let root: string;
beforeAll(async () => {
  await bundleProgram('outputs');
  controller = new Controller();
  ({ inventory, root } = localHost(controller));
});
afterAll(() => controller.close());

function playbook(name: string): string {
  return controller.file(
    `${name}.yml`,
    `- hosts: all
  tasks:
    - name: Make a directory
      command: { argv: [mkdir, -p, "${root}/${name}"] }
    - name: Write much
      command: { argv: [seq, "5000"] }
      register: much
    - name: Show it
      debug: { msg: "{{ much.stdout }}" }
    - name: The last
      copy: { dest: /${name}/last, content: done }
`,
  );
}

interface Finished {
  readonly exitCode: number | null;
  readonly stderr: string;
}

const environment = () => ({
  ...process.env,
  XDG_STATE_HOME: join(controller.directory, 'state'),
  HOME: controller.home,
});

/** kplay as a process of its own, whose output goes to a file, or to a reader that goes at once. */
async function processOf(argv: readonly string[], stdout: number | 'pipe', stderr: number | 'pipe'): Promise<Finished> {
  const child = spawn(process.execPath, [PROGRAM, ...argv], {
    cwd: PROJECT,
    stdio: ['ignore', stdout, stderr],
    env: environment(),
  });
  child.stdout?.destroy();
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const exitCode = await new Promise<number | null>((done) => child.on('close', done));
  return { exitCode, stderr: said };
}

describe.skipIf(!existsSync('/dev/full'))('a run goes to its end', () => {
  it('when standard output goes to a disk that is full; its exit code holds, and stderr says what is missing', async () => {
    const argv = ['run', playbook('full'), '-i', inventory, '-vv'];
    const { exitCode, stderr } = await processOf(argv, openSync('/dev/full', 'w'), 'pipe');
    expect(stderr).toContain('cannot write to standard output: no space is left on the disk.');
    expect(exitCode).toBe(0);
    expect(readFileSync(join(root, 'full/last'), 'utf8')).toBe('done\n');
  });

  it('of a command that ends at once, too', async () => {
    const { exitCode, stderr } = await processOf(['steps', '-o', 'json'], openSync('/dev/full', 'w'), 'pipe');
    expect(stderr).toContain('cannot write to standard output: no space is left on the disk.');
    expect(exitCode).toBe(0);
  });

  it('when nothing at all can be said', async () => {
    const full = openSync('/dev/full', 'w');
    const argv = ['run', playbook('mute'), '-i', inventory, '-o', 'json'];
    expect((await processOf(argv, full, full)).exitCode).toBe(0);
    expect(readFileSync(join(root, 'mute/last'), 'utf8')).toBe('done\n');
  });

  it('when broken pipe, of which nothing is said', async () => {
    const argv = ['run', playbook('gone'), '-i', inventory, '-o', 'json'];
    expect(await processOf(argv, 'pipe', 'pipe')).toEqual({ exitCode: 0, stderr: '' });
    expect(readFileSync(join(root, 'gone/last'), 'utf8')).toBe('done\n');
  });
});

describe.skipIf(!existsSync('/dev/full'))('a plan for which the disk has become full', () => {
  it.each([
    {
      output: 'plain',
      told: /warning: cannot write \S+: no space is left on the disk\n +What to do: choose a writable/,
    },
    { output: 'json', told: /"type":"run-finished".*"exitCode":1,"next":\[\]/ },
  ])('is not saved, as -o $output says: what comes next is not to apply it, and hosts were contacted', async (row) => {
    const out = join(controller.directory, `${row.output}.kplan`);
    symlinkSync('/dev/full', out);
    const argv = ['plan', playbook('unsaved'), '-i', inventory, '--out', out, '-o', row.output];
    const { exitCode, stdout, stderr } = await controller.run(argv);
    expect(stdout).toMatch(row.told);
    expect(`${stdout}${stderr}`).not.toMatch(/No host was contacted|kplay apply/);
    expect(exitCode).toBe(1);
  });
});

describe('a journal that cannot be written', () => {
  it.each([
    ['below a file', () => controller.file('a-file', ''), 'a part of the path is not a directory'],
    ['below a link into nothing', () => dangling(), 'its directory cannot be made there'],
  ])('%s is found out before anything is contacted', async (_what, state, why) => {
    const path = state();
    const argv = ['run', playbook('journal'), '-i', inventory];
    const { exitCode, stdout, stderr } = await controller.run(argv, { variables: { XDG_STATE_HOME: path } });
    expect(stderr).toContain(`error: the journal of the run cannot be written to ${path}/kplay/runs/`);
    expect(stderr).toContain(why);
    expect(stderr).toContain('No host was contacted.\nExit 1.\n');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(existsSync(join(root, 'journal'))).toBe(false);
  });

  it('is not needed by a plan', async () => {
    const argv = ['plan', playbook('planned'), '-i', inventory];
    const variables = { XDG_STATE_HOME: controller.file('another-file', '') };
    expect((await controller.run(argv, { variables })).exitCode).toBe(0);
  });
});

describe('a report', () => {
  it('goes to what reads a pipe, as shells give it to programs', () => {
    const argv = [PROGRAM, 'plan', playbook('piped'), '-i', inventory, '--report', 'json=/dev/fd/3'];
    const words = [process.execPath, ...argv].map((word) => `'${word}'`).join(' ');
    const script = `{ ${words} 3>&1 >/dev/null; } | cat`;
    expect(JSON.parse(execFileSync('sh', ['-c', script], { encoding: 'utf8' }))).toMatchObject({ command: 'plan' });
  });
});

describe('a place for a plan', () => {
  const plan = (out: string) => controller.run(['plan', playbook('saved'), '-i', inventory, '--out', out]);

  it.each([
    ['that is a directory', () => controller.directory, 'it is a directory'],
    ['below a file', () => join(controller.file('plain', ''), 'x'), 'a part of the path is not a directory'],
  ])('%s is refused before anything is contacted', async (_what, out, why) => {
    const { exitCode, stdout, stderr } = await plan(out());
    expect(stderr).toBe(
      `error: cannot write ${out()}: ${why}\n  choose a writable place with --out\n1 problem. No host was contacted.\nExit 1.\n`,
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('in a directory that is not there is refused, and the directory is named', async () => {
    const directory = join(controller.directory, 'none/at');
    const { exitCode, stderr } = await plan(join(directory, 'all'));
    expect(stderr).toBe(
      `error: cannot write ${directory}/all: the directory ${directory} does not exist\n  create it, or choose another path with --out\n1 problem. No host was contacted.\nExit 1.\n`,
    );
    expect(exitCode).toBe(1);
  });

  it('is told of with all else that is wrong', async () => {
    const argv = ['plan', playbook('saved'), '-i', inventory, '--out', controller.directory, '-t', 'none'];
    expect((await controller.run(argv)).stderr).toContain('2 problems. No host was contacted.');
  });

  it('becomes readable by its owner alone, whatever stood there', async () => {
    const out = controller.file('old.kplan', 'old\n', 0o644);
    expect((await plan(out)).exitCode).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(readFileSync(out, 'utf8')).toMatch(/^\{\n "format": "kplay-plan"/);
  });

  it('that is a link leads on to the file that is written', async () => {
    const target = controller.file('target.kplan', 'old\n', 0o644);
    const link = join(controller.directory, 'link.kplan');
    symlinkSync(target, link);
    expect((await plan(link)).exitCode).toBe(0);
    expect(readFileSync(target, 'utf8')).toContain('kplay-plan');
  });

  it('stays as it was when there is no plan to be saved', async () => {
    const out = controller.file('kept.kplan', 'old\n');
    const wrong = controller.file('wrong.yml', '- hosts: all\n  tasks:\n    - assert: { that: false }\n');
    expect((await controller.run(['plan', wrong, '-i', inventory, '--out', out])).exitCode).toBe(2);
    expect(readFileSync(out, 'utf8')).toBe('old\n');
    expect(readdirSync(controller.directory).filter((name) => name.includes('kplay-new'))).toEqual([]);
  });

  it('for requests is tried before anything is contacted', async () => {
    const out = join(controller.file('no-directory', ''), 'requests');
    const { exitCode, stderr } = await controller.run(['certs', 'csr', '-i', inventory, '--out', out]);
    expect(stderr).toContain(`error: cannot write ${out}: a part of the path is not a directory`);
    expect(exitCode).toBe(1);
  });
});

function dangling(): string {
  const path = join(controller.directory, 'dangling');
  mkdirSync(path, { recursive: true });
  if (!readdirSync(path).includes('kplay')) symlinkSync('/nowhere/at/all', join(path, 'kplay'));
  return path;
}

it('ends only when a reader that begins late has all of it', async () => {
  const play = controller.file(
    'long.yml',
    `- hosts: all
  tasks:
    - name: Show much
      debug: { msg: "{{ 'long line ' * 50000 }}" }
      loop: [1, 2, 3, 4]
`,
  );
  const report = join(controller.directory, 'long.json');
  const argv = ['run', play, '-i', inventory, '-o', 'json', '--report', `json=${report}`];
  const child = spawn(process.execPath, [PROGRAM, ...argv], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: environment(),
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  // Written when the run is over: from here on the process only waits for its reader.
  await vi.waitFor(() => expect(existsSync(report) && readFileSync(report, 'utf8').endsWith('}\n')).toBe(true), 60_000);
  const lines = (await text(child.stdout)).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).type).at(-1)).toBe('run-finished');
  expect(lines.join('').length).toBeGreaterThan(2_000_000);
  expect(await ended).toBe(0);
});
