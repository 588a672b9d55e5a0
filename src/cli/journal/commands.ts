import { statSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../../core/diagnostic.ts';
import { parseDuration } from '../../core/duration.ts';
import type { ShowSavedOptions } from '../commands/show-saved.ts';
import type { Environment } from '../environment.ts';
import { positive } from '../option-values.ts';
import { addOutputOptions, addStateOption, addVariableOptions } from '../options.ts';
import { command } from '../subcommand.ts';

/** Commands that read what runs have left on this machine. */
export function addJournalCommands(program: Command, environment: Environment, finish: (code: number) => void): void {
  addStateOption(command(program, 'history', 'list the runs of this machine, the last first'))
    .addOption(new Option('-o, --output <kind>', 'how to show it').choices(['table', 'json']).default('table'))
    .addOption(new Option('--no-headers', 'no titles above the columns'))
    .addOption(new Option('--local-time', 'times in the local zone instead of UTC'))
    .addOption(new Option('--prune', 'remove runs that are neither among the last nor young'))
    .addOption(new Option('--keep <number>', 'with --prune: so many of the last (default: 200)').argParser(positive))
    .addOption(new Option('--keep-for <time>', 'with --prune: all that are younger (default: 400d)').argParser(age))
    .action(async (options, own: Command) => {
      if (!options.prune)
        for (const [name, flag] of [
          ['keep', '--keep'],
          ['keepFor', '--keep-for'],
        ] as const)
          if (options[name] !== undefined) own.error(`error: option '${flag}' needs --prune`);
      finish((await import('./history.ts')).history(options, environment));
    });

  addStateOption(
    addOutputOptions(
      command(
        program,
        'show <run>',
        'what a run has done: its id, the beginning of it, or last; or a saved plan: its file',
      ),
      ['text', 'json'],
    ),
  )
    .addOption(new Option('-D, --diff', 'of a plan: what changes in files'))
    .action(async (run, options) => finish(await show(run, options, environment)));

  addStateOption(
    addOutputOptions(command(program, 'logs <run>', 'what was told of a run, line by line'), ['plain', 'json']),
  )
    .addOption(
      new Option('-l, --limit <hosts>', 'only of these hosts of the run: names and globs, with commas between'),
    )
    .action(async (run, options) => finish(await (await import('./logs.ts')).logs(run, options, environment)));
  addResume(program, environment, finish);
}

/** Goes on with a run, as it was begun. */
function addResume(program: Command, environment: Environment, finish: (code: number) => void): void {
  addStateOption(
    addVariableOptions(
      addOutputOptions(command(program, 'resume <run>', 'go on with a run that has not come to a good end')),
    ),
  )
    .option('--changed-files', 'although its playbook, inventory or other files have changed since')
    .action(async (run, options) => finish(await (await import('./resume.ts')).resume(run, options, environment)));
}

/** No id of a run is the path of a file that is there. */
async function show(word: string, options: ShowSavedOptions, environment: Environment): Promise<number> {
  if (statSync(word, { throwIfNoEntry: false })?.isFile())
    return (await import('../commands/show-saved.ts')).showSaved(word, options, environment);
  if (options.diff)
    throw InputError.of(
      `--diff shows what a saved plan changes, and there is no file ${word}`,
      undefined,
      'name the file of a plan, or leave --diff out',
    );
  return (await import('./show.ts')).showRun(word, options, environment);
}

function age(value: string): string {
  try {
    parseDuration(value);
    return value;
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
