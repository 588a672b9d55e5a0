import type { StartEntry } from '../../../src/core/journal.ts';

/** The first entry of a journal. */
export function startOf(runId: string, more: Partial<StartEntry> = {}): StartEntry {
  return {
    type: 'start',
    runId,
    number: 1,
    command: 'run',
    source: 'p.yml',
    kplayVersion: '0.1.0',
    eventVersion: 2,
    user: 'ann',
    machine: 'ctl',
    pid: 7,
    hosts: ['m1'],
    clusters: [],
    ...more,
  };
}
