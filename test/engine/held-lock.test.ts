import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WriteSession } from '../../src/core/session.ts';
import { sh } from '../../src/core/shell.ts';
import { breakLock, type HeldLock, parseHeldLock, readLock } from '../../src/engine/hosts/held-lock.ts';
import { type LockOwner, takeLock } from '../../src/engine/hosts/host-lock.ts';
import { setWhenLost } from '../../src/engine/hosts/lost-run.ts';

function words(holder: string): LockOwner {
  return { holder, first: 'a' };
}

let root: string;
const opened: (() => void)[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kplay-held-'));
  mkdirSync(`${root}/run`);
});
afterEach(() => {
  for (const kill of opened.splice(0)) kill();
  rmSync(root, { recursive: true, force: true });
});

const at = (path: string): string => join(root, path);
const LOCK = 'run/kplay.lock';

/** A session whose shell is a real sh that lives on between scripts. */
function openShell() {
  const shell = spawn('sh', { stdio: ['pipe', 'pipe', 'ignore'] });
  opened.push(() => shell.kill('SIGKILL'));
  shell.stdin.on('error', () => undefined);
  shell.stdin.write(`R=${root}\ntool() { command -v "$1"; }\n`);
  const session: Pick<WriteSession, 'run'> = {
    run: (script) =>
      new Promise((resolve) => {
        let stdout = '';
        const onData = (chunk: Buffer): void => {
          stdout += chunk.toString();
          const match = /\[ended (\d+)\]\n([\s\S]*)\[said\]\n$/.exec(stdout);
          if (!match) return;
          shell.stdout.off('data', onData);
          const result = { stderr: match[2] ?? '', truncated: false, timedOut: false };
          resolve({ ...result, exitCode: Number(match[1]), stdout: stdout.slice(0, match.index) });
        };
        shell.stdout.on('data', onData);
        shell.stdin.write(
          `(\n${script.reveal()}\n) </dev/null 2>"$R"/said\necho "[ended $?]"; cat "$R"/said; echo "[said]"\n`,
        );
      }),
  };
  const gone = new Promise<void>((resolve) => shell.once('close', () => resolve()));
  return { session: session as WriteSession, pid: shell.pid ?? 0, gone, kill: () => shell.kill('SIGKILL') };
}

async function held(session: WriteSession): Promise<HeldLock> {
  const lock = await readLock(session);
  if (!lock) throw new Error('there is no lock');
  return lock;
}

/** The state of the only child of a process; undefined if it has none. */
function childOf(parent: number): string | undefined {
  const fields = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/stat`))
    .map((name) => /\) (.*)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1]?.split(' ') ?? []);
  return fields.find(([, of]) => of === String(parent))?.[0];
}

describe('the lock of a host, looked at', () => {
  it('is none where nobody has taken it', async () => {
    expect(await readLock(openShell().session)).toBeUndefined();
  });

  it('names its holder, whose shell is there, idle', async () => {
    const [theirs, ours] = [openShell(), openShell()];
    await takeLock(theirs.session, words('they'));
    expect(await readLock(ours.session)).toEqual({
      path: at(LOCK),
      holder: 'they',
      shells: [{ pid: theirs.pid, started: expect.stringMatching(/^\d+$/), isBusy: false }],
      isWatched: false,
    });
  });

  it('says when a script of the holder is running', async () => {
    const [theirs, ours] = [openShell(), openShell()];
    await takeLock(theirs.session, words('they'));
    const running = theirs.session.run(sh`: >"$R"/begun; while [ ! -e "$R"/go ]; do sleep 0.1; done`);
    await vi.waitFor(() => expect(existsSync(at('begun'))).toBe(true), 30_000);
    expect(await held(ours.session)).toMatchObject({ shells: [{ pid: theirs.pid, isBusy: true }] });
    writeFileSync(at('go'), '');
    await running;
    expect(await held(ours.session)).toMatchObject({ shells: [{ isBusy: false }] });
  });

  it('says of a shell whose script has ended that it is idle, though the shell has not noticed yet', async () => {
    const ours = openShell();
    // It becomes a program that waits for no child: the one that it has begun before stays a zombie.
    const theirs = spawn('sh', ['-c', ': & exec sleep 60'], { stdio: 'ignore' });
    opened.push(() => theirs.kill('SIGKILL'));
    const pid = theirs.pid ?? expect.fail();
    await vi.waitFor(() => expect(childOf(pid)).toBe('Z'), 30_000);
    mkdirSync(at(LOCK));
    const started = /\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]?.split(' ')[19] ?? '';
    writeFileSync(at(`${LOCK}/shell`), `${pid} ${started}\n`);
    expect(await held(ours.session)).toMatchObject({ shells: [{ pid, started, isBusy: false }] });
  });

  it('is void when the shell is gone, and says nothing of another process with its number', async () => {
    const ours = openShell();
    mkdirSync(at(LOCK));
    writeFileSync(at(`${LOCK}/shell`), `${process.pid} 1\n`);
    expect(await readLock(ours.session)).toEqual({
      path: at(LOCK),
      holder: 'an unknown run',
      shells: [],
      isWatched: false,
    });
  });

  it.each(['', 'nonsense', 'shell 1 2 busy\nwatched\n'])('is none in an answer such as %j', (text) => {
    expect(parseHeldLock(text)).toBeUndefined();
  });
});

describe('a lock that is broken', () => {
  it('is gone, and so is the shell of its holder', async () => {
    const [theirs, ours] = [openShell(), openShell()];
    await takeLock(theirs.session, words('they'));
    await breakLock(ours.session, await held(ours.session));
    await theirs.gone;
    expect(existsSync(at(LOCK))).toBe(false);
    expect(await takeLock(ours.session, words('we'))).toBeUndefined();
  });

  it('lets the host restore itself first', async () => {
    const [theirs, ours] = [openShell(), openShell()];
    await takeLock(theirs.session, words('they'));
    await setWhenLost(theirs.session, sh`echo done >"$R"/deed`, 'they');
    const lock = await held(ours.session);
    expect(lock).toMatchObject({ isWatched: true, shells: [{ pid: theirs.pid }] });
    await breakLock(ours.session, lock);
    expect(readFileSync(at('deed'), 'utf8')).toBe('done\n');
    expect(existsSync(at(LOCK))).toBe(false);
  });

  it('that is void is cleared away, and what is left of clearing with it', async () => {
    const ours = openShell();
    mkdirSync(at(LOCK));
    mkdirSync(at(`${LOCK}.void-7-1`));
    await breakLock(ours.session, await held(ours.session));
    expect([existsSync(at(LOCK)), existsSync(at(`${LOCK}.void-7-1`))]).toEqual([false, false]);
  });

  it('is left alone when another run holds it by now', async () => {
    const [first, second, ours] = [openShell(), openShell(), openShell()];
    await takeLock(first.session, words('the first'));
    const seen = await held(ours.session);
    first.kill();
    await first.gone;
    await takeLock(second.session, words('the second'));
    await expect(breakLock(ours.session, seen)).rejects.toMatchObject({
      message: 'its lock could not be removed',
      details: [['output', 'it is held by another run by now: the second']],
    });
    expect(await held(ours.session)).toMatchObject({ holder: 'the second', shells: [{ pid: second.pid }] });
  });

  it('that is gone already is no failure', async () => {
    await breakLock(openShell().session, { path: at(LOCK), holder: 'they', shells: [], isWatched: false });
  });
});
