import { jsonDocument } from '../text/json-text.ts';
import type { RunRecord } from './run-record.ts';
import { failuresOf, sentenceOf } from './summary.ts';

/** The run as one document, made from its events. */
export function* json(run: RunRecord): Iterable<string> {
  const plays = run.plays.map(({ fleet: _, ...play }) => play);
  yield* jsonDocument({ version: 1, summary: sentenceOf(run), ...run, plays, failures: failuresOf(run) });
  yield '\n';
}
