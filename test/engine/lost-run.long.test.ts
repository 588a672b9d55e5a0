import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WriteSession } from '../../src/core/session.ts';
import { sh } from '../../src/core/shell.ts';
import { adoptLock, type LockOwner, releaseLock, takeLock } from '../../src/engine/hosts/host-lock.ts';
import { setWhenLost } from '../../src/engine/hosts/lost-run.ts';
import { HEARTBEAT } from '../../src/facts/host/host-lock.ts';

function words(holder: string): LockOwner {
  return { holder, first: 'a' };
}

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kplay-lost-'));
  mkdirSync(`${root}/run`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (path: string): string => join(root, path);
const LINK = (): string => at('etc/systemd/system/multi-user.target.wants/kplay-when-lost.service');
const DEED = sh`echo done >"$R"/deed`;
const LEFT = ['/run/kplay.lock', '/var/lib/kplay', '/etc/systemd/system/kplay-when-lost.service'];

/** A session whose shell is a real sh that lives on between scripts, and can be killed. */
function openShell(before = '') {
  const shell = spawn('sh', { stdio: ['pipe', 'pipe', 'ignore'] });
  shell.stdin.write(`R=${root}\ntool() { command -v "$1"; }\n${before}\n`);
  const session: Pick<WriteSession, 'run'> = {
    run: (script) =>
      new Promise((resolve) => {
        let stdout = '';
        const onData = (chunk: Buffer): void => {
          stdout += chunk.toString();
          const match = /\[ended (\d+)\]\n$/.exec(stdout);
          if (!match) return;
          shell.stdout.off('data', onData);
          const result = { stderr: '', truncated: false, timedOut: false };
          resolve({ ...result, exitCode: Number(match[1]), stdout: stdout.slice(0, match.index) });
        };
        shell.stdout.on('data', onData);
        shell.stdin.write(`(\n${script.reveal()}\n) </dev/null\necho "[ended $?]"\n`);
      }),
  };
  return {
    session: session as WriteSession,
    kill: () => shell.kill('SIGKILL'),
    gone: new Promise((resolve) => shell.once('close', resolve)),
    end: () => new Promise((resolve) => shell.once('close', resolve).stdin.end()),
  };
}

async function lockedShell(script = DEED) {
  const shell = openShell();
  expect(await takeLock(shell.session, words('a test'))).toBeUndefined();
  await setWhenLost(shell.session, script, 'a test');
  return shell;
}

describe('a host that loses the run that changes it', () => {
  it('does what it was told to, and gives the lock back', async () => {
    const { kill } = await lockedShell();
    expect(existsSync(at('deed'))).toBe(false);
    kill();
    await vi.waitFor(() => expect(LEFT.filter((path) => existsSync(at(path)))).toEqual([]), 10_000);
    expect(readFileSync(at('deed'), 'utf8')).toBe('done\n');
  });

  it('holds the lock itself from the moment on in which the run is lost', async () => {
    const { kill, gone } = await lockedShell(sh`while [ ! -e "$R"/go ]; do sleep 0.1; done; ${DEED}`);
    const other = openShell();
    kill();
    await gone;
    // The watcher has most likely not even noticed.
    expect(await takeLock(other.session, words('another run'))).toEqual({ kind: 'host' });
    await vi.waitFor(
      () => expect(readFileSync(at('run/kplay.lock/holder'), 'utf8')).toContain('the host itself'),
      10_000,
    );
    expect(await takeLock(other.session, words('another run'))).toEqual({ kind: 'host' });
    mkdirSync(at('go'));
    await vi.waitFor(async () => expect(await takeLock(other.session, words('another run'))).toBeUndefined(), 10_000);
    expect(readFileSync(at('deed'), 'utf8')).toBe('done\n');
    await releaseLock(other.session);
    await other.end();
  });

  it('whose watcher is gone, too, is not kept locked by it', async () => {
    mkdirSync(at('run/kplay.lock'));
    writeFileSync(at('run/kplay.lock/shell'), '999999999 1\n');
    writeFileSync(at('run/kplay.lock/watcher'), '999999998 1\n');
    const other = openShell();
    expect(await takeLock(other.session, words('another run'))).toBeUndefined();
    await releaseLock(other.session);
    await other.end();
  });

  it('is told nothing where others than root could change what it is to do', async () => {
    const { session, end } = openShell();
    expect(await takeLock(session, words('a test'))).toBeUndefined();
    mkdirSync(at('var/lib/kplay'), { recursive: true });
    chmodSync(at('var/lib/kplay'), 0o777);
    await expect(setWhenLost(session, DEED, 'a test')).rejects.toThrow('cannot prepare the host');
    chmodSync(at('var/lib/kplay'), 0o700);
    await setWhenLost(session, DEED, 'a test');
    await releaseLock(session);
    await end();
  });

  it('has one watcher, whatever is begun, ended and begun again', async () => {
    const script = sh`echo done >>"$R"/deed`;
    const { session, kill } = await lockedShell(script);
    await setWhenLost(session, script, 'a test');
    await setWhenLost(session, undefined, 'a test');
    await setWhenLost(session, script, 'a test');
    kill();
    await vi.waitFor(() => expect(LEFT.filter((path) => existsSync(at(path)))).toEqual([]), 10_000);
    expect(readFileSync(at('deed'), 'utf8')).toBe('done\n');
  });

  it('does what it was told last', async () => {
    const { session, kill } = await lockedShell(sh`echo first >"$R"/deed`);
    await setWhenLost(session, DEED, 'a test');
    kill();
    await vi.waitFor(() => expect(LEFT.filter((path) => existsSync(at(path)))).toEqual([]), 10_000);
    expect(readFileSync(at('deed'), 'utf8')).toBe('done\n');
  });

  it('waits for every session that has begun something, not only for the one that has the lock', async () => {
    const [locking, first, last] = [openShell(), openShell(), openShell()];
    await takeLock(locking.session, words('a test'));
    const script = sh`echo put back >>"$R"/deed`;
    for (const { session } of [first, last]) await setWhenLost(session, script, 'a test');
    for (const { kill, gone } of [locking, first]) {
      kill();
      await gone;
    }
    // A watcher that did not wait would have been at it by then.
    await last.session.run(sh`sleep 1; echo last script >>"$R"/deed`);
    last.kill();
    await vi.waitFor(() => expect(existsSync(at('run/kplay.lock'))).toBe(false), 10_000);
    expect(readFileSync(at('deed'), 'utf8')).toBe('last script\nput back\n');
  });

  it('watches the shell that has taken the lock over from one that was lost', async () => {
    const { kill, gone } = await lockedShell();
    const other = openShell();
    expect(await takeLock(other.session, words('a test'))).toBeUndefined();
    expect(await adoptLock(other.session, 'a test')).toBe(true);
    kill();
    await gone;
    // A watcher that did not would have been at it by then.
    await other.session.run(sh`sleep 1`);
    expect(existsSync(at('deed'))).toBe(false);
    await releaseLock(other.session);
    await other.end();
    expect(LEFT.filter((path) => existsSync(at(path)))).toEqual([]);
  });

  it('is not taken over from the watcher that has begun to put it back', async () => {
    const { kill, gone } = await lockedShell(sh`while [ ! -e "$R"/go ]; do sleep 0.1; done; ${DEED}`);
    const other = openShell();
    kill();
    await gone;
    expect(await takeLock(other.session, words('a test'))).toBeUndefined();
    const holder = (): string => readFileSync(at('run/kplay.lock/holder'), 'utf8');
    await vi.waitFor(() => expect(holder()).toContain('the host itself'), 10_000);
    expect(await adoptLock(other.session, 'a test')).toBe(false);
    expect(await takeLock(other.session, words('a test'))).toEqual({ kind: 'host' });
    mkdirSync(at('go'));
    await vi.waitFor(async () => expect(await takeLock(other.session, words('a test'))).toBeUndefined(), 10_000);
    expect(await adoptLock(other.session, 'a test')).toBe(true);
    await releaseLock(other.session);
    await other.end();
  });

  it('is told nothing by a session of which the run does not have the lock', async () => {
    const { session, end } = await lockedShell();
    const other = openShell();
    await expect(setWhenLost(other.session, DEED, 'another run')).rejects.toThrow('cannot prepare the host');
    await expect(setWhenLost(other.session, undefined, 'another run')).rejects.toThrow('cannot tell the host');
    expect(existsSync(at('var/lib/kplay/when-lost'))).toBe(true);
    await releaseLock(session);
    await Promise.all([end(), other.end()]);
  });

  /** Its rounds cost no time, and are counted. */
  const HASTE = sh`sleep() { echo >>"$R"/rounds; }`;
  const rounds = (): number => (existsSync(at('rounds')) ? statSync(at('rounds')).size : 0);

  it('ends the shells of a run that says nothing any more, and puts back what it has begun', async () => {
    const shell = openShell(HASTE.reveal());
    await takeLock(shell.session, words('a test'));
    await setWhenLost(shell.session, DEED, 'a test');
    await shell.gone;
    expect(rounds()).toBeGreaterThanOrEqual(1_000);
    await vi.waitFor(() => expect(LEFT.filter((path) => existsSync(at(path)))).toEqual([]), 10_000);
    expect(readFileSync(at('deed'), 'utf8')).toBe('done\n');
  }, 60_000);

  it.each([
    ['says that it is there', HEARTBEAT],
    ['is at a script', sh`while [ ! -e "$R"/enough ]; do command sleep 0.1; done`],
  ])(
    'leaves a run alone that %s',
    async (_what, script) => {
      const { session, end } = openShell(HASTE.reveal());
      await takeLock(session, words('a test'));
      await setWhenLost(session, DEED, 'a test');
      const enough = (): boolean => rounds() > 2_500;
      const watching = vi.waitFor(() => expect(enough()).toBe(true), 50_000).then(() => mkdirSync(at('enough')));
      while (!enough()) await session.run(script);
      await watching;
      expect(existsSync(at('deed'))).toBe(false);
      await releaseLock(session);
      await end();
    },
    60_000,
  );

  it('tries once: what is mended by hand after it has failed is not overwritten months later', async () => {
    mkdirSync(at('run/systemd/system'), { recursive: true });
    const { kill } = await lockedShell(sh`echo done >>"$R"/deed; exit 1`);
    const script = readFileSync(at('var/lib/kplay/when-lost'), 'utf8');
    kill();
    await vi.waitFor(() => expect(existsSync(at('run/kplay.lock'))).toBe(false), 10_000);
    expect(readFileSync(at('var/lib/kplay/when-lost.failed'), 'utf8')).toBe(script);
    expect(existsSync(at('var/lib/kplay/when-lost'))).toBe(false);
    expect(existsSync(LINK())).toBe(false);
  });

  it('tries again at the next start when power goes in the midst of it, and gives up when that fails', async () => {
    mkdirSync(at('run/systemd/system'), { recursive: true });
    const { kill } = await lockedShell(sh`echo "\${1-}" >>"$R"/deed
[ -z "\${1-}" ] || exit 1
# All that is at it ends at once.
read -r watcher rest <"$R"/run/kplay.lock/watcher
pid=$(exec sh -c 'echo "$PPID"')
all=$pid
while [ "$pid" != "$watcher" ]; do
  pid=$(cut -d ' ' -f 4 /proc/$pid/stat)
  all="$pid $all"
done
kill -9 $all`);
    kill();
    await vi.waitFor(() => expect(existsSync(at('deed'))).toBe(true), 10_000);
    expect(existsSync(at('var/lib/kplay/when-lost'))).toBe(true);
    expect(existsSync(LINK())).toBe(true);
    execFileSync('sh', [at('var/lib/kplay/when-lost'), 'at-start'], { env: { ...process.env, R: root } });
    expect(readFileSync(at('deed'), 'utf8')).toBe('\nat-start\n');
    expect(existsSync(at('var/lib/kplay/when-lost'))).toBe(false);
    expect(existsSync(LINK())).toBe(false);
    expect(existsSync(at('run/kplay.lock'))).toBe(false);
  });

  it('does nothing after a run that has ended as it should, and keeps nothing', async () => {
    const { session, end } = await lockedShell();
    await releaseLock(session);
    await end();
    expect(LEFT.filter((path) => existsSync(at(path)))).toEqual([]);
    expect(existsSync(at('deed'))).toBe(false);
  });

  it('takes no run for lost that gives its lock back, at whatever moment of its watch', async () => {
    for (let time = 0; time < 40; time += 1) {
      const { session, end } = openShell(HASTE.reveal());
      await takeLock(session, words('a test'));
      await setWhenLost(session, DEED, 'a test');
      await releaseLock(session);
      expect(existsSync(at('deed'))).toBe(false);
      await end();
    }
  }, 60_000);

  it('does nothing when it was told that nothing is to be done any more', async () => {
    const { session, kill } = await lockedShell();
    await setWhenLost(session, undefined, 'a test');
    expect(existsSync(at('var/lib/kplay'))).toBe(false);
    kill();
    const other = openShell();
    expect(await takeLock(other.session, words('another run'))).toBeUndefined();
    expect(existsSync(at('deed'))).toBe(false);
    await releaseLock(other.session);
    await other.end();
  });

  it('is not said to forget what it cannot remove: that puts old files back at the next start', async () => {
    const { session, end } = openShell(
      'rm() { case $* in *when-lost*) echo no >&2; return 1 ;; esac; command rm "$@"; }',
    );
    await takeLock(session, words('a test'));
    await setWhenLost(session, DEED, 'a test');
    await expect(setWhenLost(session, undefined, 'a test')).rejects.toThrow('need not restore itself any more');
    await expect(releaseLock(session)).rejects.toThrow('/var/lib/kplay/when-lost cannot be removed');
    await end();
  });

  it('that systemd starts is told for the next start, too: power may go', async () => {
    mkdirSync(at('run/systemd/system'), { recursive: true });
    const { session, end } = await lockedShell();
    const unit = readFileSync(at('etc/systemd/system/kplay-when-lost.service'), 'utf8');
    expect(unit).toContain('Before=kubelet.service');
    expect(readFileSync(LINK(), 'utf8')).toBe(unit);
    expect(unit).toContain('/var/lib/kplay/when-lost at-start');
    execFileSync('sh', [at('var/lib/kplay/when-lost'), 'at-start'], { env: { ...process.env, R: root } });
    expect(readFileSync(at('deed'), 'utf8')).toBe('done\n');
    expect(existsSync(LINK())).toBe(false);
    await releaseLock(session);
    await end();
  });
});
