import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ClusterRef } from '../../src/core/cluster.ts';
import type { HostRecap } from '../../src/core/events/recap.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import { UNTOUCHED } from '../../src/engine/run-result.ts';
import { journalLine } from '../../src/journal/journal-line.ts';
import { RunStore } from '../../src/journal/run-store.ts';
import { summaryOf } from '../../src/journal/run-summary.ts';
import { fc } from '../support/random-cases.ts';
import { startOf } from './support/start.ts';

const base = mkdtempSync(join(tmpdir(), 'kplay-ends-'));
afterAll(() => rmSync(base, { recursive: true }));
const store = new RunStore(join(base, 'runs'));
const ID = '20261101T000001Z-00ff';
const PATH = store.journalPath(ID);
mkdirSync(dirname(PATH), { recursive: true });

const START = startOf(ID, { hosts: ['m1', 'm2'], clusters: ['prod'] });
const PROD: ClusterRef = { kind: 'declared', name: 'prod' };
const END: JournalEntry = { type: 'end', exitCode: 0 };

const recap = (host: string, more: Partial<HostRecap> = {}): HostRecap => ({
  ...UNTOUCHED,
  host,
  state: 'unchanged',
  ...more,
});

function results(hosts: readonly HostRecap[], exitCode = 0): JournalEntry {
  return { type: 'event', event: { type: 'run-finished', hosts, elapsedMs: 60_000, exitCode, next: [] } };
}

function started(name: string, kind: 'declared' | 'found' = 'declared'): JournalEntry {
  return { type: 'event', event: { type: 'cluster-started', play: 'p', cluster: { kind, name }, hosts: ['m1'] } };
}

function clusterOf(entry: JournalEntry): readonly ClusterRef[] {
  return entry.type === 'event' && entry.event.type === 'cluster-started' ? [entry.event.cluster] : [];
}

/** As a run writes them. @param from the number of the first */
function text(entries: readonly JournalEntry[], from = 1, version = 1): string {
  return entries
    .map(
      (entry, index) => `${journalLine({ version, sequence: from + index, time: new Date(index * 1_000), entry })}\n`,
    )
    .join('');
}

/** What both readers make of a run, for each of what may be known of its process. */
function both(): { readonly whole: unknown; readonly brief: unknown } {
  const of = (reading: ReturnType<RunStore['read']>) =>
    [true, false, undefined].map((isRunning) => summaryOf(ID, reading, () => isRunning));
  return { whole: of(store.read(ID)), brief: of(store.readBriefly(ID)) };
}

function expectAgreement(content: string | Buffer): void {
  writeFileSync(PATH, content);
  const { whole, brief } = both();
  expect(brief).toEqual(whole);
}

const MIDDLE: readonly JournalEntry[] = [
  { type: 'run', runId: ID, command: 'run', source: 'p.yml', hosts: ['m1'] },
  started('prod'),
  { type: 'intent', host: 'm1', task: 'Renew', changes: [] },
  { type: 'done', host: 'm1', task: 'Renew' },
  { type: 'failed', host: 'm2', task: 'Renew', reason: 'no', unchanged: true },
  { type: 'undo', host: 'm1', step: 'certs.restore', remaining: [], succeeded: true, message: 'done' },
];
const GOOD = [START, ...MIDDLE, results([recap('m1', { cluster: PROD, changed: 1, state: 'changed' })]), END];
/** Whether most of a journal was not read: its last entries alone make its summary. */
const isBrief = () => store.readBriefly(ID).records.length === 3;

