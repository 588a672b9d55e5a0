import { resolve } from 'node:path';
import { Problems } from '../../core/diagnostic.ts';
import { readTextFile } from '../../core/text-file.ts';
import { maskText } from '../../report/secrets/mask.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { SavedPlan } from '../inputs/saved-plan.ts';
import { digestsOf, sourceFilesIn } from '../journal/source-digests.ts';

/**
 * The digests of the files that a saved plan does not contain, by absolute path: included files, roles, files of variables. The
 * variables of the inventory are bound by host. Secrets may change, and are not to be guessed by the digest of a file.
 */
export function plannedFiles(
  { playbook, surroundings: { extraPlaces, variableFiles } }: Pick<Inputs, 'playbook' | 'surroundings'>,
  playbookPath: string,
): SavedPlan['files'] {
  const files = sourceFilesIn([playbook, extraPlaces, variableFiles]);
  return digestsOf(
    files.filter(({ path }) => resolve(path) !== resolve(playbookPath)),
    maskText,
  );
}

/** The files that are not as they were when the plan was made, or are read now for the first time. */
export function changedFiles(saved: SavedPlan['files'], now: SavedPlan['files']): readonly string[] {
  return [...new Set([...Object.keys(saved), ...Object.keys(now)])].filter(
    (path) => saved[path] !== (now[path] ?? digestOfFile(path)),
  );
}

/** Of a file that only the plan of a task reads. */
function digestOfFile(path: string): string | undefined {
  const file = readTextFile(path, 'file', new Problems());
  return file && digestsOf([file], maskText)[path];
}
