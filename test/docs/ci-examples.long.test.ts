import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Fleet } from '../../src/simulation/fleet.ts';
import type { TreeState } from '../../src/simulation/tree-state.ts';
import { bundleProgram, programOf } from '../cli/support/bundled-program.ts';
import { Bench } from '../simulation/support/bench.ts';
import { needing } from '../support/programs.ts';
import {
  actionInputs,
  actionScript,
  cronJobCommand,
  exampleText,
  gitlabScript,
  jenkinsCommands,
  unitCommand,
} from './support/ci-examples.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** All that a renewal renews: kubelet signs its serving certificate itself. */
const EXPIRED: TreeState = {
  all: { condition: 'expired' },
  leaves: { 'kubelet-server': { condition: 'valid' } },
};

let bench: Bench;
beforeAll(async () => {
  await bundleProgram('ci-examples');
  bench = new Bench();
});
afterAll(() => bench.close());

/** A machine that runs jobs: an account of its own, and an expired master whose inventory says neither key nor known_hosts. */
interface Runner {
  readonly fleet: Fleet;
  readonly directory: string;
  readonly key: string;
  readonly knownHosts: string;
  /** Runs a script as a job does. */
  run(shell: string, script: string, variables?: Readonly<Record<string, string>>): Promise<JobEnded>;
  close(): Promise<void>;
}

interface JobEnded {
  readonly exitCode: number;
  readonly said: string;
}

