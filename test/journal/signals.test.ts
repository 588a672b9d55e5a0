import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { afterSignal, NO_SIGNALS, type Signal } from '../../src/core/signal.ts';
import { addSignal, SIGNALS, StrangeSignals, signalsIn } from '../../src/journal/signals.ts';
import { canMount, succeeds } from '../support/abilities.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kplay-approvals-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const SAID = { by: 'somebody@somewhere', at: '2026-11-24T15:12:44.000Z' };
/** As an older kplay has written it: without a time. */
const APPROVAL: Signal = { kind: 'approve', wave: 'rest', by: 'somebody@somewhere' };

describe('a signal', () => {
  test('is read as it was written, in its order', () => {
    const signals: readonly Signal[] = [
      APPROVAL,
      { kind: 'approve', wave: 'rest', ...SAID, reason: 'CHG-42' },
      { kind: 'pause', ...SAID, reason: 'a fire drill' },
      { kind: 'resume', ...SAID },
      { kind: 'abort', ...SAID },
    ];
    for (const signal of signals) addSignal(directory, signal, new Date(0));
    expect(signalsIn(directory)).toEqual(signals);
  });

  test('that is not whole, or not known, says nothing', () => {
    addSignal(directory, APPROVAL, new Date(0));
    const path = join(directory, SIGNALS);
    const [line = ''] = readFileSync(path, 'utf8').trim().split('\n');
    appendFileSync(path, `${line.slice(0, 40)}\n${line.replace('rest', 'other')}\n{"type":"signal"}\n`);
    addSignal(directory, { kind: 'dance', ...SAID } as unknown as Signal, new Date(0));
    addSignal(directory, { kind: 'pause', ...SAID }, new Date(0));
    expect(signalsIn(directory)).toEqual([APPROVAL, { kind: 'pause', ...SAID }]);
  });

  test.skipIf(process.getuid?.() !== 0)('of root belongs to the user of the run, who has to read it', () => {
    chownSync(directory, 12_345, 12_345);
    addSignal(directory, APPROVAL, new Date(0));
    expect(statSync(join(directory, SIGNALS)).uid).toBe(12_345);
    expect(signalsIn(directory)).toEqual([APPROVAL]);
  });
});

describe('a file that somebody has put in the place of signals', () => {
  let elsewhere: string;
  beforeEach(() => {
    elsewhere = mkdtempSync(join(tmpdir(), 'kplay-elsewhere-'));
  });
  afterEach(() => rmSync(elsewhere, { recursive: true, force: true }));

  const PUT: readonly (readonly [what: string, put: (path: string, other: string) => void])[] = [
    ['a link to a file', (path, other) => symlinkSync(other, path)],
    ['a link to nothing', (path, other) => symlinkSync(`${other}-gone`, path)],
    ['another name of a file', (path, other) => linkSync(other, path)],
    ['a pipe', (path) => execFileSync('sh', ['-c', 'mkfifo "$0"', path])],
  ];
  test.each(PUT)('%s: is refused, and nothing is written or given away', (_what, put) => {
    const other = join(elsewhere, 'other');
    writeFileSync(other, 'kept');
    if (process.getuid?.() === 0) chownSync(directory, 12_345, 12_345);
    const { uid } = statSync(other);
    put(join(directory, SIGNALS), other);
    expect(() => addSignal(directory, APPROVAL, new Date(0))).toThrow(StrangeSignals);
    expect([readFileSync(other, 'utf8'), statSync(other).uid]).toEqual(['kept', uid]);
    expect(() => statSync(`${other}-gone`)).toThrow('ENOENT');
  });

  test('a pipe: nobody waits for its other end', () => {
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(directory, SIGNALS)]);
    expect(() => signalsIn(directory)).toThrow('not a regular file');
  });

  test('a link to a directory: is refused', () => {
    const link = join(directory, 'run');
    symlinkSync(elsewhere, link);
    expect(() => addSignal(link, APPROVAL, new Date(0))).toThrow('not a directory');
    expect(signalsIn(elsewhere)).toEqual([]);
  });

  test.skipIf(process.getuid?.() !== 0)('a file of somebody else: is refused, and stays theirs', () => {
    const path = join(directory, SIGNALS);
    writeFileSync(path, '');
    chownSync(directory, 12_345, 12_345);
    expect(() => addSignal(directory, APPROVAL, new Date(0))).toThrow('only the user of the run owns');
    expect(statSync(path).uid).toBe(process.getuid?.());
  });
});

describe('what was said to a run', () => {
  type Kinds = readonly ('pause' | 'resume' | 'abort')[];
  const standing = (kinds: Kinds) =>
    kinds.map((kind, index): Signal => ({ kind, by: `u${index}@m`, at: SAID.at })).reduce(afterSignal, NO_SIGNALS);

  test.each<[kinds: Kinds, paused: string | undefined, aborted: string | undefined]>([
    [[], undefined, undefined],
    [['pause'], 'u0@m', undefined],
    [['pause', 'pause'], 'u0@m', undefined],
    [['pause', 'resume'], undefined, undefined],
    [['resume', 'pause'], 'u1@m', undefined],
    [['pause', 'abort', 'resume', 'abort'], 'u0@m', 'u1@m'],
  ])('%j', (kinds, paused, aborted) => {
    const { paused: by, aborted: ended } = standing(kinds);
    expect([by?.by, ended?.by]).toEqual([paused, aborted]);
  });
});

test.skipIf(!canMount)(
  'a signal that a full disk has room for only in part is no signal, and whoever gives it is told',
  () => {
    expect(succeeds('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory)).toBe(true);
    try {
      writeFileSync(join(directory, SIGNALS), '');
      // The rest of one page is left.
      succeeds('dd', 'if=/dev/zero', `of=${join(directory, 'fill')}`, 'bs=4096');
      rmSync(join(directory, 'fill'));
      succeeds('dd', 'if=/dev/zero', `of=${join(directory, 'fill')}`, 'bs=4096', 'count=15');
      const long: Signal = { kind: 'pause', ...SAID, reason: 'x'.repeat(5_000) };
      expect(() => addSignal(directory, long, new Date(0))).toThrow(/ENOSPC/);
      expect(signalsIn(directory)).toEqual([]);
      rmSync(join(directory, 'fill'));
      addSignal(directory, APPROVAL, new Date(0));
      expect(signalsIn(directory)).toEqual([APPROVAL]);
    } finally {
      succeeds('umount', directory);
    }
  },
);
