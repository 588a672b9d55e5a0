import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CompiledCode } from '../../src/cli/compiled-code.ts';

const NAME = 'run-0123';
const uid = process.geteuid?.();
const code = Buffer.from('code');

let home: string;
let directory: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kplay-home-'));
  directory = join(home, '.cache/kplay/compiled');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function compiled(variables: Readonly<Record<string, string>> = {}): CompiledCode | undefined {
  return CompiledCode.of(NAME, { home: () => home, variables, uid });
}

describe('compiled code', () => {
  it('is there when it was written, for nobody else', () => {
    expect(compiled()?.read()).toBeUndefined();
    compiled()?.write(code);
    compiled()?.write(code);
    expect(compiled()?.read()).toEqual(code);
    expect(readdirSync(directory)).toEqual([NAME]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, NAME)).mode & 0o777).toBe(0o600);
  });

  it('stands below XDG_CACHE_HOME where that is set', () => {
    compiled({ XDG_CACHE_HOME: join(home, 'elsewhere') })?.write(code);
    expect(existsSync(join(home, 'elsewhere/kplay/compiled', NAME))).toBe(true);
  });

  it('stands in the home directory where XDG_CACHE_HOME is no absolute path', () => {
    compiled({ XDG_CACHE_HOME: 'elsewhere' })?.write(code);
    expect(compiled()?.read()).toEqual(code);
  });

  it('is not kept where Node.js is told to keep none', () => {
    expect(compiled({ NODE_DISABLE_COMPILE_CACHE: '1' })).toBeUndefined();
  });

  it('is not kept in the home of another user, nor in none', () => {
    expect(CompiledCode.of(NAME, { home: () => home, variables: {}, uid: (uid ?? 0) + 1 })).toBeUndefined();
    expect(CompiledCode.of(NAME, { home: () => join(home, 'none'), variables: {}, uid })).toBeUndefined();
  });

  it('is not kept where the system knows no home, and where that cannot be looked at', () => {
    const unknown = (): never => {
      throw new Error('ENOENT');
    };
    expect(CompiledCode.of(NAME, { home: unknown, variables: {}, uid })).toBeUndefined();
    writeFileSync(join(home, 'file'), '');
    expect(CompiledCode.of(NAME, { home: () => join(home, 'file/below'), variables: {}, uid })).toBeUndefined();
  });

  it('is not read, and not written, where others may write', () => {
    compiled()?.write(code);
    chmodSync(directory, 0o770);
    expect(compiled()?.read()).toBeUndefined();
    rmSync(join(directory, NAME));
    compiled()?.write(code);
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    ['may write the directory of the cache', () => chmodSync(join(home, '.cache'), 0o777)],
    ['are in a group that may, be it the user’s own', () => chmodSync(join(home, '.cache'), 0o775)],
    ['may write the file', () => chmodSync(join(directory, NAME), 0o622)],
    [
      'have put a link above it',
      () => {
        const theirs = join(home, 'theirs');
        mkdirSync(theirs, { mode: 0o777 });
        chmodSync(theirs, 0o777);
        symlinkSync(join(home, '.cache/kplay'), join(theirs, 'kplay'));
        return { XDG_CACHE_HOME: theirs };
      },
    ],
  ])('is not read where others %s', (_what, expose) => {
    compiled()?.write(code);
    const variables = expose() ?? {};
    expect(compiled(variables)?.read()).toBeUndefined();
  });

  it('is not read from behind a link in the place of its directory', () => {
    compiled()?.write(code);
    const linked = join(home, 'linked');
    mkdirSync(join(linked, 'kplay'), { recursive: true });
    symlinkSync(directory, join(linked, 'kplay/compiled'));
    expect(compiled({ XDG_CACHE_HOME: linked })?.read()).toBeUndefined();
  });

  it.runIf(uid === 0)('is not read from a directory or a file of another user', () => {
    compiled()?.write(code);
    chownSync(join(directory, NAME), 12_345, 0);
    expect(compiled()?.read()).toBeUndefined();
    chownSync(join(directory, NAME), 0, 0);
    expect(compiled()?.read()).toEqual(code);
    chownSync(directory, 12_345, 0);
    expect(compiled()?.read()).toBeUndefined();
  });

  it('leaves the youngest of what has been written', () => {
    compiled()?.write(code);
    for (let age = 1; age <= 20; age += 1) {
      const file = join(directory, `old-${age}`);
      writeFileSync(file, '');
      utimesSync(file, Date.now() / 1_000 - age * 60, Date.now() / 1_000 - age * 60);
    }
    compiled()?.write(code);
    const left = readdirSync(directory);
    expect(left).toHaveLength(12);
    expect(left).toEqual(expect.arrayContaining([NAME, 'old-1', 'old-11']));
  });

  it('is written whatever killed processes have left, which is removed after an hour', () => {
    compiled()?.write(code);
    // In a container, the process id is the same each time.
    const left = [`${NAME}.${process.pid}`, `${NAME}.new-0123456789ab`, 'check-4567.new-ba9876543210'];
    for (const name of left) writeFileSync(join(directory, name), 'half');
    const longAgo = Date.now() / 1_000 - 3_700;
    utimesSync(join(directory, left[2] ?? ''), longAgo, longAgo);
    const later = Buffer.from('later code');
    compiled()?.write(later);
    expect(compiled()?.read()).toEqual(later);
    expect(readdirSync(directory).sort()).toEqual([NAME, ...left.slice(0, 2)].sort());
  });

  it('that cannot be written is no error', () => {
    mkdirSync(join(directory, NAME), { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, NAME, 'in-the-way'), '');
    compiled()?.write(code);
    expect(compiled()?.read()).toBeUndefined();
    expect(readdirSync(directory)).toEqual([NAME]);
    rmSync(join(home, '.cache'), { recursive: true });
    writeFileSync(join(home, '.cache'), '');
    compiled()?.write(code);
    expect(compiled()?.read()).toBeUndefined();
  });
});
