import { codeQuality } from '../formats/code-quality.ts';
import { gitlabSections } from '../formats/gitlab-log.ts';
import { groupBy } from '../text/words.ts';
import { bySeverity, type CheckFormat, findingText, type Severity } from './findings.ts';
import { checkSentence } from './groups.ts';
import { pathOf, ruleOf } from './rules.ts';

const LEVELS: Readonly<Record<Exclude<Severity, 'ok'>, 'minor' | 'major' | 'critical'>> = {
  critical: 'critical',
  unknown: 'major',
  warning: 'minor',
};

/** Findings that are not ok, as code quality for merge requests. */
export const gitlab: CheckFormat = ({ findings }) =>
  codeQuality(
    bySeverity(findings).flatMap((finding) => {
      const { severity, host, kind, name } = finding;
      if (severity === 'ok') return [];
      const identity = JSON.stringify([host, kind, name]);
      const description = findingText(finding);
      return [{ rule: ruleOf(finding), description, severity: LEVELS[severity], path: pathOf(finding), identity }];
    }),
  );

/** A section for each host; those with findings are open. */
export const gitlabLog: CheckFormat = (report) => {
  const { findings, checkedAt } = report;
  const id = `kplay_check_${checkedAt.getTime()}`;
  const time = { from: checkedAt, to: checkedAt };
  const hosts = [...groupBy(bySeverity(findings), ({ host }) => host)].map(([host, items], index) => {
    const isOpen = items.some(({ severity }) => severity !== 'ok');
    const lines = items.map(
      ({ severity, kind, name, why }) => `${severity}: ${kind === 'host' ? '' : `${name} `}${why}`,
    );
    return { id: `${id}_${index + 1}`, head: host, lines, isOpen, ...time };
  });
  return gitlabSections([...hosts, { id: `${id}_end`, head: checkSentence(report), lines: [], isOpen: true, ...time }]);
};
