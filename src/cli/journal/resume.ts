import { InputError, type Problems } from '../../core/diagnostic.ts';
import type { Recipe, StartEntry } from '../../core/journal.ts';
import { SourceFile } from '../../core/source.ts';
import { type RollbackCommandOptions, rollback } from '../commands/rollback.ts';
import { type RunCommandOptions, run } from '../commands/run.ts';
import type { Environment } from '../environment.ts';
import type { OutputOptions, StateOptions } from '../options.ts';
import { looksSecret } from '../secret-variables.ts';
import { type KeptRun, KeptRuns } from './kept-runs.ts';
import { lacksSecrets } from './recipe.ts';
import type { Resumption } from './resumption.ts';

export interface ResumeOptions extends StateOptions, OutputOptions {
  readonly changedFiles?: boolean;
  readonly extraVars: readonly string[];
}

/**
 * `kplay resume`: the same command again, for a run that has not come to a good end. What is to be done is read from the hosts;
 * what the run is called, and by which time it is judged what is due, from its journal.
 */
export async function resume(word: string, options: ResumeOptions, environment: Environment): Promise<number> {
  const kept = new KeptRuns(options, environment).find(word);
  const { start, recipe } = resumable(kept, word);
  checkVariables(kept.summary.id, recipe, options);
  const { changedFiles = false, extraVars, ...own } = options;
  const recorded = recipe.options as unknown as RunCommandOptions & RollbackCommandOptions;
  const all = { ...recorded, ...own, extraVars: [...recorded.extraVars, ...extraVars] };
  const resumption: Resumption = {
    resumes: kept.summary.id,
    runId: recipe.runId,
    now: new Date(recipe.now),
    checkInputs: (inputs, problems, files) => {
      checkHosts(
        start,
        inputs.hosts.map(({ name }) => name),
        problems,
      );
      if (!changedFiles) checkFiles(kept.summary.id, recipe.files, files(), problems);
    },
  };
  return recipe.command === 'run'
    ? run(recipe.playbook, all, environment, resumption)
    : rollback(all, environment, resumption);
}

/** @throws {InputError} for a run that has nothing left to do, is in progress, or of which too little is known. */
function resumable({ summary }: KeptRun, word: string): { readonly start: StartEntry; readonly recipe: Recipe } {
  const { id, start, result, isNewer } = summary;
  const refuse = (message: string, hint: string): InputError =>
    InputError.of(message, new SourceFile('RUN', word).range(0, word.length), hint);
  if (!start) throw refuse(`the journal of run ${id} does not tell what it was`, 'give its command again');
  if (isNewer) throw refuse(`a newer kplay has written the journal of run ${id}`, 'resume it with that version');
  if (result === 'running') throw refuse(`run ${id} is in progress`, 'wait until it has ended, or interrupt it first');
  if (result === 'changed' || result === 'unchanged')
    throw refuse(`run ${id} has come to its end: there is nothing to resume`, `what it has done: kplay show ${id}`);
  if (!start.recipe)
    throw refuse(
      `a run of kplay ${start.command} cannot be resumed`,
      `what it has done, and what is next: kplay show ${id}`,
    );
  if (lacksSecrets(start.recipe))
    throw refuse(`the options of run ${id} hold a secret, which the journal does not keep`, 'give its command again');
  return { start, recipe: start.recipe };
}

function checkVariables(id: string, { hiddenVars }: Recipe, { extraVars }: ResumeOptions): void {
  const strange = extraVars.filter((text) => !looksSecret(text));
  if (strange.length === 0 && extraVars.length === hiddenVars) return;
  const secret = hiddenVars === 1 ? 'one variable that looks' : `${hiddenVars} variables that look`;
  throw hiddenVars === 0 || strange.length > 0
    ? InputError.of(
        `run ${id} has its variables from its journal; -e is for those that look like a secret`,
        undefined,
        'for other variables give the command of the run again',
      )
    : InputError.of(
        `run ${id} was given ${secret} like a secret, which the journal does not keep`,
        undefined,
        `give the same again, with as many -e: kplay resume ${id} -e …`,
      );
}

function checkHosts({ hosts }: StartEntry, now: readonly string[], problems: Problems): void {
  const gone = hosts.filter((host) => !now.includes(host));
  const added = now.filter((host) => !hosts.includes(host));
  if (gone.length + added.length === 0) return;
  const what = [
    ...(gone.length > 0 ? [`without ${gone.join(', ')}`] : []),
    ...(added.length > 0 ? [`with ${added.join(', ')} besides`] : []),
  ];
  problems.error(
    `the run would have other hosts than then: ${what.join(', ')}`,
    undefined,
    'for other hosts give its command again',
  );
}

function checkFiles(id: string, then: Recipe['files'], now: Recipe['files'], problems: Problems): void {
  for (const path of new Set([...Object.keys(then), ...Object.keys(now)])) {
    if (then[path] === now[path]) continue;
    const what =
      then[path] === undefined ? 'was not read then' : now[path] === undefined ? 'is not read now' : 'has changed';
    problems.error(
      `${path} ${what}`,
      undefined,
      `to go on with the files as they are: kplay resume ${id} --changed-files`,
    );
  }
}
