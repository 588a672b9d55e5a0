import { nameList } from '../words.ts';
import type { Report } from './report.ts';
import { failuresOf, warningsOf } from './summary.ts';

/**
 * Commands of a workflow's log: an annotation for each failure and warning, and what each task came to in a group for each play.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export const github: Report = (run) => {
  const groups = run.plays.flatMap(({ play, tasks }) => [
    `::group::${data(play)}`,
    ...tasks.map(({ host, task, outcome, reason }) => ` ${data(`${task.name} on ${host}: ${outcome}, ${reason}`)}`),
    '::endgroup::',
  ]);
  const failures = failuresOf(run).map(({ kind, hosts, task, reason, remedy }) =>
    annotation('error', `${nameList(hosts)} ${kind}${task === undefined ? '' : ` in ${task}`}`, reason, remedy),
  );
  const warnings = warningsOf(run).map(({ hosts, reason, remedy }) =>
    annotation('warning', hosts.length === 0 ? 'kplay' : nameList(hosts), reason, remedy),
  );
  return [...groups, ...failures, ...warnings].map((line) => `${line}\n`).join('');
};

function annotation(level: 'error' | 'warning', title: string, reason: string, remedy: string | undefined): string {
  const message = remedy === undefined ? reason : `${reason}\nWhat to do: ${remedy}`;
  return `::${level} title=${property(title)}::${data(message)}`;
}

/** A text that can neither end its command nor begin another. */
function data(text: string): string {
  return printable(text).replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function property(text: string): string {
  return data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}

/** Lines stay lines: they are written as references. */
function printable(text: string): string {
  return text.replace(/(?![\n\r])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\ufffd');
}
