import type { Event } from '../core/event.ts';
import { jsonText } from './json-text.ts';
import type { Output, Reporter } from './reporter.ts';

/** The version of the schema in docs/events.md. It grows only when something documented is renamed, removed or changes its meaning. */
export const EVENT_SCHEMA_VERSION = 1;

/** One JSON object a line, for programs. */
export class JsonReporter implements Reporter {
  readonly #output: Output;
  readonly #now: () => Date;
  #sequence = 0;

  constructor(output: Output, now: () => Date) {
    this.#output = output;
    this.#now = now;
  }

  handle(event: Event): void {
    this.#sequence += 1;
    const envelope = { version: EVENT_SCHEMA_VERSION, sequence: this.#sequence, time: this.#now().toISOString() };
    this.#output.write(`${jsonText({ ...envelope, ...event })}\n`);
  }

  async close(): Promise<void> {}
}
