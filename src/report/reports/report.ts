import type { InRepository } from '../report-kinds.ts';
import type { RunRecord } from './run-record.ts';

/** A kind of report that is one text: what is known of a run when it has ended. Those that grow with the fleet come in pieces. */
export type Report = (run: RunRecord, inRepository: InRepository) => string;
