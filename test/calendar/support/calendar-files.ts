import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Calendar } from '../../../src/calendar/model.ts';
import { readClosed } from '../../../src/calendar/read-closed.ts';
import { readWindows } from '../../../src/calendar/read-window.ts';
import { Problems } from '../../../src/core/diagnostic.ts';
import { formatPosition, SourceFile } from '../../../src/core/source.ts';
import { parseYaml, type Tree } from '../../../src/core/yaml/yaml.ts';

/** A calendar, and what was said of it: `x.ics:6:1 the event has no end`. */
export interface CalendarReading {
  readonly calendar: Calendar;
  readonly said: readonly string[];
}

/** A directory with iCalendar files, and an inventory in it that names them. */
export class CalendarFiles {
  readonly directory = mkdtempSync(join(tmpdir(), 'kplay-ical-'));

  /** Writes a calendar with these events, each given by its lines. */
  write(name: string, ...events: readonly string[]): void {
    const text = events.map((event) => `BEGIN:VEVENT\n${event.trim()}\nEND:VEVENT\n`).join('');
    this.writeText(
      name,
      `BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test\n${text}END:VCALENDAR\n`.replaceAll('\n', '\r\n'),
    );
  }

  writeText(name: string, text: string | Buffer): void {
    writeFileSync(join(this.directory, name), text);
  }

  /** What `window:` and `closed:` say, as YAML. */
  read(window: string | undefined, closed?: string): CalendarReading {
    const problems = new Problems();
    const { windows, events } =
      window === undefined ? { windows: [], events: [] } : readWindows(this.#treeOf(window), problems);
    const zones = [...windows, ...events].map(({ zone }) => zone);
    const none = { closed: [], closedEvents: [] };
    const shut = closed === undefined ? none : readClosed(this.#treeOf(closed), zones, problems);
    const said = problems.all.map(({ message, range }) =>
      `${range ? formatPosition(range) : ''} ${message}`.replaceAll(`${this.directory}/`, ''),
    );
    return { calendar: { windows, events, ...shut }, said };
  }

  close(): void {
    rmSync(this.directory, { recursive: true });
  }

  #treeOf(text: string): Tree {
    const file = new SourceFile(join(this.directory, 'fleet.yml'), text);
    return parseYaml(file, new Problems(), 'ansible') ?? expect.fail('no YAML');
  }
}
