import type { RunRecord } from './run-record.ts';

/** A kind of report: the whole text of its file, from what is known of a run when it has ended. */
export type Report = (run: RunRecord) => string;
