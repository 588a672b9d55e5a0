import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import type { Ended } from './support/controller.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let site: Site;
let fleet: Fleet;
let host: EmbeddedHost;
const shells: ChildProcess[] = [];
beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet();
  [host] = fleet.hosts as readonly [EmbeddedHost];
});
afterAll(() => site.close());
afterEach(() => {
  for (const shell of shells.splice(0)) shell.kill('SIGKILL');
  rmSync(lock(), { recursive: true, force: true });
});

const lock = (): string => join(host.root, 'run/kplay.lock');
const ELSEWHERE = 'ann@elsewhere, pid 7, started 2026-11-24T15:12:44Z (run 20261124T151244Z-3f9c)';
const unlock = (...words: readonly string[]): Promise<Ended> =>
  site.controller.run([
    'unlock',
    '-i',
    fleet.inventoryFile,
    '-l',
    host.name,
    '--reason',
    'its machine is gone',
    ...words,
  ]);

/** A shell as a run has it on a host, which holds the lock; it is at a script, or waits for one. */
async function holdLock(holder: string, script?: string): Promise<ChildProcess> {
  const shell = spawn('sh', { stdio: ['pipe', 'pipe', 'ignore'] });
  shells.push(shell);
  // As a session runs it, in a subshell.
  shell.stdin.write(script === undefined ? 'echo ready\n' : `(echo ready; ${script})\n`);
  await new Promise((ready) => shell.stdout.once('data', ready));
  const stat = readFileSync(`/proc/${shell.pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  mkdirSync(lock(), { recursive: true });
  writeFileSync(join(lock(), 'holder'), `${holder}\n`);
  writeFileSync(join(lock(), 'shell'), `${shell.pid} ${stat[19]}\n`);
  return shell;
}

describe('kplay unlock', () => {
  it('has nothing to do where nothing is locked', async () => {
    const { exitCode, stdout } = await unlock();
    expect(exitCode).toBe(0);
    expect(stdout).toContain('it is not locked');
    expect(stdout).toMatch(/^Nothing changed\./m);
  });

  it('tells when it begins to read the lock of a host, so that one that hangs is seen', async () => {
    const { stdout } = await unlock('-o', 'json');
    const types = stdout.split('\n').flatMap((line) => /"type":"(host-[a-z]+)"/.exec(line)?.[1] ?? []);
    expect(types).toEqual(['host-connecting', 'host-connected', 'host-observing', 'host-observed']);
  });

  it('ends the shell of a holder that hangs, removes its lock, and notes why', async () => {
    const shell = await holdLock(ELSEWHERE);
    const { exitCode, stdout } = await unlock();
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`held by ${ELSEWHERE}: its shell ${shell.pid} is ended`);
    expect(existsSync(lock())).toBe(false);
    await vi.waitFor(() => expect(shell.signalCode).toBe('SIGTERM'), 10_000);
    const shown = await site.controller.run(['show', 'last']);
    expect(shown.stdout).toMatch(/^what: +kplay unlock \S+-m1 /m);
    expect(shown.stdout).toMatch(/^reason: +its machine is gone$/m);
    expect(shown.stdout).toMatch(/^result: +changed \(exit 0\)$/m);
    expect(site.controller.journal(site.controller.journals.at(-1) ?? '').map(({ type }) => type)).toEqual(
      expect.arrayContaining(['start', 'intent', 'done', 'end']),
    );
  });

  it.each([
    [
      'a process of this machine',
      () => named(process.ppid),
      undefined,
      'the run that holds its lock is in progress on this machine',
      'if it is suspended, wake it first: fg, or kill -CONT PID',
    ],
    [
      'a shell at a script',
      () => ELSEWHERE,
      'while kill -0 $$; do sleep 0.1; done',
      'a script of the run that holds its lock is running on it',
      'wait until that has ended',
    ],
  ])('is refused while the holder is seen to live: %s', async (_what, holder, script, reason, remedy) => {
    const shell = await holdLock(holder(), script);
    const { exitCode, stdout } = await unlock();
    expect(exitCode).toBe(3);
    expect(stdout).toContain(reason);
    expect(stdout).toContain(remedy);
    expect(stdout).toContain(holder());
    expect([existsSync(lock()), shell.signalCode]).toEqual([true, null]);
  });

  it('removes the lock of a process of this machine that is gone', async () => {
    const ended = spawn('true');
    await new Promise((done) => ended.on('close', done));
    await holdLock(named(ended.pid ?? 0));
    expect((await unlock()).exitCode).toBe(0);
    expect(existsSync(lock())).toBe(false);
  });

  it('asks first when it is told to', async () => {
    await holdLock(ELSEWHERE);
    const argv = [
      'unlock',
      '-i',
      fleet.inventoryFile,
      '-l',
      host.name,
      '--reason',
      'why not',
      '--confirm',
      '-o',
      'plain',
    ];
    expect((await site.controller.run(argv, { types: ['n'] })).exitCode).toBe(3);
    expect(existsSync(lock())).toBe(true);
    expect((await site.controller.run(argv, { types: ['y'] })).exitCode).toBe(0);
    expect(existsSync(lock())).toBe(false);
  });

  it.each([
    [['--reason', 'x'], 'error: kplay unlock needs a list of hosts\n  name them: -l m1, or -l all for every host\n'],
    [['-l', 'all', '--reason', ' '], 'error: the reason is empty\n'],
    [['-l', 'all'], "error: required option '--reason <text>' not specified\n"],
    [['-l', 'none', '--reason', 'x'], 'error: '],
  ])('explains what is wrong with %j, and contacts nobody', async (words, says) => {
    const { exitCode, stdout, stderr } = await site.controller.run(['unlock', '-i', fleet.inventoryFile, ...words]);
    expect(stderr).toContain(says);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('tells of a host that cannot be reached, and unlocks the others', async () => {
    await holdLock(ELSEWHERE);
    const nobody = site.controller.file(
      'nobody.yml',
      'all:\n  hosts:\n    nobody: { ansible_host: 127.0.0.1, ansible_port: 1 }\n',
    );
    const limit = `${host.name},nobody`;
    const argv = ['unlock', '-i', fleet.inventoryFile, '-i', nobody, '-l', limit, '--reason', 'x'];
    const { exitCode, stdout } = await site.controller.run(argv);
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/^Next: kplay unlock -i .* -l \S*nobody\S* --reason x$/m);
    expect(existsSync(lock())).toBe(false);
  });
});

function named(pid: number): string {
  return `ann@${hostname()}, pid ${pid}, started 2026-11-24T15:12:44Z (run 20261124T151244Z-3f9c)`;
}
