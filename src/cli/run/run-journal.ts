import { InputError } from '../../core/diagnostic.ts';
import type { EventSink } from '../../core/events/event.ts';
import { EVENT_SCHEMA_VERSION } from '../../core/events/line.ts';
import type { Recipe, StartEntry } from '../../core/journal.ts';
import { describeSystemError, isFull, isMissing } from '../../core/system-error.ts';
import { FileJournal } from '../../journal/file-journal.ts';
import { DEFAULT_RETENTION, isFirstOfDay, pruneRuns } from '../../journal/retention.ts';
import { RunStore } from '../../journal/run-store.ts';
import type { Environment } from '../environment.ts';
import { stateWords } from '../journal/command-for.ts';
import type { StateOptions } from '../options/options.ts';
import { VERSION } from '../version.ts';
import { isRunnerAlive, runner } from './liveness.ts';
import type { PlaybookRun } from './playbook-run.ts';
import { newRunId, runsDirectory } from './runs-directory.ts';

/** A run's journal, and the id under which it is kept. */
export interface RunJournal {
  readonly id: string;
  readonly journal: FileJournal;
}

/** What the journal records of the run before any host is contacted. */
export type NewRun = Pick<
  StartEntry,
  'command' | 'source' | 'hosts' | 'clusters' | 'clusterOf' | 'reason' | 'resumes' | 'resumeReason' | 'again'
> & {
  /** What the command provides; the rest is added. */
  readonly recipe?: Omit<Recipe, 'runId'>;
};

/** What is proposed to be kept where there is no room: the defaults keep nearly all. */
const FEW = { runs: 20, age: '7d' };

/**
 * @param owner its `runId` is that of a saved plan or of a resumed run, after which this one gets a number.
 * @throws {InputError} when no journal can be written, or the owner's `claim` refuses; no host has been contacted then.
 */
export async function beginJournal(
  run: NewRun,
  options: StateOptions,
  environment: Environment,
  now: Date,
  { runId: fixed, claim }: Pick<PlaybookRun, 'runId' | 'claim'>,
): Promise<RunJournal> {
  const store = new RunStore(runsDirectory(environment, options));
  let id: string | undefined;
  try {
    const latest = store.latest();
    const number = (latest?.number ?? 0) + 1;
    id = store.reserve(fixed === undefined ? freshIds(now) : idsOf(fixed));
    const journal = new FileJournal(store.journalPath(id), environment.clock);
    const versions = { kplayVersion: VERSION, eventVersion: EVENT_SCHEMA_VERSION };
    try {
      const { recipe, ...rest } = run;
      const kept = recipe && { recipe: { ...recipe, runId: fixed ?? id } };
      await journal.write({ type: 'start', runId: id, number, ...rest, ...kept, ...versions, ...runner(environment) });
      await claim?.(id);
    } catch (error) {
      await journal.close();
      store.remove(id);
      throw error;
    }
    store.noteLatest(id);
    if (isFirstOfDay(latest, now)) forgetObsolete(store, now);
    return { id, journal };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw InputError.of(
      `the journal of the run cannot be written to ${store.journalPath(id ?? fixed ?? newRunId(now))}: ${isMissing(error) ? 'its directory cannot be made there' : describeSystemError(error)}`,
      ['--state'],
      isFull(error)
        ? `make room there, or choose another directory for journals: --state /some/directory; to remove all runs but the last ${FEW.runs} and those younger than ${FEW.age}: kplay history --prune --keep ${FEW.runs} --keep-for ${FEW.age}${stateWords(options)}`
        : 'make it writable, or choose another directory for journals: --state /some/directory',
    );
  }
}

/** The first run of a day removes obsolete runs, since that opens every journal. It goes on if some cannot be read or removed. */
function forgetObsolete(store: RunStore, now: Date): void {
  try {
    pruneRuns(store, DEFAULT_RETENTION, now, isRunnerAlive);
  } catch {
    // `kplay history --prune` says why.
  }
}

function* freshIds(now: Date): Generator<string> {
  for (;;) yield newRunId(now);
}

function* idsOf(id: string): Generator<string> {
  yield id;
  for (let number = 2; ; number += 1) yield `${id}.${number}`;
}

/** Writes the end of the run, and warns if entries are missing. */
export async function endJournal(journal: FileJournal, exitCode: number, emit: EventSink): Promise<void> {
  const warn = (what: string) => emit({ type: 'warning', hosts: [], message: `the journal ${journal.path} ${what}` });
  try {
    await journal.write({ type: 'end', exitCode, ...(journal.failure !== undefined && { incomplete: true }) });
    if (journal.failure !== undefined) warn(`is incomplete: ${describeSystemError(journal.failure)}`);
    if (await journal.isRemoved())
      warn('was removed while the run was in progress: kplay history and kplay resume do not know this run');
  } catch (error) {
    warn(`lacks the end of the run: ${describeSystemError(error)}`);
  }
}
