import type { Event } from '../../core/events/event.ts';
import { type Note, withoutRemedy } from './note.ts';
import { endsWait, type Wait } from './wait.ts';

/** After these, nothing waits any more. */
const ENDS_OF_RUNS: ReadonlySet<Event['type']> = new Set<Event['type']>([
  'interrupted',
  'rollout-stopped',
  'run-finished',
]);

/** A note, and all hosts that it is about. */
interface KeptNote {
  readonly note: Note;
  readonly hosts: Set<string>;
}

/**
 * Notes in the order in which they were added. The same reason on several hosts becomes one note with all of them, and a host's problem is
 * not repeated. Thousands of hosts may each have a reason of their own.
 */
export class Notes {
  readonly #kept = new Map<string, KeptNote>();
  /** Of notes that only apply during a wait. */
  readonly #waits = new Map<string, Wait>();

  get all(): readonly Note[] {
    return [...this.#kept.values()].map(({ note, hosts }) => ('hosts' in note ? { ...note, hosts: [...hosts] } : note));
  }

  add(note: Note): void {
    const key = keyOf(note);
    const { hosts } = this.#kept.get(key) ?? this.#keep(key, note);
    if ('hosts' in note) for (const host of note.hosts) hosts.add(host);
  }

  #keep(key: string, note: Note): KeptNote {
    const kept = { note, hosts: new Set<string>() };
    this.#kept.set(key, kept);
    if (note.kind === 'warning' && note.wait) this.#waits.set(key, note.wait);
    return kept;
  }

  /** Removes the notes that only applied during a wait that this event ends, and what was to be done while the run went on. */
  endWaits(event: Event): void {
    if (ENDS_OF_RUNS.has(event.type)) this.#stopRunning();
    for (const [key, wait] of this.#waits)
      if (endsWait(event, wait)) {
        this.#waits.delete(key);
        this.#kept.delete(key);
      }
  }

  #stopRunning(): void {
    for (const [key, { note, hosts }] of this.#kept)
      if (note.kind === 'warning' && note.isRemedyOfRunning) this.#kept.set(key, { note: withoutRemedy(note), hosts });
  }
}

function keyOf(note: Note): string {
  switch (note.kind) {
    case 'failed':
    case 'refused':
    case 'late':
    case 'cancelled':
    case 'undo':
    case 'said':
    case 'interrupted':
      return JSON.stringify({ ...note, hosts: [] });
    // A lost host is reported by the connection and again by its task.
    case 'unreachable':
      return JSON.stringify([note.kind, note.reason]);
    case 'warning':
      return JSON.stringify([note.kind, note.message, note.hosts.length > 0]);
  }
}
