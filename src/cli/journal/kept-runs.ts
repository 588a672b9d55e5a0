import { InputError } from '../../core/diagnostic.ts';
import { rangeOfArgument } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { describeSystemError } from '../../core/system-error.ts';
import type { JournalReading } from '../../journal/read-journal.ts';
import { type Pruning, pruneRuns, type Retention } from '../../journal/retention.ts';
import { RunStore } from '../../journal/run-store.ts';
import { type RunSummary, summaryOf } from '../../journal/run-summary.ts';
import type { Environment } from '../environment.ts';
import type { StateOptions } from '../options/options.ts';
import { isRunnerAlive } from '../run/liveness.ts';
import { runsDirectory } from '../run/runs-directory.ts';

/** A run with its journal. */
export interface KeptRun {
  readonly summary: RunSummary;
  readonly reading: JournalReading;
}

/** The runs of a state directory, for the commands that show them. */
export class KeptRuns {
  readonly #store: RunStore;

  constructor(options: StateOptions, environment: Environment) {
    this.#store = new RunStore(runsDirectory(environment, options));
  }

  get directory(): string {
    return this.#store.directory;
  }

  directoryOf(id: string): string {
    return this.#store.directoryOf(id);
  }

  /** The file of a run's journal, which may not exist yet. */
  journalOf(id: string): string {
    return this.#store.journalPath(id);
  }

  /** In the order in which they started. @throws {InputError} when the directory cannot be read. */
  get ids(): readonly string[] {
    return this.#listed(() => this.#store.ordered().map(({ id }) => id));
  }

  #listed<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw InputError.of(
        `cannot read ${this.directory}: ${describeSystemError(error)}`,
        ['--state'],
        'name the directory that holds the journals: --state DIR',
      );
    }
  }

  /** In the order in which the runs started. */
  get summaries(): readonly RunSummary[] {
    return this.ids.map((id) => this.readBriefly(id).summary);
  }

  read(id: string): KeptRun {
    const reading = this.#store.read(id);
    return { reading, summary: summaryOf(id, reading, isRunnerAlive) };
  }

  /** The same with little of the journal of a run that has ended: what it says of the end, and of the start. */
  readBriefly(id: string): KeptRun {
    const reading = this.#store.readBriefly(id);
    return { reading, summary: summaryOf(id, reading, isRunnerAlive) };
  }

  /** A run and the chain of runs that it resumes, the last one first. */
  chainOf(id: string): readonly string[] {
    const chain: string[] = [];
    for (let next: string | undefined = id; next !== undefined && !chain.includes(next); ) {
      chain.push(next);
      next = this.read(next).summary.start?.resumes;
    }
    return chain;
  }

  /** Removes the runs that need not be kept. @throws {InputError} when the directory cannot be read. */
  prune(retention: Retention, now: Date): Pruning {
    return this.#listed(() => pruneRuns(this.#store, retention, now, isRunnerAlive));
  }

  /**
   * Like `find`, but `last` means the last run that is a candidate.
   * @throws {InputError} when there is none, or more than one.
   */
  findCandidate(word: string, isCandidate: (run: KeptRun) => boolean): KeptRun {
    if (word === 'last')
      for (const id of this.ids.toReversed()) {
        const run = this.read(id);
        if (isCandidate(run)) return run;
      }
    return this.find(word);
  }

  /**
   * Finds a run by its id, a unique prefix of it, or `last`.
   * @throws {InputError} when there is none, or more than one.
   */
  find(word: string): KeptRun {
    const ids = this.ids;
    const last = ids.at(-1);
    if (last === undefined)
      throw InputError.of(
        `there are no runs in ${this.directory}`,
        undefined,
        'if they are kept in another directory, name it: --state DIR',
      );
    if (word === 'last') return this.read(last);
    const matches = ids.includes(word) ? [word] : ids.filter((id) => word !== '' && id.startsWith(word));
    const [only] = matches;
    if (only !== undefined && matches.length === 1) return this.read(only);
    if (matches.length > 1)
      throw runError(
        word,
        `${matches.length} runs begin with '${word}'`,
        `use a longer prefix: ${matches.slice(-8).toReversed().join(', ')}`,
      );
    throw runError(
      word,
      `run '${word}' does not exist`,
      suggestion(word, ids.toReversed(), 'the last runs are', ['last']),
    );
  }
}

/** An error about a run. @param word how the user named the run */
export function runError(word: string, message: string, hint: string): InputError {
  return InputError.of(message, rangeOfArgument('RUN', word), hint);
}
