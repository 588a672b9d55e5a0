import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OutputFile } from '../../src/cli/output/output-file.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import { canFixFiles, canMount, succeeds } from '../support/abilities.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kplay-output-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const KIND = { option: '--report', mode: 0o644, isShared: false } as const;

function reserved(path: string): OutputFile {
  const problems = new Problems();
  const file = OutputFile.reserve(path, problems, KIND);
  if (!file) throw new Error(problems.all[0]?.message);
  return file;
}

it('a file has all pieces of its text in their order, however long they are', () => {
  const path = join(directory, 'pieces');
  const pieces = [
    'first …',
    '',
    'x'.repeat(70_000),
    ...Array.from({ length: 5_000 }, (_, index) => `line ${index} →\n`),
  ];
  reserved(path).write(pieces.values());
  expect(readFileSync(path, 'utf8')).toBe(pieces.join(''));
});

it('nothing stands beside it before it is written, so that a run that is killed leaves nothing', () => {
  const path = join(directory, 'unwritten');
  const file = reserved(path);
  expect(readdirSync(directory).filter((name) => name.includes('unwritten'))).toEqual([]);
  file.discard();
  expect(() => file.write('late')).toThrow('has been written or given up');
});

it('a text that fails in its midst leaves the old file, no other, and is no fault of the disk', () => {
  const path = join(directory, 'midst');
  writeFileSync(path, 'old\n');
  function* broken(): Iterable<string> {
    yield 'new\n'.repeat(50_000);
    throw new TypeError('it has no name');
  }
  expect(() => reserved(path).write(broken())).toThrow(new TypeError('it has no name'));
  expect(readFileSync(path, 'utf8')).toBe('old\n');
  expect(readdirSync(directory).filter((name) => name.includes('midst'))).toEqual(['midst']);
});

it.skipIf(!existsSync('/dev/full'))('a disk that is full in the midst is told as what it is', () => {
  function* endless(): Iterable<string> {
    for (;;) yield 'x'.repeat(1_000);
  }
  expect(() => reserved('/dev/full').write(endless())).toThrow(/cannot write \/dev\/full: no space is left/);
});

it('a link to a file that does not exist yet is kept, and the file is made', () => {
  mkdirSync(join(directory, 'there'));
  const link = join(directory, 'link');
  symlinkSync('there/target', link);
  reserved(link).write('new\n');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(directory, 'there/target'), 'utf8')).toBe('new\n');
});

it('a pipe is given all of a long text, and one that nobody reads is an error', async () => {
  const pipe = join(directory, 'pipe');
  const copy = join(directory, 'copy');
  execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]);
  const long = 'x'.repeat(1_000_000);
  const file = reserved(pipe);
  const reader = spawn('sh', ['-c', 'exec <"$0"; echo reads; cat >"$1"', pipe, copy], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(reader, 'exit');
  await once(reader.stdout, 'data');
  file.write(long);
  await ended;
  expect(readFileSync(copy, 'utf8')).toBe(long);
  expect(() => reserved(pipe).write('short')).toThrow(`cannot write ${pipe}: broken pipe`);
});

it('a pipe is not waited for whose reader goes when it has read', () => {
  const [pipe, other] = [join(directory, 'left'), join(directory, 'other')];
  execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]);
  const file = reserved(pipe);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  function* leaving() {
    closeSync(reader);
    yield 'more';
  }
  OutputFile.writeTogether([
    [file, 'short'],
    [reserved(other), leaving()],
  ]);
  expect(readFileSync(other, 'utf8')).toBe('more');
});

it.runIf(process.getuid?.() === 0)('no link or pipe is used that another user has left where everybody may', () => {
  const open = join(directory, 'open');
  mkdirSync(open);
  chmodSync(open, 0o1777);
  const target = join(directory, 'precious');
  writeFileSync(target, 'old\n');
  const [link, ours, pipe] = ['link', 'ours', 'pipe'].map((name) => join(open, name)) as [string, string, string];
  symlinkSync(target, link);
  execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]);
  for (const path of [link, pipe]) lchownSync(path, 12_345, 12_345);
  symlinkSync(link, ours);
  for (const [path, what] of [
    [link, 'link'],
    [ours, 'link'],
    [pipe, 'pipe'],
  ] as const)
    expect(() => reserved(path)).toThrow(`${path} is not written: it is a ${what} that another user has made`);
  rmSync(ours);
  symlinkSync(target, ours);
  reserved(ours).write('new\n');
  expect(readFileSync(target, 'utf8')).toBe('new\n');
});

