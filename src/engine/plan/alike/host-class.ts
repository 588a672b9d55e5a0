import { isDeepStrictEqual } from 'node:util';
import { Unknown } from '../../../core/world.ts';
import { type HostState, representedState } from '../../hosts/host-state.ts';
import type { CompiledHost, CompiledTask, Conditional } from '../../program/compiled.ts';
import { ANY_NAME, type Registered } from '../../program/place.ts';
import { gained } from '../../program/shared-result.ts';
import { VariableView } from '../../program/variable-view.ts';
import type { Verdict } from '../../walk/request.ts';
import type { Predicted } from '../predict.ts';
import type { PredictableNode } from '../stand-ins.ts';
import { type HostKeys, keyOfRead, type ReadAs, type RegisteredValue } from './host-keys.ts';
import { type Column, ColumnsOf, isSame } from './known-variables.ts';
import { Reads, type ReadsWatch } from './reads.ts';

/** Hosts of a class with the same prediction for a node. */
interface Part {
  readonly members: readonly CompiledHost[];
  /** For the first of them: the registered variables before, and the prediction. */
  readonly before: Registered;
  readonly predicted: Predicted;
}

/**
 * Hosts that behave alike in a play: they reach the same tasks in the same order. Their registered variables may differ. The
 * first of them is planned for all.
 */
export class HostClass {
  readonly #keys: HostKeys;
  readonly #watch: ReadsWatch;
  #members: readonly CompiledHost[];
  #columns: ReadonlyMap<string, Column>;
  /** Hosts that have left the class, grouped by how they behave. */
  readonly departed: (readonly CompiledHost[])[] = [];
  /** Hosts of a list, grouped by inventory variables, which stay as they are. Most tasks read the same ones. */
  readonly #partsByReads = new WeakMap<readonly CompiledHost[], Map<string, readonly (readonly CompiledHost[])[]>>();

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

