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
  /** Columns to which a log wraps what goes wrong, and the end of a run; default: it wraps nothing. */
  readonly width?: number;
  /** How much of a log is told: from 1 on how each task ends on each host, from 2 on everything that happens. */
  readonly verbosity?: number;
  /** The plan of a play over several clusters is shown as a line a cluster, before the run ends or goes on. */
  readonly fleetPlan?: FleetPlanShown;
}

/** How the plan of a play over several clusters is shown. */
export interface FleetPlanShown {
  /** The plans of the clusters are shown in full besides. */
  readonly isDetailed: boolean;
  /** It is carried out next. */
  readonly isOfRun: boolean;
}

/** The event of a type. */
export type EventOf<Type extends Event['type']> = Extract<Event, { readonly type: Type }>;

/** A handler for each type of event. A new type does not compile until all who handle events say what it means to them. */
export type EventHandlers<More extends readonly unknown[] = [], Result = void> = {
  readonly [Type in Event['type']]: (event: EventOf<Type>, ...more: More) => Result;
};

/** One handler for several types of events. */
export function sameFor<const Type extends Event['type'], More extends readonly unknown[], Result>(
  types: readonly Type[],
  handler: (event: EventOf<Type>, ...more: More) => Result,
): Pick<EventHandlers<More, Result>, Type> {
  return Object.fromEntries(types.map((type) => [type, handler])) as unknown as Pick<EventHandlers<More, Result>, Type>;
}

/** Hands an event to the handler of its type. */
export function dispatch<More extends readonly unknown[], Result>(
  handlers: EventHandlers<More, Result>,
  event: Event,
  ...more: More
): Result {
  const handler = handlers[event.type] as ((event: Event, ...more: More) => Result) | undefined;
  if (!handler) throw new Error(`no reporter knows the event ${JSON.stringify(event)}`);
  return handler(event, ...more);
}
