import { InputError, type Problems } from '../../core/diagnostic.ts';
import type { Recipe, StartEntry } from '../../core/journal.ts';
import type { RunResultWord, RunSummary } from '../../journal/run-summary.ts';
import { type RollbackCommandOptions, rollback } from '../commands/rollback.ts';
import { type RunCommandOptions, run } from '../commands/run.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { looksSecret } from '../inputs/secret-variables.ts';
import type { OutputOptions, StateOptions } from '../options/options.ts';
import { isSurelyRunner } from '../run/liveness.ts';
import { commandFor } from './command-for.ts';
import { earlierBackups } from './earlier-backups.ts';
import { type KeptRun, KeptRuns, runError } from './kept-runs.ts';
import { leftHosts } from './left-hosts.ts';
import { onlySuccessor } from './only-successor.ts';
import { isPaused, resumePaused } from './operate.ts';
import { lacksSecrets } from './recipe.ts';
import type { Resumption } from './resumption.ts';
import { isEndReported, lastRunRequesting } from './server-rollout.ts';

export interface ResumeOptions extends StateOptions, OutputOptions {
  readonly changedFiles?: boolean;
  readonly hasEnded?: boolean;
  readonly reason?: string;
  readonly extraVars: readonly string[];
  /** Those of KPLAY_EXTRA_VARS, which are for all commands. */
  readonly presetVars?: readonly string[];
}

/**
 * `kplay resume`: resumes a paused run; for a run that did not succeed it gives the same command again. What is left to do is read from the
 * hosts; the run's id, and the time by which it is decided what is due, come from its journal.
 */
export async function resume(word: string, options: ResumeOptions, environment: Environment): Promise<number> {
  const runs = new KeptRuns(options, environment);
  const kept = runToResume(word, runs);
  if (options.hasEnded !== true && isPaused(runs, kept)) {
    if (options.changedFiles === true || options.extraVars.length > 0)
      throw runError(
        word,
        `run ${kept.summary.id} is paused, and continues with its original options`,
        `resume it without -e and --changed-files: ${commandFor('resume', kept.summary.id, options)}`,
      );
    // Programs expect the output of a new run on stdout.
    resumePaused(
      runs,
      kept,
      options.output === 'json' ? environment.stderr : environment.stdout,
      options.reason,
      environment,
    );
    return EXIT.good;
  }
  const { start, recipe } = resumable(kept, word, options);
  const claim = onlySuccessor(word, recipe.runId, runs, options);
  refuseSecond(kept, word, runs, options);
  const { changedFiles = false, hasEnded: _, reason, extraVars: typed, presetVars = [], ...own } = options;
  const extraVars = typed.length === 0 && recipe.hiddenVars > 0 ? presetVars.filter(looksSecret) : typed;
  checkVariables(kept.summary.id, recipe, { ...options, extraVars });
  const recorded = recipe.options as unknown as RunCommandOptions & RollbackCommandOptions;
  const all = { ...recorded, ...own, extraVars: [...recorded.extraVars, ...extraVars] };
  const chain = runs
    .chainOf(kept.summary.id)
    .toReversed()
    .map((id) => runs.read(id));
  const resumption: Resumption = {
    resumes: kept.summary.id,
    ...(reason !== undefined && { resumeReason: reason }),
    runId: recipe.runId,
    claim,
    now: new Date(recipe.now),
    earlier: earlierBackups(chain.map(({ reading }) => reading.records)),
    left: leftHosts(chain),
    previousRun:
      recipe.options['engine'] === undefined || isEndReported(lastRunRequesting(runs.summaries, recipe))
        ? 'followed'
        : 'unfollowed',
    checkInputs: (inputs, problems, files) => {
      checkHosts(
        start,
        inputs.hosts.map(({ name }) => name),
        problems,
      );
      if (!changedFiles) checkFiles(kept.summary.id, recipe.files, files(), options, problems);
    },
  };
  return recipe.command === 'run'
    ? run(recipe.playbook, all, environment, resumption)
    : rollback(all, environment, resumption);
}

/**
 * `last` means the last run; if there is nothing to resume in that, the last paused one. Removing a lock does not count: it
 * comes between a lost run and its continuation.
 * @throws {InputError} as `find` does
 */
function runToResume(word: string, runs: KeptRuns): KeptRun {
  const last = runs.findCandidate(word, ({ summary }) => summary.start?.command !== 'unlock');
  if (word !== 'last' || !NOTHING_TO_RESUME.includes(last.summary.result)) return last;
  return runs.findCandidate(word, (run) => isPaused(runs, run));
}

const NOTHING_TO_RESUME: readonly RunResultWord[] = ['changed', 'unchanged', 'running'];

