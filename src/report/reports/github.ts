import { nameList } from '../../core/name-list.ts';
import type { SourcePosition } from '../../core/source.ts';
import { type Annotation, githubAnnotations, githubGroup } from '../formats/github-commands.ts';
import type { InRepository } from '../formats/report-kinds.ts';
import type { Report } from './report.ts';
import { type Failure, failuresOf, failureText, reasonOf, together, type Warning, warningsOf } from './summary.ts';

/**
 * An annotation for each failure and warning, at its task if known, and the results of tasks in a group per play. Hosts with the same
 * message share one, because GitHub shows only a few.
 */
export const github: Report = (run, inRepository) => {
  const groups = run.plays.flatMap(({ play, tasks }) =>
    githubGroup(
      play,
      tasks.map(({ host, task, outcome, reason }) => `${task.name} on ${host}: ${outcome}, ${reason}`),
    ),
  );
  const failures = together(failuresOf(run).map(withClusters), ['details']).map((failure): Annotation => {
    const { reason, remedy, position } = failure;
    return { title: failureText(failure), message: withRemedy(reason, remedy), ...placed(position, inRepository) };
  });
  const warnings = together(warningsOf(run).map(withClusters), ['details']).map(
    ({ hosts, reason, remedy, position }): Annotation => {
      const title = hosts.length === 0 ? 'kplay' : nameList(hosts);
      return { title, message: withRemedy(reason, remedy), ...placed(position, inRepository) };
    },
  );
  return [...groups, ...githubAnnotations('error', failures), ...githubAnnotations('warning', warnings)]
    .map((line) => `${line}\n`)
    .join('');
};

function withClusters<Told extends Failure | Warning>(told: Told): Told {
  return { ...told, reason: reasonOf(told) };
}

function placed(position: SourcePosition | undefined, inRepository: InRepository): Pick<Annotation, 'position'> {
  const file = position && inRepository(position.file);
  return position && file !== undefined ? { position: { ...position, file } } : {};
}

function withRemedy(reason: string, remedy: string | undefined): string {
  return remedy === undefined ? reason : `${reason}\nWhat to do: ${remedy}`;
}
