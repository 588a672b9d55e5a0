import type { Problems } from '../core/diagnostic.ts';
import { type Json, sameJson } from '../core/json.ts';
import { formatPosition, type Located, type SourceRange } from '../core/source.ts';
import { pathBetween } from './graph.ts';
import type { NamedHosts } from './host-entry.ts';
import { ALL, type Assignment, UNGROUPED } from './inventory.ts';
import { groupNameProblem } from './names.ts';
import { checkVariableName, PRIORITY } from './variables.ts';

/** A group while the inventory is being read. */
export interface GroupDraft {
  readonly name: string;
  readonly children: Set<GroupDraft>;
  readonly parents: Set<GroupDraft>;
  /** Direct members. */
  readonly hosts: Set<HostDraft>;
  readonly vars: Map<string, Located<Json>>;
  /** The value of PRIORITY. */
  priority: number;
}

/** A host while the inventory is being read. */
export interface HostDraft {
  readonly name: string;
  readonly vars: Map<string, Located<Json>>;
  /** The source that last set a variable. */
  readonly setBy: Map<string, number>;
  /** Its first occurrence. */
  readonly range: SourceRange;
}

/** The hosts, groups and variables read so far; the readers of the inventory formats add to it. */
export class InventoryDraft {
  readonly hosts = new Map<string, HostDraft>();
  readonly groups = new Map<string, GroupDraft>();
  readonly #problems: Problems;
  #source = 0;

  constructor(problems: Problems) {
    this.#problems = problems;
    this.#link(this.#group(ALL), this.#group(UNGROUPED));
  }

  /** Starts another `-i`, which takes precedence over earlier ones. */
  beginSource(): void {
    this.#source += 1;
  }

  /** The group of that name, created if necessary; undefined, after a report, if the name is invalid. */
  addGroup(name: Located<string>): GroupDraft | undefined {
    const problem = groupNameProblem(name.value);
    if (problem === undefined) return this.#group(name.value);
    this.#problems.error(
      `'${name.value}' cannot be the name of a group: it ${problem}`,
      name.range,
      'use letters, digits and _',
    );
    return undefined;
  }

  /** Makes a group a child of another; a cycle is reported and not closed. `range` is for the report. */
  addChild(parent: GroupDraft, child: GroupDraft, range: SourceRange): void {
    if (parent.children.has(child)) return;
    const cycle = pathBetween(child, parent);
    if (child.name === ALL) {
      this.#problems.error(`all cannot be a child of ${parent.name}: it contains every group`, range, 'remove it here');
    } else if (child.name === UNGROUPED) {
      const hint = 'ungrouped contains the hosts that are in no other group; remove it here';
      this.#problems.error(`ungrouped cannot be a child of ${parent.name}`, range, hint);
    } else if (cycle) {
      const circle = [parent, ...cycle].map(({ name }) => name).join(' > ');
      this.#problems.error(`these groups form a cycle: ${circle}`, range, 'remove one of these children');
    } else {
      this.#link(parent, child);
    }
  }

  /** Adds hosts to a group and sets their variables. `range` is where they are named. */
  addHosts(group: GroupDraft, { names, port }: NamedHosts, vars: readonly Assignment[], range: SourceRange): void {
    for (const { name } of vars) checkVariableName(name, this.#problems);
    const reported = new Set<Assignment>();
    for (const name of names) {
      const known = this.hosts.get(name);
      const host = known ?? { name, vars: new Map(), setBy: new Map(), range };
      this.hosts.set(name, host);
      group.hosts.add(host);
      if (port !== undefined) this.#setPort(host, known !== undefined, port, range);
      for (const assignment of vars) {
        const earlier = this.#contradicted(host, assignment);
        if (earlier && !reported.has(assignment)) this.#reportContradiction(host, assignment, earlier);
        if (earlier) reported.add(assignment);
        this.#setHostVariable(host, assignment);
      }
    }
  }

  /** Sets a variable of a group; the last one wins. */
  setGroupVariable(group: GroupDraft, { name, value }: Assignment): void {
    checkVariableName(name, this.#problems);
    if (name.value === PRIORITY) {
      this.#setPriority(group, value);
      return;
    }
    const earlier = group.vars.get(name.value);
    if (earlier && earlier.range.file === value.range.file && !sameJson(earlier.value, value.value)) {
      const message = `${name.value} of group ${group.name} has a different value at ${formatPosition(earlier.range)}`;
      this.#problems.warning(message, name.range, 'the later one wins; remove one of them');
    }
    group.vars.set(name.value, value);
  }

  /** After reading: puts every group under `all`, and the hosts without a group into `ungrouped`. */
  complete(): void {
    const all = this.#group(ALL);
    const ungrouped = this.#group(UNGROUPED);
    const grouped = new Set<HostDraft>();
    for (const group of this.groups.values()) {
      if (group !== all && group.parents.size === 0) this.#link(all, group);
      if (group !== all && group !== ungrouped) for (const host of group.hosts) grouped.add(host);
    }
    for (const host of this.hosts.values()) {
      if (grouped.has(host)) ungrouped.hosts.delete(host);
      else ungrouped.hosts.add(host);
    }
  }

  #group(name: string): GroupDraft {
    const known = this.groups.get(name);
    if (known) return known;
    const group: GroupDraft = {
      name,
      children: new Set(),
      parents: new Set(),
      hosts: new Set(),
      vars: new Map(),
      priority: 1,
    };
    this.groups.set(name, group);
    return group;
  }

  #link(parent: GroupDraft, child: GroupDraft): void {
    parent.children.add(child);
    child.parents.add(parent);
  }

  #setHostVariable(host: HostDraft, { name, value }: Assignment): void {
    host.vars.set(name.value, value);
    host.setBy.set(name.value, this.#source);
  }

  /** A different value from the same source: one of the two would silently win. */
  #contradicted(host: HostDraft, { name, value }: Assignment): Located<Json> | undefined {
    const earlier = host.vars.get(name.value);
    const isOther = earlier && host.setBy.get(name.value) === this.#source && !sameJson(earlier.value, value.value);
    return isOther ? earlier : undefined;
  }

  #reportContradiction(host: HostDraft, { name }: Assignment, earlier: Located<Json>): void {
    const message = `${name.value} of host ${host.name} has a different value at ${formatPosition(earlier.range)}`;
    this.#problems.error(message, name.range, 'keep the one that is right and remove the other');
  }

  /** Ansible takes the port from the first occurrence of a host and ignores all others; kplay does too, with a warning. */
  #setPort(host: HostDraft, known: boolean, port: number, range: SourceRange): void {
    const assignment = { name: { value: 'ansible_port', range }, value: { value: port, range } };
    const contradicted = this.#contradicted(host, assignment);
    if (contradicted) this.#reportContradiction(host, assignment, contradicted);
    else if (!known) this.#setHostVariable(host, assignment);
    else if (host.vars.get('ansible_port')?.value !== port) {
      const message = `the port of ${host.name} is ignored here: the host is already listed at ${formatPosition(host.range)}`;
      this.#problems.warning(message, range, `write ansible_port=${port}, or add the port there`);
    }
  }

  #setPriority(group: GroupDraft, { value, range }: Located<Json>): void {
    const priority = typeof value === 'string' && /^\s*[-+]?[0-9]+\s*$/.test(value) ? Number(value) : value;
    if (typeof priority === 'number' && Number.isSafeInteger(priority)) group.priority = priority;
    else
      this.#problems.error(
        `${PRIORITY} must be a whole number`,
        range,
        'the highest number takes precedence; default 1',
      );
  }
}
