import type { Command } from 'commander';
import { pathOf } from './command-words.ts';
import { withCloseSuggestions } from './parser-words.ts';

/** A command that reports errors in its words like all others. */
export function command(program: Command, usage: string, description: string): Command {
  const added = program.command(usage);
  return added
    .showHelpAfterError(`(see kplay ${pathOf(added)} --help)`)
    .description(description)
    .allowExcessArguments(false)
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(withCloseSuggestions(text, added)) })
    .exitOverride();
}
