import type { Problems } from '../../core/diagnostic.ts';
import { rangeOfArgument, type SourceFile, type SourceRange } from '../../core/source.ts';
import { nearest } from '../../core/suggest.ts';
import type { CompiledPlay, CompiledTask } from '../../engine/program/compiled.ts';
import { tasksOf } from '../../engine/program/play-tasks.ts';
import type { CompiledVars } from '../../engine/program/scope.ts';
import type { Playbook } from '../../playbook/model.ts';

/**
 * Warns of an `-e` variable that nothing reads and that looks like a misspelling of one that is read. Other unread variables are fine,
 * because one file may serve many playbooks. Names of connection variables are checked where a host's connection is set up.
 */
export function warnOfUnread(extra: CompiledVars, plays: readonly CompiledPlay[], problems: Problems): void {
  if (extra.size === 0) return;
  const variables = variablesOf(plays);
  const unread = [...extra.keys()].filter((name) => !name.startsWith('ansible_') && !variables.has(name));
  if (unread.length === 0) return;
  const words = new Set(wordsIn(filesOf(plays)));
  for (const name of unread.filter((candidate) => !words.has(candidate))) {
    const suggested = nearest(name, variables);
    if (suggested === undefined) continue;
    const place = rangeOfArgument('-e', name);
    problems.warning(`nothing reads the variable ${name}`, place, `did you mean ${suggested}?`);
  }
}

/** A variable of an inventory may be for other playbooks: only one that is very much alike is taken for a misspelling. */
const OTHER_LETTERS = 2;

/**
 * Warns of misspelt variables in plays and the inventory: nothing reads the variable, and its name is much like that of another from which a
 * step takes the default of a parameter. Without the warning, `renew_befor: all` would silently renew only what is due.
 */
export function warnOfMisspeltDefaults(playbook: Playbook, plays: readonly CompiledPlay[], problems: Problems): void {
  const defaults = new Set(planned(plays).flatMap(({ tasks }) => tasks.flatMap(defaultsOf)));
  if (defaults.size === 0) return;
  const places = placesOf(playbook, plays);
  const alike = [...places.keys()].flatMap((name) => {
    const meant = defaults.has(name) ? undefined : nearest(name, defaults, OTHER_LETTERS);
    return meant === undefined ? [] : [{ name, meant }];
  });
  if (alike.length === 0) return;
  const words = wordsIn([
    ...filesOf(plays),
    ...[...places.values()].flatMap((ranges) => [...ranges].map(({ file }) => file)),
  ]);
  for (const { name, meant } of alike) {
    const [first, ...others] = places.get(name) ?? [];
    const isRead = words.filter((word) => word === name).length > others.length + 1;
    if (!isRead) problems.warning(`nothing reads the variable ${name}`, first, `did you mean ${meant}?`);
  }
}

/** The places at which plays and inventory set variables, by name. */
function placesOf(playbook: Playbook, plays: readonly CompiledPlay[]): ReadonlyMap<string, ReadonlySet<SourceRange>> {
  const places = new Map<string, Set<SourceRange>>();
  const add = (name: string, range: SourceRange): void => {
    const known = places.get(name);
    if (known) known.add(range);
    else places.set(name, new Set([range]));
  };
  for (const { vars } of playbook.plays) for (const [name, { range }] of vars) add(name, range);
  for (const { hosts } of plays)
    for (const { host } of hosts) for (const [name, { range }] of host.vars) add(name, range);
  return places;
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
    ...tasks.flatMap(defaultsOf),
  ]);
  return new Set(names);
}

/** The variables to which parameters of the task's step default. */
function defaultsOf({ step }: CompiledTask): readonly string[] {
  return Object.values(step.schema.properties).flatMap((property) => property['x-default-variable'] ?? []);
}

/** The files of the tasks and of the inventory. */
function filesOf(plays: readonly CompiledPlay[]): readonly SourceFile[] {
  return planned(plays).flatMap(({ hosts, tasks }) => [
    ...tasks.map(({ range }) => range.file),
    ...hosts.flatMap(({ host }) => [...host.vars.values()].map(({ range }) => range.file)),
  ]);
}

/** The words of files: any may be an expression that reads a variable. */
function wordsIn(files: readonly SourceFile[]): readonly string[] {
  return [...new Set(files)].flatMap(({ text }) => text.match(/[A-Za-z_]\w*/g) ?? []);
}
