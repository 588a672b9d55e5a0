import type { Event } from './event.ts';

/**
 * The version of the schema in docs/events.md. It is raised only when something documented is renamed, removed or changes its
 * meaning.
 */
export const EVENT_SCHEMA_VERSION = 2;

/** What every line of a stream contains besides the event. */
export interface Envelope {
  /** The schema version. */
  readonly version: typeof EVENT_SCHEMA_VERSION;
  /** Number of the line in its stream, from 1. */
  readonly sequence: number;
  /** When kplay learned about it, ISO 8601 in UTC. */
  readonly time: string;
}

/** An event as written, recorded and reported. */
export type EventLine = Envelope & Event;

/** Numbers events and adds the time: one function per stream. */
export function lineStamp(now: () => Date): (event: Event) => EventLine {
  let sequence = 0;
  return (event) => {
    sequence += 1;
    return { version: EVENT_SCHEMA_VERSION, sequence, time: now().toISOString(), ...event };
  };
}