it.skipIf(!canFixFiles).each(['+i', '+a'])(
  'a file that cannot be replaced (chattr %s) is told before the run',
  (how) => {
    const path = join(directory, `fixed${how}`);
    writeFileSync(path, 'old\n');
    succeeds('chattr', how, path);
    try {
      expect(() => reserved(path)).toThrow(`${path} cannot be replaced: it is immutable, or may only be appended to`);
    } finally {
      succeeds('chattr', how.replace('+', '-'), path);
    }
  },
);

it('a file that nobody may write is replaced: that is up to its directory', () => {
  const path = join(directory, 'read-only');
  writeFileSync(path, 'old\n', { mode: 0o444 });
  reserved(path).write('new\n');
  expect(readFileSync(path, 'utf8')).toBe('new\n');
});

it.runIf(process.getuid?.() === 0)(
  'a file of another user is not replaced in a directory with the sticky bit, but by root',
  () => {
    const open = join(directory, 'sticky');
    mkdirSync(open);
    chmodSync(open, 0o1777);
    const path = join(open, 'theirs');
    writeFileSync(path, 'old\n');
    chownSync(path, 12_345, 12_345);
    chmodSync(directory, 0o755);
    process.seteuid?.(12_346);
    try {
      expect(() => reserved(path)).toThrow(
        `${path} cannot be replaced: it belongs to another user, and in its directory`,
      );
    } finally {
      process.seteuid?.(0);
    }
    reserved(path).write('new\n');
    expect(readFileSync(path, 'utf8')).toBe('new\n');
  },
);

it.skipIf(!canMount)('a file that is mounted, as into a container, is overwritten: it cannot be replaced', () => {
  const [host, inside] = [join(directory, 'on-the-host'), join(directory, 'inside')];
  writeFileSync(host, 'an old text, which is longer\n');
  writeFileSync(inside, '');
  succeeds('mount', '--bind', host, inside);
  try {
    reserved(inside).write('new\n');
  } finally {
    succeeds('umount', inside);
  }
  expect(readFileSync(host, 'utf8')).toBe('new\n');
  expect(readdirSync(directory).filter((name) => name.includes('inside'))).toEqual(['inside']);
});

it.skipIf(!canMount)('a file that is mounted read-only is told before the run', () => {
  const [host, inside] = [join(directory, 'kept-on-the-host'), join(directory, 'read-only-inside')];
  writeFileSync(host, 'old\n');
  writeFileSync(inside, '');
  succeeds('mount', '--bind', host, inside);
  try {
    succeeds('mount', '-o', 'remount,ro,bind', inside);
    expect(() => reserved(inside)).toThrow(
      `${inside} cannot be replaced: it is a mount point itself, and mounted read-only`,
    );
  } finally {
    succeeds('umount', inside);
  }
});

it.skipIf(!canMount).each([
  ['a plan, which others may not read', undefined, 0o600],
  ['a report', { mode: 0o644, isShared: false }, 0o664],
])('%s in a mounted file is as readable as in a new one', (what, kind, mode) => {
  const [host, inside] = [join(directory, `${what} on the host`), join(directory, what)];
  writeFileSync(host, 'old\n');
  chmodSync(host, 0o664);
  writeFileSync(inside, '');
  succeeds('mount', '--bind', host, inside);
  try {
    OutputFile.reserve(inside, new Problems(), kind)?.write('new\n');
  } finally {
    succeeds('umount', inside);
  }
  expect([readFileSync(host, 'utf8'), statSync(host).mode & 0o777]).toEqual(['new\n', mode]);
});

it.skipIf(!canMount)('a mounted file that its user may not write is told before the run', () => {
  const [host, inside] = [join(directory, "another's"), join(directory, 'not writable \\ inside')];
  writeFileSync(host, 'old\n', { mode: 0o644 });
  writeFileSync(inside, '');
  chmodSync(directory, 0o777);
  succeeds('mount', '--bind', host, inside);
  process.seteuid?.(12_346);
  try {
    expect(() => reserved(inside)).toThrow(
      `${inside} cannot be replaced: it is a mount point itself, and you may not write to it`,
    );
  } finally {
    process.seteuid?.(0);
    succeeds('umount', inside);
    chmodSync(directory, 0o755);
  }
});
