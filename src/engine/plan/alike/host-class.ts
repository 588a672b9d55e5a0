import { isDeepStrictEqual } from 'node:util';
import { Unknown } from '../../../core/world.ts';
import { type HostState, standingIn } from '../../hosts/host-state.ts';
import type { CompiledHost, CompiledTask, Conditional } from '../../program/compiled.ts';
import type { Registered } from '../../program/place.ts';
import { gained } from '../../program/shared-result.ts';
import type { Verdict } from '../../walk/request.ts';
import type { Foreseen } from '../foresee.ts';
import type { Foreseeable } from '../stand-ins.ts';
import type { HostKeys, RegisteredValue } from './host-keys.ts';
import { type Column, isSame, overridden } from './known-variables.ts';
import { Reads, type ReadsWatch } from './reads.ts';

/** Hosts of a class for which one thing comes to the same. */
interface Part {
  readonly members: readonly CompiledHost[];
  /** Of the first of them: what they had registered, and what becomes of it. */
  readonly before: Registered;
  readonly foreseen: Foreseen;
}

/**
 * Hosts that take the same way through a play: the same tasks come to them in the same order. What they have registered may differ
 * from one to another. The first of them is planned for all.
 */
export class HostClass {
  readonly #keys: HostKeys;
  readonly #watch: ReadsWatch;
  #members: readonly CompiledHost[];
  #columns: ReadonlyMap<string, Column>;
  /** Those that have left it, each group for a way of its own. */
  readonly left: (readonly CompiledHost[])[] = [];
  #partsByReads = new Map<string, readonly (readonly CompiledHost[])[]>();

  constructor(
    keys: HostKeys,
    watch: ReadsWatch,
    members: readonly CompiledHost[],
    columns: ReadonlyMap<string, Column>,
  ) {
    this.#keys = keys;
    this.#watch = watch;
    this.#members = members;
    this.#columns = columns;
  }

  get members(): readonly CompiledHost[] {
    return this.#members;
  }

  get columns(): ReadonlyMap<string, Column> {
    return this.#columns;
  }

  set columns(columns: ReadonlyMap<string, Column>) {
    this.#columns = columns;
  }

