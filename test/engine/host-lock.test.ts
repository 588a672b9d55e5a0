import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandResult, WriteSession } from '../../src/core/session.ts';
import { sh } from '../../src/core/shell.ts';
import { type LockOwner, releaseLock, takeLock } from '../../src/engine/hosts/host-lock.ts';
import { HEARTBEAT } from '../../src/facts/host/host-lock.ts';
import { needing } from '../support/programs.ts';

function words(holder: string): LockOwner {
  return { holder, first: 'a' };
}

let root: string;
const shells: ChildProcessWithoutNullStreams[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kplay-lock-'));
  mkdirSync(join(root, 'run'));
});

afterEach(() => {
  for (const shell of shells.splice(0)) shell.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

/** A real sh that lives on between scripts, as that of a connection does. */
function openShell(program = 'sh'): WriteSession & { readonly end: () => Promise<void> } {
  const shell = spawn(program, [], { env: { PATH: process.env['PATH'], R: root } });
  shells.push(shell);
  let said = '';
  const waiting: { resolve: (result: CommandResult) => void }[] = [];
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    for (let end = /\n?#(\d+)#([^#]*)#\n/.exec(said); end; end = /\n?#(\d+)#([^#]*)#\n/.exec(said)) {
      const stdout = said.slice(0, end.index);
      said = said.slice(end.index + end[0].length);
      const result = { exitCode: Number(end[1]), stdout, stderr: end[2] ?? '', truncated: false, timedOut: false };
      waiting.shift()?.resolve(result);
    }
  });
  return {
    host: 'h',
    observe: async () => [],
    run: (script) =>
      new Promise((resolve) => {
        waiting.push({ resolve });
        shell.stdin.write(`(${script.reveal()}) 2>"$R/stderr-$$"; printf '\\n#%s#%s#\\n' $? "$(cat "$R/stderr-$$")"\n`);
      }),
    close: async () => undefined,
    end: () =>
      new Promise((resolve) => {
        shell.on('close', () => resolve());
        shell.kill('SIGKILL');
      }),
  };
}

const lock = (): string => join(root, 'run', 'kplay.lock');

describe('the lock of a host', () => {
  // dash's echo turns \n into a line break, and a name of Active Directory may have one.
  it.each(['sh', 'bash'])(
    'names its holder and the first host, if the shell is %s',
    needing('bash'),
    async (program) => {
      const [ours, theirs] = [openShell(program), openShell(program)];
      const holder = String.raw`CORP\nina@jump, since today`;
      const first = 'm1 10.0.0.11:22';
      expect(await takeLock(ours, { holder, first })).toBeUndefined();
      expect(readFileSync(join(lock(), 'holder'), 'utf8')).toBe(`${holder}\n`);
      expect(await takeLock(theirs, words('they'))).toMatchObject({ name: holder, first });
    },
  );

  it('is had by one run, is had again by its own, and is free when it was given back', async () => {
    const [ours, theirs] = [openShell(), openShell()];
    expect(await takeLock(ours, words('we'))).toBeUndefined();
    expect(await takeLock(ours, words('we'))).toBeUndefined();
    expect(await takeLock(theirs, words('they'))).toEqual({
      kind: 'run',
      name: 'we',
      shell: expect.any(Number),
      first: 'a',
    });
    await releaseLock(theirs);
    expect(existsSync(lock())).toBe(true);
    await releaseLock(ours);
    expect(await takeLock(theirs, words('they'))).toBeUndefined();
  });

  // The release may be cut short at any point, and the next run may arm the host as soon as it has the lock.
  it('is given back last: by then the host does not restore what was changed any more', async () => {
    const ours = openShell();
    await takeLock(ours, words('we'));
    const whenLost = join(root, 'var/lib/kplay/when-lost');
    mkdirSync(dirname(whenLost), { recursive: true });
    writeFileSync(whenLost, '');
    const cutShort = sh`rm() { command rm "$@"; [ -d "$R"/run/kplay.lock ] || exit 0; }`;
    await releaseLock({ ...ours, run: (script) => ours.run(sh`${cutShort}; ${script}`) });
    expect([lock(), whenLost].filter((path) => existsSync(path))).toEqual([]);
  });

  describe.each([
    ['a link to a file of root', 'sh', needing(), (beat: string) => symlinkSync(join(root, 'shadow'), beat)],
    [
      'what bash carries out',
      'bash',
      needing('bash'),
      (beat: string) => writeFileSync(beat, `a[$(echo x >'${root}/shadow')]\n`),
    ],
  ])('where anybody may write, with %s in it', (_what, program, options, plant) => {
    it('is none', options, async () => {
      const planted = join(root, 'tmp/kplay.lock');
      mkdirSync(planted, { recursive: true });
      writeFileSync(join(planted, 'watcher'), 'x\n');
      writeFileSync(join(root, 'shadow'), '7\n');
      plant(join(planted, 'beat'));
      const shell = openShell(program);
      await takeLock(shell, words('we'));
      await shell.run(HEARTBEAT);
      expect(readFileSync(join(root, 'shadow'), 'utf8')).toBe('7\n');
    });
  });

  it('is shared by the names of one machine in a run', async () => {
    const takenBy: string[] = [];
    for (const session of [openShell(), openShell()])
      expect(await takeLock(session, words('we'), (shell) => void takenBy.push(shell))).toBeUndefined();
    expect(takenBy[0]).toMatch(/^\d+ \d+ \S+$/);
    expect(takenBy[1]).toBe(takenBy[0]);
  });

  it('is void when the shell that took it is gone, and then one of all that want it has it', async () => {
    const dead = openShell();
    await takeLock(dead, words('they'));
    await dead.end();
    const wanting = Array.from({ length: 6 }, () => openShell());
    const found = await Promise.all(wanting.map((session, index) => takeLock(session, words(`run ${index}`))));
    expect(found.filter((holder) => holder === undefined)).toHaveLength(1);
    expect(new Set(found.flatMap((holder) => (holder?.kind === 'run' ? [holder.name] : []))).size).toBe(1);
    expect(readdirSync(join(root, 'run'))).toEqual(['kplay.lock']);
  });

  it('says why it cannot be taken', async () => {
    rmSync(join(root, 'run'), { recursive: true });
    writeFileSync(join(root, 'run'), '');
    await expect(takeLock(openShell(), words('we'))).rejects.toMatchObject({
      message: 'its lock cannot be taken',
      details: [['output', expect.stringContaining('kplay.lock cannot be made')]],
    });
  });
});
