import type { Event } from '../../core/events/event.ts';
import { type EventLine, lineStamp } from '../../core/events/line.ts';
import type { Output, Reporter } from '../reporter.ts';
import { jsonText } from '../text/json-text.ts';

/** One JSON object a line, for programs. */
export class JsonReporter implements Reporter {
  readonly #output: Output;
  readonly #stamp: (event: Event) => EventLine;

  constructor(output: Output, now: () => Date) {
    this.#output = output;
    this.#stamp = lineStamp(now);
  }

  handle(event: Event): void {
    this.#output.write(`${jsonText(this.#stamp(event))}\n`);
  }

  async close(): Promise<void> {}
}
