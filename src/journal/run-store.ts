import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeDirectories } from '../core/make-directories.ts';
import { RUN_ID } from '../core/run-id.ts';
import { describeSystemError, isMissing, systemErrorCode } from '../core/system-error.ts';
import { type ClusterDuration, clusterDurations, durationRecords, isOfWork, type Work } from './cluster-durations.ts';
import { endedChanged } from './ended-changed.ts';
import { firstLine } from './file-ends.ts';
import { syncDirectory } from './file-journal.ts';
import { journalEnds } from './journal-ends.ts';
import { JOURNAL_VERSION, type JournalRecord, parseJournalLine } from './journal-line.ts';
import { type JournalReading, readJournal } from './read-journal.ts';
import { SIGNALS } from './signals.ts';

const DIRECTORY_NAME = new RegExp(`^${RUN_ID}$`);

const JOURNAL = 'journal.ndjson';

/** A file with the id of the run that started last, so that not every journal has to be read to number the next run. */
const LATEST = '.latest';

/** The start of a run, from the first line of its journal. */
export interface RunStart {
  readonly id: string;
  /** Higher for runs that start later. */
  readonly number: number;
  /** Undefined when the line cannot be read. */
  readonly startedAt: Date | undefined;
}

/** The runs of a state directory: each has a directory, named by its id, with its journal. */
export class RunStore {
  readonly directory: string;

  /** @param directory may be missing. */
  constructor(directory: string) {
    this.directory = directory;
  }

  directoryOf(id: string): string {
    return join(this.directory, id);
  }

  journalPath(id: string): string {
    return join(this.directoryOf(id), JOURNAL);
  }

  /**
   * Creates the directory of a run under the first free id; concurrent callers never get the same.
   * @throws {Error} of the file system.
   */
  reserve(ids: Iterable<string>): string {
    makeDirectories(this.directory, 0o700);
    for (const id of ids) {
      try {
        mkdirSync(join(this.directory, id), { mode: 0o700 });
        syncDirectory(this.directory);
        return id;
      } catch (error) {
        if (systemErrorCode(error) !== 'EEXIST') throw error;
      }
    }
    throw new Error('there is no free id');
  }

  /** Ids of all runs; none if the directory is missing. @throws {Error} when it cannot be read. */
  ids(): readonly string[] {
    try {
      return readdirSync(this.directory)
        .filter((name) => DIRECTORY_NAME.test(name))
        .sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** The journal of a run; of one that cannot be read, or is empty, `damage` says so. */
  read(id: string): JournalReading {
    try {
      const bytes = readFileSync(this.journalPath(id));
      const reading = readJournal(bytes);
      return bytes.length > 0 ? reading : { ...reading, damage: [`${this.journalPath(id)} is empty`] };
    } catch (error) {
      const damage = `${this.journalPath(id)} cannot be read: ${describeSystemError(error)}`;
      return { records: [], damage: [damage], isUnread: true, isNewer: false };
    }
  }

  /**
   * The same, but of a run that has reported its end only the first entry and the last ones, as its list needs them: what is damaged in
   * between is not noticed. Entries that the run could not write are.
   */
  readBriefly(id: string): JournalReading {
    try {
      const records = journalEnds(this.journalPath(id));
      if (records) return { records, damage: [], isNewer: records.some(({ version }) => version > JOURNAL_VERSION) };
    } catch {
      // Reading all of it says why.
    }
    return this.read(id);
  }

  /** How long runs of the same work took on clusters. Unreadable journals are skipped. @throws {Error} as `ids`. */
  durations(work: Work): readonly ClusterDuration[] {
    return this.ids().flatMap((id) => {
      // The first entry identifies the work: most journals are long and of other work.
      const entry = this.#first(id)?.entry;
      if (entry?.type !== 'start' || !isOfWork(entry, work)) return [];
      try {
        const path = this.journalPath(id);
        return endedChanged(path) ? clusterDurations(durationRecords(readFileSync(path, 'utf8')), work) : [];
      } catch {
        return [];
      }
    });
  }

  /**
   * All runs in the order in which they started, whatever the clock did. A run with an unreadable number follows the one before it by id.
   * @throws {Error} as `ids`.
   */
  ordered(): readonly RunStart[] {
    let before = 0;
    const runs = this.ids().map((id) => {
      const first = this.#first(id);
      before = first?.entry.type === 'start' ? first.entry.number : before;
      return { id, number: before, startedAt: first?.time };
    });
    return runs.sort((a, b) => a.number - b.number);
  }

  /**
   * The run that started last; undefined if there is none. Of two that started at the same time, any.
   * @throws {Error} as `ids`.
   */
  latest(): RunStart | undefined {
    const noted = this.#started(this.#noted());
    if (noted === undefined) return this.ordered().at(-1);
    // An older kplay, or a process that was killed just then, may have noted nothing.
    const byName = this.#started(this.ids().at(-1));
    return byName !== undefined && byName.number > noted.number ? byName : noted;
  }

  /** Notes that a run is the latest. If that cannot be written, `latest()` reads all journals. */
  noteLatest(id: string): void {
    const file = join(this.directory, LATEST);
    const unfinished = `${file}.${id}`;
    try {
      writeFileSync(unfinished, `${id}\n`, { mode: 0o600 });
      renameSync(unfinished, file);
    } catch {
      for (const path of [unfinished, file]) removeIfPossible(path);
    }
  }

  #noted(): string | undefined {
    try {
      const id = readFileSync(join(this.directory, LATEST), 'utf8').trim();
      return DIRECTORY_NAME.test(id) ? id : undefined;
    } catch {
      return undefined;
    }
  }

  #started(id: string | undefined): RunStart | undefined {
    const first = id === undefined ? undefined : this.#first(id);
    if (id === undefined || first?.entry.type !== 'start') return undefined;
    return { id, number: first.entry.number, startedAt: first.time };
  }

  /** Removes the files of a run, but not foreign files in its directory. Another process may remove it at the same time. */
  remove(id: string): void {
    for (const path of [join(this.directoryOf(id), SIGNALS), this.journalPath(id)])
      try {
        unlinkSync(path);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    try {
      rmdirSync(join(this.directory, id));
    } catch (error) {
      if (!['ENOENT', 'ENOTEMPTY'].includes(systemErrorCode(error) ?? '')) throw error;
    }
  }

  /** Reads only the first line, because the file may be long. */
  #first(id: string): JournalRecord | undefined {
    try {
      const file = openSync(this.journalPath(id), 'r');
      try {
        return parseJournalLine(firstLine(file));
      } finally {
        closeSync(file);
      }
    } catch {
      return undefined;
    }
  }
}

function removeIfPossible(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another process may have removed it, or it was never made.
  }
}
