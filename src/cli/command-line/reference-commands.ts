import { Argument, type Command, Option } from 'commander';
import { DOCUMENTS } from '../../report/text/document-text.ts';
import type { Environment } from '../environment.ts';
import { mastersOfDemo } from '../options/option-values.ts';
import { addOutputOptions } from '../options/options.ts';
import { command } from '../options/subcommand.ts';
import { addTableOptions } from '../options/table-options.ts';

/** Commands about kplay itself. */
export function addReferenceCommands(program: Command, environment: Environment, finish: (code: number) => void): void {
  addOutputOptions(command(program, 'demo', 'try kplay on simulated hosts'), ['auto', 'tree', 'plain'])
    .addOption(new Option('--masters <number>', 'how many masters').argParser(mastersOfDemo).default(3))
    .addOption(
      new Option(
        '--keep',
        'only start the hosts, and leave them running until Ctrl-C; beware: command and shell in your own playbooks then run on this machine, as your user',
      ).conflicts(['output', 'verbose', 'localTime']),
    )
    .action(async (options) => finish(await (await import('../commands/demo.ts')).demo(options, environment)));

  command(program, 'completion', 'print a script that completes kplay in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell) => finish((await import('../commands/completion.ts')).completion(shell, environment)));

  addTableOptions(command(program, 'steps', 'list the steps that a task can use'), ['step'])
    .addOption(new Option('-o, --output <kind>', 'how to show it').choices(['table', ...DOCUMENTS]).default('table'))
    .action(async (options) => finish(await (await import('../commands/steps.ts')).steps(options, environment)));

  command(program, 'explain [code]', 'explain a refusal or a failure, and what to do').action(async (code) =>
    finish((await import('../commands/explain.ts')).explain(code, environment)),
  );

  command(program, 'version', 'print the version')
    .addOption(new Option('-o, --output <kind>', 'how to show it').choices(['text', ...DOCUMENTS]).default('text'))
    .action(async (options) => finish(await (await import('../commands/version.ts')).version(options, environment)));

  command(program, 'doc <step>', "a step's parameters and examples").action(async (step) =>
    finish((await import('../commands/steps.ts')).doc(step, environment)),
  );
}
