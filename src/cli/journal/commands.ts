import { statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { InputError } from '../../core/diagnostic.ts';
import { missingFileHint } from '../../core/missing-file.ts';
import { DOCUMENTS } from '../../report/text/document-text.ts';
import type { ShowSavedOptions } from '../commands/show-saved.ts';
import type { Environment } from '../environment.ts';
import { duration, positive, reasonText } from '../options/option-values.ts';
import { addOutputOptions, addStateOption, addVariableOptions } from '../options/options.ts';
import { isPreset, refuseAlone, refuseInDocument, replacePreset } from '../options/preset-options.ts';
import { command } from '../options/subcommand.ts';
import { addTableOptions } from '../options/table-options.ts';

/** Commands that read the records of runs on this machine. */
export function addJournalCommands(program: Command, environment: Environment, finish: (code: number) => void): void {
  addTableOptions(
    addStateOption(command(program, 'history', 'list the runs recorded on this machine, the latest first')),
    ['run', 'by', 'what', 'hosts', 'result'],
  )
    .addOption(new Option('-o, --output <kind>', 'how to show it').choices(['table', ...DOCUMENTS]).default('table'))
    .addOption(new Option('--local-time', 'times in the local zone instead of UTC'))
    .addOption(new Option('--prune', 'remove old runs').conflicts(['headers', 'sortBy', 'output', 'localTime']))
    .addOption(
      new Option('--keep <number>', 'with --prune: keep this many of the latest (default: 200)').argParser(positive),
    )
    .addOption(
      new Option('--keep-for <time>', 'with --prune: keep all younger ones (default: 400d)').argParser(duration),
    )
    .action(async (options, own: Command) => {
      if (!options.prune) refuseAlone(own, ['keep', 'keepFor'], '--prune');
      refuseInDocument(own, ['localTime']);
      finish(await (await import('./history.ts')).history(options, environment));
    });

  addStateOption(
    addOutputOptions(
      command(
        program,
        'show <run>',
        'show a run, by its id, the start of the id, or last; or a saved plan, by its file',
      ),
      ['text', ...DOCUMENTS],
    ),
  )
    .addOption(new Option('-D, --diff', 'for a saved plan: show what changes in files'))
    .action(async (run, options, own: Command) => {
      refuseInDocument(own, ['diff', 'verbose', 'localTime']);
      finish(await show(run, options, environment, { isDiffTyped: !isPreset(own, 'diff') }));
    });

  addStateOption(addOutputOptions(command(program, 'logs <run>', 'print the log of a run'), ['plain', 'json']))
    .addOption(
      new Option(
        '-l, --limit <hosts>',
        'only these hosts of the run: names, globs and cluster:NAME, separated by commas',
      ),
    )
    .option('-f, --follow', 'go on until the run ends')
    .action(async (run, options, own: Command) => {
      refuseInDocument(own, ['verbose', 'localTime']);
      finish(await (await import('./logs.ts')).logs(run, options, environment));
    });
  addOperatorCommands(program, environment, finish);
  addResume(program, environment, finish);
}

/** Commands that send a signal to an active run. */
function addOperatorCommands(program: Command, environment: Environment, finish: (code: number) => void): void {
  addStateOption(command(program, 'approve <run> [wave]', 'approve a wave of a rollout, so that it starts'))
    .addOption(reason())
    .action(async (run, wave, options) =>
      finish(await (await import('./approve.ts')).approve(run, wave, options, environment)),
    );
  addStateOption(command(program, 'pause <run>', 'start no further cluster until the run is resumed'))
    .addOption(reason())
    .action(async (run, options) => finish(await (await import('./operate.ts')).pause(run, options, environment)));
  addStateOption(command(program, 'abort <run>', 'finish the clusters in progress, and start no others'))
    .addOption(reason())
    .action(async (run, options) => finish(await (await import('./operate.ts')).abort(run, options, environment)));
}

function reason(): Option {
  return new Option('--reason <text>', 'why, for those who watch the run, and for its journal').argParser(reasonText);
}

/** Resumes a run with its original options. */
function addResume(program: Command, environment: Environment, finish: (code: number) => void): void {
  addStateOption(
    addVariableOptions(
      addOutputOptions(
        command(program, 'resume <run>', 'continue a run that is paused, or that failed or was interrupted'),
      ),
    ),
  )
    .addOption(reason())
    .option('--changed-files', 'even if its playbook, inventory or other files have changed since')
    .option('--has-ended', 'even if it was started on another machine, where it may still be running')
    .hook('preAction', (own) => {
      // A variable for all commands: a resumed run has its own.
      if (!isPreset(own, 'extraVars')) return;
      own.setOptionValue('presetVars', own.getOptionValue('extraVars'));
      replacePreset(own, 'extraVars', []);
    })
    .action(async (run, options) => finish(await (await import('./resume.ts')).resume(run, options, environment)));
}

/** An id of a run is never the path of an existing file. */
async function show(
  word: string,
  options: ShowSavedOptions,
  environment: Environment,
  { isDiffTyped }: { readonly isDiffTyped: boolean },
): Promise<number> {
  if (statSync(word, { throwIfNoEntry: false })?.isFile())
    return (await import('../commands/show-saved.ts')).showSaved(word, options, environment);
  if (options.diff && isDiffTyped)
    throw InputError.of(
      `--diff shows what a saved plan changes, and there is no file ${word}`,
      ['--diff'],
      'name the file of a plan, or leave --diff out',
    );
  if (word.includes('/') || word.endsWith('.kplan'))
    throw InputError.of(
      `there is no file ${word}`,
      undefined,
      missingFileHint(word, 'name the file of a saved plan, or the id of a run'),
    );
  return (await import('./show.ts')).showRun(word, options, environment);
}
