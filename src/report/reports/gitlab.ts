import { nameList } from '../../core/name-list.ts';
import type { SourcePosition } from '../../core/source.ts';
import { withoutTimes } from '../../core/without-times.ts';
import { codeQuality } from '../formats/code-quality.ts';
import { type GitlabSection, gitlabSections } from '../formats/gitlab-log.ts';
import type { Report } from './report.ts';
import type { RunRecord } from './run-record.ts';
import { type Failure, failuresOf, failureText, reasonOf, sentenceOf, type Warning, warningsOf } from './summary.ts';

const SEVERITIES = { failed: 'critical', unreachable: 'critical', refused: 'major' } as const;

/** Failures and warnings as code quality for merge requests: each at its task, or else at the playbook. */
export const gitlab: Report = (run, inRepository) => {
  // An issue outside the repository needs a path as well.
  const playbook = inRepository(run.source) ?? run.source.replace(/^(\.?\/)+/, '');
  const placed = (position: SourcePosition | undefined) => {
    const path = position && inRepository(position.file);
    return path === undefined ? { path: playbook } : { path, line: position?.line ?? 1 };
  };
  const failures = failuresOf(run).map((failure) => ({
    rule: failure.kind,
    description: failureLine(failure),
    severity: SEVERITIES[failure.kind],
    ...placed(failure.position),
    identity: JSON.stringify([failure.hosts, failure.task ?? failure.code ?? withoutTimes(failure.reason)]),
  }));
  const warnings = warningsOf(run).map((warning) => ({
    rule: 'warning',
    description: `${warning.hosts.length === 0 ? 'kplay' : nameList(warning.hosts)}: ${withRemedy(warning)}`,
    severity: 'minor' as const,
    ...placed(warning.position),
    identity: JSON.stringify([warning.hosts, withoutTimes(warning.reason)]),
  }));
  return codeQuality([...failures, ...warnings]);
};

/** The results of tasks in a section per play, and all errors in one that is open. */
export const gitlabLog: Report = (run) => {
  const ofPlays = run.plays.map(({ play, tasks, startedAt, endedAt }, index): GitlabSection => {
    return {
      id: `kplay_${idOf(run)}_play_${index + 1}`,
      head: play,
      lines: tasks.map(({ host, task, outcome, reason }) => `${task.name} on ${host}: ${outcome}, ${reason}`),
      from: new Date(startedAt),
      to: new Date(endedAt ?? run.end?.endedAt ?? startedAt),
      isOpen: false,
    };
  });
  const ended = new Date(run.end?.endedAt ?? run.startedAt);
  const wrong = failuresOf(run).map(failureLine);
  const summary: GitlabSection = {
    id: `kplay_${idOf(run)}_end`,
    head: sentenceOf(run),
    lines: wrong,
    from: ended,
    to: ended,
    isOpen: true,
  };
  return gitlabSections([...ofPlays, summary]);
};

function idOf({ runId }: RunRecord): string {
  return runId.replace(/[^A-Za-z0-9_.-]/g, '_');
}

function failureLine(failure: Failure): string {
  return `${failureText(failure)}: ${withRemedy(failure)}`;
}

function withRemedy(told: Failure | Warning): string {
  const reason = reasonOf(told);
  return told.remedy === undefined ? reason : `${reason}. What to do: ${told.remedy}`;
}
