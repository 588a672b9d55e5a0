import { COMMENT, JOB_SUMMARY, PAGE } from '../formats/page-size.ts';
import type { InRepository, ReportKinds, ReportText } from '../formats/report-kinds.ts';
import { github } from './github.ts';
import { gitlab, gitlabLog } from './gitlab.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import type { PlansShown } from './plans-shown.ts';
import type { RunRecord } from './run-record.ts';

type FileReport = (run: RunRecord, inRepository: InRepository) => ReportText;

/** The reports of a run. @param shown how its plans are shown */
export const runReports = (shown: PlansShown): ReportKinds<RunRecord> => ({
  files: new Map<string, FileReport>([
    ['junit', junit],
    ['json', json],
    ['markdown', (run) => markdown(run, shown, COMMENT)],
    ['html', (run) => html(run, shown, PAGE)],
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
  summary: (run) => markdown(run, shown, JOB_SUMMARY),
});