describe('the ends of a journal', () => {
  it('say of a run that has ended what all of it says', () => {
    expectAgreement(text(GOOD));
    expect(isBrief()).toBe(true);
  });

  it('do so for any run, wherever its journal is cut, and whatever is behind it', () => {
    const entry = fc.constantFrom(...MIDDLE, started('other'), started('m1', 'found'), END);
    const cluster = fc.constantFrom<ClusterRef | undefined>(
      PROD,
      undefined,
      { kind: 'none' },
      { kind: 'found', name: 'm1' },
    );
    const host = fc
      .record({ changed: fc.nat(2), cluster, state: fc.constantFrom('changed', 'unchanged', 'restored', 'unknown') })
      .map(({ cluster: of, ...more }) => recap('m1', { ...more, ...(of && { cluster: of }) } as Partial<HostRecap>));
    const run = fc.record({
      start: fc.constantFrom([START], [{ ...START, clusters: [] }], []),
      middle: fc.array(entry, { maxLength: 5 }),
      finish: fc.constantFrom(true, true, true, false),
      hosts: fc.array(host, { maxLength: 3 }),
      exitCode: fc.constantFrom(0, 2, 3, 4, 130, 5),
      last: fc.constantFrom<readonly JournalEntry[]>([END], [{ type: 'end', exitCode: 2 }], []),
      version: fc.constantFrom(1, 1, 2),
      cut: fc.option(fc.nat()),
      behind: fc.constantFrom('', '', '\n', 'x', 'x\n', text([END], 90), '{"type":"end","exitCode":0}\n'),
    });
    fc.assert(
      fc.property(run, ({ start, middle, finish, hosts, exitCode, last, version, cut, behind }) => {
        // The results are of all hosts, so of all clusters that were started.
        const all = [...hosts, ...middle.flatMap(clusterOf).map((of) => recap('m1', { cluster: of }))];
        const entries = [...start, ...middle, ...(finish ? [results(all, exitCode)] : []), ...last];
        const written = Buffer.from(text(entries, 1, version));
        expectAgreement(
          Buffer.concat([
            cut === null ? written : written.subarray(0, cut % (written.length + 1)),
            Buffer.from(behind),
          ]),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('do so for long results and a long start, of which more is read', () => {
    const hosts = Array.from({ length: 3_000 }, (_, index) => `a-host-with-quite-a-long-name-${index}`);
    expectAgreement(
      text([{ ...START, hosts }, ...MIDDLE, results(hosts.map((host) => recap(host, { cluster: PROD }))), END]),
    );
    expect(isBrief()).toBe(true);
  });

  it.each<readonly [what: string, content: string]>([
    ['an empty one', ''],
    ['one that is not ended', text([START, ...MIDDLE])],
    ['one with a single line', text([START])],
    ['one without results', text([START, ...MIDDLE, END])],
    ['one without a start', text(GOOD.slice(1), 2)],
    [
      'one of the first versions',
      '{"time":"2026-11-01T00:00:00Z","type":"start"}\n{"time":"2026-11-01T00:00:01Z","type":"end"}\n',
    ],
    [
      'one that begins with a line of the first versions',
      `{"time":"2026-11-01T00:00:00Z","type":"start"}\n${text(GOOD)}`,
    ],
    ['one of a newer version', text(GOOD, 1, 2)],
    ['something else', 'hello\n'.repeat(10_000)],
    ['something else in one line', 'x'.repeat(1_000_000)],
    ['one with a mark at its start', `\ufeff${text(GOOD)}`],
    ['one without its last newline', text(GOOD).slice(0, -1)],
    ['one whose results are altered', text(GOOD).replace('"elapsedMs":60000', '"elapsedMs":60001')],
    ['one whose start is altered', text(GOOD).replace('"user":"ann"', '"user":"bob"')],
    ['one with a gap before its end', text(GOOD.slice(0, -1)) + text([END], GOOD.length + 1)],
    ['one with entries behind its end', text([...GOOD, ...MIDDLE])],
    [
      'one of clusters that kplay has told apart',
      text([START, started('m1', 'found'), results([recap('m1', { cluster: { kind: 'found', name: 'm1' } })]), END]),
    ],
    [
      'one of a cluster that its start does not name',
      text([START, started('dev'), results([recap('m1', { cluster: { kind: 'declared', name: 'dev' } })]), END]),
    ],
    [
      'one with entries that could not be written',
      text(GOOD.slice(0, 4)) + text([...GOOD.slice(6, -1), { type: 'end', exitCode: 0, incomplete: true }], 7),
    ],
  ])('say no more than all of it: %s', (_what, content) => {
    expectAgreement(content);
  });

  it('are not told of entries that are missing, unless the run itself noticed it', () => {
    const cut = (end: JournalEntry) => text(GOOD.slice(0, 3)) + text([...GOOD.slice(5, -1), end], 6);
    writeFileSync(PATH, cut({ type: 'end', exitCode: 0, incomplete: true }));
    expect(store.readBriefly(ID).damage).toEqual(['entries 4 to 5 are missing']);
    writeFileSync(PATH, cut(END));
    expect(store.readBriefly(ID).damage).toEqual([]);
    expect(store.read(ID).damage).toEqual(['entries 4 to 5 are missing']);
  });

  it('are all that is read: the rest may be larger than memory', () => {
    const [head, tail] = [text(GOOD.slice(0, -2)), text(GOOD.slice(-2), GOOD.length - 1)];
    const file = openSync(PATH, 'w');
    writeSync(file, head, 0);
    // A hole, which takes no room on the disk, then a line of its own.
    writeSync(file, `\n${tail}`, 8 * 2 ** 30);
    closeSync(file);
    expect(store.read(ID).damage).toEqual([expect.stringContaining('cannot be read')]);
    expect(store.readBriefly(ID)).toMatchObject({
      damage: [],
      records: [{ entry: { type: 'start' } }, {}, { entry: END }],
    });
    rmSync(PATH);
  });

  it('are as unreadable as the whole', () => {
    rmSync(PATH, { force: true });
    expect(both().brief).toEqual(both().whole);
    mkdirSync(PATH);
    expect(both().brief).toEqual(both().whole);
    rmSync(PATH, { recursive: true });
    writeFileSync(PATH, text(GOOD));
    chmodSync(PATH, 0);
    expect(both().brief).toEqual(both().whole);
    rmSync(PATH);
  });
});
