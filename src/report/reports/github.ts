import { githubAnnotation, githubGroup } from '../github-commands.ts';
import { nameList } from '../words.ts';
import type { Report } from './report.ts';
import { failuresOf, failureText, warningsOf } from './summary.ts';

/** An annotation for each failure and warning, and what each task came to in a group for each play. */
export const github: Report = (run) => {
  const groups = run.plays.flatMap(({ play, tasks }) =>
    githubGroup(
      play,
      tasks.map(({ host, task, outcome, reason }) => `${task.name} on ${host}: ${outcome}, ${reason}`),
    ),
  );
  const failures = failuresOf(run).map((failure) =>
    githubAnnotation('error', failureText(failure), withRemedy(failure.reason, failure.remedy)),
  );
  const warnings = warningsOf(run).map(({ hosts, reason, remedy }) =>
    githubAnnotation('warning', hosts.length === 0 ? 'kplay' : nameList(hosts), withRemedy(reason, remedy)),
  );
  return [...groups, ...failures, ...warnings].map((line) => `${line}\n`).join('');
};

function withRemedy(reason: string, remedy: string | undefined): string {
  return remedy === undefined ? reason : `${reason}\nWhat to do: ${remedy}`;
}
