import { type Annotation, githubAnnotations } from '../formats/github-commands.ts';
import type { CheckFormat, CheckReport } from './findings.ts';
import { troubles } from './groups.ts';

/** An annotation for each finding that is not ok. */
export const github: CheckFormat = (report) =>
  [...githubAnnotations('error', ofLevel(report, 'error')), ...githubAnnotations('warning', ofLevel(report, 'warning'))]
    .map((line) => `${line}\n`)
    .join('');

function ofLevel(report: CheckReport, level: 'error' | 'warning'): readonly Annotation[] {
  return troubles(report)
    .filter(({ first: { severity } }) => (severity === 'warning') === (level === 'warning'))
    .map(({ first: { host, why }, names }) => {
      return { title: names.length === 0 ? host : `${host}: ${names.join(', ')}`, message: why };
    });
}
