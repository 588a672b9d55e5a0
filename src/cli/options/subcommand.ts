import type { Command } from 'commander';
import { pathOf } from './command-words.ts';

/** A command of kplay's, which says what is wrong with its words as all of them do. */
export function command(program: Command, usage: string, description: string): Command {
  const added = program.command(usage);
  return added
    .showHelpAfterError(`(see kplay ${pathOf(added)} --help)`)
    .description(description)
    .allowExcessArguments(false)
    .showSuggestionAfterError()
    .exitOverride();
}