  /** One of its hosts, where the one that stands for it is in this state. */
  stateOf(host: CompiledHost, state: HostState): HostState {
    const own = [...this.#columns].flatMap(([name, column]) =>
      column.has(host.host.name) ? [[name, column.get(host.host.name)] as const] : [],
    );
    const found = standingIn(state, host, overridden(state.registered, new Map(own)));
    return { ...found, info: this.#watch.info(found.info) };
  }

  /**
   * Looks at something for the first host, and for others as far as they have something else in what it asks for. Those that go
   * another way from here on leave.
   * @returns what is to become of the variables of those that stay, once all classes have been looked at
   */
  look(
    state: HostState,
    of: Foreseeable,
    look: (state: HostState) => Foreseen,
  ): { readonly foreseen: Foreseen; readonly settle?: () => void } {
    if (this.#members.length === 1) return { foreseen: look(state) };
    if (isForAll(of)) return { foreseen: this.#lookOnce(of, look(state)) };
    const { foreseen, reads } = this.#run(state, look);
    const staying: Part[] = [];
    const leaving: Part[][] = [];
    for (const part of this.#others(state, reads, look)) {
      const isSameWay = (other: Foreseen): boolean => sameWay(other, part.foreseen, of);
      if (isSameWay(foreseen)) staying.push(part);
      else {
        const group = leaving.find(([first]) => first && isSameWay(first.foreseen));
        if (group) group.push(part);
        else leaving.push([part]);
      }
    }
    if (leaving.length > 0) this.#leave(leaving);
    return { foreseen, settle: () => this.#settle(state.registered, foreseen, staying) };
  }

  /** Where the one host is refused, has begun a role or may notify handlers, the others are not, have not and do not. */
  #lookOnce(of: CompiledTask | Conditional, foreseen: Foreseen): Foreseen {
    const [first, ...others] = this.#members;
    const isAlone = 'step' in of && (of.role?.onceAs !== undefined || of.notify.length + of.notifyTemplates.length > 0);
    if (first && (foreseen.verdict === 'refused' || isAlone)) {
      this.left.push(others);
      this.#stay([first]);
    }
    return foreseen;
  }

  #run(state: HostState, look: (state: HostState) => Foreseen): { readonly foreseen: Foreseen; readonly reads: Reads } {
    const reads = new Reads();
    const foreseen = this.#watch.during(reads, () => look(state));
    // Before a host has been looked at no step plans for it.
    if ((foreseen.planned?.missing.length ?? 0) === 0) reads.use(reads.ofSteps);
    const plan = foreseen.planned?.plan;
    // What is wrong is told of each place in which it is written.
    reads.byPlace = plan === undefined || (plan.action === 'refuse' && plan.code === 'wrong-input');
    // What is registered, and known already, may hold the texts.
    const after = foreseen.state.registered;
    if ([...gained(state.registered, after)].some((name) => !(after.get(name) instanceof Unknown)))
      reads.use(reads.kinds);
    return { foreseen, reads };
  }

  /** All but the first host, and those that are like it. */
  #others(state: HostState, reads: Reads, look: (state: HostState) => Foreseen): readonly Part[] {
    const [, ...waiting] = this.#parts(this.#members, reads);
    const parts: Part[] = [];
    for (let members = waiting.pop(); members; members = waiting.pop()) {
      const [example] = members;
      if (!example) continue;
      const before = this.stateOf(example, state);
      const own = this.#run(before, look);
      const [alike = members, ...rest] = reads.cover(own.reads) ? [members] : this.#parts(members, own.reads);
      parts.push({ members: alike, before: before.registered, foreseen: own.foreseen });
      waiting.push(...rest);
    }
    return parts;
  }

  /** The hosts by what they have in what was asked for; the first part holds the first host. */
  #parts(members: readonly CompiledHost[], reads: Reads): readonly (readonly CompiledHost[])[] {
    if (members.length === 1) return [members];
    const ways: ((host: CompiledHost) => string)[] = [];
    const names: string[] = [];
    let isFixed = members === this.#members;
    const add = (name: string, how: 'value' | 'kind'): void => {
      const keys = this.#keys.of(name, how, reads.byPlace);
      if (keys) ways.push((host) => keys.get(host) ?? '');
      if (keys) names.push(`${how} ${reads.byPlace} ${name}`);
      const column = this.#columns.get(name);
      if (!column) return;
      isFixed = false;
      ways.push(({ host }) => (column.has(host.name) ? this.#keys.ofRegistered(column.get(host.name), how) : ''));
    };
    for (const name of reads.values) add(name, 'value');
    for (const name of reads.kinds) if (!reads.values.has(name)) add(name, 'kind');
    if (reads.compared.size > 0) {
      isFixed = false;
      ways.push(({ host }) => (reads.compared.has(host.name) ? host.name : ''));
    }
    if (ways.length === 0) return [members];
    const signature = names.join('\n');
    const known = isFixed ? this.#partsByReads.get(signature) : undefined;
    const parts = known ?? partsBy(members, ways);
    if (isFixed) this.#partsByReads.set(signature, parts);
    return parts;
  }

  #leave(groups: readonly (readonly Part[])[]): void {
    const gone = new Set(groups.flatMap((parts) => parts.flatMap(({ members }) => members)));
    const inOrder = this.#members;
    for (const parts of groups) {
      const group = new Set(parts.flatMap(({ members }) => members));
      this.left.push(inOrder.filter((host) => group.has(host)));
    }
    this.#stay(inOrder.filter((host) => !gone.has(host)));
  }

  #stay(members: readonly CompiledHost[]): void {
    this.#members = members;
    this.#partsByReads = new Map();
  }

