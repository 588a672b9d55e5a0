import { Problems } from '../core/diagnostic.ts';
import type { SourceFile, SourceRange } from '../core/source.ts';
import { readTextFile } from '../core/text-file.ts';
import type { EventSeries } from './event-series.ts';
import { withWholeCharacters } from './ical-folds.ts';
import { readEvents } from './read-ical.ts';

/** The events of a file, and what is wrong with it. */
export interface FileEvents {
  readonly file: SourceFile;
  readonly series: readonly EventSeries[];
  /** Tells which they are among all files. */
  readonly key: string;
  readonly found: Problems;
}

/** What the clusters of an inventory share: a file or a rule that many of them name is read once, and evaluated once. */
export class SharedEvents {
  readonly #files = new Map<string, SourceFile>();
  readonly #events = new Map<string, FileEvents>();
  readonly #rules = new Map<string, EventSeries>();

  /**
   * The events of a file; undefined, after a report, if it cannot be read.
   * @param zone of days, and of times without one. @param named where the file is named
   */
  ofFile(path: string, zone: string | undefined, problems: Problems, named: SourceRange): FileEvents | undefined {
    const file =
      this.#files.get(path) ?? readTextFile(path, 'calendar', problems, { named, repair: withWholeCharacters });
    if (!file) return undefined;
    this.#files.set(path, file);
    const key = JSON.stringify([path, zone]);
    const known = this.#events.get(key);
    if (known) return known;
    const found = new Problems();
    const events = { file, series: readEvents(file, zone, found), key, found };
    this.#events.set(key, events);
    return events;
  }

  /** The windows of a rule. @param key all that it is made of @param read reports what is wrong with it */
  ofRule(key: string, read: () => EventSeries | undefined): EventSeries | undefined {
    const series = this.#rules.get(key) ?? read();
    if (series) this.#rules.set(key, series);
    return series;
  }
}
