import type { StartEntry } from '../../../src/core/journal.ts';

/** The first entry of a run over two clusters, started on a machine that cannot be seen from here. */
export function startElsewhere(runId: string): StartEntry {
  return {
    type: 'start',
    runId,
    number: 1,
    command: 'run',
    source: 'play.yml',
    kplayVersion: '0.1.0',
    eventVersion: 1,
    user: 'ops',
    machine: 'elsewhere',
    pid: 1,
    hosts: ['a1', 'b1'],
    clusters: ['a', 'b'],
  };
}
