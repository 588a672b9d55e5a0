import type { InRepository, ReportKinds, ReportText } from '../formats/report-kinds.ts';
import { github } from './github.ts';
import { gitlab, gitlabLog } from './gitlab.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import type { RunRecord } from './run-record.ts';

type FileReport = (run: RunRecord, inRepository: InRepository) => ReportText;

/** The reports of a run. */
export const RUN_REPORTS: ReportKinds<RunRecord> = {
  files: new Map<string, FileReport>([
    ['junit', junit],
    ['json', json],
    ['markdown', markdown],
    ['html', html],
    ['gitlab', gitlab],
  ]),
  logs: new Map([
    ['github', github],
    ['gitlab', gitlabLog],
  ]),
  ofOtherCommands: new Map([
    ['sarif', 'kplay check'],
    ['csv', 'kplay check'],
  ]),
  summary: markdown,
};
