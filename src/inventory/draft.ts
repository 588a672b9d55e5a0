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
  /** Its own hosts. */
  readonly hosts: Set<HostDraft>;
  readonly vars: Map<string, Located<Json>>;
  /** What PRIORITY was set to. */
  priority: number;
}

/** A host while the inventory is being read. */
export interface HostDraft {
  readonly name: string;
  readonly vars: Map<string, Located<Json>>;
  /** The source that set a variable last. */
  readonly setBy: Map<string, number>;
  /** Where it is named first. */
  readonly range: SourceRange;
}

/** The hosts, groups and variables read so far: what the readers of the inventory forms write into. */
export class InventoryDraft {
  readonly hosts = new Map<string, HostDraft>();
  readonly groups = new Map<string, GroupDraft>();
  readonly #problems: Problems;
  #source = 0;

  constructor(problems: Problems) {
    this.#problems = problems;
    this.#link(this.#group(ALL), this.#group(UNGROUPED));
  }

  /** Everything that follows comes from another `-i`, which wins over what was read before. */
  beginSource(): void {
    this.#source += 1;
  }

  /** The group of that name, made if need be; undefined when it cannot be a name, which is reported. */
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

  /** Makes a group a child of another; a circle is reported and not closed. `range` is where it is said. */
  addChild(parent: GroupDraft, child: GroupDraft, range: SourceRange): void {
    if (parent.children.has(child)) return;
    const wayBack = pathBetween(child, parent);
    if (child.name === ALL) {
      this.#problems.error(`all cannot be a child of ${parent.name}: it contains every group`, range, 'remove it here');
    } else if (child.name === UNGROUPED) {
      const hint = 'ungrouped contains the hosts that are in no other group; remove it here';
      this.#problems.error(`ungrouped cannot be a child of ${parent.name}`, range, hint);
    } else if (wayBack) {
      const circle = [parent, ...wayBack].map(({ name }) => name).join(' > ');
      this.#problems.error(`these groups form a cycle: ${circle}`, range, 'remove one of these children');
    } else {
      this.#link(parent, child);
    }
  }

  /** Puts hosts into a group and sets variables of them. `range` is where they are named. */
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

  /** Once everything is read: puts every group under `all`, and into `ungrouped` just the hosts that no group holds. */
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

  /** The other value that the same source gave before: of two places one would silently win. */
  #contradicted(host: HostDraft, { name, value }: Assignment): Located<Json> | undefined {
    const earlier = host.vars.get(name.value);
    const isOther = earlier && host.setBy.get(name.value) === this.#source && !sameJson(earlier.value, value.value);
    return isOther ? earlier : undefined;
  }

  #reportContradiction(host: HostDraft, { name }: Assignment, earlier: Located<Json>): void {
    const message = `${name.value} of host ${host.name} has a different value at ${formatPosition(earlier.range)}`;
    this.#problems.error(message, name.range, 'keep the one that is right and remove the other');
  }

  /** Ansible takes a port from the place that names a host first and ignores all others; kplay does too, and says so. */
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