  /** What each part of the class has registered now, beside the first host. */
  #settle(before: Registered, own: Foreseen, parts: readonly Part[]): void {
    const first = { before, after: own.state.registered, gained: gained(before, own.state.registered) };
    const others = parts.map(({ members, before: theirs, foreseen: { state } }) => ({
      members,
      after: state.registered,
      gained: gained(theirs, state.registered),
    }));
    const names = new Set([...first.gained, ...others.flatMap((part) => [...part.gained])]);
    if (names.size === 0) return;
    const columns = new Map(this.#columns);
    for (const name of names) {
      const column = columnAfter(name, columns.get(name), first, others);
      if (column.size > 0) columns.set(name, column);
      else columns.delete(name);
    }
    this.#columns = columns;
  }
}

/** What is registered after something, and what of it is new. */
interface Registering {
  readonly after: Registered;
  readonly gained: ReadonlySet<string>;
}

/** The hosts that have another value of a variable than the first one after something, with their values. @param old the same before it */
function columnAfter(
  name: string,
  old: Column | undefined,
  first: Registering & { readonly before: Registered },
  others: readonly (Registering & Pick<Part, 'members'>)[],
): Column {
  const value = first.after.get(name);
  const column = new Map<string, RegisteredValue>(first.gained.has(name) ? [] : old);
  const note = (host: string, now: RegisteredValue): void => {
    if (isSame(now, value)) column.delete(host);
    else column.set(host, now);
  };
  for (const { members, after, gained: news } of others) {
    const isNew = news.has(name);
    // All hosts of the part are as the first is, and none was otherwise before.
    if (isNew && column.size === 0 && isSame(after.get(name), value)) continue;
    for (const { host } of members) {
      const kept = old?.has(host.name) ? old.get(host.name) : first.before.get(name);
      note(host.name, isNew ? after.get(name) : kept);
    }
  }
  return column;
}

function partsBy(
  members: readonly CompiledHost[],
  ways: readonly ((host: CompiledHost) => string)[],
): readonly (readonly CompiledHost[])[] {
  const parts = new Map<string, CompiledHost[]>();
  for (const host of members) {
    const key = ways.map((way) => way(host)).join('\n');
    const part = parts.get(key);
    if (part) part.push(host);
    else parts.set(key, [host]);
  }
  return [...parts.values()];
}

/** The walk goes on in the same way behind both. */
function sameWay(one: Foreseen, other: Foreseen, of: Foreseeable): boolean {
  return (
    wayOf(one.verdict, of) === wayOf(other.verdict, of) &&
    (one.state.world === other.state.world || !(one.changesWorld || other.changesWorld)) &&
    isDeepStrictEqual(one.words, other.words) &&
    one.inclusions?.length === other.inclusions?.length &&
    (one.inclusions ?? []).every(({ part, isOpen }, at) => {
      const its = other.inclusions?.[at];
      return its?.part === part && its.isOpen === isOpen;
    })
  );
}

/** What the walk makes of a verdict. */
function wayOf(verdict: Verdict, of: Foreseeable): string {
  if (!('step' in of) || verdict === 'failed' || verdict === 'refused') return verdict;
  const { notify, notifyTemplates, role } = of;
  // A role has run where one of its tasks was not skipped.
  const forRole = role?.onceAs !== undefined && (verdict === 'skipped' || verdict === 'unknown') ? verdict : '';
  const notifies = notify.length + notifyTemplates.length > 0;
  return `${forRole} ${notifies && (verdict === 'changed' || verdict === 'unknown') ? verdict : ''}`;
}

/** What one host comes to is for all: nobody else is asked. */
function isForAll(of: Foreseeable): of is CompiledTask | Conditional {
  return ('runOnce' in of && of.runOnce) || ('byFirst' in of && of.byFirst === true);
}
