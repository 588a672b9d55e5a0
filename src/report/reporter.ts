import type { Event } from '../core/events/event.ts';
import type { StyleOptions } from './text/style.ts';

/** Turns the events of the engine into output. */
export interface Reporter {
  /** Handles the next event. Never throws because of an event's content. */
  handle(event: Event): void;
  /** Writes pending output and restores the terminal. Must be awaited, also after a failure. */
  close(): Promise<void>;
}

/** Where a reporter writes: `process.stdout`, or anything like it. */
export interface Output {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  readonly isTTY?: boolean | undefined;
}

/** Options of reporters for people. */
export interface ReporterOptions extends StyleOptions {
  now(): Date;
  /** IANA zone for times; default `UTC`. */
  readonly timeZone?: string;
  /** The width to which a log wraps errors and the end of a run; default: no wrapping. */
  readonly width?: number;
  /** The detail of a log: from 1 on with the end of each task on each host, from 2 on with every event. */
  readonly verbosity?: number;
  /** Show the plan of a play on several clusters as a line per cluster, before the run ends or continues. */
  readonly fleetPlan?: FleetPlanShown;
}

/** How the plan of a play on several clusters is shown. */
export interface FleetPlanShown {
  /** The plans of the clusters are also shown in full. */
  readonly isDetailed: boolean;
  /** The plan is applied next. */
  readonly isOfRun: boolean;
  /** What a run does with clusters outside their windows; absent: not known, or it waits for them. */
  readonly whenShut?: 'refused' | 'skipped' | 'overridden';
  /** How many clusters a run would work on at the same time; a run that starts says it itself. */
  readonly sideBySide?: number;
}

/** The event of a type. */
export type EventOf<Type extends Event['type']> = Extract<Event, { readonly type: Type }>;

/** A handler for each type of event. A new type does not compile until every handler table covers it. */
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

/** Calls the handler of an event's type. */
export function dispatch<More extends readonly unknown[], Result>(
  handlers: EventHandlers<More, Result>,
  event: Event,
  ...more: More
): Result {
  const handler = handlers[event.type] as ((event: Event, ...more: More) => Result) | undefined;
  if (!handler) throw new Error(`no reporter knows the event ${JSON.stringify(event)}`);
  return handler(event, ...more);
}