async function openRunner(): Promise<Runner> {
  const fleet = await bench.fleet({ stateOf: () => EXPIRED });
  const directory = mkdtempSync(join(tmpdir(), 'kplay-runner-'));
  for (const name of ['home', 'bin', 'work']) mkdirSync(join(directory, name));
  const program = (name: string, body: string): void =>
    writeFileSync(join(directory, 'bin', name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  program('kplay', `exec '${process.execPath}' '${programOf('ci-examples')}' "$@"`);
  // What a job installs is there already.
  program('npm', 'true');
  writeFileSync(join(directory, 'work', 'prod.yml'), withoutCredentials(fleet.inventory));
  const run: Runner['run'] = async (shell, script, variables = {}) => {
    const options: SpawnOptions = {
      cwd: join(directory, 'work'),
      env: {
        PATH: `${join(directory, 'bin')}:${process.env['PATH']}`,
        HOME: join(directory, 'home'),
        NO_COLOR: '1',
        ...variables,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    };
    const child = spawn(shell, ['-e', '-c', script], options);
    if (!child.stdout || !child.stderr) throw new Error('the job has no output');
    const [out, err, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { exitCode, said: out + err };
  };
  const close = async (): Promise<void> => {
    await bench.discard(fleet);
    rmSync(directory, { recursive: true, force: true });
  };
  const [key, knownHosts] = [join(fleet.directory, 'id_ed25519'), join(fleet.directory, 'known_hosts')];
  return { fleet, directory, key, knownHosts, run, close };
}

function withoutCredentials(inventory: string): string {
  const read = parse(inventory);
  for (const { vars } of Object.values(read.all.children) as { vars?: Record<string, unknown> }[]) {
    delete vars?.['ansible_ssh_private_key_file'];
    delete vars?.['ansible_ssh_common_args'];
  }
  return stringify(read, { lineWidth: 0 });
}

async function withRunner(use: (runner: Runner) => Promise<void>): Promise<void> {
  const runner = await openRunner();
  try {
    await use(runner);
  } finally {
    await runner.close();
  }
}

/** What it said is told when it ended otherwise. */
function expectExit({ exitCode, said }: JobEnded, expected: number): void {
  expect(exitCode, said).toBe(expected);
}

const at = (runner: Runner, ...path: readonly string[]): string => join(runner.directory, ...path);

/** As on another runner: the repository, with what earlier jobs have made, is at another path. */
function moveRepository(runner: Runner, path: string): void {
  const work = at(runner, 'work');
  renameSync(realpathSync(work), at(runner, path));
  rmSync(work, { force: true });
  symlinkSync(path, work);
}

describe('the GitHub Action', needing('bash'), () => {
  const jobs = actionInputs();

  function runAction(runner: Runner, inputs: Readonly<Record<string, string>>): Promise<JobEnded> {
    mkdirSync(at(runner, 'action', 'dist'), { recursive: true });
    writeFileSync(at(runner, 'action', 'dist', 'kplay.js'), `import('${programOf('ci-examples')}');`);
    const secrets: Readonly<Record<string, string>> = {
      '${{ secrets.CERTIFICATES_SSH_KEY }}': readFileSync(runner.key, 'utf8').trimEnd(),
      '${{ vars.CERTIFICATES_KNOWN_HOSTS }}': readFileSync(runner.knownHosts, 'utf8'),
    };
    const input = (name: string): string => secrets[inputs[name] ?? ''] ?? inputs[name] ?? '';
    return runner.run('bash', actionScript(), {
      TMPDIR: at(runner, 'work'),
      GITHUB_OUTPUT: at(runner, 'output'),
      ACTION: at(runner, 'action'),
      COMMAND: input('command'),
      PLAYBOOK: input('playbook'),
      SAVED_PLAN: input('plan'),
      PRIVATE_KEY: input('private-key'),
      KNOWN_HOSTS: input('known-hosts'),
      ARGUMENTS: input('arguments'),
      KPLAY_INVENTORY: input('inventory'),
    });
  }

  const runJob = (runner: Runner, job: string): Promise<JobEnded> => runAction(runner, jobs.get(job) ?? {});

  it('looks, plans and applies as the workflow asks it to, and leaves no key behind', async () => {
    await withRunner(async (runner) => {
      const checked = await runJob(runner, 'check');
      expectExit(checked, 2);
      expect(checked.said).toMatch(/^::error title=\S+%3A apiserver.*::expired /m);
      moveRepository(runner, 'work-1');
      expectExit(await runJob(runner, 'plan'), 0);
      moveRepository(runner, 'work-2');
      const applied = await runJob(runner, 'apply');
      expect(applied.said).toContain('::group::');
      expect(applied).toMatchObject({ exitCode: 0 });
      expectExit(await runJob(runner, 'check'), 0);
      expect(readFileSync(at(runner, 'output'), 'utf8')).toBe('exit-code=2\nexit-code=0\nexit-code=0\nexit-code=0\n');
      expect(existsSync(at(runner, 'work', 'kplay.html'))).toBe(true);
      expect(existsSync(at(runner, 'work', 'kplay-state', 'runs'))).toBe(true);
      const learned = readFileSync(at(runner, 'home', '.ssh', 'known_hosts'), 'utf8');
      expect(learned).toBe(readFileSync(runner.knownHosts, 'utf8'));
      const { said } = await runner.run('sh', 'grep -rl "PRIVATE KEY" "$HOME" . || true');
      expect(said).toBe('');
    });
  });

  it('hands arguments on as they are, a line each, and refuses other commands', async () => {
    await withRunner(async (runner) => {
      const check = jobs.get('check') ?? {};
      const odd = await runAction(runner, { ...check, arguments: '--limit=$(touch planted) x\n\n' });
      expect(odd).toMatchObject({ exitCode: 1 });
      expect(odd.said).toContain('$(touch planted) x');
      expect(existsSync(at(runner, 'work', 'planted'))).toBe(false);
      const wrong = await runAction(runner, { ...check, command: 'rollback' });
      expect(wrong).toEqual({
        exitCode: 1,
        said: "::error::command is 'rollback': write check, plan, run or apply\n",
      });
    });
  });
});

describe('the jobs of GitLab', () => {
  it('look, plan and apply', async () => {
    await withRunner(async (runner) => {
      copyFileSync(runner.key, at(runner, 'key'));
      const job = (name: string): Promise<JobEnded> =>
        runner.run('sh', gitlabScript(name), {
          PACKAGE: 'kplay.tgz',
          KPLAY_PRIVATE_KEY: at(runner, 'key'),
          KNOWN_HOSTS: runner.knownHosts,
        });
      const checked = await job('check');
      expectExit(checked, 2);
      expect(checked.said).toMatch(/^HOST +CERTIFICATE +EXPIRES /m);
      expect(readFileSync(at(runner, 'work', 'certificates.xml'), 'utf8')).toContain('<failure');
      moveRepository(runner, 'work-1');
      expectExit(await job('plan'), 0);
      moveRepository(runner, 'work-2');
      expectExit(await job('apply'), 0);
      expectExit(await job('check'), 0);
      for (const name of ['plan.md', 'kplay.xml', 'kplay.html', 'kplay-state/runs'])
        expect(existsSync(at(runner, 'work', name)), name).toBe(true);
    });
  });
});

describe('the stages of Jenkins', () => {
  it('look, plan and apply', async () => {
    await withRunner(async (runner) => {
      const [check = '', plan = '', apply = '', ...others] = jenkinsCommands();
      expect(others).toEqual([]);
      mkdirSync(at(runner, 'home', '.ssh'));
      copyFileSync(runner.knownHosts, at(runner, 'home', '.ssh', 'known_hosts'));
      const stage = (command: string): Promise<JobEnded> =>
        runner.run('sh', command, { KPLAY_PRIVATE_KEY: runner.key, KPLAY_USER: 'root' });
      const checked = await stage(check);
      expectExit(checked, 2);
      expect(checked.said).toMatch(/^HOST +CERTIFICATE +EXPIRES /m);
      expectExit(await stage(plan), 0);
      expectExit(await stage(apply), 0);
      expectExit(await stage(check), 0);
      for (const name of ['certificates.xml', 'kplay.xml', 'kplay.html', 'kplay-state/runs'])
        expect(existsSync(at(runner, 'work', name)), name).toBe(true);
    });
  });

  it('have braces that fit', () => {
    const code = exampleText('docs/ci/Jenkinsfile').replace(/^\/\/.*$/gm, '');
    for (const [open, shut] of ['{}', '()', '[]'].map((pair) => [...pair] as [string, string]))
      expect(code.split(open).length).toBe(code.split(shut).length);
  });
});

/** The directories of a machine that a timer or a container has, below the runner's own. */
function placed(runner: Runner, word: string): string {
  return word
    .replace('/usr/bin/kplay', 'kplay')
    .replace('/etc/kplay/fleet.yml', at(runner, 'work', 'prod.yml'))
    .replace('/etc/kplay/known_hosts', runner.knownHosts)
    .replace('/var/run/kplay/id_ed25519', runner.key)
    .replaceAll('/var/lib/kplay', at(runner, 'state'));
}

describe('the units of systemd', () => {
  it('look, and renew', async () => {
    await withRunner(async (runner) => {
      mkdirSync(at(runner, 'home', '.ssh'));
      copyFileSync(runner.knownHosts, at(runner, 'home', '.ssh', 'known_hosts'));
      copyFileSync(runner.key, at(runner, 'home', '.ssh', 'id_ed25519'));
      mkdirSync(at(runner, 'state', 'metrics'), { recursive: true });
      const start = (unit: string): Promise<JobEnded> => runner.run('sh', placed(runner, unitCommand(unit)));
      expectExit(await start('kplay-check.service'), 0);
      const metrics = at(runner, 'state', 'metrics', 'kplay.prom');
      expect(readFileSync(metrics, 'utf8')).toMatch(/^kplay_check_findings\{severity="critical"\} [1-9]/m);
      expectExit(await start('kplay-renew.service'), 0);
      expect(existsSync(at(runner, 'state', 'runs'))).toBe(true);
      expectExit(await start('kplay-check.service'), 0);
      expect(readFileSync(metrics, 'utf8')).toMatch(/^kplay_check_findings\{severity="critical"\} 0/m);
      expect(statSync(metrics).mode & 0o777).toBe(0o644);
    });
  });
});

describe('the container of the CronJob', () => {
  it('looks, and fails when something has expired', async () => {
    await withRunner(async (runner) => {
      const words = cronJobCommand().map((word) => `'${placed(runner, word)}'`);
      expect(await runner.run('sh', words.join(' '))).toMatchObject({ exitCode: 2 });
    });
  });
});
