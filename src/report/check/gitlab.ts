import { codeQuality } from '../code-quality.ts';
import { gitlabSections } from '../gitlab-log.ts';
import { groupBy } from '../words.ts';
import { byGravity, type CheckFormat, findingText, type Severity } from './findings.ts';
import { checkSentence } from './groups.ts';
import { pathOf, ruleOf } from './rules.ts';

const LEVELS: Readonly<Record<Exclude<Severity, 'ok'>, 'minor' | 'major' | 'critical'>> = {
  critical: 'critical',
  unknown: 'major',
  warning: 'minor',
};

/** All that is not ok as code quality, which a merge request shows. */
export const gitlab: CheckFormat = ({ findings }) =>
  codeQuality(
    byGravity(findings).flatMap((finding) => {
      const { severity, host, kind, name } = finding;
      if (severity === 'ok') return [];
      const identity = JSON.stringify([host, kind, name]);
      const description = findingText(finding);
      return [{ rule: ruleOf(finding), description, severity: LEVELS[severity], path: pathOf(finding), identity }];
    }),
  );

/** A section for each host; those of which something is to be said are open. */
export const gitlabLog: CheckFormat = (report) => {
  const { findings, checkedAt } = report;
  const id = `kplay_check_${checkedAt.getTime()}`;
  const time = { from: checkedAt, to: checkedAt };
  const hosts = [...groupBy(byGravity(findings), ({ host }) => host)].map(([host, items], index) => {
    const isOpen = items.some(({ severity }) => severity !== 'ok');
    const lines = items.map(
      ({ severity, kind, name, why }) => `${severity}: ${kind === 'host' ? '' : `${name} `}${why}`,
    );
    return { id: `${id}_${index + 1}`, head: host, lines, isOpen, ...time };
  });
  return gitlabSections([...hosts, { id: `${id}_end`, head: checkSentence(report), lines: [], isOpen: true, ...time }]);
};
