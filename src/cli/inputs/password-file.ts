import { readFileSync } from 'node:fs';
import type { Problems } from '../../core/diagnostic.ts';
import { Secret } from '../../core/secret.ts';
import { describeSystemError } from '../../core/system-error.ts';
import { warnOfReaders } from './readers.ts';

/**
 * The password in a file: its text without the final newline, and without the mark (BOM) that some editors put before UTF-8.
 * @param option names the file
 */
export function readPasswordFile(path: string, option: string, problems: Problems): Secret | undefined {
  try {
    warnOfReaders(path, 'password', problems);
    return new Secret(
      readFileSync(path, 'utf8')
        .replace(/^\uFEFF/, '')
        .replace(/\r?\n$/, ''),
    );
  } catch (error) {
    problems.error(`cannot read ${path}: ${describeSystemError(error)}`, undefined, `check ${option}`);
    return undefined;
  }
}
