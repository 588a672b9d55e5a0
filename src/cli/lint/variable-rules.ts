import { Problems } from '../../core/diagnostic.ts';
import { formatPosition, type SourceFile, type SourceRange } from '../../core/source.ts';
import { type MappingEntry, parseYaml, type Tree, treeToJson } from '../../core/yaml/yaml.ts';
import type { Group, Inventory } from '../../inventory/inventory.ts';
import { matchHosts } from '../../inventory/match.ts';
import type { Playbook, Task } from '../../playbook/model.ts';
import { includesByName, stepTasksOf, tasksInside, topTasksOf } from '../../playbook/step-tasks.ts';
import { registry } from '../../steps/registry.ts';
import { filesOfPlaybook } from './playbook-sources.ts';
import type { LintFinding } from './rules.ts';

/** A place where a playbook sets a variable. */
interface Site {
  readonly name: string;
  readonly range: SourceRange;
}

/**
 * `vars['port_' ~ env]`, `hostvars[groups['all'][0]][name]`: any variable may be meant. A name in quotes is found as a word.
 */
const BY_COMPUTED_NAME =
  /\b(?:vars|hostvars\s*\[(?:[^[\]\n]|\[[^[\]\n]*\])*\])\s*\[(?!\s*(?:'[^'\n]*'|"[^"\n]*")\s*\])/;

/** Variables that a playbook sets and that neither it nor the inventory reads. */
export function unreadVariables(playbook: Playbook, inventory: Inventory | undefined): readonly LintFinding[] {
  // Files that only the run names may read any of them.
  if (playbook.plays.some(includesByName)) return [];
  const sites = sitesOf(playbook);
  const files = [...filesOfPlaybook(playbook), ...sites.map(({ range }) => range.file)];
  const filesOfHosts = inventory ? filesOfInventory(inventory) : [];
  if ([...files, ...filesOfHosts].some(({ text }) => BY_COMPUTED_NAME.test(text))) return [];
  const words = wordCounts([...new Set(files)]);
  const names = namesIn([...new Set(sites.map(({ range }) => range.file))]);
  const ofInventory = wordCounts(filesOfHosts);
  const defaults = parameterVariables();
  return sites.flatMap(({ name, range }) => {
    const written = sites.filter((site) => site.name === name).length;
    const isRead = (words.get(name) ?? 0) > written || ofInventory.has(name) || defaults.has(name);
    if (isRead || /^(?:ansible|kplay)_/.test(name)) return [];
    const hint = 'remove it, or fix the name where it is used';
    const place = names.get(placeOf(name, range)) ?? range;
    return [{ rule: 'unread-variable', message: `nothing reads ${name}`, range: place, hint }];
  });
}

function sitesOf({ plays }: Playbook): readonly Site[] {
  return plays.flatMap((play) => [
    ...varSites(play.vars),
    ...topTasksOf(play).flatMap(blockSites),
    ...stepTasksOf(play).flatMap(({ vars, register }) => [
      ...varSites(vars),
      ...(register ? [{ name: register.value, range: register.range }] : []),
    ]),
  ]);
}

function blockSites(task: Task): readonly Site[] {
  // Variables of a role may be meant for tasks that are written later.
  const isRole = task.kind === 'block' && task.role !== undefined;
  if (isRole || (task.kind !== 'block' && task.kind !== 'include')) return [];
  return [...varSites(task.vars), ...tasksInside(task).flatMap(blockSites)];
}

function varSites(vars: ReadonlyMap<string, Tree>): readonly Site[] {
  return [...vars].map(([name, { range }]) => ({ name, range }));
}

/** The places of names that variable files set, by the place of their value: a playbook only keeps values. */
function namesIn(files: readonly SourceFile[]): ReadonlyMap<string, SourceRange> {
  const entries = files.flatMap((file) => {
    const tree = parseYaml(file, new Problems(), 'ansible');
    return tree ? entriesBelow(tree) : [];
  });
  return new Map(entries.map(({ key, keyRange, value }) => [placeOf(key, value.range), keyRange]));
}

function entriesBelow(tree: Tree): readonly MappingEntry[] {
  if (tree.kind === 'scalar') return [];
  if (tree.kind === 'sequence') return tree.items.flatMap(entriesBelow);
  return tree.entries.flatMap((entry) => [entry, ...entriesBelow(entry.value)]);
}

function placeOf(name: string, { file, start }: SourceRange): string {
  return `${name} ${start} ${file.path}`;
}

function filesOfInventory({ hosts, groups }: Inventory): readonly SourceFile[] {
  const values = [...hosts.values(), ...groups.values()].flatMap(({ vars }) => [...vars.values()]);
  return [...new Set(values.map(({ range }) => range.file))];
}

function wordCounts(files: readonly SourceFile[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { text } of files)
    for (const word of text.match(/[A-Za-z_]\w*/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Variables that parameters of steps default to. */
function parameterVariables(): ReadonlySet<string> {
  const properties = [...registry.steps.values()].flatMap(({ schema }) => Object.values(schema.properties));
  return new Set(properties.flatMap((property) => property['x-default-variable'] ?? []));
}

/** Variables of the inventory that a play overrides for all hosts. */
export function hiddenVariables({ plays }: Playbook, inventory: Inventory): readonly LintFinding[] {
  return plays.flatMap((play) => {
    const hosts = matchHosts(inventory, play.hosts, new Problems());
    return [...play.vars].flatMap(([name, tree]): readonly LintFinding[] => {
      const value = JSON.stringify(treeToJson(tree));
      const hidden = hosts.find(({ vars }) => {
        const own = vars.get(name);
        return own !== undefined && JSON.stringify(own.value) !== value;
      });
      const own = hidden?.vars.get(name);
      if (!hidden || !own) return [];
      const message = `${name} of ${hidden.name} differs from the inventory (${formatPosition(own.range)}): vars of a play take precedence`;
      const hint = 'set it in one of the two; a default for all hosts belongs to the group all';
      return [{ rule: 'hidden-variable', message, range: tree.range, hint }];
    });
  });
}

/** Variables to which two groups of a host, neither an ancestor of the other, give different values. */
export function conflictingVariables(inventory: Inventory): readonly LintFinding[] {
  const findings = new Map<SourceRange, LintFinding>();
  const above = ancestors(inventory);
  const groups = [...inventory.groups.values()].filter(({ vars }) => vars.size > 0);
  for (const host of inventory.hosts.values()) {
    const own = groups.filter(({ name }) => host.groups.includes(name));
    const settings = own.flatMap((group) =>
      [...group.vars].map(([name, { value, range }]) => ({ group, name, value, range })),
    );
    for (const { group, name, value, range } of settings) {
      const winner = own.find((other) => other.vars.get(name)?.range === host.vars.get(name)?.range);
      if (!winner || winner === group || findings.has(range)) continue;
      if (isAbove(winner, group, above) || isAbove(group, winner, above)) continue;
      const winning = winner.vars.get(name);
      if (!winning || JSON.stringify(winning.value) === JSON.stringify(value)) continue;
      findings.set(range, {
        rule: 'contested-variable',
        message: `${name} of ${host.name} comes from the group ${winner.name} (${formatPosition(winning.range)}), not from ${group.name}`,
        range,
        hint: 'set it in one of the groups, or for the host',
      });
    }
  }
  return [...findings.values()];
}

function isAbove(one: Group, other: Group, above: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  return above.get(other.name)?.has(one.name) ?? false;
}

/** The ancestors of each group; `all` is an ancestor of every other. */
function ancestors({ groups }: Inventory): ReadonlyMap<string, ReadonlySet<string>> {
  const above = new Map<string, Set<string>>([...groups.keys()].map((name) => [name, new Set(['all'])]));
  const mark = (name: string, ancestor: string): void => {
    const known = above.get(name);
    if (!known || known.has(ancestor)) return;
    known.add(ancestor);
    for (const child of groups.get(name)?.children ?? []) mark(child, ancestor);
  };
  for (const { name, children } of groups.values()) if (name !== 'all') for (const child of children) mark(child, name);
  return above;
}
