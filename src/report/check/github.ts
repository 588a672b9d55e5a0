import { githubAnnotation } from '../github-commands.ts';
import type { CheckFormat } from './findings.ts';
import { troubles } from './groups.ts';

/** An annotation for all that is not ok. */
export const github: CheckFormat = (report) =>
  troubles(report)
    .map(({ first: { host, severity, why }, names }) => {
      const title = names.length === 0 ? host : `${host}: ${names.join(', ')}`;
      return `${githubAnnotation(severity === 'warning' ? 'warning' : 'error', title, why)}\n`;
    })
    .join('');
