import type { Event } from '../core/events/event.ts';
import type { StyleOptions } from './style.ts';

/** Turns what the engine tells into something to read. */
export interface Reporter {
  /** Takes the next event. Never throws because of what an event holds. */
  handle(event: Event): void;
  /** Writes what is still to be written and leaves the terminal as it was found. To be awaited, also after a failure. */
  close(): Promise<void>;
}

/** Where a reporter writes: `process.stdout`, or anything like it. */
export interface Output {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  readonly isTTY?: boolean | undefined;
}

/** What a reporter for people is told besides the events. */
export interface ReporterOptions extends StyleOptions {
  now(): Date;
  /** IANA zone of the times that are shown; default `UTC`. */
  readonly timeZone?: string;
  /** How much of a log is told: from 1 on how each task ends on each host, from 2 on everything that happens. */
  readonly verbosity?: number;
}

/** The event of a type. */
export type EventOf<Type extends Event['type']> = Extract<Event, { readonly type: Type }>;

/** Ends an exhaustive switch over events: a new type of event does not compile until every reporter handles it. */
export function neverEvent(event: never): never {
  throw new Error(`no reporter knows the event ${JSON.stringify(event)}`);
}
