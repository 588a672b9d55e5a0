import type { CompiledHandler } from '../program/compiled.ts';
import type { Conditions } from './request.ts';

/** Of a handler: for which hosts it is to run, and why that is not certain; null where it is. */
type Notes = Map<string, string | null>;

/** Which handlers have been notified, and for which hosts. A handler is known by its number among those of its play. */
export class Notified {
  readonly #notes = new Map<number, Notes>();

  /** @param condition why it is not certain that the task notifies it; undefined when it is */
  add(
    names: readonly string[],
    handlers: readonly CompiledHandler[],
    host: string,
    condition: string | undefined,
  ): void {
    for (const [number, handler] of handlers.entries()) {
      if (!names.some((name) => handler.names.has(name))) continue;
      const notes = this.#notes.get(number) ?? new Map<string, string | null>();
      this.#notes.set(number, notes);
      if (condition === undefined) notes.set(host, null);
      else if (!notes.has(host)) notes.set(host, condition);
    }
  }

  /** The same, to go on from in a supposition. */
  copy(): Notified {
    const copy = new Notified();
    for (const [number, notes] of this.#notes) copy.#notes.set(number, new Map(notes));
    return copy;
  }

  /** What a supposition has notified besides stays possible. */
  addFrom(supposed: Notified): void {
    for (const [number, notes] of supposed.#notes) {
      const own = this.#notes.get(number) ?? new Map<string, string | null>();
      this.#notes.set(number, own);
      for (const [host, condition] of notes) if (!own.has(host)) own.set(host, condition);
    }
  }

  /** The hosts among these for which a handler is to run; it is then notified for them no longer. */
  take(
    number: number,
    among: ReadonlySet<string>,
  ): { readonly hosts: readonly string[]; readonly conditions: Conditions } {
    const notes = this.#notes.get(number) ?? new Map<string, string | null>();
    const hosts = [...among].filter((host) => notes.has(host));
    const conditions = new Map<string, string>();
    for (const host of hosts) {
      const condition = notes.get(host) ?? null;
      if (condition !== null) conditions.set(host, condition);
      notes.delete(host);
    }
    return { hosts, conditions };
  }
}
