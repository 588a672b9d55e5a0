import { jsonDocument } from '../text/json-text.ts';
import type { RunRecord } from './run-record.ts';
import { failuresOf, sentenceOf } from './summary.ts';

/** The run as one document, made from its events. */
export function* json(run: RunRecord): Iterable<string> {
  yield* jsonDocument({ version: 1, summary: sentenceOf(run), ...run, failures: failuresOf(run) });
  yield '\n';
}
