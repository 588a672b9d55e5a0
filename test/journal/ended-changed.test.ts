import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ClusterRef } from '../../src/core/cluster.ts';
import type { Event } from '../../src/core/events/event.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import { UNTOUCHED } from '../../src/engine/run-result.ts';
import { endedChanged } from '../../src/journal/ended-changed.ts';
import { journalLine } from '../../src/journal/journal-line.ts';
import { RunStore } from '../../src/journal/run-store.ts';
import { startOf } from './support/start.ts';

const base = mkdtempSync(join(tmpdir(), 'kplay-ends-'));
afterAll(() => rmSync(base, { recursive: true }));
const store = new RunStore(join(base, 'runs'));

const cluster: ClusterRef = { kind: 'declared', name: 'prod' };

/** The journal of a run on so many hosts, one of which may have been changed. @returns its path */
function record(id: string, hosts: number, changed: number): string {
  const names = Array.from({ length: hosts }, (_, index) => `a-host-with-quite-a-long-name-${index}`);
  const events: readonly Event[] = [
    { type: 'cluster-started', play: 'p', cluster, hosts: names },
    { type: 'batch-started', number: 1, of: 1, hosts: names, cluster },
    { type: 'warning', hosts: [], message: 'a text with "changed":7 in it' },
    { type: 'cluster-finished', play: 'p', cluster, outcome: 'ok', elapsedMs: 60_000 },
    {
      type: 'run-finished',
      hosts: names.map((host, index) => {
        const own = index === 0 ? changed : 0;
        return { ...UNTOUCHED, host, cluster, changed: own, state: own > 0 ? 'changed' : 'unchanged' };
      }),
      elapsedMs: 60_000,
      exitCode: 0,
      next: [],
    },
  ];
  const entries: readonly JournalEntry[] = [
    startOf(id, { hosts: names, clusters: ['prod'] }),
    ...events.map((event): JournalEntry => ({ type: 'event', event })),
    { type: 'end', exitCode: 0 },
  ];
  const path = store.journalPath(id);
  mkdirSync(dirname(path), { recursive: true });
  const lines = entries.map((entry, index) =>
    journalLine({ version: 1, sequence: index + 1, time: new Date(index * 60_000), entry }),
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

describe('whether a run changed something', () => {
  it.each([1, 3, 2_000])('is said by the end of its journal, with %i hosts', (hosts) => {
    expect(endedChanged(record('20261101T000001Z-00ff', hosts, 0))).toBe(false);
    expect(endedChanged(record('20261101T000002Z-00ff', hosts, 1))).toBe(true);
  });

  it('may be so where the end is missing', () => {
    const path = record('20261101T000003Z-00ff', 3, 0);
    writeFileSync(path, `${readFileSync(path, 'utf8').split('\n').slice(0, -3).join('\n')}\n`);
    expect(endedChanged(path)).toBe(true);
    writeFileSync(path, '');
    expect(endedChanged(path)).toBe(true);
  });

  it('decides whether the rest is read when durations are looked for', () => {
    rmSync(store.directory, { recursive: true });
    record('20261101T000004Z-00ff', 3, 1);
    const cut = record('20261101T000005Z-00ff', 3, 1);
    // The rest alone would count: it has everything that a run has recorded, and this line, whose sum is wrong, would be passed over.
    appendFileSync(cut, '{"type":"event","event":{"type":"run-finished","hosts":[]},"sum":"0"}\n');
    expect(store.durations({ command: 'run' })).toEqual([
      { cluster: 'prod', hosts: 3, changed: 1, elapsedMs: 120_000 },
    ]);
  });
});
