import { type Command, Option } from 'commander';
import { InputError } from '../../core/diagnostic.ts';
import type { OutputOptions } from './options.ts';
import { replacePreset } from './preset-options.ts';

/** For commands that print a table. */
export interface TableOptions {
  readonly headers: boolean;
  readonly sortBy?: string;
}

/**
 * @param columns by which the table can be sorted.
 * @param when the beginning of the help, for a command that prints a table only with another option.
 */
export function addTableOptions(command: Command, columns: readonly string[], when = ''): Command {
  const noHeaders = new Option('--no-headers', `${when}print only the rows of the table`);
  const sortBy = new Option('--sort-by <column>', `${when}sort the rows by this column`).choices(columns);
  return command
    .addOption(noHeaders)
    .addOption(sortBy)
    .hook('preAction', (own) => {
      // Variables and defaults from files are for tables, whatever else is asked for now.
      if (NO_DOCUMENTS.includes(own.getOptionValue('output'))) return;
      replacePreset(own, 'headers', true);
      replacePreset(own, 'sortBy', undefined);
    });
}

/** Values of `-o` with which people read the output. */
const NO_DOCUMENTS: readonly unknown[] = ['table', 'wide', 'auto', 'plain', 'tree'];

/** @throws {InputError} when the output is not a table. */
export function checkTableOptions({ headers, sortBy, output }: TableOptions & Pick<OutputOptions, 'output'>): void {
  const name = headers ? (sortBy === undefined ? undefined : '--sort-by') : '--no-headers';
  if (name !== undefined && output !== 'table' && output !== 'wide')
    throw InputError.of(`${name} has no effect with -o ${output}`, [name, '--output'], 'leave one of the two out');
}
