import type { Command } from 'commander';
import { processEnvironment } from '../src/cli/environment.ts';
import { buildProgram } from '../src/cli/program.ts';

/** A command as its `--help` tells of it. */
export interface CommandText {
  /** `kplay certs csr`; `kplay` is the program itself. */
  readonly name: string;
  /** `kplay run [options] <playbook>` */
  readonly usage: string;
  readonly summary: string;
  /** Those that need an explanation. */
  readonly arguments: readonly OptionText[];
  readonly options: readonly OptionText[];
}

export interface OptionText {
  /** `-i, --inventory <source>` */
  readonly flags: string;
  /** With its choices and its default. */
  readonly description: string;
}

/** The program and all its commands, in the order of its help. Nothing is run. */
export function commandTexts(): readonly CommandText[] {
  return textsOf(buildProgram(processEnvironment(), () => undefined));
}

function textsOf(command: Command): readonly CommandText[] {
  const help = command.createHelp();
  const usage = help.commandUsage(command);
  const text: CommandText = {
    name: usage.replace(/ [[<].*$/, ''),
    usage,
    summary: command.description(),
    arguments: help
      .visibleArguments(command)
      .map((argument) => ({ flags: help.argumentTerm(argument), description: help.argumentDescription(argument) })),
    options: help
      .visibleOptions(command)
      .map((option) => ({ flags: help.optionTerm(option), description: help.optionDescription(option) })),
  };
  return [text, ...command.commands.flatMap(textsOf)];
}
