import { expect, test } from 'vitest';
import { headLines } from '../../src/cli/journal/run-head.ts';
import type { Signal } from '../../src/core/signal.ts';
import { signalState } from '../../src/core/signal.ts';
import { summaryOf } from '../../src/journal/run-summary.ts';
import { createStyle } from '../../src/report/text/style.ts';
import { PLAIN } from '../report/support/options.ts';

const SIGNALS: readonly Signal[] = [
  { kind: 'approve', wave: 'canary', by: 'ops@admin', at: '2026-11-24T23:12:44.100Z', reason: 'CHG-42' },
  { kind: 'pause', by: 'ops@admin', at: '2026-11-24T23:30:00.000Z' },
  { kind: 'abort', by: 'ops@admin', at: '2026-11-24T23:31:00.000Z' },
];

const shown = (zone: string) =>
  headLines(
    summaryOf('RUN', { records: [], damage: [], isNewer: false }, () => undefined),
    {
      signalState: signalState(SIGNALS),
      signals: SIGNALS,
      wait: undefined,
      remote: undefined,
      progress: [],
      waits: undefined,
      stop: undefined,
      outage: undefined,
      resume: '',
    },
    zone,
    createStyle(PLAIN),
    200,
  ).slice(-3);

test('when operators have approved, paused and aborted a run is told in the zone that is asked for', () => {
  expect(shown('UTC')).toEqual([
    'approved:  wave canary by ops@admin, 2026-11-24T23:12:44Z: CHG-42',
    'paused:    by ops@admin, 2026-11-24T23:30:00Z',
    'aborted:   by ops@admin, 2026-11-24T23:31:00Z',
  ]);
  expect(shown('Europe/Berlin')).toEqual([
    'approved:  wave canary by ops@admin, 2026-11-25 00:12:44: CHG-42',
    'paused:    by ops@admin, 2026-11-25 00:30:00',
    'aborted:   by ops@admin, 2026-11-25 00:31:00',
  ]);
});
