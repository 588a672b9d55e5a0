import type { ReportKinds } from '../formats/report-kinds.ts';
import { csv } from './csv.ts';
import type { CheckReport } from './findings.ts';
import { github } from './github.ts';
import { gitlab, gitlabLog } from './gitlab.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { sarif } from './sarif.ts';

/** The reports of `kplay check`; metrics have a separate option. */
export const CHECK_REPORTS: ReportKinds<CheckReport> = {
  files: new Map([
    ['junit', junit],
    ['json', json],
    ['markdown', markdown],
    ['html', html],
    ['sarif', sarif],
    ['csv', csv],
    ['gitlab', gitlab],
  ]),
  logs: new Map([
    ['github', github],
    ['gitlab', gitlabLog],
  ]),
  summary: markdown,
};
