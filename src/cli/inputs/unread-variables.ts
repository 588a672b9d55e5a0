import type { Problems } from '../../core/diagnostic.ts';
import { SourceFile } from '../../core/source.ts';
import { nearest } from '../../core/suggest.ts';
import type { CompiledPlay } from '../../engine/program/compiled.ts';
import { tasksOf } from '../../engine/program/play-tasks.ts';
import type { CompiledVars } from '../../engine/program/scope.ts';

/**
 * Warns of a variable of `-e` that nothing can read and that is spelled almost like one that something does: it would be
 * passed over in silence. Another that nothing reads is no mistake, one file of variables may serve many playbooks.
 */
export function warnOfUnread(extra: CompiledVars, plays: readonly CompiledPlay[], problems: Problems): void {
  if (extra.size === 0) return;
  const variables = variablesOf(plays);
  const strangers = [...extra.keys()].filter((name) => !variables.has(name));
  if (strangers.length === 0) return;
  const words = wordsOf(plays);
  for (const name of strangers.filter((stranger) => !words.has(stranger))) {
    const meant = nearest(name, variables);
    if (meant === undefined) continue;
    const place = new SourceFile('-e', name).range(0, name.length);
    problems.warning(`nothing reads the variable ${name}`, place, `did you mean ${meant}?`);
  }
}

function planned(plays: readonly CompiledPlay[]) {
  return plays.map((play) => ({ ...play, tasks: tasksOf(play) }));
}

/** What is a variable for certain: what plays, tasks and hosts set, and what parameters of the steps are taken from. */
function variablesOf(plays: readonly CompiledPlay[]): ReadonlySet<string> {
  const names = planned(plays).flatMap(({ vars, hosts, tasks }) => [
    ...vars.keys(),
    ...hosts.flatMap((host) => [...host.vars.keys()]),
    ...tasks.flatMap((task) => [...task.vars.keys(), ...(task.register === undefined ? [] : [task.register])]),
    ...tasks.flatMap(({ step }) =>
      Object.values(step.schema.properties).flatMap((property) => property['x-default-variable'] ?? []),
    ),
  ]);
  return new Set(names);
}

/** Whatever stands in the files of playbook and inventory may be an expression that reads it. */
function wordsOf(plays: readonly CompiledPlay[]): ReadonlySet<string> {
  const files = planned(plays).flatMap(({ hosts, tasks }) => [
    ...tasks.map(({ range }) => range.file),
    ...hosts.flatMap(({ host }) => [...host.vars.values()].map(({ range }) => range.file)),
  ]);
  return new Set([...new Set(files)].flatMap(({ text }) => text.match(/[A-Za-z_]\w*/g) ?? []));
}
