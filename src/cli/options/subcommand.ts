import type { Command } from 'commander';

/** A command of kplay's, which says what is wrong with its words as all of them do. */
export function command(program: Command, usage: string, description: string): Command {
  return program
    .command(usage)
    .description(description)
    .allowExcessArguments(false)
    .showSuggestionAfterError()
    .exitOverride();
}
