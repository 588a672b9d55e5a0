import type { Problems } from '../../core/diagnostic.ts';
import { rangeOfArgument } from '../../core/source.ts';
import { nearest } from '../../core/suggest.ts';
import type { CompiledPlay } from '../../engine/program/compiled.ts';
import { tasksOf } from '../../engine/program/play-tasks.ts';
import type { CompiledVars } from '../../engine/program/scope.ts';

/**
 * Warns of an `-e` variable that nothing reads and that looks like a misspelling of one that is read. Other unread variables are fine,
 * because one file may serve many playbooks. Names of connection variables are checked where a host's connection is set up.
 */
export function warnOfUnread(extra: CompiledVars, plays: readonly CompiledPlay[], problems: Problems): void {
  if (extra.size === 0) return;
  const variables = variablesOf(plays);
  const unread = [...extra.keys()].filter((name) => !name.startsWith('ansible_') && !variables.has(name));
  if (unread.length === 0) return;
  const words = wordsOf(plays);
  for (const name of unread.filter((candidate) => !words.has(candidate))) {
    const suggested = nearest(name, variables);
    if (suggested === undefined) continue;
    const place = rangeOfArgument('-e', name);
    problems.warning(`nothing reads the variable ${name}`, place, `did you mean ${suggested}?`);
  }
}

function planned(plays: readonly CompiledPlay[]) {
  return plays.map((play) => ({ ...play, tasks: tasksOf(play) }));
}

/** Names that are certainly variables: those that plays, tasks and hosts set, and those that parameters of steps default to. */
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

/** Words in the files of the playbook and inventory: any may be an expression that reads a variable. */
function wordsOf(plays: readonly CompiledPlay[]): ReadonlySet<string> {
  const files = planned(plays).flatMap(({ hosts, tasks }) => [
    ...tasks.map(({ range }) => range.file),
    ...hosts.flatMap(({ host }) => [...host.vars.values()].map(({ range }) => range.file)),
  ]);
  return new Set([...new Set(files)].flatMap(({ text }) => text.match(/[A-Za-z_]\w*/g) ?? []));
}