  /** The state of one of its hosts, given the state of the representative. */
  stateOf(host: CompiledHost, state: HostState): HostState {
    const registered = new VariableView(state.registered, new ColumnsOf(host.host.name, this.#columns));
    const found = representedState(state, host, registered);
    return { ...found, info: this.#watch.info(found.info) };
  }

  /**
   * Predicts a node for the first host, and for the others only if they differ in something that the prediction reads. Hosts
   * that behave differently from here on leave the class.
   * @returns how to update the variables of those that stay, once all classes have been predicted
   */
  predict(
    state: HostState,
    of: PredictableNode,
    predict: (state: HostState) => Predicted,
  ): { readonly predicted: Predicted; readonly settle?: () => void } {
    if (this.#members.length === 1) return { predicted: predict(state) };
    if (isForAll(of)) return { predicted: this.#predictOnce(of, predict(state)) };
    const { predicted, reads } = this.#run(state, predict);
    const remaining: Part[] = [];
    const leaving: Part[][] = [];
    for (const part of this.#others(state, reads, predict)) {
      const isSameWay = (other: Predicted): boolean => sameWay(other, part.predicted, of);
      if (isSameWay(predicted)) remaining.push(part);
      else {
        const group = leaving.find(([first]) => first && isSameWay(first.predicted));
        if (group) group.push(part);
        else leaving.push([part]);
      }
    }
    if (leaving.length > 0) this.#depart(leaving);
    return { predicted, settle: () => this.#settle(state.registered, predicted, remaining) };
  }

  /** A refusal, a started role or notified handlers concern only the host that runs the task, so the others leave. */
  #predictOnce(of: CompiledTask | Conditional, predicted: Predicted): Predicted {
    const [first, ...others] = this.#members;
    const isAlone =
      'step' in of && (of.role?.runOnceKey !== undefined || of.notify.length + of.notifyTemplates.length > 0);
    if (first && (predicted.verdict === 'refused' || isAlone)) {
      this.departed.push(others);
      this.#members = [first];
    }
    return predicted;
  }

  #run(
    state: HostState,
    predict: (state: HostState) => Predicted,
  ): { readonly predicted: Predicted; readonly reads: Reads } {
    const reads = new Reads();
    const predicted = this.#watch.during(reads, () => predict(state));
    // No step plans for a host that has not been observed yet.
    if ((predicted.planned?.missing.length ?? 0) === 0) reads.use(reads.ofSteps);
    // Errors are reported for each place where they are written.
    reads.byPlace = predicted.planned === undefined || predicted.isWrong === true;
    // A registered value that is already known may contain the texts.
    const after = predicted.state.registered;
    if ([...gained(state.registered, after)].some((name) => !(after.get(name) instanceof Unknown)))
      reads.use(reads.kinds);
    return { predicted, reads };
  }

  /** All but the first host and those like it. */
  #others(state: HostState, reads: Reads, predict: (state: HostState) => Predicted): readonly Part[] {
    const [, ...waiting] = this.#parts(this.#members, reads);
    const parts: Part[] = [];
    for (let members = waiting.pop(); members; members = waiting.pop()) {
      const [example] = members;
      if (!example) continue;
      const before = this.stateOf(example, state);
      const own = this.#run(before, predict);
      const [alike = members, ...rest] = reads.cover(own.reads) ? [members] : this.#parts(members, own.reads);
      // Thousands of plans would be kept until all parts are known.
      const { planned: _, ...predicted } = own.predicted;
      parts.push({ members: alike, before: before.registered, predicted });
      waiting.push(...rest);
    }
    return parts;
  }

  /** Groups the hosts by their values of what was read; the first group contains the first host. */
  #parts(members: readonly CompiledHost[], reads: Reads): readonly (readonly CompiledHost[])[] {
    if (members.length === 1) return [members];
    const keyFunctions: ((host: CompiledHost) => string)[] = [];
    const names: string[] = [];
    let isFixed = true;
    const add = (name: string, how: ReadAs): void => {
      const keys = this.#keys.of(name, how, reads.byPlace);
      if (keys) keyFunctions.push((host) => keys.get(host) ?? '');
      if (keys) names.push(keyOfRead(name, how, reads.byPlace));
      const column = this.#columns.get(name);
      if (!column) return;
      isFixed = false;
      keyFunctions.push(({ host }) =>
        column.has(host.name) ? this.#keys.ofRegistered(column.get(host.name), how) : '',
      );
    };
    // Whether a task may have set any variable decides what each name means.
    add(ANY_NAME, 'value');
    for (const name of reads.values) add(name, 'value');
    for (const name of reads.kinds) if (!reads.values.has(name)) add(name, 'kind');
    for (const comparison of reads.comparisons.values())
      if (!reads.values.has(comparison.name)) add(comparison.name, comparison);
    if (reads.delegates.size > 0) {
      isFixed = false;
      keyFunctions.push(({ host }) => (reads.delegates.has(host.name) ? host.name : ''));
    }
    if (keyFunctions.length === 0) return [members];
    const signature = names.join('\n');
    const known = this.#partsByReads.get(members) ?? new Map<string, readonly (readonly CompiledHost[])[]>();
    const parts = (isFixed ? known.get(signature) : undefined) ?? partsBy(members, keyFunctions);
    if (isFixed) this.#partsByReads.set(members, known.set(signature, parts));
    return parts;
  }

  #depart(groups: readonly (readonly Part[])[]): void {
    const departing = new Set(groups.flatMap((parts) => parts.flatMap(({ members }) => members)));
    const inOrder = this.#members;
    for (const parts of groups) {
      const group = new Set(parts.flatMap(({ members }) => members));
      this.departed.push(inOrder.filter((host) => group.has(host)));
    }
    this.#members = inOrder.filter((host) => !departing.has(host));
  }

  /** Records what each part of the class has registered, compared with the first host. */
  #settle(before: Registered, own: Predicted, parts: readonly Part[]): void {
    const first = { before, after: own.state.registered, gained: gained(before, own.state.registered) };
    const others = parts.map(({ members, before: beforePart, predicted: { state } }) => ({
      members,
      after: state.registered,
      gained: gained(beforePart, state.registered),
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

/** The variables after a prediction, and which of them are new. */
interface Registering {
  readonly after: Registered;
  readonly gained: ReadonlySet<string>;
}

/**
 * The hosts whose value of a variable differs from that of the first host, with their values.
 * @param old the same before the prediction
 */
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
  for (const { members, after, gained: gainedNames } of others) {
    const isNew = gainedNames.has(name);
    // All hosts of the part equal the first one, and none differed before.
    if (isNew && column.size === 0 && isSame(after.get(name), value)) continue;
    for (const { host } of members) {
      const unchanged = old?.has(host.name) ? old.get(host.name) : first.before.get(name);
      note(host.name, isNew ? after.get(name) : unchanged);
    }
  }
  return column;
}

function partsBy(
  members: readonly CompiledHost[],
  keyFunctions: readonly ((host: CompiledHost) => string)[],
): readonly (readonly CompiledHost[])[] {
  const parts = new Map<string, CompiledHost[]>();
  for (const host of members) {
    const key = keyFunctions.map((keyOf) => keyOf(host)).join('\n');
    const part = parts.get(key);
    if (part) part.push(host);
    else parts.set(key, [host]);
  }
  return [...parts.values()];
}

/** Whether the walk continues in the same way after both. */
function sameWay(one: Predicted, other: Predicted, of: PredictableNode): boolean {
  return (
    walkKey(one.verdict, of) === walkKey(other.verdict, of) &&
    (one.state.world === other.state.world || !(one.changesWorld || other.changesWorld)) &&
    isDeepStrictEqual(one.notifiedNames, other.notifiedNames) &&
    one.inclusions?.length === other.inclusions?.length &&
    (one.inclusions ?? []).every(({ part, isOpen }, at) => {
      const match = other.inclusions?.[at];
      return match?.part === part && match.isOpen === isOpen;
    })
  );
}

/** The part of a verdict that the walk depends on. */
function walkKey(verdict: Verdict, of: PredictableNode): string {
  if (!('step' in of) || verdict === 'failed' || verdict === 'refused') return verdict;
  const { notify, notifyTemplates, role } = of;
  // A role has run if one of its tasks was not skipped.
  const forRole = role?.runOnceKey !== undefined && (verdict === 'skipped' || verdict === 'unknown') ? verdict : '';
  const notifies = notify.length + notifyTemplates.length > 0;
  return `${forRole} ${notifies && (verdict === 'changed' || verdict === 'unknown') ? verdict : ''}`;
}

/** Whether the result on one host applies to all. */
function isForAll(of: PredictableNode): of is CompiledTask | Conditional {
  return ('runOnce' in of && of.runOnce) || ('byFirst' in of && of.byFirst === true);
}
