import { jsonDocument } from '../json-text.ts';
import type { Report } from './report.ts';
import { failuresOf, sentenceOf } from './summary.ts';

/** The run as one document: what its events said, put in order. */
export const json: Report = (run) =>
  `${jsonDocument({ version: 1, summary: sentenceOf(run), ...run, failures: failuresOf(run) })}\n`;
