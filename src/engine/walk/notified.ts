import type { CompiledHandler, CompiledTask, EachNode } from '../program/compiled.ts';
import { tasksIn } from '../program/play-tasks.ts';
import type { Conditions, Doubt, NotifiedNames, Verdict } from './request.ts';

/** Why it is uncertain that a handler has to run. */
interface Note extends Doubt {
  /** The reason besides the failure of which `why` tells, if there is another one: what was planned for the failure applies still. */
  readonly besides?: Doubt;
}

/** The hosts on which a handler has to run, each with why that is uncertain; null if it is certain. */
type Notes = Map<string, Note | null>;

interface Done {
  readonly verdict: Verdict;
  /** Why it is uncertain that the host reaches the task; undefined if it is certain. */
  readonly condition: Doubt | undefined;
  /** The names that its templates notify. */
  readonly more: NotifiedNames | undefined;
}

function namesOf(handlers: readonly CompiledHandler[]): readonly string[] {
  return handlers.flatMap(({ names }) => [...names]);
}

function onlyIfChanges(name: string): Doubt {
  return { why: `only if '${name}' changes something` };
}

/** A handler on one host. */
interface HandlerOnHost {
  readonly number: number;
  readonly host: string;
}

/** Which handlers have been notified, and for which hosts. Handlers are identified by their index in the play. */
export class Notified {
  readonly #notes = new Map<number, Notes>();
  /** What has been taken, in order. */
  readonly #taken: HandlerOnHost[] = [];

  /** Adds what a task notifies, given its verdict on a host. */
  byTask(
    { notify, ref }: CompiledTask,
    handlers: readonly CompiledHandler[],
    host: string,
    { verdict, condition, more = [] }: Done,
  ): void {
    if (verdict !== 'changed' && verdict !== 'unknown') return;
    const doubt = verdict === 'unknown' ? (condition ?? onlyIfChanges(ref.name)) : condition;
    this.add(notify, handlers, host, doubt);
    if (more !== 'any') this.add(more, handlers, host, doubt);
    else this.add(namesOf(handlers), handlers, host, condition ?? onlyIfChanges(ref.name));
  }

  /** Adds everything that an include may notify, when only the run can tell what it includes. */
  byAnyOf(
    { task: { ref }, parts }: EachNode,
    handlers: readonly CompiledHandler[],
    host: string,
    condition = onlyIfChanges(ref.name),
  ): void {
    const tasks = tasksIn(parts.nodes);
    const isOpen = parts.isOpen || tasks.some(({ notifyTemplates }) => notifyTemplates.length > 0);
    const names = isOpen ? namesOf(handlers) : tasks.flatMap(({ notify }) => notify);
    this.add(names, handlers, host, condition);
  }

  /** Adds the handlers with these names. @param condition why the notification is uncertain; undefined if it is certain */
  add(
    names: readonly string[],
    handlers: readonly CompiledHandler[],
    host: string,
    condition: Doubt | undefined,
  ): void {
    for (const [number, handler] of handlers.entries())
      if (names.some((name) => handler.names.has(name))) this.#note(number, host, condition ?? null);
  }

  /** @returns whether it had not been notified before */
  #note(number: number, host: string, condition: Doubt | null): boolean {
    const notes: Notes = this.#notes.get(number) ?? new Map();
    const known = notes.get(host);
    this.#notes.set(number, notes);
    if (condition === null || known === undefined) notes.set(host, condition);
    else if (known?.isOfFailure && !condition.isOfFailure) notes.set(host, { why: known.why, besides: condition });
    return known === undefined;
  }

  /** How much has been taken so far, for `restore`. */
  get taken(): number {
    return this.#taken.length;
  }

  /**
   * Adds what these hosts have taken since then, as possible: they may have failed before they came to it.
   * @returns what was added, for `forget`
   */
  restore(taken: number, hosts: ReadonlySet<string>, condition: Doubt): readonly HandlerOnHost[] {
    return this.#taken
      .slice(taken)
      .filter(({ number, host }) => hosts.has(host) && this.#note(number, host, condition));
  }

  /** Removes what `restore` has added for this reason, as far as it is there. */
  forget(restored: readonly HandlerOnHost[], { why }: Doubt): void {
    for (const { number, host } of restored) {
      const notes = this.#notes.get(number);
      const known = notes?.get(host);
      if (known?.why !== why) continue;
      if (known.besides) notes?.set(host, known.besides);
      else notes?.delete(host);
    }
  }

  /** A copy for a supposition. */
  copy(): Notified {
    const copy = new Notified();
    for (const [number, notes] of this.#notes) copy.#notes.set(number, new Map(notes));
    copy.#taken.push(...this.#taken);
    return copy;
  }

  /** Adds what a supposition of a failure has notified, as possible behind it. */
  addFrom(supposed: Notified): void {
    for (const [number, notes] of supposed.#notes) {
      const own: Notes = this.#notes.get(number) ?? new Map();
      this.#notes.set(number, own);
      for (const [host, condition] of notes)
        if (!own.has(host)) own.set(host, condition && { ...condition, isOfFailure: true });
    }
    this.#taken.push(...supposed.#taken.slice(this.taken));
  }

  /** Removes and returns those of these hosts on which a handler has to run. */
  take(
    number: number,
    among: ReadonlySet<string>,
  ): { readonly hosts: readonly string[]; readonly conditions: Conditions } {
    const notes: Notes = this.#notes.get(number) ?? new Map();
    const hosts = [...among].filter((host) => notes.has(host));
    const conditions = new Map<string, Doubt>();
    for (const host of hosts) {
      const condition = notes.get(host) ?? null;
      if (condition !== null) conditions.set(host, condition);
      notes.delete(host);
      this.#taken.push({ number, host });
    }
    return { hosts, conditions };
  }
}
