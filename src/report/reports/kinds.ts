import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import type { Report } from './report.ts';

/** Reports that are files, by the word that asks for them: `--report junit=FILE`. */
export const FILE_REPORTS: ReadonlyMap<string, Report> = new Map([
  ['junit', junit],
  ['json', json],
  ['markdown', markdown],
  ['html', html],
]);
