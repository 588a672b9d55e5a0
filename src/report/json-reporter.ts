import type { Event } from '../core/event.ts';
import type { Output, Reporter } from './reporter.ts';

/** The version of the schema in docs/events.md. It grows only when something documented is renamed, removed or changes its meaning. */
export const EVENT_SCHEMA_VERSION = 1;

/** Characters that JSON allows as they are and terminals obey. */
const TERMINAL_CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

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
    const line = JSON.stringify({ ...envelope, ...event });
    this.#output.write(`${line.replace(TERMINAL_CONTROLS, escapeForJson)}\n`);
  }

  async close(): Promise<void> {}
}

function escapeForJson(character: string): string {
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
