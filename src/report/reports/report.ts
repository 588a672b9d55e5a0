import type { InRepository } from '../formats/report-kinds.ts';
import type { RunRecord } from './run-record.ts';

/** A report that is one text, made at the end of a run. Those that grow with the fleet come in pieces. */
export type Report = (run: RunRecord, inRepository: InRepository) => string;