/** @throws {InputError} for a run that has nothing left to do, is in progress, or is not known well enough. */
function resumable(
  { summary }: KeptRun,
  word: string,
  options: ResumeOptions,
): { readonly start: StartEntry; readonly recipe: Recipe } {
  const { id, start, result, damage, isOlder, isUnread, isNewer } = summary;
  const refuse = (message: string, hint: string): InputError => runError(word, message, hint);
  if (isOlder)
    throw refuse(
      `the journal of run ${id} was written by an older kplay, which this version does not read`,
      'run its command again',
    );
  if (isUnread)
    throw refuse(
      damage.join('; '),
      "if it is another user's, resume the run as that user; otherwise run its command again",
    );
  if (!start) throw refuse(`the journal of run ${id} does not contain its command`, 'run its command again');
  if (isNewer) throw refuse(`a newer kplay has written the journal of run ${id}`, 'resume it with that version');
  if (isInProgress(summary))
    throw refuse(
      `run ${id} is in progress`,
      `wait until it has ended, or interrupt it first; what it waits for itself: ${commandFor('show', id, options)}`,
    );
  if (result === 'running' && options.hasEnded !== true)
    throw refuse(
      `run ${id} is in progress, or another process has got its number, ${start.pid}, which cannot be told apart here`,
      `wait until it has ended, or interrupt it first; if it has ended: ${commandFor('resume', id, options)} --has-ended`,
    );
  if (result === 'not ended' && options.hasEnded !== true)
    throw refuse(
      `run ${id} may still be running: ${start.machine}, where it was started, cannot be seen from here`,
      `if it has ended there: ${commandFor('resume', id, options)} --has-ended`,
    );
  if (result === 'changed' || result === 'unchanged')
    throw refuse(
      `run ${id} has succeeded: there is nothing to resume`,
      `what it has done: ${commandFor('show', id, options)}`,
    );
  if (!start.recipe)
    throw refuse(
      `a run of kplay ${start.command} cannot be resumed`,
      start.again === undefined
        ? `what it has done, and what is next: ${commandFor('show', id, options)}`
        : `the same command goes on with what it has left: ${start.again}`,
    );
  if (lacksSecrets(start.recipe))
    throw refuse(`the options of run ${id} contain a secret, which the journal does not keep`, 'run its command again');
  return { start, recipe: start.recipe };
}

/**
 * A second run that continues the same one would start what a pause of the first one holds back. `--has-ended` says nothing about that
 * one; on another machine it has ended if it was resumed itself.
 * @throws {InputError}
 */
function refuseSecond(
  { summary: { id, result } }: KeptRun,
  word: string,
  runs: KeptRuns,
  options: ResumeOptions,
): void {
  const { summaries } = runs;
  const resumed = new Set(summaries.map(({ start }) => start?.resumes));
  const own = runs.chainOf(id);
  const sharedWith = (other: RunSummary): string | undefined =>
    runs
      .chainOf(other.id)
      .slice(1)
      .find((one) => own.includes(one));
  const other = summaries.findLast(
    (run) =>
      run.id !== id &&
      (isInProgress(run) || (MAY_RUN.includes(run.result) && !resumed.has(run.id))) &&
      sharedWith(run) !== undefined,
  );
  if (!other) return;
  const shared = sharedWith(other);
  const resumes = `run ${other.id} resumes run ${shared}${shared === id ? ' already' : ` as run ${id} does`}, and`;
  const progress = `its progress: ${commandFor('show', other.id, options)}`;
  if (isInProgress(other)) throw runError(word, `${resumes} is in progress`, progress);
  // Of two runs that may both be in progress, neither is resumed: each would be refused because of the other.
  const ifEnded =
    shared !== id && MAY_RUN.includes(result)
      ? 'if both have ended, run the command of the first again'
      : `if it has ended there: ${commandFor('resume', other.id, options)} --has-ended`;
  throw runError(word, `${resumes} may still be in progress on ${other.start?.machine}`, `${progress}; ${ifEnded}`);
}

/** Of a run that is not known to have ended. */
const MAY_RUN: readonly RunResultWord[] = ['running', 'not ended'];

/** For certain; else only `--has-ended` tells. */
function isInProgress({ result, start }: RunSummary): boolean {
  return result === 'running' && start !== undefined && isSurelyRunner(start);
}

function checkVariables(id: string, { hiddenVars }: Recipe, options: ResumeOptions): void {
  const { extraVars } = options;
  // A … is what the suggested command has in the place of each.
  const notSecret = extraVars.filter((text) => text !== '…' && !looksSecret(text));
  if (extraVars.every(looksSecret) && extraVars.length === hiddenVars) return;
  const secret = hiddenVars === 1 ? 'one variable that looks' : `${hiddenVars} variables that look`;
  throw hiddenVars === 0 || notSecret.length > 0
    ? InputError.of(
        `run ${id} has its variables from its journal; -e is for those that look like a secret`,
        undefined,
        'for other variables give the command of the run again',
      )
    : InputError.of(
        `run ${id} was given ${secret} like a secret, which the journal does not keep`,
        undefined,
        `give the same again, with as many -e: ${commandFor('resume', id, options)} -e …`,
      );
}

function checkHosts({ hosts }: StartEntry, now: readonly string[], problems: Problems): void {
  const [before, present] = [new Set(hosts), new Set(now)];
  const missing = hosts.filter((host) => !present.has(host));
  const added = now.filter((host) => !before.has(host));
  if (missing.length + added.length === 0) return;
  const what = [
    ...(missing.length > 0 ? [`without ${missing.join(', ')}`] : []),
    ...(added.length > 0 ? [`with ${added.join(', ')} besides`] : []),
  ];
  problems.error(
    `the run would have other hosts than before: ${what.join(', ')}`,
    undefined,
    'to use other hosts, run its command again',
  );
}

function checkFiles(
  id: string,
  then: Recipe['files'],
  now: Recipe['files'],
  options: StateOptions,
  problems: Problems,
): void {
  for (const path of new Set([...Object.keys(then), ...Object.keys(now)])) {
    if (then[path] === now[path]) continue;
    const what =
      then[path] === undefined ? 'was not read then' : now[path] === undefined ? 'is not read now' : 'has changed';
    problems.error(
      `${path} ${what}`,
      undefined,
      `to continue with the current files: ${commandFor('resume', id, options)} --changed-files`,
    );
  }
}
